"""Emotion terms: entries of the lexicon, and words that the text itself calls a feeling."""

from collections.abc import Collection

from descan.extract.clause import Clause, Match, Phrase, head_noun
from descan.extract.roles import ADVERB, AND, COMMA, COPULA, FILLER, MARK, NOT_FEELING
from descan.extract.words import FIRST_WORD, Shape
from descan.lexicon import Lexicon

_BEFORE_TERM = ADVERB | FILLER | MARK
_COORDINATED = AND | COMMA | ADVERB | FILLER | MARK
_FEELING_SHAPES = {
    "any": frozenset({int(Shape.UNKNOWN), int(Shape.FEELING)}),
    "ending": frozenset({int(Shape.FEELING)}),
}
_NOUN_SHAPES = _FEELING_SHAPES["any"]


class TermFinder:
    """Finds the emotion terms of a clause; built once from a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        """Remember which terms need a context."""
        self._stateful = {term: entry.pos for term, entry in lexicon.terms.items() if entry.context == "state"}

    def find(self, clause: Clause, taken: Collection[int]) -> list[Match]:
        """Give the terms, but for those whose words are an action already."""
        sure: list[Phrase] = []
        unsure: list[Phrase] = []
        for phrase in clause.terms:
            start, _, lemma = phrase
            if lemma and start not in taken:
                (unsure if lemma in self._stateful else sure).append(phrase)
        for phrase in unsure:
            if _fits(clause, phrase, self._stateful[phrase[2]], sure):
                sure.append(phrase)
        matches = [Match(start, end, False, lemma, f"term:{lemma}", start, start) for start, end, lemma in sure]
        if clause.feelings:
            words = {index for start, end, _ in sure for index in range(start, end)}
            matches += _named_feelings(clause, words.union(taken))
        return matches


def _fits(clause: Clause, phrase: Phrase, pos: str, sure: list[Phrase]) -> bool:
    """Tell whether an ambiguous word is a term here: an adjective of a person, a noun that is no half of a compound."""
    if pos in ("adj", "phrase"):
        return _is_state(clause, phrase, sure)
    if pos == "adv":
        return _is_manner(clause, phrase[0], phrase[1])
    return pos == "verb" or _stands_alone(clause, phrase[1])


def _is_state(clause: Clause, phrase: Phrase, sure: list[Phrase]) -> bool:
    """Tell whether an ambiguous adjective is said of a person, an expression or a mood."""
    start, end, _ = phrase
    roles = clause.roles
    noun = head_noun(clause, end)
    if noun is not None and noun[2] != "place":
        return noun[2] != "general" and not _is_degree(clause, start, noun[0])
    before = start
    while before > clause.start and roles[before - 1] & _BEFORE_TERM and not roles[before - 1] & COPULA:
        before -= 1
    if before - clause.start > 2 and roles[before - 1] & AND and roles[before - 3] & COPULA:
        before -= 2
    if noun is None and before > clause.start and roles[before - 1] & COPULA:
        return _is_predicate(clause, before - 1, end)
    for _, behind, _ in clause.feelings:
        if behind in (start, before):
            return True
    for _, behind, whose in clause.targets:
        if whose == "person" and behind in (start, before):
            return end >= clause.end or clause.codes[end] >= FIRST_WORD or bool(roles[end])
    return any(
        (behind <= start and _coordinates(clause, behind, start)) or (end <= other and _coordinates(clause, end, other))
        for other, behind, _ in sure
    )


def _is_predicate(clause: Clause, copula: int, end: int) -> bool:
    """Tell whether "is X" says X of a person: its subject is no place or thing, and no noun follows X."""
    if end < clause.end and clause.codes[end] in _NOUN_SHAPES and not clause.roles[end] & AND:
        return False
    subject = ""
    for _, behind, whose in clause.targets:
        if behind > copula + 1:
            break
        subject = whose
    return subject != "place"


def _is_degree(clause: Clause, start: int, noun: int) -> bool:
    """Tell whether the word only says how strong an action is ("a gentle smile", "an intense stare")."""
    return any(degree == start for degree, _, _ in clause.degrees) and any(face == noun for face, _, _ in clause.face)


def _is_manner(clause: Clause, start: int, end: int) -> bool:
    """Tell whether an ambiguous adverb says how something is done and not how much of it there is."""
    if any(degree == start for degree, _, _ in clause.degrees):
        return False
    return _stands_alone(clause, end) and not any(other == end for other, _, _ in clause.terms)


def _coordinates(clause: Clause, start: int, end: int) -> bool:
    return end - start <= 4 and clause.is_gap(start, end, _COORDINATED) and clause.has_role(start, end, AND | COMMA)


def _named_feelings(clause: Clause, taken: Collection[int]) -> list[Match]:
    codes, roles, behind = clause.codes, clause.roles, clause.end
    matches: list[Match] = []
    for _, index, kind in clause.feelings:
        shapes = _FEELING_SHAPES[kind]
        while index < behind:
            while index < behind and roles[index] & _BEFORE_TERM:
                index += 1
            if index >= behind:
                break
            is_new = codes[index] in shapes and not roles[index] & NOT_FEELING
            shapes = _FEELING_SHAPES["ending"]
            if not is_new and index not in taken:
                break
            if is_new and index not in taken and _stands_alone(clause, index + 1):
                matches.append(Match(index, index + 1, False, "", f"feeling:{kind}", index, index))
            index += 1
            while index in taken:
                index += 1
            if index >= behind or not roles[index] & (AND | COMMA):
                break
            index += 1
    return matches


def _stands_alone(clause: Clause, index: int) -> bool:
    """Tell whether a noun is not the first half of a compound: nothing, a mark or a small word follows."""
    return index >= clause.end or clause.codes[index] not in _NOUN_SHAPES
