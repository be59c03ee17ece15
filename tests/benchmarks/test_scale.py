"""The command, watched from outside."""

from pathlib import Path

import pytest

from benchmarks.repetition import repeat_corpus
from benchmarks.scale import Run, analyze_apart, slope

FAST = ("--no-report", "--embedder", "none", "--resamples", "100")


@pytest.mark.slow
def test_an_analysis_in_its_own_processes_has_time_and_memory(sample_corpus: Path, tmp_path: Path) -> None:
    repeat_corpus(sample_corpus, tmp_path / "corpus", 60)
    run = analyze_apart(tmp_path / "corpus", 60, FAST)
    assert run.n_answers == 60
    assert run.seconds > 0
    assert run.cpu_s > 0
    # Python with pyarrow and numpy alone holds more than this.
    assert run.peak_mb > 20


def test_an_analysis_that_fails_is_told_with_its_message(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="nowhere"):
        analyze_apart(tmp_path / "nowhere", 1, FAST)


def test_the_slope_is_the_power_that_time_grows_with() -> None:
    # Ten times the answers in a hundred times the time: 10 ** 2.
    assert slope(Run(10, 1.0, 1.0, 1.0), Run(100, 9.0, 100.0, 1.0)) == pytest.approx(2)
