"""Emotion terms: entries of the lexicon, and words that the text itself calls a feeling."""

from typing import Final

from descan.extract.engine.clause import (
    END,
    MEANING,
    NONE,
    START,
    Clause,
    MarkedTokens,
    has_phrase,
    has_role,
    head_noun,
    is_of_writer,
)
from descan.extract.engine.codes import FIRST_WORD, NO_NAME, Feeling, Layer, Negation, Shape, Target
from descan.extract.engine.compilation import compilable
from descan.extract.engine.roles import (
    ADVERB,
    AND,
    BREAK,
    COMMA,
    COMMENT,
    COPULA,
    FILLER,
    GRADE,
    HEDGE,
    INNER,
    LABEL,
    MARK,
    MEASURE,
    NOT_FEELING,
    NOUN,
    NUMBER,
    OF,
    OPENING,
    STOP,
    STOP_AFTER_COMMA,
    WRITER,
)
from descan.extract.engine.rule_tables import ADJECTIVE, NOT_AMBIGUOUS, VERB, IntArray, Rules
from descan.extract.engine.rule_tables import ADVERB as MANNER
from descan.extract.engine.workspace import (
    ANCHOR,
    ANCHOR_END,
    ENTRY,
    IS_ABSENT,
    IS_ACTION,
    MATCH_END,
    MATCH_START,
    NAME,
    Workspace,
)

_BEFORE_TERM: Final = ADVERB | FILLER | MARK
_COORDINATED: Final = AND | COMMA | ADVERB | FILLER | MARK
_MAX_LIST_GAP: Final = 4

_UNKNOWN: Final = int(Shape.UNKNOWN)
_FEELING: Final = int(Shape.FEELING)
_NEWLINE: Final = int(Shape.NEWLINE)
_FACES: Final = int(Layer.FACE)
_TERMS: Final = int(Layer.TERM)
_NEGATIONS: Final = int(Layer.NEGATION)
_DEGREES: Final = int(Layer.DEGREE)
_TARGETS: Final = int(Layer.TARGET)
_FEELINGS: Final = int(Layer.FEELING)
_ANY: Final = int(Feeling.ANY)
_ENDING: Final = int(Feeling.ENDING)
_NO_NEGATION: Final = int(Negation.PSEUDO)
_PERSON: Final = int(Target.PERSON)
_PRONOUN: Final = int(Target.PRONOUN)
_GENERAL: Final = int(Target.GENERAL)
_PLACE: Final = int(Target.PLACE)
_THING: Final = int(Target.THING)


@compilable
def find_terms(clause: Clause, rules: Rules, work: Workspace, n_matches: int, taken: MarkedTokens) -> int:
    """Add the terms to `work.matches`, but for those whose words are an action already.

    Returns:
        How many matches there are then.
    """
    n_sure = _find_sure(clause, rules, work, taken)
    for place in work.sure[:n_sure]:
        start, end = clause.phrases[_TERMS, place, START], clause.phrases[_TERMS, place, END]
        _set_match(work, n_matches, start, end, _lemma(clause, place), 0)
        n_matches += 1
    if clause.n_phrases[_FEELINGS]:
        for place in work.sure[:n_sure]:
            for index in range(clause.phrases[_TERMS, place, START], clause.phrases[_TERMS, place, END]):
                taken.marks[index] = taken.sentence
        for place in range(clause.n_phrases[_FEELINGS]):
            n_matches = _named_feelings(clause, work, n_matches, taken, place)
    return n_matches


@compilable
def _find_sure(clause: Clause, rules: Rules, work: Workspace, taken: MarkedTokens) -> int:
    """Put into `work.sure` the terms that are unambiguous, and after them the ambiguous ones that fit.

    An ambiguous one may fit because of the next one in a list, so they are looked at twice.
    """
    n_sure = 0
    for stage in range(3):
        for place in range(clause.n_phrases[_TERMS]):
            ambiguity = rules.ambiguity[_lemma(clause, place)]
            if (stage == 0) != (ambiguity == NOT_AMBIGUOUS) or not _may_be_term(clause, rules, place, taken):
                continue
            if stage == 2 and place in work.sure[:n_sure]:
                continue
            if stage == 0 or _fits(clause, place, ambiguity, work.sure[:n_sure]):
                work.sure[n_sure] = place
                n_sure += 1
    return n_sure


