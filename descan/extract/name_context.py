"""What the words before and behind a capitalised run say of it: that it is a person, a show or a film."""

from typing import Final, NamedTuple

from descan.emotions import OTHER
from descan.extract.engine.codes import Shape
from descan.extract.tokens import Words
from descan.lexicon import Lexicon

SENTENCE_STARTS: Final = (Shape.BREAK, Shape.END, Shape.NEWLINE, Shape.LABEL, Shape.QUESTION, Shape.OPENING)
"""Shapes of tokens behind which a word begins with a capital whatever it is."""

_BOUNDARIES: Final = (Shape.COMMA, *SENTENCE_STARTS)
_LONGEST_PHRASE: Final = 3
_NO_EMOTION: Final = "Neutral"
"""The family of terms that name no emotion."""

_ANY_NUMBER: Final = "0"
_APPOSITION_REACH: Final = 8
"""Tokens before an apposition among which the noun is that it explains."""

_EXPLANATION_REACH: Final = 3
"""Tokens behind an article among which a noun is that explains the name before."""


class Span(NamedTuple):
    """Tokens of a text, from `start` to before `end`."""

    start: int
    end: int


class NameContext:
    """Tells what stands around names; built once for a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        """Take the words that may stand around a name."""
        names = lexicon.names
        self._persons = frozenset(names.persons)
        self._kin = frozenset(names.kin)
        self._perhaps = frozenset(names.perhaps)
        self._company = frozenset(names.company)
        self._at = frozenset(names.at)
        self._looks_at = frozenset(names.looks_at)
        self._people = frozenset(names.people)
        self._works = frozenset(names.works)
        self._places = frozenset(names.places)
        self._quotes = frozenset(names.quotes)
        self._joins = frozenset(names.joins)
        self._closing = frozenset(names.closing)
        self._brackets = frozenset(names.brackets)
        self._articles = frozenset(names.articles)
        self._deeds = frozenset(names.deeds)
        self._doing = frozenset(names.doing)
        self._helping = frozenset(names.helping)
        self._between = frozenset(names.between)
        self._generic = frozenset(names.generic)
        self._owning = frozenset(names.owning)
        self._determiners = frozenset(names.determiners)
        self._possessives = frozenset(names.possessives)
        self._relatives = frozenset(names.relatives)
        self._owned = frozenset(names.owned)
        self._states = frozenset(
            form
            for entry in lexicon.terms.values()
            if entry.pos == "adj" and entry.category not in (OTHER, _NO_EMOTION)
            for form in (entry.term, *entry.forms)
        )
        self._is_adverb = lexicon.forms.adverbs.has_listed

    def is_deed(self, word: str) -> bool:
        """Return whether a word is what persons do."""
        return word.lower() in self._deeds

    def is_possessive(self, word: str) -> bool:
        """Return whether a word makes an owner of the name before it."""
        return word in self._possessives

    def skip_marks(self, words: Words, index: int) -> int:
        """Return the first place from `index` on that holds no mark."""
        while index < len(words) and words.codes[index] == Shape.MARK:
            index += 1
        return index

    def begins_sentence(self, words: Words, index: int) -> bool:
        """Return whether nothing stands before a token in its sentence."""
        before = self._before(words, index, skip_articles=False)
        return before < 0 or (words.codes[before] in SENTENCE_STARTS and words[before] not in self._brackets)

    def announces_person(self, words: Words, index: int) -> bool:
        """Return whether a name follows, whatever it is."""
        return self._stands_behind(words, index, self._persons)

    def announces_kin(self, words: Words, index: int) -> bool:
        """Return whether a noun for persons stands right before."""
        return self._stands_behind(words, index, self._kin)

    def announces_work(self, words: Words, index: int) -> bool:
        """Return whether a show or film follows."""
        return self._stands_behind(words, index, self._works)

    def may_announce(self, words: Words, index: int) -> bool:
        """Return whether a full name may follow."""
        before = self._before(words, index)
        return before >= 0 and words[before] in self._perhaps

    def is_company(self, words: Words, index: int) -> bool:
        """Return whether somebody is said to be beside, or looked at."""
        before = self._before(words, index)
        if before < 0 or not words[before].islower():
            return False
        return self.is_looked_at(words, index) or self._stands_behind(words, index, self._company)

    def is_looked_at(self, words: Words, index: int) -> bool:
        """Return whether somebody looks, smiles or shouts at what follows."""
        before = self._before(words, index)
        return before > 0 and words[before] in self._at and words[before - 1] in self._looks_at

    def is_explained(self, words: Words, run: Span) -> bool:
        """Return whether what stands behind a comma is said of persons: "X, the girl", "X, on the right, looks"."""
        if run.end + 1 >= len(words) or words.codes[run.end] != Shape.COMMA:
            return False
        inserted = range(run.end + 1, min(len(words), run.end + _APPOSITION_REACH))
        if words[run.end + 1] in self._articles:
            last = min(inserted.stop, run.end + 2 + _EXPLANATION_REACH)
            return any(words[index] in self._people for index in range(run.end + 2, last))
        ends = (index + 1 for index in inserted if words.codes[index] == Shape.COMMA)
        return self._acts(words, next(ends, len(words)))

    def stands_in(self, words: Words, index: int) -> bool:
        """Return whether a preposition stands before: "from X"."""
        before = self._before(words, index)
        return before >= 0 and words[before].lower() in self._places

    def has_article(self, words: Words, index: int) -> bool:
        """Return whether an article stands before."""
        return index > 0 and words[index - 1].lower() in self._articles

    def goes_on(self, words: Words, run: Span) -> bool:
        """Return whether what follows is said of persons, if of other things as well."""
        is_quoted = run.start > 0 and words[run.start - 1] in self._quotes
        return not is_quoted and run.end < len(words) and words[run.end] in self._generic

    def does_something(self, words: Words, run: Span) -> bool:
        """Return whether what follows is said of persons only."""
        after = self.skip_marks(words, run.end)
        follows = words[after] if after < len(words) else ""
        behind = words[after + 1] if after + 1 < len(words) else ""
        if follows == "," and behind in self._relatives:
            return True
        if follows in self._owning:
            return behind in self._determiners
        if follows in self._possessives and behind in self._owned:
            return True
        return self._acts(words, self._skip_brackets(words, after))

    def is_apposition(self, words: Words, run: Span) -> bool:
        """Return whether a name between commas or brackets explains a noun for persons."""
        before = self._before(words, run.start, skip_articles=False)
        after = self.skip_marks(words, run.end)
        if before < 1 or words.codes[before] not in _BOUNDARIES or words[before] in ".!?:":
            return False
        noun = self._before(words, before, skip_articles=False)
        is_right_behind = noun >= 0 and words[noun] in self._people
        if after < len(words) and words.codes[after] not in _BOUNDARIES:
            return is_right_behind and words[after] in self._joins
        if is_right_behind:
            return True
        after += 1
        goes_on = after < len(words) and (words[after] in self._generic or words[after] in self._deeds)
        first = max(0, before - _APPOSITION_REACH)
        return goes_on and any(words[index] in self._people for index in range(first, before))

    def _acts(self, words: Words, index: int) -> bool:
        """Return whether what persons do, or the state of one, stands at a place, behind adverbs."""
        after = self._skip_adverbs(words, index)
        if after < len(words) and words[after] in self._helping:
            after = self._skip_adverbs(words, after + 1)
            return after < len(words) and any(words[after] in did for did in (self._doing, self._deeds, self._states))
        return after < len(words) and words[after] in self._deeds

    def _skip_brackets(self, words: Words, index: int) -> int:
        if index >= len(words) or words[index] not in self._brackets:
            return index
        last = min(len(words), index + _APPOSITION_REACH)
        closing = (place for place in range(index + 1, last) if words[place] in self._closing)
        return next(closing, index - 1) + 1

    def _skip_adverbs(self, words: Words, index: int) -> int:
        while index < len(words) and (words[index] in self._between or self._is_adverb(words[index])):
            index += 1
        return index

    def _stands_behind(self, words: Words, index: int, phrases: frozenset[str]) -> bool:
        last = self._before(words, index) + 1
        phrase = ""
        for start in range(last - 1, max(-1, last - 1 - _LONGEST_PHRASE), -1):
            word = _ANY_NUMBER if words[start].isdigit() else words[start].lower()
            phrase = f"{word} {phrase}".rstrip()
            if phrase in phrases:
                return True
        return False

    def _before(self, words: Words, index: int, *, skip_articles: bool = True) -> int:
        """Return the place of the last token before a name that is no mark and no article, or -1."""
        index -= 1
        while index >= 0 and (words.codes[index] == Shape.MARK or (skip_articles and words[index] in self._articles)):
            index -= 1
        return index
