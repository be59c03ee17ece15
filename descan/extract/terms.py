"""Emotion terms: entries of the lexicon, and words that the text itself calls a feeling."""

from collections.abc import Collection
from typing import NamedTuple

from descan.extract.clause import Clause, Phrase, head_noun
from descan.extract.vocabulary import FIRST_WORD, Layer, Role, Shape
from descan.lexicon import Lexicon

_BEFORE_TERM = Role.ADVERB | Role.FILLER | Role.MARK
_COORDINATED = Role.AND | Role.COMMA | Role.ADVERB | Role.FILLER | Role.MARK
_FEELING_SHAPES = {
    "any": frozenset({Shape.UNKNOWN, Shape.FEELING}),
    "ending": frozenset({Shape.FEELING}),
}


class TermMatch(NamedTuple):
    """An emotion term found: its tokens and its lemma, empty where the lexicon has none."""

    start: int
    end: int
    lemma: str
    entry: str


class TermFinder:
    """Finds the emotion terms of a clause; built once from a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        """Remember which terms need a context."""
        self._stateful = {term: entry.pos for term, entry in lexicon.terms.items() if entry.context == "state"}

    def find(self, clause: Clause, taken: Collection[int]) -> list[TermMatch]:
        """Give the terms in order, but for those whose words are an action already."""
        candidates = [phrase for phrase in clause.layers[Layer.TERM] if phrase.meaning and phrase.start not in taken]
        sure = [phrase for phrase in candidates if phrase.meaning not in self._stateful]
        for phrase in candidates:
            pos = self._stateful.get(str(phrase.meaning))
            if pos is not None and _fits(clause, phrase, pos, sure):
                sure.append(phrase)
        matches = [
            TermMatch(phrase.start, phrase.end, str(phrase.meaning), f"term:{phrase.meaning}") for phrase in sure
        ]
        if clause.layers[Layer.FEELING]:
            matches += _named_feelings(
                clause, {*taken, *(i for match in matches for i in range(match.start, match.end))}
            )
        matches.sort()
        return matches


def _fits(clause: Clause, phrase: Phrase, pos: str, sure: list[Phrase]) -> bool:
    """Tell whether an ambiguous word is a term here: an adjective of a person, a noun that is no half of a compound."""
    if pos in ("adj", "phrase"):
        return _is_state(clause, phrase, sure)
    if pos == "adv":
        return _is_manner(clause, phrase)
    return pos == "verb" or _stands_alone(clause, phrase.end)


def _is_state(clause: Clause, phrase: Phrase, sure: list[Phrase]) -> bool:
    """Tell whether an ambiguous adjective is said of a person, an expression or a mood."""
    start, end = phrase.start, phrase.end
    noun = head_noun(clause, end)
    if noun is not None and noun.meaning != "place":
        return noun.meaning != "general" and not _is_degree(clause, phrase, noun)
    before = start
    while before and clause.roles[before - 1] & _BEFORE_TERM and not clause.roles[before - 1] & Role.COPULA:
        before -= 1
    if before > 2 and clause.roles[before - 1] & Role.AND and clause.roles[before - 3] & Role.COPULA:
        before -= 2
    if noun is None and before and clause.roles[before - 1] & Role.COPULA:
        return _is_predicate(clause, before - 1, end)
    if any(feeling.end in (start, before) for feeling in clause.layers[Layer.FEELING]):
        return True
    if any(noun.meaning == "person" and noun.end in (start, before) for noun in clause.layers[Layer.TARGET]):
        return end >= len(clause.codes) or clause.codes[end] >= FIRST_WORD or bool(clause.roles[end])
    return any(
        (other.end <= start and _coordinates(clause, other.end, start))
        or (end <= other.start and _coordinates(clause, end, other.start))
        for other in sure
    )


def _is_predicate(clause: Clause, copula: int, end: int) -> bool:
    """Tell whether "is X" says X of a person: its subject is no place or thing, and no noun follows X."""
    if end < len(clause.codes):
        code, role = clause.codes[end], clause.roles[end]
        if code in (Shape.UNKNOWN, Shape.FEELING) and not role & Role.AND:
            return False
    subject = None
    for noun in clause.layers[Layer.TARGET]:
        if noun.end <= copula + 1:
            subject = noun
    return subject is None or subject.meaning != "place"


def _is_degree(clause: Clause, phrase: Phrase, noun: Phrase) -> bool:
    """Tell whether the word only says how strong an action is ("a gentle smile", "an intense stare")."""
    return any(degree.start == phrase.start for degree in clause.layers[Layer.DEGREE]) and any(
        face.start == noun.start for face in clause.face
    )


def _is_manner(clause: Clause, phrase: Phrase) -> bool:
    """Tell whether an ambiguous adverb says how something is done and not how much of it there is."""
    end = phrase.end
    if any(degree.start == phrase.start for degree in clause.layers[Layer.DEGREE]):
        return False
    return _stands_alone(clause, end) and not any(other.start == end for other in clause.layers[Layer.TERM])


def _coordinates(clause: Clause, start: int, end: int) -> bool:
    return (
        end - start <= 4
        and clause.is_gap(start, end, _COORDINATED)
        and clause.has_role(start, end, Role.AND | Role.COMMA)
    )


def _named_feelings(clause: Clause, taken: Collection[int]) -> list[TermMatch]:
    matches: list[TermMatch] = []
    for feeling in clause.layers[Layer.FEELING]:
        shapes = _FEELING_SHAPES[str(feeling.meaning)]
        index = feeling.end
        while index < len(clause.codes):
            while index < len(clause.codes) and clause.roles[index] & _BEFORE_TERM:
                index += 1
            if index >= len(clause.codes):
                break
            is_new = clause.codes[index] in shapes and not clause.roles[index] & Role.NOT_FEELING
            shapes = _FEELING_SHAPES["ending"]
            if not is_new and index not in taken:
                break
            if is_new and index not in taken and _stands_alone(clause, index + 1):
                matches.append(TermMatch(index, index + 1, "", f"feeling:{feeling.meaning}"))
            index += 1
            while index in taken:
                index += 1
            if index >= len(clause.codes) or not clause.roles[index] & (Role.AND | Role.COMMA):
                break
            index += 1
    return matches


def _stands_alone(clause: Clause, index: int) -> bool:
    """Tell whether a noun is not the first half of a compound: nothing, a mark or a small word follows."""
    if index >= len(clause.codes):
        return True
    return clause.codes[index] >= FIRST_WORD or clause.codes[index] not in (Shape.UNKNOWN, Shape.FEELING)
