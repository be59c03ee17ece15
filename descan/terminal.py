"""Text from outside, made safe to show in a terminal."""

import re
import sys

_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(text: str, *, keep_lines: bool = False) -> str:
    r"""Show control, escape and bidi characters as escapes, so that text cannot steer the terminal.

    Model and item names come from files that other people wrote: an escape sequence could colour, move or
    rewrite the screen, a bidi override could make one name look like another. Markup of rich is not
    touched; put the result into `rich.text.Text` rather than into a markup string.

    Args:
        text: Any text.
        keep_lines: Leave newlines and tabs as they are.

    Returns:
        The text with, for instance, the escape character as the four characters `\x1b`.
    """
    return _UNSAFE.sub(lambda match: _shown(match[0], keep_lines=keep_lines), text)


def print_problem(problem: str) -> None:
    """Print one line to standard error."""
    print(f"descan: {plain(problem)}", file=sys.stderr)


def _shown(character: str, *, keep_lines: bool) -> str:
    if keep_lines and character in "\n\t":
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
