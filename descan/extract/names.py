"""Persons, shows and films that a description names.

A run of capitalised words names a person where it begins with a given name that is no ordinary word, or where the
words around it say so: "the actor X", "the man, X, has", "X frowns", "X and Rachel". It names a show or a film behind
or before a word for these, behind a person ("X from Y"), and where the lexicon lists it.
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum, auto
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from descan.columns import BoolArray, IntArray
from descan.extract.engine.codes import FIRST_WORD, Shape
from descan.extract.name_context import SENTENCE_STARTS, NameContext, Span
from descan.extract.tokens import Tokens, Words
from descan.extract.vocabulary import Vocabulary
from descan.lexicon import Lexicon

_MARKS_SKIPPED: Final = 3
"""Marks before a word that are looked through for the beginning of its sentence, as in `**"Friends"**`."""

_LONGEST_TITLE: Final = 10
_HYPHEN: Final = "-"


class Names(NamedTuple):
    """What some texts name.

    Attributes:
        named: The names of each text, in the order in which they first appear.
        tokens: All tokens that belong to a name.
    """

    named: list[tuple[str, ...]]
    tokens: IntArray


class _Kind(Enum):
    """What a capitalised word can be."""

    GIVEN = auto()
    GIVEN_OR_WORD = auto()
    UNKNOWN = auto()
    LISTED = auto()


class NameFinder:
    """Finds names; built once for a lexicon."""

    def __init__(self, lexicon: Lexicon, vocabulary: Vocabulary) -> None:
        """Take what names are made of and what stands around them."""
        names = lexicon.names
        self._given = _lower(name for names in lexicon.given_names.names.values() for name in names)
        self._given_words = _lower(lexicon.given_names.words)
        self._openers = frozenset(names.openers)
        self._common = frozenset(names.common)
        self._things = frozenset(names.things)
        self._places = frozenset(names.proper_places)
        self._ranks = frozenset(names.ranks)
        self._titles = self._ranks | frozenset(names.titles)
        self._leading = self._titles.union(names.persons, names.kin)
        self._longest_abbreviation = names.longest_abbreviation
        self._around = NameContext(lexicon)
        self._works = _WorkFinder(lexicon, self._around)
        self._small_surnames = frozenset(names.small_surnames)
        self._joins = frozenset(names.joins)
        self._inside = frozenset(names.inside_person)
        self._known = frozenset(names.known_persons)
        self._may_belong = ~_flags(vocabulary, self._openers.difference(names.small_works))
        self._may_begin = _flags(vocabulary, self._given | self._given_words)
        self._may_begin[:FIRST_WORD] = True

    def find(self, tokens: Tokens, texts: Sequence[str]) -> Names:
        """Return the names in texts and the tokens that they take."""
        row = tokens.row
        named: list[tuple[str, ...]] = [()] * len(texts)
        inside: list[int] = []
        candidates = self._candidates(tokens)
        places, begins = np.unique(row.lasts.searchsorted(candidates), return_index=True)
        for place, capitals in zip(places.tolist(), np.split(candidates, begins[1:]), strict=False):
            first = int(row.firsts[place])
            words = Words(texts[place], row, first, row.lasts[place])
            works, persons = self._find(words, (capitals - first).tolist())
            named[place] = _distinct(words, works, persons)
            for span in (*works, *persons, *self._find_places(words, capitals - first)):
                inside += range(first + span.start, first + span.end)
        return Names(named, np.array(inside, dtype=np.int64))

    def _find_places(self, words: Words, capitals: IntArray) -> Iterator[Span]:
        """Yield places and things with a proper name, whose words say nothing of a face: "Bliss Cafe"."""
        for index in capitals.tolist():
            is_named = index > 0 and words[index].lower() in self._places and words[index - 1].istitle()
            if is_named and not self._around.begins_sentence(words, index - 1):
                yield Span(index - 1, index + 1)

    def _candidates(self, tokens: Tokens) -> IntArray:
        """Return the capitalised tokens that can belong to a name: unknown words, given names, words mid-sentence."""
        codes = tokens.row.codes
        capitals = tokens.capitals[self._may_belong[codes[tokens.capitals]]]
        before = capitals - 1
        for _ in range(_MARKS_SKIPPED):
            before = before - (codes[before] == Shape.MARK)
        is_inside = ~np.isin(codes[before], SENTENCE_STARTS)
        return capitals[self._may_begin[codes[capitals]] | is_inside]

    def _find(self, words: Words, capitals: list[int]) -> tuple[list[Span], list[Span]]:
        works = self._works.find(words, capitals)
        taken = {index for work in works for index in range(work.start, work.end)}
        runs = list(self._runs(words, [index for index in capitals if index not in taken], taken))
        persons = [run for run in runs if self._is_person(words, run)]
        if not persons:
            return works, persons
        works += self._works.find_behind(words, persons, taken)
        taken = {index for work in works for index in range(work.start, work.end)}
        persons = self._with_neighbours(words, runs, persons)
        return sorted(works), [person for person in persons if person.start not in taken]

    def _runs(self, words: Words, capitals: Iterable[int], taken: set[int]) -> Iterator[Span]:
        done = 0
        for index in capitals:
            if index < done or not self._is_part(words[index]):
                continue
            start = index
            while start > done and start - 1 not in taken and self._is_part_before(words, start - 1):
                start -= 1
            done = self._run_end(words, index)
            yield self._without_leading_words(words, start, done)

    def _is_part(self, word: str) -> bool:
        if not word[:1].isupper() or word.lower() in self._openers or self._around.is_deed(word):
            return False
        return "".join(letter for letter in word if letter not in ".'’").isalpha()

    def _is_part_before(self, words: Words, index: int) -> bool:
        """Return whether a word goes with the name behind it; within a sentence even "An Li" and "He Jing" do."""
        word = words[index]
        if self._is_part(word):
            return True
        is_name = word[:1].isupper() and word.lower() in self._given_words
        return is_name and not self._around.begins_sentence(words, index)

    def _run_end(self, words: Words, start: int) -> int:
        end = start + 1
        while end < len(words):
            after = words[end + 1] if end + 1 < len(words) else ""
            if self._is_part(words[end]) or (end == start + 1 and self._is_small_surname(words, end)):
                end += 1
            elif (words[end] in self._inside and self._is_part(after)) or self._is_hyphenated(words, end):
                end += 2
            else:
                break
        return end

    def _is_small_surname(self, words: Words, index: int) -> bool:
        """Return whether a small word is a family name behind a given name: "Sandra Oh"."""
        is_given = self._kind(words, index - 1) in (_Kind.GIVEN, _Kind.GIVEN_OR_WORD)
        return is_given and words[index].istitle() and words[index].lower() in self._small_surnames

    def _is_hyphenated(self, words: Words, index: int) -> bool:
        """Return whether a hyphen and what follows belong to a name: "Jean-Luc", "Min-jun"."""
        if words[index] != _HYPHEN or not (words.is_joined(index) and words.is_joined(index + 1)):
            return False
        after = words[index + 1]
        return after.isalpha() and (after[0].isupper() or self._kind(words, index + 1) is not _Kind.LISTED)

    def _without_leading_words(self, words: Words, start: int, end: int) -> Span:
        """Take titles, and ordinary words before a given name, from the beginning of a run: "Actor", "Young Rachel"."""
        if words.between(start, end).lower() in self._known:
            return Span(start, end)
        while start < end - 1 and words[start].lower() in self._leading:
            start += 1
        place = start
        while place < end - 1 and self._kind(words, place) is _Kind.LISTED:
            place += 1
        is_given = self._kind(words, place) in (_Kind.GIVEN, _Kind.GIVEN_OR_WORD)
        return Span(place if is_given else start, end)

    def _kind(self, words: Words, index: int) -> _Kind:
        word = words[index].lower()
        if word in self._given:
            return _Kind.GIVEN
        if word in self._given_words:
            return _Kind.GIVEN_OR_WORD
        return _Kind.UNKNOWN if words.codes[index] < FIRST_WORD else _Kind.LISTED

    def _is_person(self, words: Words, run: Span) -> bool:
        parts = [words[index] for index in range(*run)]
        lower = [part.lower() for part in parts]
        if self._titles.issuperset(lower) or all(len(part) == 1 for part in parts):
            return False
        whole = words.between(*run).lower()
        if " ".join(lower) in self._known or whole in self._known:
            return True
        if run.start and f"{words[run.start - 1].lower()} {whole}" in self._known:  # "the Joker"
            return True
        if not self._common.isdisjoint(lower) or self._works.is_known(words, run):
            return False
        if self._has_title(words, run):
            return True
        if any(len(part) > 1 and part.isupper() and part.isalpha() for part in parts):
            return self._is_shouted_name(words, run)
        if self._is_thing(words, run):
            return False
        return self._is_said_to_be_person(words, run)

    def _is_thing(self, words: Words, run: Span) -> bool:
        """Return whether a place, a day or a thing is named for somebody: "Victoria Station", "Patrick's Day"."""
        if words[run.end - 1].lower() in self._things and run.end - run.start > 1:
            begins = self._around.begins_sentence(words, run.start)
            return not (begins and self._around.does_something(words, run))
        owned = run.end + 1
        is_owner = owned < len(words) and self._around.is_possessive(words[run.end])
        return is_owner and words[owned][:1].isupper() and words[owned].lower() in self._things

    def _has_title(self, words: Words, run: Span) -> bool:
        title = words[run.start - 1] if run.start else ""
        if not title[:1].isupper():
            return False
        is_rank = title.lower() in self._ranks and self._kind(words, run.start) is not _Kind.LISTED
        return is_rank or title.lower() in self._titles - self._ranks

    def _is_shouted_name(self, words: Words, run: Span) -> bool:
        kinds = [self._kind(words, index) for index in range(*run)]
        if len(kinds) == 1:
            if kinds[0] is _Kind.GIVEN and run.end < len(words) and words.codes[run.end] == Shape.LABEL:
                return True  # Somebody who is listed or speaks: "SARAH: smiling".
            is_long = len(words[run.start]) > self._longest_abbreviation
            return is_long and self._around.announces_person(words, run.start)
        return kinds[0] is _Kind.GIVEN and _Kind.LISTED not in kinds

    def _is_said_to_be_person(self, words: Words, run: Span) -> bool:
        around = self._around
        if around.announces_person(words, run.start):
            return True
        kinds = [self._kind(words, index) for index in range(*run)]
        if kinds[0] is _Kind.GIVEN:
            return not (words.is_joined(run.end) and words[run.end] == _HYPHEN)
        if kinds[0] is _Kind.LISTED:
            return False
        if around.is_apposition(words, run):
            return True
        return self._is_full_name(words, run, kinds) if len(kinds) > 1 else self._is_single_name(words, run, kinds[0])

    def _is_full_name(self, words: Words, run: Span, kinds: list[_Kind]) -> bool:
        around = self._around
        if _Kind.GIVEN in kinds or around.does_something(words, run):
            return True
        if _Kind.LISTED in kinds:
            return False
        if kinds[0] is _Kind.GIVEN_OR_WORD or around.announces_kin(words, run.start):
            return True
        is_inside = not around.begins_sentence(words, run.start)
        return is_inside and (around.may_announce(words, run.start) or around.goes_on(words, run))

    def _is_single_name(self, words: Words, run: Span, kind: _Kind) -> bool:
        around = self._around
        if around.announces_kin(words, run.start):
            return True
        if kind is _Kind.UNKNOWN and around.has_article(words, run.start):
            return False
        if around.does_something(words, run) and not around.stands_in(words, run.start):
            return True
        is_inside = not around.begins_sentence(words, run.start)
        if kind is _Kind.GIVEN_OR_WORD:
            return around.is_looked_at(words, run.start) or (not is_inside and around.is_explained(words, run))
        return is_inside and (around.is_company(words, run.start) or around.goes_on(words, run))

    def _with_neighbours(self, words: Words, runs: list[Span], persons: list[Span]) -> list[Span]:
        """Add runs that are joined to a person, and those that repeat a part of a person's name."""
        found = set(persons)
        pairs = list(pairwise(runs))
        for first, second in pairs:
            if first in found and self._are_joined(words, first, second) and self._can_be_joined(words, second):
                found.add(second)
        for first, second in reversed(pairs):
            if second in found and self._are_joined(words, first, second) and self._can_be_joined(words, first):
                found.add(first)
        parts = {words[index] for person in found for index in range(*person)}
        found |= {run for run in runs if all(words[index] in parts for index in range(*run))}
        return sorted(found)

    def _are_joined(self, words: Words, first: Span, second: Span) -> bool:
        between = [words[index] for index in range(first.end, second.start) if words.codes[index] != Shape.MARK]
        is_unknown = self._kind(words, first.start) is _Kind.UNKNOWN and first.end - first.start == 1
        is_opened_by_comma = is_unknown and "," in between and self._around.begins_sentence(words, first.start)
        return 0 < len(between) <= 2 and self._joins.issuperset(between) and not is_opened_by_comma

    def _can_be_joined(self, words: Words, run: Span) -> bool:
        lower = [words[index].lower() for index in range(*run)]
        return (
            self._common.isdisjoint(lower)
            and self._kind(words, run.start) is not _Kind.LISTED
            and lower[-1] not in self._things
        )


