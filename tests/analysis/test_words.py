"""The lexicon from Python: entries of a word, problems of a folder."""

from pathlib import Path

import pytest

import descan
from descan.errors import OptionError


@pytest.fixture
def words(tmp_path: Path) -> Path:
    (folder := tmp_path / "words").mkdir()
    (folder / "emotions.csv").write_text("term,pos,category\nzorbed,adj,Sad\n")
    return folder


def test_a_word_is_found_with_files_and_lines(words: Path) -> None:
    found = descan.find_word("Zorbed", lexicon=words)
    [entry] = found.entries
    assert (entry.file, entry.line, entry.is_own) == (f"{words}/emotions.csv", 2, True)
    assert repr(found).endswith("[your own]")
    smile = descan.find_word("smile")
    assert len(smile.frame) == len(smile.entries) + len(smile.within)
    assert smile.frame["is_whole"].tolist() == sorted(smile.frame["is_whole"], reverse=True)


def test_an_unknown_word_has_no_entries_and_says_what_to_do() -> None:
    found = descan.find_word("zorbed")
    assert not found.entries
    assert found.frame.empty
    assert "To add it, put a row" in repr(found)


def test_every_problem_of_a_folder_is_found(words: Path) -> None:
    good = descan.check_lexicon(words)
    assert good.passed
    assert repr(good) == f"{words}/emotions.csv: nothing wrong"
    (words / "emotion.csv").write_text("")
    (words / "emotions.csv").write_text("term,pos,category\nzurbed,adj,Joy\n\x1b,adj,Glee\n")
    bad = descan.check_lexicon(words)
    assert not bad.passed
    assert bad.frame["line"].fillna(0).tolist() == [0, 2, 3]
    assert len(repr(bad).splitlines()) == len(bad.problems)
    assert "\x1b" not in repr(bad)


@pytest.mark.parametrize(("function", "name"), [(descan.find_word, "word"), (descan.check_lexicon, "folder")])
def test_what_is_no_text_is_refused_by_name(function: object, name: str) -> None:
    assert callable(function)
    with pytest.raises(OptionError, match=rf"^{name} must be .*, not 5$"):
        function(5)
