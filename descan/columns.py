"""What a block of descriptions mentions, in columns: the same as `Extraction` records, but made without an object each.

Names stand as their numbers in the inventory of the lexicon.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]

DEGREES = ("", "slight", "strong")
SIDES = ("", "left", "right")
TARGETS = ("person", "scene")
FEELINGS = ("any", "ending")
"""What the numbers of these columns mean."""


class MentionColumns(NamedTuple):
    """The mentions of some descriptions, in the order of the text. Shape of each: (n_mentions,).

    Attributes:
        is_action: A facial action, not an emotion term.
        name: The number of the action, or of the term; `UNLISTED` where the lexicon does not have the term.
        entry: The number of the entry that made an action; of an unlisted term that of the feeling phrase.
        start: Character offset into the text.
        end: Offset after its last character.
        degree: Place in `DEGREES`.
        side: Place in `SIDES`.
        is_of_scene: It is the scene's, not the person's.
        is_conclusion: It stands in what the text calls its conclusion.
        text: The words themselves, as strings; U+FFFD stands for a lone surrogate.
        negation_cue: The words that negate it, as strings, empty if nothing does.
        hedge_cue: The words that hedge it, as strings, empty if nothing does.
    """

    is_action: BoolArray
    name: IntArray
    entry: IntArray
    start: IntArray
    end: IntArray
    degree: IntArray
    side: IntArray
    is_of_scene: BoolArray
    is_conclusion: BoolArray
    text: pa.StringArray
    negation_cue: pa.StringArray
    hedge_cue: pa.StringArray

    @property
    def is_negated(self) -> BoolArray:
        """The text says that it is absent. Shape: (n_mentions,)."""
        return _is_filled(self.negation_cue)

    @property
    def is_hedged(self) -> BoolArray:
        """The text is unsure of it. Shape: (n_mentions,)."""
        return _is_filled(self.hedge_cue)


class Extractions(NamedTuple):
    """What some descriptions mention.

    Attributes:
        bounds: The first mention of each description, and last the number of all mentions. Shape: (n_texts + 1,).
        mentions: Of all descriptions.
        n_words: Tokens with a letter or digit. Shape: (n_texts,).
        refused: The text declines to describe and describes nothing. Shape: (n_texts,).
        named: Persons, shows and films that each text names, in order of appearance. Length: n_texts.
    """

    bounds: IntArray
    mentions: MentionColumns
    n_words: IntArray
    refused: BoolArray
    named: Sequence[tuple[str, ...]]

    @property
    def owners(self) -> IntArray:
        """The place of the description that each mention stands in. Shape: (n_mentions,)."""
        return np.repeat(np.arange(len(self.n_words)), np.diff(self.bounds))


class TermColumns(NamedTuple):
    """The categories of mentions. Shape of each: (n_mentions,).

    Attributes:
        term: The number of a term that the lexicon has; `UNLISTED` for others and for actions.
        category: Place in the category set and then Other; -1 for actions.
        source: Place in `SOURCES`.
        similarity: Cosine to the nearest term of that category where it was categorized by embedding, else NaN.
    """

    term: IntArray
    category: IntArray
    source: IntArray
    similarity: FloatArray


SOURCES = ("", "lexicon", "embedding", "none")
"""Where a category comes from; nothing for actions."""
LEXICON = SOURCES.index("lexicon")
EMBEDDING = SOURCES.index("embedding")


class ReadingColumns(NamedTuple):
    """What some descriptions say as a whole; see `Reading`. Shape of each: (n_texts,), but where said.

    Attributes:
        described: Place in the category set and then Undecided; so are the other four categories.
        scores: Share of the evidence for each category. Shape: (n_texts, n_categories).
        described_by_embedding: -1 where no term was categorized by embedding alone.
    """

    described: IntArray
    scores: FloatArray
    valence: FloatArray
    actions_described: IntArray
    terms_described: IntArray
    actions_share: FloatArray
    terms_share: FloatArray
    n_actions: IntArray
    n_regions: IntArray
    n_emotions: IntArray
    n_hedged: IntArray
    n_negated: IntArray
    described_without_embedding: IntArray
    described_by_embedding: IntArray


def _is_filled(strings: pa.StringArray) -> BoolArray:
    # Not `to_numpy`, which imports pandas.
    filled: BoolArray = np.from_dlpack(pc.binary_length(strings)) > 0
    return filled
