"""The statements of a classify answer: its sentences and lines, and which categories each asserts."""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from operator import add

from descan.categorize.labels.category_names import MARKUP, NameFinder, NameHit
from descan.categorize.labels.cues import LabelPatterns
from descan.lexicon import lower_case
from descan.records import Label

_SENTENCE_END = re.compile(r"([.!?](?:[\"'*)”’]?(?=\s)|(?<=[a-z].)(?=[A-Z])))\s*")
_BULLET = re.compile(r"\s*(?:(?:[-•>+|]|#+|\*(?!\*)|\d{1,2}[.):]|[\[(][\dA-Za-z]{1,2}[\])]|[A-Za-z][.)])\s+)+")
_BREAK = re.compile(r"(?<=\s)(?:#{2,9}|={1,9}>|-{1,9}>|\u2192|\u21d2)\s{0,9}(?=[\w*])")
_QUESTION_MARKUP = MARKUP.replace("?", "")
_EXCLAMATION_MARKUP = MARKUP.replace("!", "")
_N_CHARS_STATEMENT = 2000

AMBIGUOUS = Label(None, "ambiguous")
UNPARSED = Label(None, "unparsed")
UNPARSED_PROSE = Label(None, "unparsed_prose")


class Statement:
    """A sentence or line of a reply. Cues are searched only when they are asked for.

    Attributes:
        text: The statement.
        lower: The same in `lower_case`.
        hits: The names in it, whether it asserts or denies them.
    """

    def __init__(self, text: str, names: NameFinder, patterns: LabelPatterns) -> None:
        """Find the names in a statement."""
        self._names = names
        self._patterns = patterns
        self.text = text
        self.lower = lower_case(text)
        self.hits = names.find(text)

    @cached_property
    def asserted(self) -> list[NameHit]:
        """The names that it asserts."""
        return self._names.find_asserted(self.lower, self.hits) if self.hits else []

    @cached_property
    def spelled(self) -> list[NameHit]:
        """The names that it asserts and writes as labels."""
        is_any_spelled = any(hit.is_spelled for hit in self.hits)
        return [hit for hit in self.asserted if hit.is_spelled] if is_any_spelled else []

    @cached_property
    def decided(self) -> list[NameHit]:
        """The names that it asserts and that its deciding words refer to."""
        patterns, lower = self._patterns, self.lower
        decided: list[NameHit] = []
        for match in patterns.verdict.finditer(lower):
            end = patterns.scope_end.search(lower, match.end())
            span = (match.end(), end.start() if end else len(lower))
            decided = [hit for hit in self.asserted if span[0] <= hit.start < span[1]] or decided
        for match in patterns.verdict_after.finditer(lower):
            decided = [hit for hit in self.asserted if hit.end <= match.start()][-1:] or decided
        return decided

    @property
    def is_decisive(self) -> bool:
        """Whether it draws a conclusion or decides on a name."""
        return self._patterns.conclusion.search(self.lower) is not None or bool(self.decided)

    @property
    def is_question(self) -> bool:
        """Whether it asks, as in "Sad? No."."""
        return self.text.rstrip(_QUESTION_MARKUP).endswith("?")

    @property
    def is_exclamation(self) -> bool:
        """Whether it exclaims, as in "Surprise! She smiles."."""
        return self.text.rstrip(_EXCLAMATION_MARKUP).endswith("!")

    @property
    def is_strong(self) -> bool:
        """Whether it asserts a name and does more than consider it."""
        return any(not hit.is_weak for hit in self.asserted)

    def deny(self) -> None:
        """Assert nothing."""
        self.asserted = []

    def weaken(self) -> None:
        """Only consider the names."""
        self.asserted = [hit._replace(is_weak=True) for hit in self.asserted]

    def narrow_label(self) -> Label:
        """Return the label of the names that are marked most clearly and agree."""
        decided_spelled = [hit for hit in self.decided if hit.is_spelled]
        for hits in (decided_spelled, self.decided, self.spelled):
            label = only_label(hits)
            if label.label is not None:
                return label
        return only_label(self.spelled or self.asserted)


def split_statements(text: str) -> Iterator[str]:
    """Yield the sentences of each line without bullets; those that are only punctuation are skipped."""
    for line in _BREAK.sub("\n", text).splitlines():
        bullet = _BULLET.match(line)
        for part in _split_sentences(line[bullet.end() :] if bullet else line):
            # Names and cues of a statement are compared in pairs, so a statement must not be too long.
            for start in range(0, len(part), _N_CHARS_STATEMENT):
                piece = part[start : start + _N_CHARS_STATEMENT]
                if piece.strip(MARKUP):
                    yield piece


def _split_sentences(line: str) -> list[str]:
    parts = _SENTENCE_END.split(line)
    return [*map(add, parts[:-1:2], parts[1::2]), parts[-1]] if len(parts) > 1 else parts


def only_label(hits: Iterable[NameHit]) -> Label:
    """Return the label if the names are those of one, not counting weak names beside others; else `ambiguous`."""
    hits = list(hits)
    strong = {hit.label for hit in hits if not hit.is_weak}
    labels = strong or {hit.label for hit in hits}
    return Label(labels.pop()) if len(labels) == 1 else AMBIGUOUS
