"""The actions and terms of a lexicon by number, as extractions have them."""

from dataclasses import dataclass
from typing import Final

from descan.lexicon.loading import Lexicon

UNLISTED: Final = 0
"""The number of a term that the lexicon does not have, and of words that are to be passed over."""

OUTRIGHT: Final = "words"
"""The entry of an action that words name without a part and a motion."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """What numbers mean; sorted, so that numbers compare as their names do.

    Attributes:
        actions: Of the inventory.
        regions: The region of each action.
        aus: The FACS units of each action.
        action_entries: The frames "part+motion", and `OUTRIGHT`.
        terms: Lemmas, with nothing first.
    """

    actions: tuple[str, ...]
    regions: tuple[str, ...]
    aus: tuple[str, ...]
    action_entries: tuple[str, ...]
    terms: tuple[str, ...]


def inventory_of(lexicon: Lexicon) -> Inventory:
    """Number the names of a lexicon."""
    entries = lexicon.actions.actions
    frames = {
        f"{part}+{motion}" for entry in entries.values() for part, motions in entry.frames.items() for motion in motions
    }
    actions = tuple(sorted(entries))
    return Inventory(
        actions=actions,
        regions=tuple(entries[action].region for action in actions),
        aus=tuple(entries[action].aus for action in actions),
        action_entries=tuple(sorted({OUTRIGHT, *frames})),
        terms=("", *sorted(lexicon.terms)),
    )
