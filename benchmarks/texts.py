"""The texts that the benchmarks read, and the annotations that they are compared with, where those are available."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from descan.records import Mode, Status

ROOT = Path(__file__).parents[1]
GOLD = ROOT.parent / "shared" / "gold" / "dev.jsonl"

_CORPORA = (ROOT.parent / "shared" / "corpora" / "afew-qwen", ROOT / "corpora" / "sample")


@dataclass(frozen=True, slots=True)
class GoldMention:
    """An action or an emotion term that a careful reader marked.

    Attributes:
        action: Its name in the inventory; empty for an emotion term.
        start: Character offset into the text.
        end: Offset behind its last character.
    """

    action: str
    start: int
    end: int
    negated: bool


@dataclass(frozen=True, slots=True)
class GoldText:
    """A text with what a careful reader marked in it and ticked for it.

    Attributes:
        described: One of the seven categories, or Undecided.
        second: Another that the reader would accept, if any.
    """

    text: str
    mentions: tuple[GoldMention, ...]
    described: str
    second: str | None


def corpus_folder() -> Path:
    """Return the folder of afew-qwen, or of the sample where that is not available."""
    return next(corpus for corpus in _CORPORA if corpus.is_dir())


@lru_cache
def description_texts() -> tuple[str, ...]:
    """Return the texts of the corpus's descriptions."""
    lines = (corpus_folder() / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    answers = [json.loads(line) for line in lines]
    return tuple(
        answer["text"]
        for answer in answers
        if answer["mode"] == Mode.DESCRIBE and answer.get("status", Status.OK) == Status.OK
    )


def spread(texts: tuple[str, ...], n_texts: int) -> list[str]:
    """Return so many of the texts, or all where there are no more, from all over."""
    return [texts[place * len(texts) // n_texts] for place in range(n_texts)] if n_texts < len(texts) else list(texts)


def read_gold(path: Path = GOLD) -> list[GoldText]:
    """Read annotations: a line is a text with its `actions`, its `emotions` and what it is `described` as."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [
        GoldText(
            row["text"],
            tuple(
                GoldMention(mark.get("action", ""), *_place(row["text"], mark["quote"], mark["nth"]), mark["negated"])
                for mark in row["actions"] + row["emotions"]
            ),
            row["described"],
            row["second"],
        )
        for row in rows
    ]


def _place(text: str, quote: str, nth: int) -> tuple[int, int]:
    """Find where the nth occurrence of a quote begins and ends."""
    start = -1
    for _ in range(nth):
        start = text.index(quote, start + 1)
    return start, start + len(quote)
