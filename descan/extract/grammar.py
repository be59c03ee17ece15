"""What the lexicon says of actions and terms, as arrays of small integers, and the names behind the integers."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from descan.extract.clause import IntArray
from descan.extract.vocabulary import Face, Vocabulary
from descan.lexicon import OUTRIGHT, Inventory, Lexicon

NO_FRAME: Final = -1
NOT_AMBIGUOUS: Final = 0
ADJECTIVE: Final = 1
ADVERB: Final = 2
VERB: Final = 3
NOUN: Final = 4
_LOOKING = frozenset({"look", "gaze"})
_TRANSPARENT = frozenset({"look", "gaze", "face", "features", "muscles", "head"})
_AMBIGUOUS = {"adj": ADJECTIVE, "phrase": ADJECTIVE, "adv": ADVERB, "verb": VERB, "noun": NOUN}


class Grammar(NamedTuple):
    """Tables of what belongs to what.

    Attributes:
        parts: The part that each face phrase names, 0 for none. Shape: (n_faces,).
        motions: The set of motions that it names, 0 for none. Shape: (n_faces,).
        actions: The action that it names outright, or `NO_FRAME`. Shape: (n_faces,).
        is_absent: It names an action by saying that there is none. Shape: (n_faces,).
        framed_actions: The action that a part and a set of motions make, or `NO_FRAME`. Shape: (n_parts, n_motions).
        framed_entries: The entry that says so. Shape: (n_parts, n_motions).
        is_looking: The part is a look or a gaze. Shape: (n_parts,).
        is_transparent: Behind the part another may be meant ("facial muscles"). Shape: (n_parts,).
        is_at: The set of motions is "at" alone. Shape: (n_motions,).
        gives_way: The first action gives way to the second. Shape: (n_actions, n_actions).
        is_plain: The code is no degree but the action itself. Shape: (n_actions, n_codes).
        outright: The entry of actions that words name outright.
        ambiguity: What part of speech an ambiguous term is, or `NOT_AMBIGUOUS`. Shape: (n_terms,).
        is_noun: The term is a noun, or unlisted. Shape: (n_terms,).
    """

    parts: IntArray
    motions: IntArray
    actions: IntArray
    is_absent: NDArray[np.bool_]
    framed_actions: IntArray
    framed_entries: IntArray
    is_looking: NDArray[np.bool_]
    is_transparent: NDArray[np.bool_]
    is_at: NDArray[np.bool_]
    gives_way: NDArray[np.bool_]
    is_plain: NDArray[np.bool_]
    outright: int
    ambiguity: IntArray
    is_noun: NDArray[np.bool_]


def compile_grammar(lexicon: Lexicon, vocabulary: Vocabulary, faces: Sequence[Face], inventory: Inventory) -> Grammar:
    """Put a lexicon into tables.

    Args:
        lexicon: What it says of actions and terms.
        vocabulary: Codes of its words, complete but for the plain ones.
        faces: What face phrases can mean.
        inventory: The numbers of its names.
    """
    parts = ("", *lexicon.actions.parts)
    motions = list(dict.fromkeys((frozenset[str](), *(face.motions for face in faces))))
    framed = np.array([[_framed(lexicon, inventory, part, moved) for moved in motions] for part in parts])
    entries = [lexicon.terms.get(term) for term in inventory.terms]
    return Grammar(
        parts=np.array([parts.index(face.part) for face in faces]),
        motions=np.array([motions.index(face.motions) for face in faces]),
        actions=np.array([inventory.actions.index(face.action) if face.action else NO_FRAME for face in faces]),
        is_absent=np.array([face.is_absent for face in faces]),
        framed_actions=np.ascontiguousarray(framed[:, :, 0]),
        framed_entries=np.ascontiguousarray(framed[:, :, 1]),
        is_looking=np.array([part in _LOOKING for part in parts]),
        is_transparent=np.array([part in _TRANSPARENT for part in parts]),
        is_at=np.array([moved == {"at"} for moved in motions]),
        gives_way=np.array(
            [
                [other in lexicon.actions.overrides.get(action, ()) for other in inventory.actions]
                for action in inventory.actions
            ]
        ),
        is_plain=_plain(lexicon, vocabulary, inventory),
        outright=inventory.action_entries.index(OUTRIGHT),
        ambiguity=np.array(
            [_AMBIGUOUS[entry.pos] if entry and entry.context == "state" else NOT_AMBIGUOUS for entry in entries]
        ),
        is_noun=np.array([entry is None or entry.pos == "noun" for entry in entries]),
    )


def _framed(lexicon: Lexicon, inventory: Inventory, part: str, motions: frozenset[str]) -> tuple[int, int]:
    """Give the action that the first frame of the file makes of a part and motions, and that frame."""
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


def _plain(lexicon: Lexicon, vocabulary: Vocabulary, inventory: Inventory) -> NDArray[np.bool_]:
    plain = [[vocabulary.code(word) for word in lexicon.actions.actions[action].plain] for action in inventory.actions]
    is_plain = np.zeros((len(inventory.actions), len(vocabulary.roles)), dtype=np.bool_)
    for row, codes in zip(is_plain, plain, strict=True):
        row[codes] = True
    return is_plain
