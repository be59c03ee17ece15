"""The compiled rules of a language: all that the engine knows of its words, as arrays of small integers."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

NO_NODE: Final = 0
NO_FRAME: Final = -1

# Parts of speech of ambiguous terms.
NOT_AMBIGUOUS: Final = 0
ADJECTIVE: Final = 1
ADVERB: Final = 2
VERB: Final = 3
NOUN: Final = 4


class PhraseTable(NamedTuple):
    """The phrases of a language as a tree of token codes; nodes are numbered from 1.

    Attributes:
        roots: The node of each code, or `NO_NODE`. Shape: (n_codes,).
        steps: The first step of each node, and the end of its steps. Shape: (n_nodes + 1,).
        codes: The code of each step, sorted within a node. Shape: (n_steps,).
        followers: The node that each step leads to. Shape: (n_steps,).
        findings: The first finding of each node, and the end of its findings. Shape: (n_nodes + 1,).
        meanings: For every layer the longest phrase that ends at the node or on the way to it: layer, number of
            tokens, meaning, roles that it gives its first token, roles that it gives the others.
            Shape: (n_findings, 5).
    """

    roots: IntArray
    steps: IntArray
    codes: IntArray
    followers: IntArray
    findings: IntArray
    meanings: IntArray


class Rules(NamedTuple):
    """What phrases of the face layer and terms are, and which parts and motions make which action.

    Attributes:
        parts: The part that each face phrase names, or 0. Shape: (n_faces,).
        motions: The set of motions that it names, or 0. Shape: (n_faces,).
        actions: The action that it names outright, or `NO_FRAME`. Shape: (n_faces,).
        is_absent: It names an action by saying that it is absent. Shape: (n_faces,).
        framed_actions: The action that a part and a set of motions make, or `NO_FRAME`. Shape: (n_parts, n_motions).
        framed_entries: The lexicon entry that says so. Shape: (n_parts, n_motions).
        is_adjacent_only: The part and the motions make an action only side by side. Shape: (n_parts, n_motions).
        is_transparent: A compound that begins with the part is about its second half. Shape: (n_parts,).
        gives_way: The first action gives way to the second. Shape: (n_actions, n_actions).
        is_plain: The code belongs to the action and is no degree of it. Shape: (n_actions, n_codes).
        outright: The entry of actions that words name outright.
        ambiguity: The part of speech of an ambiguous term, or `NOT_AMBIGUOUS`. Shape: (n_terms,).
        is_noun: The term is a noun, or unlisted. Shape: (n_terms,).
        is_head_final: Verbs stand at the end of their clause.
        has_clauses_first: Clauses stand before the noun that they describe.
        reach: How many tokens the language has where English has one.
        has_list_mark: Items of a list have a mark of their own between them, and commas only part clauses.
    """

    parts: IntArray
    motions: IntArray
    actions: IntArray
    is_absent: BoolArray
    framed_actions: IntArray
    framed_entries: IntArray
    is_adjacent_only: BoolArray
    is_transparent: BoolArray
    gives_way: BoolArray
    is_plain: BoolArray
    outright: int
    ambiguity: IntArray
    is_noun: BoolArray
    is_head_final: bool
    has_clauses_first: bool
    reach: int
    has_list_mark: bool


class Tables(NamedTuple):
    """Everything that the engine knows of a language.

    Attributes:
        roles: The roles of each code. Shape: (n_codes,).
    """

    roles: IntArray
    phrases: PhraseTable
    rules: Rules
