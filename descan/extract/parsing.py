"""Sentences into the mentions that they make: one pass over the tokens of a row of texts, as machine code."""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from descan.extract.actions import find_actions
from descan.extract.assertion import (
    HEDGES,
    NEGATIONS,
    NO_ACTION,
    degree,
    find_scopes,
    governing_scope,
    is_of_scene,
    side,
)
from descan.extract.clause import NONE, START, Clause, IntArray
from descan.extract.compiled import SOURCES, compiled, compiled_once
from descan.extract.grammar import Grammar
from descan.extract.meanings import Degree, Layer, Side
from descan.extract.phrases import PhraseTable, find_phrases
from descan.extract.sentences import MAX_LENGTH, sentence_end
from descan.extract.terms import Taken, find_terms
from descan.extract.workspace import (
    ANCHOR,
    ANCHOR_BEHIND,
    BEHIND,
    ENTRY,
    FIRST,
    IS_ABSENT,
    IS_ACTION,
    NAME,
    Workspace,
)

# What is kept of a mention.
ROW_TEXT: Final = 0
ROW_IS_ACTION: Final = 1
ROW_NAME: Final = 2
ROW_ENTRY: Final = 3
ROW_START: Final = 4
ROW_END: Final = 5
ROW_NEGATION_START: Final = 6
ROW_NEGATION_END: Final = 7
"""0 where nothing negates; so is that of the hedge."""
ROW_HEDGE_START: Final = 8
ROW_HEDGE_END: Final = 9
ROW_DEGREE: Final = 10
ROW_SIDE: Final = 11
ROW_IS_OF_SCENE: Final = 12
ROW_IS_CONCLUSION: Final = 13
N_ROWS: Final = 14

_DEGREES: Final = int(Layer.DEGREE)
_SIDES: Final = int(Layer.SIDE)
_TARGETS: Final = int(Layer.TARGET)
_CONCLUSIONS: Final = int(Layer.CONCLUSION)
_NO_DEGREE: Final = int(Degree.NONE)
_NO_SIDE: Final = int(Side.NONE)


class Tables(NamedTuple):
    """What the extraction knows.

    Attributes:
        roles: Roles of each code. Shape: (n_codes,).
        phrases: The phrases of the lexicon.
        grammar: What they are to each other.
    """

    roles: IntArray
    phrases: PhraseTable
    grammar: Grammar


class Row(NamedTuple):
    """The tokens of some texts in one row, with a line break behind each text.

    Attributes:
        codes: The code of each token. Shape: (n_tokens,).
        starts: The character at which each begins in its text. Shape: (n_tokens,).
        ends: The character behind each. Shape: (n_tokens,).
        firsts: The first token of each text. Shape: (n_texts,).
        lasts: The line break behind each. Shape: (n_texts,).
        roles: Room for the roles of each token. Shape: (n_tokens,).
        marks: Room for three marks of each token: it is something already, a mention begins here, a cue must reach it.
            Shape: (3, n_tokens).
    """

    codes: IntArray
    starts: IntArray
    ends: IntArray
    firsts: IntArray
    lasts: IntArray
    roles: IntArray
    marks: IntArray


def make_row(codes: IntArray, starts: IntArray, ends: IntArray, firsts: IntArray, lasts: IntArray) -> Row:
    """Make room for what the parser notes of each token."""
    room = np.empty((4, len(codes)), dtype=np.int64)
    return Row(codes, starts, ends, firsts, lasts, room[0], room[1:])


Parse = Callable[[Tables, Row, Workspace, IntArray], int]
"""Puts the mentions of a row of texts into an array, shape (N_ROWS, room), in the order of the texts and of their
first tokens, and gives their number; if that is more than there is room for, the rest is not kept."""


def compile_parser() -> Parse:
    """Give the parser as machine code, from the disk if it was compiled before."""
    sources = SOURCES

    @compiled_once
    def parse(tables: Tables, row: Row, work: Workspace, mentions: IntArray) -> int:
        if not sources:  # it never is: named for `compiled_once` to see
            return 0
        return _parse(tables, row, work, mentions)

    return parse


class _Reading(NamedTuple):
    """What all sentences of a row are read with."""

    tables: Tables
    row: Row
    work: Workspace
    mentions: IntArray
    taken: IntArray
    begun: IntArray
    anchored: IntArray


@compiled
def _parse(tables: Tables, row: Row, work: Workspace, mentions: IntArray) -> int:
    for index in range(len(row.codes)):
        row.roles[index] = tables.roles[row.codes[index]]
        for mark in range(len(row.marks)):
            row.marks[mark, index] = 0
    roles = row.roles
    reading = _Reading(tables, row, work, mentions, row.marks[0], row.marks[1], row.marks[2])
    n_mentions = n_sentences = 0
    for text in range(len(row.firsts)):
        start, last = row.firsts[text], row.lasts[text]
        while start < last:
            behind = sentence_end(row.codes, start, last)
            while start < behind:
                n_sentences += 1
                end = min(start + MAX_LENGTH, behind)
                clause = Clause(row.codes, roles, start, end, work.phrases, work.n_phrases)
                find_phrases(tables.phrases, clause)
                n_mentions = _read_clause(reading, clause, n_sentences, text, n_mentions)
                start = end
    return n_mentions


