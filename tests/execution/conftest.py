from collections.abc import Iterator

import pytest

from tests.execution.dask_cluster import DaskCluster, running_cluster


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    """A scheduler and two workers of one thread, for tests that leave it as it is."""
    with running_cluster(tmp_path_factory.mktemp("dask")) as cluster:
        yield cluster
