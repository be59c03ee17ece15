"""Persons, shows and films that a description names, in a language without capitals.

A person is a run of tokens that can belong to a name, as the tokenizer tells, with what joins its parts (ロス・ゲラー);
a single one with one letter names nobody. Letters that write foreign names name a person, too, where they stand on
both sides of such a joint (罗斯·盖勒), and a surname with what follows it behind a word that leads to a name
(演员周迅). A show or film stands in brackets of its own (『フレンズ』), or in quotation
marks beside a word for one. Which marks, letters and words these are stands in `names.yaml`.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from descan.extract.engine.codes import FIRST_WORD
from descan.extract.name_context import Span
from descan.extract.names import Names
from descan.extract.tokens import Tokens, Words
from descan.lexicon import Lexicon

_LONGEST_WORK = 12
"""Tokens that the name of a show or film has at most."""

_SHORTEST_NAME = 2
"""Letters of a name that stands alone."""

_LONGEST_LEAD = 4
"""Tokens of what leads to a name."""

_LONGEST_GIVEN = 3
"""Letters of a given name behind a surname."""

_WHOLE_NAME = 3
"""Letters of a token that is a name in full; shorter ones that begin with a surname are mostly ordinary words."""


class TaggedNameFinder:
    """Finds names by the tags of a tokenizer; built once for a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        """Take what joins the parts of a name and what encloses the name of a work."""
        names = lexicon.names
        self._joints = frozenset(names.inside_person)
        self._letters = frozenset("".join(names.person_letters))
        self._surnames = frozenset(names.surnames)
        self._leads = tuple(names.names_behind)
        self._common = frozenset(names.common)
        self._brackets = dict(zip(names.brackets, names.closing, strict=False))
        self._quotes = dict(zip(names.quotes[::2], names.quotes[1::2], strict=False))
        self._works = frozenset(names.works)
        self._behind = frozenset(names.works_behind)

    def find(self, tokens: Tokens, texts: Sequence[str]) -> Names:
        """Return the names in texts and the tokens that they take."""
        row = tokens.row
        named: list[tuple[str, ...]] = []
        inside: list[int] = []
        bounds = tokens.capitals.searchsorted([*row.firsts, len(row.codes)])
        for place, text in enumerate(texts):
            first = int(row.firsts[place])
            words = Words(text, row, first, row.lasts[place])
            capitals = [int(index) - first for index in tokens.capitals[bounds[place] : bounds[place + 1]]]
            works = list(self._find_works(words)) if self._has_brackets(text) else []
            spans: list[Span] = []
            spelled = self._find_by_letters(words) if self._letters and self._has_joint(text) else ()
            led = self._find_behind_leads(words) if self._has_lead(text) else ()
            for span in (*works, *spelled, *led, *self._find_persons(words, capitals)):
                if not any(span.start < other.end and other.start < span.end for other in spans):
                    spans.append(span)
            spans.sort()
            named.append(tuple(dict.fromkeys(words.between(*span) for span in spans)))
            for span in spans:
                inside += range(first + span.start, first + span.end)
        return Names(named, np.array(inside, dtype=np.int64))

    def _has_brackets(self, text: str) -> bool:
        return any(bracket in text for bracket in (*self._brackets, *self._quotes))

    def _has_joint(self, text: str) -> bool:
        return any(joint in text for joint in self._joints)

    def _has_lead(self, text: str) -> bool:
        return any(lead in text for lead in self._leads)

    def _find_works(self, words: Words) -> Iterator[Span]:
        for index in range(len(words)):
            closing = self._brackets.get(words[index]) or self._quotes.get(words[index])
            if closing is None:
                continue
            ends = (
                end for end in range(index + 1, min(len(words), index + 2 + _LONGEST_WORK)) if words[end] == closing
            )
            end = next(ends, index + 1)
            if end > index + 1 and (words[index] in self._brackets or self._is_beside_work(words, index, end)):
                yield Span(index + 1, end)

    def _is_beside_work(self, words: Words, opening: int, closing: int) -> bool:
        """Return whether a word for shows or films stands right before or behind a quotation (「X」というドラマ)."""
        if opening and words[opening - 1] in self._works:
            return True
        behind = closing + 1
        while behind < len(words) and words[behind] in self._behind:
            behind += 1
        return behind < len(words) and words[behind] in self._works

    def _find_by_letters(self, words: Words) -> Iterator[Span]:
        for index in range(1, len(words)):
            if words[index] not in self._joints:
                continue
            start = end = index
            while start and self._writes_names(words[start - 1]):
                start -= 1
            while end + 1 < len(words) and self._writes_names(words[end + 1]):
                end += 1
            if start < index < end:
                yield Span(start, end + 1)

    def _find_behind_leads(self, words: Words) -> Iterator[Span]:
        for index in range(1, len(words)):
            is_led = words.between(max(index - _LONGEST_LEAD, 0), index).endswith(self._leads)
            if is_led and (end := self._end_of_full_name(words, index)):
                yield Span(index, end)

    def _end_of_full_name(self, words: Words, start: int) -> int | None:
        """Return where a name that begins with a surname ends, a token or several; None if it is no name."""
        first = words[start]
        if first not in self._surnames:
            is_whole = len(first) == _WHOLE_NAME and first.startswith(tuple(self._surnames))
            return start + 1 if is_whole and self._may_be_name(words, start) else None
        end, n_letters = start + 1, 0
        while end < len(words) and self._may_be_part(words, end):
            n_letters += len(words[end])
            if n_letters > _LONGEST_GIVEN:
                break
            end += 1
        return end if end > start + 1 else None

    def _writes_names(self, word: str) -> bool:
        return self._letters.issuperset(word)

    def _find_persons(self, words: Words, capitals: Sequence[int]) -> Iterator[Span]:
        done = 0
        for index in capitals:
            if index < done or not self._may_be_name(words, index):
                continue
            start, end = index, index + 1
            if start >= 2 and words[start - 1] in self._joints and self._may_be_part(words, start - 2):
                start -= 2
            while end < len(words):
                if words[end] in self._joints and end + 1 < len(words) and self._may_be_part(words, end + 1):
                    end += 2
                elif end in capitals and self._may_be_name(words, end):
                    end += 1
                else:
                    break
            done = end
            if len(words.between(start, end)) >= _SHORTEST_NAME:
                yield Span(start, end)

    def _may_be_name(self, words: Words, index: int) -> bool:
        return words.codes[index] < FIRST_WORD and words[index] not in self._common

    def _may_be_part(self, words: Words, index: int) -> bool:
        return self._may_be_name(words, index) and words[index].isalpha()