@compilable
def _may_be_term(clause: Clause, rules: Rules, place: int, taken: MarkedTokens) -> bool:
    """Return whether a phrase names a state of the person: no action, no negation ("anger is absent"), no comment."""
    start, end = clause.phrases[_TERMS, place, START], clause.phrases[_TERMS, place, END]
    if _lemma(clause, place) == NO_NAME or _is_taken(taken, start) or _is_negation(clause, start, end):
        return False
    if clause.n_phrases[_TARGETS] and not rules.is_noun[_lemma(clause, place)] and _is_of_thing(clause, start, end):
        return False
    if end < clause.end and clause.roles[end] & WRITER:
        return False
    return not (is_of_writer(clause, start) or _is_comment(clause, start, end) or _is_measure(clause, start, end))


@compilable
def _is_of_thing(clause: Clause, start: int, end: int) -> bool:
    """Tell whether a thing is said to have the state ("a happy yellow dress", "the dress is cheerful")."""
    head = head_noun(clause, end)
    if head != NONE:
        return bool(clause.phrases[_TARGETS, head, MEANING] == _THING)
    before = start
    while before > clause.start and clause.roles[before - 1] & (ADVERB | COPULA | HEDGE):
        before -= 1
    if before == start or not has_role(clause, before, start, COPULA):
        return False
    for place in range(clause.n_phrases[_TARGETS]):
        noun = clause.phrases[_TARGETS, place]
        if noun[END] == before:
            return noun[MEANING] == _THING and _begins_clause(clause, noun[START])
    return False


@compilable
def _begins_clause(clause: Clause, noun: int) -> bool:
    """Tell whether only words that describe a noun stand before it ("her long hair", not "a man with hair")."""
    for index in range(noun - 1, clause.start - 1, -1):
        role = clause.roles[index]
        if role & (BREAK | AND | STOP):
            return True
        if role & COMMA:
            return bool(clause.roles[index + 1] & STOP_AFTER_COMMA)
        if role & OF or not (role & (FILLER | INNER) or clause.codes[index] == _UNKNOWN):
            return False
    return True


@compilable
def _is_comment(clause: Clause, start: int, end: int) -> bool:
    """Return whether a word comments on the sentence that it begins ("Surprisingly, her brows are lowered")."""
    if not clause.roles[start] & COMMENT or end >= clause.end:
        return False
    if end + 1 < clause.end and clause.roles[end] & FILLER and clause.roles[end + 1] & COMMA:
        end += 1  # "Curiously enough, ..."
    before = start
    while before > clause.start and clause.roles[before - 1] & MARK:
        before -= 1
    if before == clause.start or clause.roles[before - 1] & (STOP | BREAK):
        return bool(clause.roles[end] & (COMMA | STOP_AFTER_COMMA))
    return bool(clause.roles[before - 1] & COMMA and clause.roles[end] & COMMA)


@compilable
def _is_measure(clause: Clause, start: int, end: int) -> bool:
    """Return whether a word only names what is measured: a number or a grade follows, or it heads a column."""
    if not clause.roles[start] & MEASURE:
        return False
    if start - 2 >= clause.start and clause.roles[start - 2] & NUMBER and clause.roles[start - 1] & MARK:
        return True  # "80 % confident"
    index, is_labelled = end, False
    while index < clause.end and clause.roles[index] & (LABEL | MARK | COPULA):
        is_labelled = is_labelled or clause.roles[index] & LABEL != 0
        index += 1
    if index >= clause.end or (is_labelled and clause.codes[index] == _NEWLINE):
        return is_labelled and start > clause.start and clause.roles[start - 1] & LABEL != 0
    return clause.roles[index] & NUMBER != 0 or (is_labelled and clause.roles[index] & GRADE != 0)


