"""One pass over the tokens of texts: sentence by sentence, into the mentions that they make."""

from typing import Final, NamedTuple

from descan.extract.engine.assertion import NO_ACTION, degree, is_of_scene, side
from descan.extract.engine.clause import END, MEANING, NONE, START, Clause, MarkedTokens, general_remark_end, is_gap
from descan.extract.engine.codes import Conclusion, Degree, Layer, Remark, Side
from descan.extract.engine.compilation import compilable
from descan.extract.engine.emotion_terms import find_terms
from descan.extract.engine.facial_actions import find_actions
from descan.extract.engine.headings import inherit_part
from descan.extract.engine.phrases import find_phrases
from descan.extract.engine.roles import AND, COMMA, FILLER, LABEL, MARK, NUMBER, OPENING, OR
from descan.extract.engine.rule_tables import IntArray, Tables
from descan.extract.engine.scopes import (
    HEDGES,
    NEGATIONS,
    decisive_token,
    find_scopes,
    governing_scope,
    share_negations,
)
from descan.extract.engine.sentences import MAX_LENGTH, sentence_end
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

# The rows of an array of mentions: the fields of `MentionRows`, in their order.
ROW_TEXT: Final = 0
ROW_IS_ACTION: Final = 1
ROW_NAME: Final = 2
ROW_ENTRY: Final = 3
ROW_START: Final = 4
ROW_END: Final = 5
ROW_NEGATION_START: Final = 6
ROW_NEGATION_END: Final = 7
ROW_HEDGE_START: Final = 8
ROW_HEDGE_END: Final = 9
ROW_DEGREE: Final = 10
ROW_SIDE: Final = 11
ROW_IS_OF_SCENE: Final = 12
ROW_IS_CONCLUSION: Final = 13

_DEGREES: Final = int(Layer.DEGREE)
_SIDES: Final = int(Layer.SIDE)
_TARGETS: Final = int(Layer.TARGET)
_CONCLUSIONS: Final = int(Layer.CONCLUSION)
_REMARKS: Final = int(Layer.REMARK)
_CHOICES: Final = int(Remark.CHOICES)
_BETWEEN_CHOICES: Final = COMMA | AND | OR | MARK | LABEL | OPENING | FILLER | NUMBER
_MAIN: Final = int(Conclusion.MAIN)
_SECONDARY: Final = int(Conclusion.SECONDARY)
_NO_DEGREE: Final = int(Degree.NONE)
_NO_SIDE: Final = int(Side.NONE)


class TokenRow(NamedTuple):
    """The tokens of some texts in one row, with a line break after each text.

    Attributes:
        codes: The code of each token. Shape: (n_tokens,).
        starts: The character at which each begins in its text. Shape: (n_tokens,).
        ends: The character after each. Shape: (n_tokens,).
        firsts: The first token of each text. Shape: (n_texts,).
        lasts: The line break after each text. Shape: (n_texts,).
    """

    codes: IntArray
    starts: IntArray
    ends: IntArray
    firsts: IntArray
    lasts: IntArray


class MentionRows(NamedTuple):
    """The mentions of some texts, in the order of the texts and of their first tokens. Shape of each: (n_mentions,).

    Attributes:
        text: The place of the text in its row.
        is_action: 1 for a facial action, 0 for an emotion term.
        name: The number of the action or term; `NO_NAME` for a term that the vocabulary does not have.
        entry: The entry that made the action; of a term without a number, the kind of feeling phrase.
        start: Its first character.
        end: The character after its last.
        negation_start: The first character of the cue that negates it.
        negation_end: The character after that cue; 0 where nothing negates.
        hedge_start: The first character of the cue that hedges it.
        hedge_end: The character after that cue; 0 where nothing hedges.
        degree: A `Degree`.
        side: A `Side`.
        is_of_scene: 1 where the scene has it and not the person.
        is_conclusion: 1 where it stands after a phrase that draws a conclusion.
    """

    text: IntArray
    is_action: IntArray
    name: IntArray
    entry: IntArray
    start: IntArray
    end: IntArray
    negation_start: IntArray
    negation_end: IntArray
    hedge_start: IntArray
    hedge_end: IntArray
    degree: IntArray
    side: IntArray
    is_of_scene: IntArray
    is_conclusion: IntArray


class _Context(NamedTuple):
    """What every sentence of a row is parsed with."""

    tables: Tables
    row: TokenRow
    work: Workspace
    mentions: IntArray
    taken: IntArray
    begun: IntArray
    anchored: IntArray


