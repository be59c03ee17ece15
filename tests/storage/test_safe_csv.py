"""CSV cells that are safe to open."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from descan.storage.safe_csv import Cell, format_cell, write_csv


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (float("nan"), ""),
        (float("inf"), ""),
        (0, "0"),
        (-3, "-3"),
        (-0.5, "-0.5"),
        (1 / 3, "0.333333"),
        (-1e-9, "0.0"),
        (Decimal("1.25"), "1.25"),
        ("gpt-4o", "gpt-4o"),
        ("", ""),
    ],
)
def test_a_value_has_the_text_a_reader_expects(value: Cell, text: str) -> None:
    assert format_cell(value) == text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-0.5", "@SUM(A1)", "\uff1d1+1", "=HYPERLINK(\x1b)"])
def test_text_that_a_spreadsheet_would_run_gets_a_quote(text: str) -> None:
    assert format_cell(text).startswith("'")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\t=1", "\\x09=1"),
        ("\r=1", "\\x0d=1"),
        ("a\nb", "a\\x0ab"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\u202egpj", "a\\u202egpj"),
        ("a\ud800b", "a\\ud800b"),
    ],
)
def test_control_and_bidi_characters_show_as_escapes(text: str, shown: str) -> None:
    assert format_cell(text) == shown


@given(st.text())
def test_no_text_starts_a_formula_or_keeps_a_control_character(text: str) -> None:
    found = format_cell(text)
    assert not found.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert not any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in found)


def test_a_table_is_utf_8_with_plain_line_ends(tmp_path: Path) -> None:
    write_csv(tmp_path / "t.csv", ["name", "share"], [('模型, "x"', 0.5), ("b", None)])
    data = (tmp_path / "t.csv").read_bytes()
    assert data == 'name,share\n"模型, ""x""",0.5\nb,\n'.encode()
    assert next(csv.DictReader(data.decode().splitlines()))["name"] == '模型, "x"'