@compiled
def _read_clause(reading: _Reading, clause: Clause, sentence: int, text: int, n_mentions: int) -> int:
    grammar, work = reading.tables.grammar, reading.work
    n_matches = find_actions(clause, grammar, work)
    taken = Taken(reading.taken, sentence)
    for place in range(n_matches):
        for index in range(work.matches[place, ANCHOR], work.matches[place, ANCHOR_BEHIND]):
            taken.marks[index] = sentence
    n_matches = find_terms(clause, grammar, work, n_matches, taken)
    if not n_matches:
        return n_mentions
    _sort_matches(work.matches, n_matches)
    begun = Taken(reading.begun, sentence)
    for place in range(n_matches):
        begun.marks[work.matches[place, FIRST]] = sentence
    _mark_anchors(work, n_matches, Taken(reading.anchored, sentence))
    find_scopes(clause, work, Taken(reading.anchored, sentence))
    conclusion = clause.end
    if clause.n_phrases[_CONCLUSIONS]:
        conclusion = clause.phrases[_CONCLUSIONS, 0, START]
    for place in range(n_matches):
        if n_mentions < reading.mentions.shape[1]:
            reading.mentions[ROW_TEXT, n_mentions] = text
            reading.mentions[ROW_IS_CONCLUSION, n_mentions] = work.matches[place, ANCHOR] > conclusion
            _write_words(reading, work.matches[place], n_mentions)
            _write_assertion(reading, clause, begun, work.matches[place], n_mentions)
        n_mentions += 1
    return n_mentions


@compiled
def _mark_anchors(work: Workspace, n_matches: int, anchored: Taken) -> None:
    for place in range(n_matches):
        anchored.marks[work.matches[place, FIRST]] = anchored.sentence
        anchored.marks[work.matches[place, ANCHOR]] = anchored.sentence


@compiled
def _sort_matches(matches: IntArray, n_matches: int) -> None:
    for match in range(1, n_matches):
        place = match
        while place and _stands_before(matches[place], matches[place - 1]):
            for column in range(matches.shape[1]):
                kept = matches[place, column]
                matches[place, column] = matches[place - 1, column]
                matches[place - 1, column] = kept
            place -= 1


@compiled
def _stands_before(match: IntArray, other: IntArray) -> bool:
    for column in range(len(match)):
        if match[column] != other[column]:
            return bool(match[column] < other[column])
    return False


@compiled
def _write_words(reading: _Reading, match: IntArray, place: int) -> None:
    row, mentions = reading.row, reading.mentions
    mentions[ROW_IS_ACTION, place] = match[IS_ACTION]
    mentions[ROW_NAME, place] = match[NAME]
    mentions[ROW_ENTRY, place] = match[ENTRY]
    mentions[ROW_START, place] = row.starts[match[FIRST]]
    mentions[ROW_END, place] = row.ends[match[BEHIND] - 1]


@compiled
def _write_assertion(reading: _Reading, clause: Clause, begun: Taken, match: IntArray, place: int) -> None:
    grammar, mentions = reading.tables.grammar, reading.mentions
    start, end, anchor, is_action = match[FIRST], match[BEHIND], match[ANCHOR], match[IS_ACTION] == 1
    if match[IS_ABSENT]:
        mentions[ROW_NEGATION_START, place] = mentions[ROW_START, place]
        mentions[ROW_NEGATION_END, place] = mentions[ROW_END, place]
    else:
        _write_cue(reading, NEGATIONS, anchor, ROW_NEGATION_START, place)
    _write_cue(reading, HEDGES, anchor, ROW_HEDGE_START, place)
    mentions[ROW_DEGREE, place] = _NO_DEGREE
    if clause.n_phrases[_DEGREES]:
        action = match[NAME] if is_action else NO_ACTION
        mentions[ROW_DEGREE, place] = degree(clause, grammar, start, end, action, begun)
    mentions[ROW_SIDE, place] = _NO_SIDE
    if is_action and clause.n_phrases[_SIDES]:
        mentions[ROW_SIDE, place] = side(clause, start, end, anchor, match[ANCHOR_BEHIND])
    mentions[ROW_IS_OF_SCENE, place] = 0
    if not is_action and clause.n_phrases[_TARGETS]:
        mentions[ROW_IS_OF_SCENE, place] = is_of_scene(clause, start, end, grammar.is_noun[match[NAME]])


@compiled
def _write_cue(reading: _Reading, kind: int, anchor: int, column: int, place: int) -> None:
    """Write where the cue stands whose scope holds the token, or 0 and 0."""
    work, row = reading.work, reading.row
    scope = governing_scope(work, kind, anchor)
    reading.mentions[column, place] = 0 if scope == NONE else row.starts[work.scopes[kind, scope, 2]]
    reading.mentions[column + 1, place] = 0 if scope == NONE else row.ends[work.scopes[kind, scope, 3] - 1]