@compilable
def parse(tables: Tables, row: TokenRow, work: Workspace, room: IntArray, mentions: IntArray) -> int:
    """Write the mentions of a row of texts into `mentions` and return how many there are.

    Args:
        tables: The rules of the language.
        row: The tokens.
        work: Room for what is found in a sentence.
        room: Room for the roles of each token and for three marks of it: it belongs to something already, a mention
            begins here, a cue must reach it. Shape: (4, n_tokens).
        mentions: The rows of `MentionRows`. Mentions beyond its room are counted and not written.
            Shape: (n_rows, room).
    """
    for index in range(len(row.codes)):
        room[0, index] = tables.roles[row.codes[index]]
        for mark in range(1, 4):
            room[mark, index] = 0
    roles, rules = room[0], tables.rules
    context = _Context(tables, row, work, mentions, room[1], room[2], room[3])
    n_mentions = n_sentences = 0
    for text in range(len(row.firsts)):
        start, last = row.firsts[text], row.lasts[text]
        work.heading[:] = 0
        while start < last:
            stop = sentence_end(row.codes, roles, start, last)
            while start < stop:
                n_sentences += 1
                end = min(start + MAX_LENGTH, stop)
                clause = Clause(
                    row.codes, roles, start, end, work.phrases, work.n_phrases,
                    rules.is_head_final, rules.has_clauses_first, rules.reach, rules.has_list_mark,
                )  # fmt: skip
                find_phrases(tables.phrases, clause)
                inherit_part(clause, rules, work)
                n_mentions = _parse_clause(context, clause, n_sentences, text, n_mentions)
                start = end
    return n_mentions


@compilable
def _parse_clause(context: _Context, clause: Clause, sentence: int, text: int, n_mentions: int) -> int:
    rules, work = context.tables.rules, context.work
    n_matches = find_actions(clause, rules, work)
    taken = MarkedTokens(context.taken, sentence)
    for place in range(n_matches):
        for index in range(work.matches[place, ANCHOR], work.matches[place, ANCHOR_END]):
            taken.marks[index] = sentence
    n_matches = find_terms(clause, rules, work, n_matches, taken)
    if n_matches and clause.n_phrases[_REMARKS]:
        n_matches = _drop_matches_before(work.matches, n_matches, general_remark_end(clause))
    if not n_matches:
        return n_mentions
    _sort_matches(work.matches, n_matches)
    if clause.n_phrases[_REMARKS]:
        n_matches = _drop_choices(clause, work.matches, n_matches)
    begun = MarkedTokens(context.begun, sentence)
    for place in range(n_matches):
        begun.marks[work.matches[place, MATCH_START]] = sentence
    _mark_anchors(work, n_matches, MarkedTokens(context.anchored, sentence))
    find_scopes(clause, work, MarkedTokens(context.anchored, sentence))
    share_negations(clause, work, n_matches)
    conclusion, conclusion_end = clause.end, clause.end
    if clause.n_phrases[_CONCLUSIONS]:
        conclusion, conclusion_end = _find_conclusion(clause, work, n_matches)
    for place in range(n_matches):
        if n_mentions < context.mentions.shape[1]:
            context.mentions[ROW_TEXT, n_mentions] = text
            context.mentions[ROW_IS_CONCLUSION, n_mentions] = conclusion < work.matches[place, ANCHOR] < conclusion_end
            _write_words(context, work.matches[place], n_mentions)
            _write_assertion(context, clause, begun, work.matches[place], n_mentions)
        n_mentions += 1
    return n_mentions


@compilable
def _find_conclusion(clause: Clause, work: Workspace, n_matches: int) -> tuple[int, int]:
    """Return the tokens between which the states are concluded, and do not only go with one that is."""
    start = clause.end
    for place in range(clause.n_phrases[_CONCLUSIONS]):
        cue = clause.phrases[_CONCLUSIONS, place]
        if cue[MEANING] == _MAIN:
            start = min(start, cue[START])
        elif cue[MEANING] == _SECONDARY:
            for match in work.matches[:n_matches]:
                if match[IS_ACTION] == 0 and start < match[ANCHOR] < cue[START]:
                    return start, cue[END]
    return start, clause.end


@compilable
def _mark_anchors(work: Workspace, n_matches: int, anchored: MarkedTokens) -> None:
    for place in range(n_matches):
        anchored.marks[work.matches[place, MATCH_START]] = anchored.sentence
        anchor = work.matches[place, ANCHOR]
        for index in range(anchor, max(anchor + 1, work.matches[place, ANCHOR_END])):
            anchored.marks[index] = anchored.sentence


