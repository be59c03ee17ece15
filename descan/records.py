"""The records that the stages exchange."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal, NamedTuple

Kind = Literal["action", "emotion"]

GoldDistribution = tuple[tuple[str, float], ...]
"""Categories in their order, each with the number or share of annotators who chose it, above 0."""

DEFAULT_LANGUAGE: Final = "en"
"""The language of texts that do not say theirs."""

DESCAN: Final = "descan"
"""The reader that descan itself is in tables."""

PEOPLE: Final = "people"
"""Readers whose file does not name them."""


class Mode(StrEnum):
    """What a model was asked for."""

    DESCRIBE = "describe"
    CLASSIFY = "classify"
    CLASSIFY6 = "classify6"
    TWO_STAGE = "two_stage"
    DECIDE = "decide"


class Status(StrEnum):
    """How an answer ended; only `ok` has a text to read."""

    OK = "ok"
    REFUSED = "refused"
    BLOCKED = "blocked"
    TRUNCATED = "truncated"
    EMPTY = "empty"
    FAILED = "failed"


class Verdict(StrEnum):
    """The outcome for one item and model, in the order of every table."""

    RIGHT = "right"
    LUCKY = "lucky"
    LABELING_FAILURE = "labeling_failure"
    SEEING_FAILURE = "seeing_failure"
    UNSCORED = "unscored"


SCORED_VERDICTS = tuple(verdict for verdict in Verdict if verdict != Verdict.UNSCORED)


@dataclass(frozen=True, slots=True)
class Item:
    """One image or clip.

    Attributes:
        item_id: Unique in its corpus.
        gold: A category, or None if unknown.
        group: Source clip or subject; items of a group are not independent.
        media: Path of the picture or clip relative to the corpus, if there is one.
        face_box: Where the face is in the picture, if given.
        gold_distribution: What several annotators chose, if given.
    """

    item_id: str
    gold: str | None = None
    group: str | None = None
    media: str | None = None
    face_box: str | None = None
    gold_distribution: GoldDistribution | None = None


class Answer(NamedTuple):
    """What one model replied to one prompt for one item.

    A named tuple, because a study has millions of them.

    Attributes:
        line: Its line in the file (1-based).
        language: What the answer itself says its language is, or None.
        prompt: The name of the prompt, or the first digits of its hash; None if not known.
        latency_s: Seconds from request to reply, or None if not recorded.
        cost_usd: None if unknown, never 0.
        params: The first digits of the hash of the parameters with which it was asked; None if not known.
        retries: Requests that were sent again before the last one, or None if not recorded.
        waited_s: Seconds from the first request to the last one, or None if not recorded.
    """

    item_id: str
    model: str
    mode: Mode
    text: str
    status: Status = Status.OK
    repeat: int = 0
    latency_s: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    thinking_tokens: int | None = None
    cost_usd: float | None = None
    line: int = 0
    language: str | None = None
    prompt: str | None = None
    params: str | None = None
    retries: int | None = None
    waited_s: float | None = None


class Mention(NamedTuple):
    """A span of a description: a facial action or an emotion term.

    A named tuple, because a study makes millions of them.

    Attributes:
        start: Character offset into the answer's text.
        end: Offset after its last character.
        text: The words.
        entry: The lexicon entry or rule that found it.
        region: Region of the face of an action; empty for an emotion.
        action: Name of an action in the inventory; empty for an emotion.
        aus: FACS action units of an action ("1+2", "23/24"), empty if it has none.
        term: Lemma of an emotion term, or its words if the lexicon does not have it; empty for an action.
        category: Category of an emotion term, or Other; empty until it is categorized.
        category_source: lexicon or embedding, for an emotion term.
        similarity: Cosine with the nearest lexicon term, for an emotion term categorized by embedding.
        negation_cue: The words that negate it, or empty.
        hedge_cue: The words that hedge it, or empty.
        degree: slight, strong, or empty.
        side: left, right, or empty for both or unknown.
        target: person or scene.
        is_conclusion: Whether it is in the conclusion of the text.
    """

    kind: Kind
    start: int
    end: int
    text: str
    entry: str
    region: str = ""
    action: str = ""
    aus: str = ""
    term: str = ""
    category: str = ""
    category_source: str = ""
    similarity: float | None = None
    negation_cue: str = ""
    hedge_cue: str = ""
    degree: str = ""
    side: str = ""
    target: str = "person"
    is_conclusion: bool = False

    @property
    def negated(self) -> bool:
        """Whether the text says that it is absent."""
        return bool(self.negation_cue)

    @property
    def hedged(self) -> bool:
        """Whether the text is unsure of it."""
        return bool(self.hedge_cue)


@dataclass(frozen=True, slots=True)
class Extraction:
    """What one description mentions.

    Attributes:
        mentions: In the order of the text.
        n_words: Number of tokens with a letter or digit.
        refused: Whether the text declines to describe, and describes nothing.
        named: Persons, shows and films that the text names, in the order of the text.
    """

    mentions: tuple[Mention, ...]
    n_words: int
    refused: bool
    named: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Label:
    """The category parsed from a classify answer, or the reason why there is none.

    Attributes:
        label: A category, or None.
        reason: Empty if there is a label; else refused, blocked, truncated, empty, failed, unparsed, unparsed_prose,
            ambiguous or off_list.
    """

    label: str | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a description says as a whole.

    Attributes:
        described: A category, or Undecided.
        scores: Share of the evidence for each category, in the order of the category set; their sum is 1 (or 0).
        valence: Weighted mean pleasantness of the evidence, -1 to 1; 0 without evidence.
        actions_described: The category by face actions alone, or Undecided.
        terms_described: The category by emotion terms alone, or Undecided.
        actions_share: Share of the evidence from face actions, 0 to 1.
        terms_share: Share of the evidence from emotion terms, 0 to 1.
        described_without_embedding: The category without the terms categorized by embedding, or Undecided.
        described_by_embedding: The category with all terms categorized by embedding alone, or Undecided; empty where
            that was not asked for.
        refused: Whether the text declines to describe.
        named: Persons, shows and films that the text names, in the order of the text.
    """

    described: str
    scores: tuple[float, ...]
    valence: float
    actions_described: str
    terms_described: str
    actions_share: float
    terms_share: float
    n_words: int
    n_actions: int
    n_regions: int
    n_emotions: int
    n_hedged: int
    n_negated: int
    described_without_embedding: str
    described_by_embedding: str
    refused: bool = False
    named: tuple[str, ...] = field(default=())
