"""The command that runs the benchmarks."""

import pytest

from benchmarks.__main__ import main


def test_an_unknown_benchmark_is_told_with_those_there_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["benchmarks", "extraction", "speed"])
    with pytest.raises(SystemExit, match="2"):
        main()
    assert "no benchmark speed; use some of extraction, alternatives, startup" in capsys.readouterr().err
