"""Rules of a lexicon compiled for the engine: phrases as a tree of codes, actions and terms as tables of numbers."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Final

import numpy as np

from descan.extract.engine import PhraseTable, Rules, Tables, roles
from descan.extract.engine.codes import CUES, FIRST_WORD, Hedge, Layer, Negation, Shape, Target
from descan.extract.engine.rule_tables import (
    ADJECTIVE,
    ADVERB,
    NO_FRAME,
    NO_NODE,
    NOT_AMBIGUOUS,
    NOUN,
    VERB,
    BoolArray,
)
from descan.extract.phrase_tree import ROOT, Face, Finding, Meaning
from descan.extract.vocabulary import Vocabulary
from descan.lexicon import OUTRIGHT, Inventory, Lexicon

_AMBIGUOUS: Final = {"adj": ADJECTIVE, "phrase": ADJECTIVE, "adv": ADVERB, "verb": VERB, "noun": NOUN}
_SENTENCE_ENDS: Final = (Shape.END, Shape.NEWLINE, Shape.QUESTION)


def compile_tables(lexicon: Lexicon, vocabulary: Vocabulary, inventory: Inventory) -> Tables:
    """Compile all that the engine needs to know.

    Args:
        lexicon: What it says of actions and terms.
        vocabulary: Codes of its words and phrases.
        inventory: The numbers of its names.
    """
    faces = vocabulary.phrases.faces()
    rules = _compile_rules(lexicon, vocabulary, faces, inventory)
    phrases = _compile_phrases(vocabulary, faces, inventory.terms)
    return Tables(np.array(vocabulary.roles, dtype=np.int64), phrases, rules)


def _compile_rules(lexicon: Lexicon, vocabulary: Vocabulary, faces: Sequence[Face], inventory: Inventory) -> Rules:
    """Compile what a lexicon says of actions and terms.

    Args:
        lexicon: What it says of actions and terms.
        vocabulary: Codes of its words, complete but for the plain ones.
        faces: What face phrases can mean.
        inventory: The numbers of its names.
    """
    parts = ("", *lexicon.actions.parts)
    motions = list(dict.fromkeys((frozenset[str](), *(face.motions for face in faces))))
    framed = np.array([[_find_frame(lexicon, inventory, part, moved) for moved in motions] for part in parts])
    entries = [lexicon.terms.get(term) for term in inventory.terms]
    return Rules(
        parts=np.array([parts.index(face.part) for face in faces]),
        motions=np.array([motions.index(face.motions) for face in faces]),
        actions=np.array([inventory.actions.index(face.action) if face.action else NO_FRAME for face in faces]),
        is_absent=np.array([face.is_absent for face in faces]),
        framed_actions=np.ascontiguousarray(framed[:, :, 0]),
        framed_entries=np.ascontiguousarray(framed[:, :, 1]),
        is_adjacent_only=np.array([[_is_adjacent_only(lexicon, part, moved) for moved in motions] for part in parts]),
        is_transparent=np.array([part in lexicon.actions.transparent for part in parts]),
        gives_way=np.array(
            [
                [other in lexicon.actions.overrides.get(action, ()) for other in inventory.actions]
                for action in inventory.actions
            ]
        ),
        is_plain=_mark_plain_codes(lexicon, vocabulary, inventory),
        outright=inventory.action_entries.index(OUTRIGHT),
        ambiguity=np.array(
            [_AMBIGUOUS[entry.pos] if entry and entry.context == "state" else NOT_AMBIGUOUS for entry in entries]
        ),
        is_noun=np.array([entry is None or entry.pos == "noun" for entry in entries]),
        is_head_final=lexicon.forms.head_final,
        has_clauses_first=lexicon.forms.clauses_first,
        reach=lexicon.forms.reach,
        has_list_mark=lexicon.forms.has_list_mark,
    )


def _find_frame(lexicon: Lexicon, inventory: Inventory, part: str, motions: frozenset[str]) -> tuple[int, int]:
    """Return the action and the entry of the first frame in the file that a part and motions fit."""
    frames = [
        (rank, action, motion)
        for rank, (action, entry) in enumerate(lexicon.actions.actions.items())
        for motion in entry.frames.get(part, ())
        if motion in motions
    ]
    if not frames:
        return NO_FRAME, NO_FRAME
    _, action, motion = min(frames)
    return inventory.actions.index(action), inventory.action_entries.index(f"{part}+{motion}")


def _is_adjacent_only(lexicon: Lexicon, part: str, motions: frozenset[str]) -> bool:
    return bool(motions) and motions <= set(lexicon.actions.adjacent_only.get(part, ()))


def _mark_plain_codes(lexicon: Lexicon, vocabulary: Vocabulary, inventory: Inventory) -> BoolArray:
    plain = [[vocabulary.code(word) for word in lexicon.actions.actions[action].plain] for action in inventory.actions]
    is_plain = np.zeros((len(inventory.actions), len(vocabulary.roles)), dtype=np.bool_)
    for row, codes in zip(is_plain, plain, strict=True):
        row[codes] = True
    return is_plain


def _compile_phrases(vocabulary: Vocabulary, faces: Sequence[Face], terms: Sequence[str]) -> PhraseTable:
    """Compile the tree of a vocabulary's phrases.

    Args:
        vocabulary: Words and phrases, complete.
        faces: What face phrases can mean; their place is their number.
        terms: What term phrases can mean; their place is their number.
    """
    tree = vocabulary.phrases
    nodes, codes, followers = tree.steps(without=_SENTENCE_ENDS)
    is_first = nodes == ROOT
    roots = np.full(len(vocabulary.roles), NO_NODE)
    begins = is_first & (codes >= FIRST_WORD)
    roots[codes[begins]] = followers[begins]

    found = tree.found()
    face_numbers = {face: number for number, face in enumerate(faces)}
    term_numbers = {term: number for number, term in enumerate(terms)}
    meanings = np.array([_row(finding, face_numbers, term_numbers) for finding in tree.findings], dtype=np.int64)
    return PhraseTable(
        roots=roots,
        steps=np.searchsorted(nodes[~is_first], np.arange(len(found) + 1)),
        codes=codes[~is_first],
        followers=followers[~is_first],
        findings=np.cumsum([0, *map(len, found)], dtype=np.int64),
        meanings=meanings[list(chain.from_iterable(found))],
    )


def _row(finding: Finding, faces: Mapping[Face, int], terms: Mapping[str, int]) -> tuple[int, int, int, int, int]:
    layer, meaning, n_words = finding
    first_role, role = _roles(layer, meaning)
    if isinstance(meaning, Face):
        number = faces[meaning]
    elif layer == Layer.TERM:
        number = terms[meaning]
    else:
        number = int(CUES[Layer(layer)][meaning.upper()])
    return layer, n_words, number, first_role | role, role


def _roles(layer: int, meaning: Meaning) -> tuple[int, int]:
    """Return the roles that a phrase gives its first token only, and those that it gives all its tokens."""
    if isinstance(meaning, Face):
        return roles.PART if meaning.part else 0, roles.INNER if meaning.motions else 0
    if layer in (Layer.TERM, Layer.DEGREE):
        return 0, roles.INNER
    if layer == Layer.NEGATION and meaning.upper() == Negation.VERBAL.name:
        return 0, roles.FILLER
    if layer == Layer.STOP:
        return roles.STOP, 0
    if layer == Layer.TARGET and meaning.upper() != Target.PRONOUN.name:
        return roles.NOUN, 0
    if layer == Layer.HEDGE and meaning.upper() == Hedge.FORWARD.name:
        return roles.HEDGE, 0
    return 0, 0
