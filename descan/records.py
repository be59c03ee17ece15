"""The records that the stages exchange."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal, NamedTuple

Kind = Literal["action", "emotion"]

DEFAULT_LANGUAGE: Final = "en"
"""The language of texts that do not say theirs."""


class Mode(StrEnum):
    """What a model was asked for."""

    DESCRIBE = "describe"
    CLASSIFY = "classify"
    CLASSIFY6 = "classify6"
    TWO_STAGE = "two_stage"


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
        gold: One of the seven categories, or None where unknown.
        group: Source clip or subject; items of a group are not independent.
        media: Path of the picture or clip relative to the corpus, if any.
        face_box: The face's place in the picture, if given.
    """

    item_id: str
    gold: str | None = None
    group: str | None = None
    media: str | None = None
    face_box: str | None = None


class Answer(NamedTuple):
    """What one model replied to one prompt for one item.

    A named tuple, because a study has millions of them.

    Attributes:
        line: Where the answer stands in its file (1-based).
        latency_s: Seconds from request to reply, or None where not recorded.
        cost_usd: None where unknown, never 0 for unknown.
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


class Mention(NamedTuple):
    """A span of a description: a facial action or an emotion term.

    A named tuple, because a study makes millions of them.

    Attributes:
        start: Character offset into the answer's text.
        end: Offset behind its last character.
        text: The words themselves.
        entry: The lexicon entry or rule that found it.
        region: Of an action: its region of the face; else empty.
        action: Of an action: its name in the inventory; else empty.
        aus: Of an action: its FACS units ("1+2", "23/24"), empty where it has none.
        term: Of an emotion: its lemma, or the words themselves where the lexicon does not have them.
        category: Of an emotion: one of the seven or Other; empty until it is categorized.
        category_source: Of an emotion: lexicon or embedding.
        similarity: Of an emotion categorized by embedding: cosine to its nearest lexicon term.
        negation_cue: The words that negate it, empty if nothing does.
        hedge_cue: The words that hedge it, empty if nothing does.
        degree: slight, strong, or empty.
        side: left, right, or empty for both or not said.
        target: Whose it is: the person's, or the scene's.
        is_conclusion: It stands in what the text calls its conclusion.
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
        """The text says that it is absent."""
        return bool(self.negation_cue)

    @property
    def hedged(self) -> bool:
        """The text is unsure of it."""
        return bool(self.hedge_cue)


@dataclass(frozen=True, slots=True)
class Extraction:
    """What one description mentions.

    Attributes:
        mentions: In the order of the text.
        n_words: Tokens with a letter or digit.
        refused: The text declines to describe and describes nothing.
        named: Persons, shows and films that the text names, in order of appearance.
    """

    mentions: tuple[Mention, ...]
    n_words: int
    refused: bool
    named: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Label:
    """The category parsed from a classify answer, or the reason why there is none.

    Attributes:
        label: One of the seven, or None.
        reason: Empty with a label; else refused, blocked, truncated, empty, failed, unparsed,
            ambiguous or off_list.
    """

    label: str | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a description says as a whole.

    Attributes:
        described: One of the seven, or Undecided.
        scores: Share of the evidence for each category, in the order of `Emotion`; all 0 where
            there is none, else they sum to 1.
        valence: Weighted mean pleasantness of the evidence, -1 to 1; 0 where there is none.
        actions_described: The category by face actions alone, or Undecided.
        terms_described: The category by emotion terms alone, or Undecided.
        actions_share: Share of the evidence that came from face actions, 0 to 1.
        terms_share: Share of the evidence that came from emotion terms, 0 to 1.
        described_without_embedding: The category without the terms that the embedder categorized, or Undecided.
        refused: The text declines to describe.
        named: Persons, shows and films that the text names, in order of appearance.
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
    refused: bool = False
    named: tuple[str, ...] = field(default=())