class _WorkFinder:
    """Finds shows and films."""

    def __init__(self, lexicon: Lexicon, around: NameContext) -> None:
        names = lexicon.names
        self._around = around
        self._known = frozenset(names.known_works)
        self._common = frozenset(names.common)
        self._behind = frozenset(names.works_behind)
        self._from = frozenset(names.person_from)
        self._in = frozenset(names.person_in)
        self._inside = frozenset(names.inside_work)
        self._articles = frozenset(names.articles)
        self._possessives = frozenset(names.possessives)
        self._quotes = frozenset(names.quotes)
        self._places = _lower(lexicon.given_names.words)
        self._things = frozenset(names.things)

    def find(self, words: Words, capitals: Iterable[int]) -> list[Span]:
        """Return the works that words for shows and films announce, and those that the lexicon has."""
        works: list[Span] = []
        done = 0
        for index in capitals:
            if index < done:
                continue
            span = self._span(words, index, done)
            if self._is_work(words, span):
                works.append(span)
                done = span.end
        return works

    def find_behind(self, words: Words, persons: Iterable[Span], taken: set[int]) -> list[Span]:
        """Return the works that stand behind persons: "X from Y", "X (Y)"."""
        return [
            span
            for person in persons
            if (span := self._behind_person(words, person.end)) is not None and span.start not in taken
        ]

    def is_known(self, words: Words, span: Span) -> bool:
        """Return whether the lexicon has a title of several words."""
        title = words.between(*span).lower()
        return " " in title and title in self._known

    def _behind_person(self, words: Words, index: int) -> Span | None:
        before = self._around.skip_marks(words, index)
        if before < len(words) and words.codes[before] in (Shape.COMMA, Shape.BREAK):
            before = self._around.skip_marks(words, before + 1)
        if before >= len(words) or words[before] not in self._from | self._in:
            return None
        start = self._around.skip_marks(words, before + 1)
        if start < len(words) and words[start] in self._articles:
            start = self._around.skip_marks(words, start + 1)
        if start >= len(words) or not words[start][:1].isupper():
            return None
        span = Span(start, self._end(words, start))
        is_sure = words[before] in self._from or len(range(*span)) > 1
        is_place = words[span.end - 1].lower() in self._things
        return span if is_sure and not is_place and self._can_be_work(words, span) else None

    def _span(self, words: Words, index: int, done: int) -> Span:
        start = index
        while start > done and words[start - 1][:1].isupper() and not self._around.begins_sentence(words, start - 1):
            start -= 1
        return Span(start, self._end(words, start))

    def _end(self, words: Words, start: int) -> int:
        end = start + 1
        last = min(len(words), start + _LONGEST_TITLE)
        place = end
        while place < last:
            word = words[place]
            if word[:1].isupper() or word.isdigit():
                end = place + 1
            elif word not in self._inside and not self._goes_on_behind_comma(words, place):
                break
            place += 1
        return end

    def _goes_on_behind_comma(self, words: Words, comma: int) -> bool:
        """Return whether a title has a comma before an article: "The Good, the Bad and the Ugly"."""
        if words.codes[comma] != Shape.COMMA or comma + 2 >= len(words):
            return False
        return words[comma + 1] in self._articles and words[comma + 2][:1].isupper()

    def _can_be_work(self, words: Words, span: Span) -> bool:
        lower = [words[index].lower() for index in range(*span)]
        return self._common.isdisjoint(lower) and not (len(lower) == 1 and lower[0] in self._places)

    def _is_work(self, words: Words, span: Span) -> bool:
        title = words.between(*span).lower()
        after = self._around.skip_marks(words, span.end)
        follows = words[after].lower() if after < len(words) else ""
        if title in self._known and (" " in title or self._around.stands_in(words, span.start)):
            return True
        if not self._can_be_work(words, span):
            return False
        if self._around.announces_work(words, span.start):
            is_quoted = span.start > 0 and words[span.start - 1] in self._quotes
            return is_quoted or follows not in self._possessives
        if follows in self._behind and self._around.has_article(words, span.start):
            return True
        is_owned = span.start > 0 and self._around.is_possessive(words[span.start - 1])
        is_thing = words[span.end - 1].lower() in self._things and not is_owned
        return self._has_own_article(words, span, is_owned=is_owned) and not is_thing

    def _has_own_article(self, words: Words, span: Span, *, is_owned: bool) -> bool:
        """Return whether a title begins with its article within a sentence: "in The Crown", "Netflix's The Crown"."""
        before = words[span.start - 1] if span.start else ""
        is_long = span.end - span.start > 1
        return is_long and words[span.start].lower() in self._articles and (is_owned or before in self._from | self._in)


def _distinct(words: Words, works: list[Span], persons: list[Span]) -> tuple[str, ...]:
    """Return each name once, and a part of a person's name only where the whole is not there."""
    full = {words[index] for person in persons if person.end - person.start > 1 for index in range(*person)}
    spans = sorted({*works, *(span for span in persons if span.end - span.start > 1 or words[span.start] not in full)})
    names: dict[str, str] = {}
    for span in spans:
        name = words.between(*span)
        names.setdefault(name.lower(), name)
    return tuple(names.values())


def _lower(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.lower() for name in names)


def _flags(vocabulary: Vocabulary, words: Iterable[str]) -> BoolArray:
    flags = np.zeros(len(vocabulary.roles), dtype=np.bool_)
    flags[[vocabulary.codes[word] for word in words if word in vocabulary.codes]] = True
    return flags
