"""Room for what is found in a sentence, used again for every sentence."""

from typing import Final, NamedTuple

import numpy as np

from descan.extract.engine.codes import Layer
from descan.extract.engine.rule_tables import IntArray
from descan.extract.engine.sentences import MAX_LENGTH

# A match: an action or an emotion term found. Sorted as rows, matches stand in the order of the text.
MATCH_START: Final = 0
"""Its first token."""
MATCH_END: Final = 1
"""The token after its last."""
IS_ACTION: Final = 2
NAME: Final = 3
"""The number of the action, or of the term."""
ENTRY: Final = 4
"""The number of the entry that made an action; of an unlisted term, the feeling phrase that did."""
ANCHOR: Final = 5
"""The token that a cue must reach: the first of an action's motion, else of all."""
ANCHOR_END: Final = 6
"""The token after an action's motion."""
IS_ABSENT: Final = 7
"""The words themselves say that there is no such action."""

# A link: a motion said of a part.
PART: Final = 0
MOTION: Final = 1
ACTION: Final = 2
FRAME: Final = 3

_MAX_LINKS = 4 * MAX_LENGTH
"""A motion has one link of its own and shares it with two neighbours of its part at most."""
_MAX_MATCHES = MAX_LENGTH * MAX_LENGTH // 2
"""Every phrase that announces feelings may be followed by a list of them."""
_MAX_SCOPES = 3 * MAX_LENGTH
"""A cue has at most two, a state one."""
_MAX_HEADED = 4
"""Parts that a heading may name; further ones are passed over."""


class Workspace(NamedTuple):
    """Arrays that a sentence is read with.

    Attributes:
        phrases: As in `Clause`.
        n_phrases: As in `Clause`.
        faces: The phrases of the face layer that are not passed over, by their place in it.
        leads_to: The part that each motion leads up to, by their places in `faces`.
        left_links: The link of each motion to a part before it.
        is_claimed: The part has a motion.
        is_linked: The motion has a part.
        links: Part and motion by their places in `faces`, action, entry. Shape: (n_links, 4).
        matches: Shape: (n_matches, 8).
        sure: Phrases of the term layer that are terms.
        scopes: First token and end of what each cue governs, and the cue's own. Shape: (2, n_places, 4).
        n_scopes: How many negations and hedges govern something. Shape: (2,).
        heading: The face phrases of the parts that the heading above names, then 0. Shape: (n_headed,).
    """

    phrases: IntArray
    n_phrases: IntArray
    faces: IntArray
    leads_to: IntArray
    left_links: IntArray
    is_claimed: IntArray
    is_linked: IntArray
    links: IntArray
    matches: IntArray
    sure: IntArray
    scopes: IntArray
    n_scopes: IntArray
    heading: IntArray


def make_workspace() -> Workspace:
    """Make room for the longest sentence."""

    def room(*shape: int) -> IntArray:
        return np.zeros(shape, dtype=np.int64)

    return Workspace(
        phrases=room(len(Layer), MAX_LENGTH, 3),
        n_phrases=room(len(Layer)),
        faces=room(MAX_LENGTH),
        leads_to=room(MAX_LENGTH),
        left_links=room(MAX_LENGTH),
        is_claimed=room(MAX_LENGTH),
        is_linked=room(MAX_LENGTH),
        links=room(_MAX_LINKS, 4),
        matches=room(_MAX_MATCHES, 8),
        sure=room(MAX_LENGTH),
        scopes=room(2, _MAX_SCOPES, 4),
        n_scopes=room(2),
        heading=room(_MAX_HEADED),
    )
