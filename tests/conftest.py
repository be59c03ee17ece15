"""What tests of every stage may ask for."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell's background job ignores Ctrl-C, and so would the commands that tests interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep vectors of test runs out of the user's cache."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DESCAN_CACHE_DIR", str(folder))
        yield folder


@pytest.fixture(scope="session")
def sample_corpus() -> Path:
    return PROJECT / "corpora" / "sample"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The gold annotations and further corpora beside the project; not everyone has them, CI must."""
    folder = PROJECT.parent / "shared"
    if not folder.is_dir():
        reason = f"{folder} is not here"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder
