"""Text from outside in a terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from descan.terminal import plain

CONTROLS = {chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))}
BIDI = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("gpt-4o [bold]", "gpt-4o [bold]"),
        ("模型 é 😀", "模型 é 😀"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x9b31mred", "\\x9b31mred"),
        ("a\rb\x07\x00", "a\\x0db\\x07\\x00"),
        ("a\u202egpj", "a\\u202egpj"),
        ("\u2066a\u2069", "\\u2066a\\u2069"),
        ("two\nlines\t.", "two\\x0alines\\x09."),
        ("\ud800", "\\ud800"),
    ],
)
def test_what_steers_a_terminal_shows_as_an_escape(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_newlines_and_tabs_stay_on_request_but_nothing_else() -> None:
    assert plain("a\n\tb\r\x1b", keep_lines=True) == "a\n\tb\\x0d\\x1b"


@given(st.text(st.characters()))
def test_no_steering_character_is_left_and_plain_text_stays_as_it_is(text: str) -> None:
    shown = plain(text)
    assert not (CONTROLS | BIDI) & set(shown)
    assert plain(shown) == shown
    shown.encode()
