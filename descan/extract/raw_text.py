"""Text from models, made safe for a tokenizer without moving a character."""

import re

LONGEST_CHUNK = 200
"""Characters without a space that are left as they are; a tokenizer takes quadratic time for a run of marks."""

_UNFIT = re.compile(rf"\S{{{LONGEST_CHUNK + 1},}}|[\ud800-\udfff]")
_MARK = re.compile(r"[\W_]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def make_tokenizable(text: str) -> str:
    """Return a text of the same length that a tokenizer takes, in linear time.

    In a chunk of more than `LONGEST_CHUNK` characters without a space, as models in a loop write them, marks become
    spaces; lone surrogates are replaced.
    """
    if _UNFIT.search(text) is None:
        return text
    return replace_surrogates(_UNFIT.sub(lambda chunk: _MARK.sub(_blank_out, chunk[0]), text))


def replace_surrogates(text: str) -> str:
    """Return a text of the same length with U+FFFD for each lone surrogate, which is not valid Unicode."""
    return _SURROGATE.sub("\ufffd", text)


def _blank_out(mark: re.Match[str]) -> str:
    return mark[0] if _SURROGATE.match(mark[0]) else " "
