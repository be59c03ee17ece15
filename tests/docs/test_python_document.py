"""What docs/python.md shows is what Python prints."""

import doctest
from pathlib import Path

import pytest

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "python.md"
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


@pytest.mark.slow
def test_what_the_document_shows_is_what_python_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    found = doctest.testfile(str(DOCUMENT), module_relative=False, optionflags=FLAGS, encoding="utf-8")
    assert found.attempted > 20
    assert found.failed == 0
    assert Path("verdicts.pdf").read_bytes().startswith(b"%PDF-")
    assert [path.name for path in tmp_path.iterdir()] == ["verdicts.pdf"]
