"""`descan lexicon`, and the commands that read with a project's own words."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

ROW = "term,pos,category\nzorbed,adj,Sad\n"


@pytest.fixture
def words(tmp_path: Path) -> Path:
    (folder := tmp_path / "words").mkdir()
    (folder / "emotions.csv").write_text(ROW)
    return folder


def test_show_prints_an_entry_a_line(run: Run, words: Path) -> None:
    outcome = run("lexicon", "show", "zorbed", "--lexicon", words)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == f"{words}/emotions.csv:2  zorbed  term: adj, Sad, valence -1.0  [your own]\n"
    outcome = run("lexicon", "show", "zorbed")
    assert (outcome.code, outcome.err) == (3, "")
    assert outcome.out.startswith("The lexicon has no entry 'zorbed'.\n\nTo add it, put a row")


def test_show_gives_json_without_escapes(run: Run) -> None:
    record = json.loads(run("lexicon", "show", "livid", "--json").out)
    assert (record["word"], record["language"]) == ("livid", "en")
    [entry] = record["entries"]
    assert (entry["place"], entry["meaning"], entry["is_own"]) == ("term", "adj, Anger, valence -1.0", False)
    assert not {"\x1b"} & set(run("lexicon", "show", "\x1b[31m").out)


def test_check_tells_every_problem_in_a_line_and_ends_with_1(run: Run, words: Path) -> None:
    outcome = run("lexicon", "check", words)
    assert (outcome.code, outcome.out, outcome.err) == (0, f"{words}/emotions.csv: nothing wrong\n", "")
    (words / "emotions.csv").write_text(ROW + "zurbed,adj,Joy\nzarbed,adj,Glee\n")
    outcome = run("lexicon", "check", words)
    assert (outcome.code, outcome.out) == (1, "")
    assert [line.partition(": ")[2].partition(": ")[0] for line in outcome.err.splitlines()] == [
        *(f"{words}/emotions.csv:3", f"{words}/emotions.csv:4")
    ]


def test_check_reads_on_after_a_file_or_folder_that_it_does_not_know(run: Run, words: Path) -> None:
    (words / "xx").mkdir()
    (words / "emotion.csv").write_text(ROW)
    (words / "emotions.csv").write_text(ROW + "zurbed,adj,Joy\n")
    (words / "remove.yaml").write_bytes(b"emotions: [caf\xe9]\n")
    outcome = run("lexicon", "check", words)
    assert (outcome.code, outcome.out) == (1, "")
    wrong = ("emotion.csv", "remove.yaml:1", "xx", "emotions.csv:3")
    told = [line.removeprefix(f"descan: {words}/").partition(": ")[0] for line in outcome.err.splitlines()]
    assert told == list(wrong)
    record = json.loads(run("lexicon", "check", words, "--json").out)
    assert record["files"] == [f"{words}/emotions.csv"]
    assert [each["line"] for each in record["problems"]] == [None, 1, None, 3]


@pytest.mark.slow
def test_explain_reads_with_own_words_and_says_what_to_do_about_a_word_it_does_not_know(run: Run, words: Path) -> None:
    text = "She is zorbed."
    options = ("--embedder", "none")
    outcome = run("explain", text, *options)
    assert "not in the lexicon: zorbed\n" in outcome.out
    assert "--lexicon DIR" in outcome.out.replace("\n", " ")
    assert json.loads(run("explain", text, "--json", *options).out)["unknown"] == ["zorbed"]
    outcome = run("explain", text, "--lexicon", words, *options)
    assert "described: Sad" in outcome.out
    assert "not in the lexicon" not in outcome.out


def test_a_problem_in_own_words_ends_a_command_in_one_line(run: Run, words: Path, corpus: Path) -> None:
    (words / "emotions.csv").write_text("term,pos,category\nzorbed,adj,Joy\n")
    for command in (
        ("explain", "A smile."),
        ("lexicon", "show", "smile"),
        ("analyze", corpus, "--out", words.parent / "out"),
    ):
        outcome = run(*command, "--lexicon", words)
        assert (outcome.code, outcome.out, outcome.err.count("\n")) == (1, "", 1)
        assert outcome.err.startswith(f"descan: {words}/emotions.csv:2: category: category 'Joy' is unknown")