@compilable
def _drop_matches_before(matches: IntArray, n_matches: int, end: int) -> int:
    """Keep only the matches that begin at a token or behind it, and return how many there are."""
    n_kept = 0
    for match in range(n_matches):
        if matches[match, MATCH_START] >= end:
            for column in range(matches.shape[1]):
                matches[n_kept, column] = matches[match, column]
            n_kept += 1
    return n_kept


@compilable
def _drop_choices(clause: Clause, matches: IntArray, n_matches: int) -> int:
    """Drop the states that are only listed to choose from ("options: happy, sad"), and return how many matches stay."""
    for place in range(clause.n_phrases[_REMARKS]):
        if clause.phrases[_REMARKS, place, MEANING] != _CHOICES:
            continue
        index, first, last = clause.phrases[_REMARKS, place, END], n_matches, n_matches
        for match in range(n_matches):
            if matches[match, MATCH_START] < index:
                continue
            is_next = is_gap(clause, index, matches[match, MATCH_START], _BETWEEN_CHOICES)
            if matches[match, IS_ACTION] == 1 or not is_next:
                break
            first, last, index = min(first, match), match + 1, matches[match, MATCH_END]
        if last - first > 1:
            for match in range(last, n_matches):
                for column in range(matches.shape[1]):
                    matches[first + match - last, column] = matches[match, column]
            n_matches -= last - first
    return n_matches


@compilable
def _sort_matches(matches: IntArray, n_matches: int) -> None:
    for match in range(1, n_matches):
        place = match
        while place and _stands_before(matches[place], matches[place - 1]):
            for column in range(matches.shape[1]):
                moved = matches[place, column]
                matches[place, column] = matches[place - 1, column]
                matches[place - 1, column] = moved
            place -= 1


@compilable
def _stands_before(match: IntArray, other: IntArray) -> bool:
    for column in range(len(match)):
        if match[column] != other[column]:
            return bool(match[column] < other[column])
    return False


@compilable
def _write_words(context: _Context, match: IntArray, place: int) -> None:
    row, mentions = context.row, context.mentions
    mentions[ROW_IS_ACTION, place] = match[IS_ACTION]
    mentions[ROW_NAME, place] = match[NAME]
    mentions[ROW_ENTRY, place] = match[ENTRY]
    mentions[ROW_START, place] = row.starts[match[MATCH_START]]
    mentions[ROW_END, place] = row.ends[match[MATCH_END] - 1]


@compilable
def _write_assertion(context: _Context, clause: Clause, begun: MarkedTokens, match: IntArray, place: int) -> None:
    rules, mentions = context.tables.rules, context.mentions
    start, end, anchor, is_action = match[MATCH_START], match[MATCH_END], match[ANCHOR], match[IS_ACTION] == 1
    anchored = MarkedTokens(context.anchored, begun.sentence)
    if match[IS_ABSENT]:
        mentions[ROW_NEGATION_START, place] = mentions[ROW_START, place]
        mentions[ROW_NEGATION_END, place] = mentions[ROW_END, place]
    else:
        decisive = decisive_token(context.work, anchored, match)
        _write_cue(context, NEGATIONS, decisive, ROW_NEGATION_START, place)
    _write_cue(context, HEDGES, anchor, ROW_HEDGE_START, place)
    mentions[ROW_DEGREE, place] = _NO_DEGREE
    if clause.n_phrases[_DEGREES]:
        action = match[NAME] if is_action else NO_ACTION
        mentions[ROW_DEGREE, place] = degree(clause, rules, start, end, action, begun, anchored)
    mentions[ROW_SIDE, place] = _NO_SIDE
    if is_action and clause.n_phrases[_SIDES]:
        mentions[ROW_SIDE, place] = side(clause, start, end, anchor, match[ANCHOR_END])
    mentions[ROW_IS_OF_SCENE, place] = 0
    if not is_action and clause.n_phrases[_TARGETS]:
        mentions[ROW_IS_OF_SCENE, place] = is_of_scene(clause, start, end, rules.is_noun[match[NAME]])


@compilable
def _write_cue(context: _Context, kind: int, anchor: int, column: int, place: int) -> None:
    """Write the start and end of the cue that governs the token, or 0 and 0."""
    work, row = context.work, context.row
    scope = governing_scope(work, kind, anchor)
    context.mentions[column, place] = 0 if scope == NONE else row.starts[work.scopes[kind, scope, 2]]
    context.mentions[column + 1, place] = 0 if scope == NONE else row.ends[work.scopes[kind, scope, 3] - 1]
