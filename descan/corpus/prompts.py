"""Several prompts of one mode: what they are called, and how their answers are numbered as repeats of an item."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path

from descan.corpus.formats.rows import PROMPT_COLUMNS
from descan.corpus.values import MAX_REPEAT
from descan.errors import InputError
from descan.records import Answer, Mode

Prompts = Mapping[Mode, tuple[str, ...]]
"""Mode -> the names of its prompts, sorted; empty for answers without one."""

MAX_PROMPTS = 20
"""Where a mode has more, each item most likely has its own, and they are not set side by side."""

N_DIGITS = 6
"""Of a prompt's hash, where it has no name."""

_MAX_NAME = 64
"""A longer `prompt`, or one of several lines, is the text of a prompt and not its name."""


def parse_prompt(cells: Mapping[str, object]) -> str | None:
    """Return the name of the prompt that an answer replies to; None if it tells none.

    That is `prompt`, or the first digits of its hash if it is a text, or else the first digits of `prompt_sha256`.
    """
    name, digest = (cells.get(column) for column in PROMPT_COLUMNS)
    text = "" if name is None else str(name).strip()
    if not text:
        return digest[:N_DIGITS] if isinstance(digest, str) and digest else None
    if len(text) <= _MAX_NAME and text.isprintable():
        return text
    return sha256(str(name).encode(errors="surrogatepass")).hexdigest()[:N_DIGITS]


def several_prompts(found: Iterable[tuple[Mode, str]]) -> dict[Mode, tuple[str, ...]]:
    """Return the prompts of each mode that has several of them, but no more than `MAX_PROMPTS`."""
    by_mode: dict[Mode, set[str]] = {}
    for mode, prompt in found:
        by_mode.setdefault(mode, set()).add(prompt)
    return {mode: tuple(sorted(by_mode[mode])) for mode in Mode if 1 < len(by_mode.get(mode, ())) <= MAX_PROMPTS}


def number_repeat(answer: Answer, prompts: Prompts, path: Path) -> Answer:
    """Return an answer whose repeat counts through the prompts of its mode, so that no two answers have the same.

    Of n prompts, repeat r of the prompt at place p becomes r * n + p.

    Args:
        answer: As its file has it.
        prompts: Of the modes whose answers are numbered so.
        path: The file, for error messages.

    Raises:
        InputError: If the number would be too large.
    """
    names = prompts.get(answer.mode)
    if names is None:
        return answer
    # Only failed requests may have a prompt that no answer has.
    place = names.index(answer.prompt or "") if (answer.prompt or "") in names else 0
    repeat = answer.repeat * len(names) + place
    if repeat > MAX_REPEAT:
        problem = f"repeat {answer.repeat} is too large beside {len(names)} prompts; number repeats from 0"
        raise InputError(path, problem, answer.line)
    return answer._replace(repeat=repeat)
