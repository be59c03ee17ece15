"""One function over many tasks, in their order: in this process, in worker processes, or on a Dask cluster."""

from descan.workers.cluster import cluster_workers
from descan.workers.local import local_workers
from descan.workers.model import Result, Task, Workers

__all__ = ["Result", "Task", "Workers", "cluster_workers", "local_workers"]
