"""Extractions in columns, made into records."""

from itertools import pairwise

import numpy as np

from descan.columns import DEGREES, FEELINGS, SIDES, TARGETS, Extractions, MentionColumns
from descan.lexicon import UNLISTED, Inventory
from descan.records import Extraction, Mention


class MentionMaker:
    """Makes records; built once from an inventory."""

    def __init__(self, inventory: Inventory) -> None:
        """Take what the numbers stand for."""
        self._inventory = inventory

    def make(self, extractions: Extractions) -> list[Extraction]:
        """Return one record for each description."""
        mentions = self._mentions(extractions.mentions)
        return [
            Extraction(tuple(mentions[first:end]), n_words, refused, named)
            for (first, end), n_words, refused, named in zip(
                pairwise(extractions.bounds.tolist()),
                extractions.n_words.tolist(),
                extractions.refused.tolist(),
                extractions.named,
                strict=True,
            )
        ]

    def _mentions(self, columns: MentionColumns) -> list[Mention]:
        values = [column.tolist() if isinstance(column, np.ndarray) else column.to_pylist() for column in columns]
        return [self._mention(*row) for row in zip(*values, strict=True)]

    def _mention(
        self,
        is_action: bool,
        name: int,
        entry: int,
        start: int,
        end: int,
        degree: int,
        side: int,
        is_of_scene: bool,
        is_conclusion: bool,
        text: str,
        negation_cue: str,
        hedge_cue: str,
    ) -> Mention:
        names = self._inventory
        if is_action:
            return Mention._make((
                "action", start, end, text, names.action_entries[entry], names.regions[name], names.actions[name],
                names.aus[name], "", "", "", None, negation_cue, hedge_cue, DEGREES[degree], SIDES[side], TARGETS[0],
                is_conclusion,
            ))  # fmt: skip
        is_listed = name != UNLISTED
        return Mention._make((
            "emotion", start, end, text, f"term:{names.terms[name]}" if is_listed else f"feeling:{FEELINGS[entry]}",
            "", "", "", names.terms[name] if is_listed else text.lower(), "", "", None, negation_cue, hedge_cue,
            DEGREES[degree], "", TARGETS[is_of_scene], is_conclusion,
        ))  # fmt: skip