@compilable
def _is_negation(clause: Clause, start: int, end: int) -> bool:
    for place in range(clause.n_phrases[_NEGATIONS]):
        cue = clause.phrases[_NEGATIONS, place]
        if cue[START] <= start and end <= cue[END] and cue[MEANING] != _NO_NEGATION:
            return True
    return False


@compilable
def _lemma(clause: Clause, place: int) -> int:
    return int(clause.phrases[_TERMS, place, MEANING])


@compilable
def _is_taken(taken: MarkedTokens, index: int) -> bool:
    return index < len(taken.marks) and taken.marks[index] == taken.sentence


@compilable
def _fits(clause: Clause, place: int, ambiguity: int, sure: IntArray) -> bool:
    """Return whether an ambiguous word is a term here: an adjective of a person, a noun outside a compound."""
    start, end = clause.phrases[_TERMS, place, START], clause.phrases[_TERMS, place, END]
    if ambiguity == ADJECTIVE:
        return _is_state(clause, start, end, sure)
    if ambiguity == MANNER:
        return _is_manner(clause, start, end)
    return ambiguity == VERB or _stands_alone(clause, end)


@compilable
def _is_state(clause: Clause, start: int, end: int, sure: IntArray) -> bool:
    """Return whether an ambiguous adjective is said of a person, an expression or a mood."""
    if _is_degree_of_term(clause, start, end):
        return False
    roles = clause.roles
    noun = head_noun(clause, end)
    if noun != NONE and clause.phrases[_TARGETS, noun, MEANING] not in (_PLACE, _THING):
        if clause.phrases[_TARGETS, noun, MEANING] == _GENERAL:
            return _is_coordinated(clause, start, end, sure)
        return not _is_degree(clause, start, clause.phrases[_TARGETS, noun, START])
    before = start
    while before > clause.start and roles[before - 1] & _BEFORE_TERM and not roles[before - 1] & COPULA:
        before -= 1
    if before - clause.start > 2 and roles[before - 1] & (AND | COMMA) and roles[before - 3] & COPULA:
        before -= 2
    if noun == NONE and before > clause.start and roles[before - 1] & COPULA:
        return _is_predicate(clause, before - 1, end)
    is_headed = noun == NONE and before > clause.start and roles[before - 1] & (LABEL | OPENING) == LABEL
    if is_headed and _is_of_heading(clause, before - 1):
        return _stands_alone(clause, end) or roles[end] & AND != 0
    return _is_announced(clause, start, before, end) or _is_coordinated(clause, start, end, sure)


@compilable
def _is_of_heading(clause: Clause, label: int) -> bool:
    """Return whether a heading whose states may be feelings stands before a label ("Expression: neutral")."""
    heading = label
    while heading > clause.start and clause.roles[heading - 1] & (LABEL | MARK):
        heading -= 1
    for place in range(clause.n_phrases[_TARGETS]):
        noun = clause.phrases[_TARGETS, place]
        if noun[END] == heading:
            return noun[MEANING] not in (_PLACE, _THING, _PRONOUN)
    return False


@compilable
def _is_announced(clause: Clause, start: int, before: int, end: int) -> bool:
    """Return whether a phrase that announces feelings, or a person, stands right before the word or its modifiers."""
    for place in range(clause.n_phrases[_FEELINGS]):
        if clause.phrases[_FEELINGS, place, END] in (start, before):
            return True
    for place in range(clause.n_phrases[_TARGETS]):
        is_right_before = clause.phrases[_TARGETS, place, END] in (start, before)
        if is_right_before and clause.phrases[_TARGETS, place, MEANING] == _PERSON:
            return end >= clause.end or clause.codes[end] >= FIRST_WORD or bool(clause.roles[end] != 0)
    return False


@compilable
def _is_coordinated(clause: Clause, start: int, end: int, sure: IntArray) -> bool:
    """Return whether a sure term stands in one list with the word."""
    for place in sure:
        other, other_end = clause.phrases[_TERMS, place, START], clause.phrases[_TERMS, place, END]
        if other_end <= start and _is_list(clause, other_end, start):
            return True
        if end <= other and _is_list(clause, end, other):
            return True
    return False


