"""The command that runs the benchmarks."""

from pathlib import Path

import pytest

from benchmarks.__main__ import main, run_elsewhere


def test_an_unknown_benchmark_is_told_with_those_there_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["benchmarks", "extraction", "speed"])
    with pytest.raises(SystemExit, match="2"):
        main()
    assert "no benchmark speed; use some of extraction, alternatives, languages, startup" in capsys.readouterr().err


def test_another_checkout_runs_its_own_benchmarks(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    package = tmp_path / "benchmarks"
    package.mkdir()
    (package / "__main__.py").write_text("import os, sys; print(sys.argv[1], os.getcwd())\n")
    run_elsewhere("scale", tmp_path)
    assert capfd.readouterr().out.splitlines()[:2] == [f"# {tmp_path}", f"scale {tmp_path}"]
