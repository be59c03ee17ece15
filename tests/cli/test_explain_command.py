"""`descan explain`: what it prints, and what it refuses in one line."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_explain_reads_standard_input(run: Run) -> None:
    outcome = run("explain", stdin="She is smiling – widely.".encode())
    assert outcome.code == 0
    assert "described: Happy" in outcome.out


def test_explain_gives_json_without_escapes(run: Run) -> None:
    text = "A \x1b[31msmile\x07 \u202e é"
    outcome = run("explain", "--json", text)
    assert json.loads(outcome.out)["text"] == text
    assert outcome.out.isascii()
    assert "\x1b" not in outcome.out


def test_explain_passes_no_escapes_to_the_terminal(run: Run) -> None:
    outcome = run("explain", "A \x1b[31msmile\x1b]0;x\x07.")
    assert outcome.code == 0
    assert not {"\x1b", "\x07"} & set(outcome.out)


@pytest.mark.parametrize(
    ("arguments", "stdin", "message"),
    [
        (["explain"], b"", 'there is no text; use descan explain "TEXT", or pipe one in'),
        (["explain", " "], b"", 'there is no text; use descan explain "TEXT", or pipe one in'),
        (["explain"], b"caf\xe9", "standard input: is not UTF-8 at byte 3; UTF-8 is expected"),
        (["explain", "--language", "xx", "A smile."], b"", "no lexicon for language 'xx'; use one of en"),
        (
            ["explain", "눈썹을 찌푸리고 있습니다."],
            b"",
            "the text seems to be in Korean, which descan does not read; if it is",
        ),
        (["explain", "caf\udce9"], b"", "the text is not UTF-8 at character 3; UTF-8 is expected"),
    ],
)
def test_explain_refuses_what_it_cannot_read(run: Run, arguments: list[str], stdin: bytes, message: str) -> None:
    outcome = run(*arguments, stdin=stdin)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (1, "", 1)
    assert outcome.err.startswith(f"descan: {message}")


def test_input_without_end_is_refused(run: Run) -> None:
    with Path("/dev/zero").open("rb") as endless:
        outcome = run("explain", stdin=endless)
    problem = "standard input: is longer than 4,000,000 bytes; pipe in one description"
    assert (outcome.code, outcome.out, outcome.err) == (1, "", f"descan: {problem}\n")


def test_a_text_that_is_too_long_is_refused(run: Run) -> None:
    outcome = run("explain", stdin=b"a" * 1_000_001)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == "descan: the text has 1,000,001 characters; use at most 1,000,000\n"


@pytest.mark.parametrize(("end", "kept"), [("\n", ""), ("\r\n", ""), ("\n\n", "\n"), ("", "")])
def test_the_line_end_of_piped_text_is_no_part_of_it(run: Run, end: str, kept: str) -> None:
    outcome = run("explain", "--json", stdin=f"A faint smile.{end}".encode())
    assert json.loads(outcome.out)["text"] == f"A faint smile.{kept}"