@compilable
def _is_list(clause: Clause, start: int, end: int) -> bool:
    n_words = 0
    for index in range(start, end):
        if not clause.roles[index] & _COORDINATED:
            return False
        n_words += not clause.roles[index] & MARK
    return n_words <= _MAX_LIST_GAP and has_role(clause, start, end, AND | COMMA)


@compilable
def _is_predicate(clause: Clause, copula: int, end: int) -> bool:
    """Return whether "is X" says X of a person: its subject is no place or thing, and no noun follows X."""
    if not _stands_alone(clause, end) and not clause.roles[end] & AND:
        return False
    subject = NONE
    for place in range(clause.n_phrases[_TARGETS]):
        if clause.phrases[_TARGETS, place, END] > copula + 1:
            break
        if clause.phrases[_TARGETS, place, MEANING] != _THING:
            subject = clause.phrases[_TARGETS, place, MEANING]
    return subject != _PLACE


@compilable
def _is_degree(clause: Clause, start: int, noun: int) -> bool:
    """Return whether the word only says how strong an action is ("a gentle smile", "an intense stare")."""
    return has_phrase(clause, _DEGREES, start, start + 1) and has_phrase(clause, _FACES, noun, noun + 1)


@compilable
def _is_manner(clause: Clause, start: int, end: int) -> bool:
    """Return whether an ambiguous adverb says how something is done and not how much of it there is."""
    if has_phrase(clause, _DEGREES, start, start + 1):
        return False
    return _stands_alone(clause, end) and not has_phrase(clause, _TERMS, end, end + 1)


@compilable
def _is_degree_of_term(clause: Clause, start: int, end: int) -> bool:
    """Return whether the word only says how strong the state right behind it is ("one of intense fear")."""
    return has_phrase(clause, _DEGREES, start, start + 1) and has_phrase(clause, _TERMS, end, end + 1)


@compilable
def _named_feelings(clause: Clause, work: Workspace, n_matches: int, taken: MarkedTokens, place: int) -> int:
    """Add the words that one phrase announces as feelings ("a sense of wistfulness and longing")."""
    roles = clause.roles
    index, kind = clause.phrases[_FEELINGS, place, END], clause.phrases[_FEELINGS, place, MEANING]
    is_any = kind == _ANY
    while index < clause.end:
        while index < clause.end and roles[index] & _BEFORE_TERM:
            index += 1
        if index >= clause.end:
            break
        code = clause.codes[index]
        is_new = (code == _FEELING or (is_any and code == _UNKNOWN)) and not roles[index] & NOT_FEELING
        is_any = False
        if not is_new and not _is_taken(taken, index):
            break
        if is_new and not _is_taken(taken, index) and _stands_alone(clause, index + 1):
            _set_match(work, n_matches, index, index + 1, NO_NAME, kind)
            n_matches += 1
        index += 1
        while _is_taken(taken, index):
            index += 1
        if index >= clause.end or not roles[index] & (AND | COMMA):
            break
        index += 1
    return n_matches


@compilable
def _stands_alone(clause: Clause, index: int) -> bool:
    """Return whether a noun is not the first half of a compound: nothing, a mark or a small word follows."""
    if index < clause.end and clause.roles[index] & NOUN and _is_thing(clause, index):
        return False
    return index >= clause.end or clause.codes[index] not in (_UNKNOWN, _FEELING)


@compilable
def _is_thing(clause: Clause, start: int) -> bool:
    for place in range(clause.n_phrases[_TARGETS]):
        if clause.phrases[_TARGETS, place, START] == start:
            return bool(clause.phrases[_TARGETS, place, MEANING] == _THING)
    return False


@compilable
def _set_match(work: Workspace, place: int, start: int, end: int, lemma: int, entry: int) -> None:
    match = work.matches[place]
    match[MATCH_START], match[MATCH_END], match[IS_ACTION], match[NAME] = start, end, 0, lemma
    match[ENTRY], match[ANCHOR], match[ANCHOR_END], match[IS_ABSENT] = entry, start, start, 0
