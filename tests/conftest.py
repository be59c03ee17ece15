"""What tests of every stage may ask for, and what every test process keeps to."""

import os
import resource
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.prerequisites import require_path

PROJECT = Path(__file__).resolve().parent.parent
MAX_PROCESS_MB = 1_500
"""A test process, or a command that it runs, may take so much memory: several run side by side."""

SLOW_MODULES = {"sentence_transformers", "umap", "vl_convert"}
"""What embeds, lays out maps and draws plots. Importing one of them takes seconds, so only slow tests do."""

UNPRIVILEGED = 65534
"""The user id of nobody."""

# A busy machine makes any example slow.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# A shell's background job ignores some signals, and so would the commands that tests send them to.
for _number, _handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
    (signal.SIGQUIT, signal.SIG_DFL),
):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _handler)


_slow_imports: set[str] = set()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Fail a test that does slow work, itself or in a fixture, without the mark `slow`."""
    yield
    imported = sys.modules.keys() & SLOW_MODULES - _slow_imports
    _slow_imports.update(imported)
    if item.get_closest_marker("slow") is None:
        assert not imported, f"this test imports {', '.join(sorted(imported))}: mark it with pytest.mark.slow"


@pytest.fixture(scope="session", autouse=True)
def bounded_memory() -> Iterator[None]:
    """Fail at the end if this process, or a command that it has run, grew beyond what is allowed."""
    yield
    process = os.environ.get("PYTEST_XDIST_WORKER", "main")
    for what, who in (("itself", resource.RUSAGE_SELF), ("a command of it", resource.RUSAGE_CHILDREN)):
        peak_mb = resource.getrusage(who).ru_maxrss // (1_000_000 if sys.platform == "darwin" else 1_000)
        assert peak_mb <= MAX_PROCESS_MB, f"test process {process}: {what} grew to {peak_mb} MB, above {MAX_PROCESS_MB}"


@pytest.fixture(scope="session", autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep vectors of test runs out of the user's cache."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DESCAN_CACHE_DIR", str(folder))
        yield folder


@pytest.fixture
def no_root() -> Iterator[None]:
    """Give up the rights of root, who may read and write everything; pytest's own folders are then out of reach."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(UNPRIVILEGED)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture(scope="session")
def sample_corpus() -> Path:
    return PROJECT / "corpora" / "sample"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The gold annotations and further corpora beside the project; not everyone has them."""
    return require_path(PROJECT.parent / "shared")
