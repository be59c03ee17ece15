"""What the lexicon says of actions and terms, as arrays of small integers, and the names behind the integers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from descan.extract.clause import IntArray
from descan.extract.vocabulary import Face, Vocabulary
from descan.lexicon import Lexicon

NO_FRAME: Final = -1
NOT_AMBIGUOUS: Final = 0
ADJECTIVE: Final = 1
ADVERB: Final = 2
VERB: Final = 3
NOUN: Final = 4
UNLISTED: Final = 0
"""The number of a term that the lexicon does not have, and of words that are to be passed over."""

_LOOKING = frozenset({"look", "gaze"})
_TRANSPARENT = frozenset({"look", "gaze", "face", "features", "muscles", "head"})
_AMBIGUOUS = {"adj": ADJECTIVE, "phrase": ADJECTIVE, "adv": ADVERB, "verb": VERB, "noun": NOUN}
_OUTRIGHT = "words"
"""The entry of an action that words name without a part and a motion."""


@dataclass(frozen=True, slots=True)
class Names:
    """What numbers mean; sorted, so that numbers compare as their names do.

    Attributes:
        actions: Of the inventory.
        action_entries: The frames "part+motion", and `words`.
        terms: Lemmas, with nothing first.
    """

    actions: tuple[str, ...]
    action_entries: tuple[str, ...]
    terms: tuple[str, ...]


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


def names_of(lexicon: Lexicon) -> Names:
    """Give the names of a lexicon."""
    frames = {
        f"{part}+{motion}"
        for entry in lexicon.actions.actions.values()
        for part, motions in entry.frames.items()
        for motion in motions
    }
    return Names(
        actions=tuple(sorted(lexicon.actions.actions)),
        action_entries=tuple(sorted({_OUTRIGHT, *frames})),
        terms=("", *sorted(lexicon.terms)),
    )


def compile_grammar(lexicon: Lexicon, vocabulary: Vocabulary, faces: Sequence[Face], names: Names) -> Grammar:
    """Put a lexicon into tables.

    Args:
        lexicon: What it says of actions and terms.
        vocabulary: Codes of its words, complete but for the plain ones.
        faces: What face phrases can mean.
        names: Those of the lexicon.
    """
    parts = ("", *lexicon.actions.parts)
    motions = list(dict.fromkeys((frozenset[str](), *(face.motions for face in faces))))
    framed = np.array([[_framed(lexicon, names, part, moved) for moved in motions] for part in parts])
    entries = [lexicon.terms.get(term) for term in names.terms]
    return Grammar(
        parts=np.array([parts.index(face.part) for face in faces]),
        motions=np.array([motions.index(face.motions) for face in faces]),
        actions=np.array([names.actions.index(face.action) if face.action else NO_FRAME for face in faces]),
        is_absent=np.array([face.is_absent for face in faces]),
        framed_actions=np.ascontiguousarray(framed[:, :, 0]),
        framed_entries=np.ascontiguousarray(framed[:, :, 1]),
        is_looking=np.array([part in _LOOKING for part in parts]),
        is_transparent=np.array([part in _TRANSPARENT for part in parts]),
        is_at=np.array([moved == {"at"} for moved in motions]),
        gives_way=np.array(
            [
                [other in lexicon.actions.overrides.get(action, ()) for other in names.actions]
                for action in names.actions
            ]
        ),
        is_plain=_plain(lexicon, vocabulary, names),
        outright=names.action_entries.index(_OUTRIGHT),
        ambiguity=np.array(
            [_AMBIGUOUS[entry.pos] if entry and entry.context == "state" else NOT_AMBIGUOUS for entry in entries]
        ),
        is_noun=np.array([entry is None or entry.pos == "noun" for entry in entries]),
    )


def _framed(lexicon: Lexicon, names: Names, part: str, motions: frozenset[str]) -> tuple[int, int]:
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
    return names.actions.index(action), names.action_entries.index(f"{part}+{motion}")


def _plain(lexicon: Lexicon, vocabulary: Vocabulary, names: Names) -> NDArray[np.bool_]:
    plain = [[vocabulary.code(word) for word in lexicon.actions.actions[action].plain] for action in names.actions]
    is_plain = np.zeros((len(names.actions), len(vocabulary.roles)), dtype=np.bool_)
    for row, codes in zip(is_plain, plain, strict=True):
        row[codes] = True
    return is_plain
