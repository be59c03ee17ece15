"""Run one function over many tasks, in order: in this process, in worker processes, or on a Dask cluster."""

from descan.execution.cluster import cluster_workers
from descan.execution.local import ThisProcess, local_workers
from descan.execution.workers import Result, Task, Workers

__all__ = ["Result", "Task", "ThisProcess", "Workers", "cluster_workers", "local_workers"]
