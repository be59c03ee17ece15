"""One function over many tasks, in their order: in this process, in worker processes, or on a Dask cluster."""

from descan.execution.cluster import cluster_workers
from descan.execution.local import local_workers
from descan.execution.model import Result, Task, Workers

__all__ = ["Result", "Task", "Workers", "cluster_workers", "local_workers"]
