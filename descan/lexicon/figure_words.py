"""The words of figures in other languages."""

import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import RootModel

from descan.lexicon.files import lexicon_path, read_yaml

_PLACE = "{n}"


class _Languages(RootModel[dict[str, dict[str, str]]]):
    """Language -> English -> words."""


class _Words(RootModel[dict[str, str]]):
    """English -> words."""


class FigureWords:
    """Turns the English labels of figures into those of another language."""

    def __init__(self, words: Mapping[str, str]) -> None:
        """Take the words: English -> what stands for it; `{n}` in both is a number."""
        self._words = {english: word for english, word in words.items() if _PLACE not in english}
        self._patterns = [
            (re.compile(re.escape(english).replace(re.escape(_PLACE), r"(\d[\d.,]*)")), word.split(_PLACE))
            for english, word in words.items()
            if _PLACE in english
        ]

    def translate(self, label: str) -> str:
        """Return a label in the language, also one before a number; the same where it has no word for it."""
        if label in self._words:
            return self._words[label]
        for pattern, parts in self._patterns:
            if found := pattern.fullmatch(label):
                numbers = [*found.groups(), *[""] * len(parts)]
                return "".join(part + number for part, number in zip(parts, numbers, strict=False))
        word, _, n = label.rpartition(" ")
        return f"{self._words[word]} {n}" if word in self._words and n[:1].isdecimal() else label


def figure_languages() -> tuple[str, ...]:
    """Return the languages that figures may be in, beside English."""
    return tuple(_shipped())


def load_figure_words(language: str) -> FigureWords:
    """Return the words of one of `figure_languages`.

    Raises:
        KeyError: If there are none.
    """
    return FigureWords(_shipped()[language])


def read_figure_words(path: Path) -> FigureWords:
    """Read a YAML file of English labels and the words for them.

    Raises:
        InputError: If it is not such a file.
    """
    return FigureWords(read_yaml(path, _Words).root)


def _shipped() -> Mapping[str, Mapping[str, str]]:
    return read_yaml(lexicon_path("figure_words.yaml"), _Languages).root
