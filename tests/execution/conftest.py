from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.execution.dask_cluster import DaskCluster, running_cluster


@pytest.fixture
def dask_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    """A scheduler and two workers of one thread, for one test."""
    folder: Path = tmp_path_factory.mktemp("dask")
    with running_cluster(folder) as cluster:
        yield cluster
