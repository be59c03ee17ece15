"""Where a model thinks aloud in a reply, before or instead of what it answers."""

import re
from functools import lru_cache

from descan.lexicon.entries import ThinkingForms
from descan.lexicon.loading import load_lexicon
from descan.lexicon.project import ProjectLexicon
from descan.records import DEFAULT_LANGUAGE

Span = tuple[int, int]


class ThinkingFinder:
    """Finds the stretches of a text in which a model thinks aloud."""

    def __init__(self, forms: ThinkingForms) -> None:
        """Compile the marks of thinking."""
        self._mark = _compile_marks(forms)
        beginnings = {pair[0] for pair in forms.brackets} | {mark[0] for pair in forms.marks for mark in pair}
        self._beginnings = [
            this for this in beginnings if not any(this[:end] in beginnings for end in range(1, len(this)))
        ]

    def find(self, text: str) -> list[Span]:
        """Return the stretches of thinking with their marks, in order and apart.

        What a closing mark without an opening one closes began with the text; what nothing closes goes on to its end.
        """
        spans: list[Span] = []
        for beginning in self._beginnings:
            if beginning in text:
                break
        else:  # Most texts have none of the characters that marks begin with.
            return spans
        start: int | None = None
        for match in self._mark.finditer(text):
            if match["closing"] is None:
                start = match.start() if start is None else start
            elif start is None:
                spans = [(0, match.end())]
            else:
                spans.append((start, match.end()))
                start = None
        return spans if start is None else [*spans, (start, len(text))]


@lru_cache
def load_thinking_finder(language: str = DEFAULT_LANGUAGE, project: ProjectLexicon | None = None) -> ThinkingFinder:
    """Load the finder of a language, with a project's own words.

    Raises:
        InputError: If there is no such language, or one of its lexicon files is not as its schema says.
    """
    return ThinkingFinder(load_lexicon(language, project).asides.thinking)


def _compile_marks(forms: ThinkingForms) -> re.Pattern[str]:
    tags = "|".join(re.escape(tag) for tag in sorted(forms.tags, key=len, reverse=True))
    opening, closing = [], []
    for left, right in map(_escape_pair, forms.brackets):
        name = rf"(?:[\w.-]{{1,40}}:)?(?:{tags})(?:\s[^<>\[\]]{{0,80}})?\s*{right}"
        opening.append(rf"{left}\s*{name}")
        closing.append(rf"{left}\s*/\s*{name}")
    for left, right in map(_escape_pair, forms.marks):
        opening.append(left)
        closing.append(right)
    return re.compile(rf"(?P<closing>{'|'.join(closing)})|{'|'.join(opening)}", re.IGNORECASE)


def _escape_pair(pair: tuple[str, str]) -> tuple[str, str]:
    return re.escape(pair[0]), re.escape(pair[1])
