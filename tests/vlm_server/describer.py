"""A scripted model: for each picture it is laid down what it sees and what it calls it, and so what the verdict is."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import NamedTuple

from benchmarks.emotions import Emotion
from descan.lexicon import load_category_set
from tests.vlm_server.exchange import Generated, ModelRequest
from tests.vlm_server.script import NOT_NEUTRAL, offered_categories

_DESCRIPTIONS = Path(__file__).with_name("descriptions.toml")
_NOTHING = "nothing"
_REFUSAL = "I'm sorry, I can't help with identifying or describing this person."


class Outcome(Enum):
    """What becomes of one item and model: verdict and detail."""

    RIGHT = ("right", "")
    LUCKY = ("lucky", "")
    FELL_BACK_TO_NEUTRAL = ("labeling_failure", "fell_back_to_neutral")
    OTHER_LABEL = ("labeling_failure", "other_label")
    NEAR_MISS = ("seeing_failure", "near_miss")
    WRONG_VALENCE = ("seeing_failure", "wrong_valence")
    NO_EVIDENCE = ("seeing_failure", "no_evidence")
    REFUSED = ("unscored", "refused")

    @property
    def verdict(self) -> str:
        return self.value[0]

    @property
    def detail(self) -> str:
        return self.value[1]


class Part(NamedTuple):
    """What the model does for one picture; a described None is a text that supports no category."""

    outcome: Outcome
    gold: Emotion
    described: Emotion | None
    label: Emotion


@dataclass(frozen=True, slots=True)
class Describer:
    """Answers as its parts say; give it to a `Script`.

    Attributes:
        parts: By requested model and SHA-256 of the picture as it is sent.
    """

    parts: Mapping[tuple[str, str], Part]

    @classmethod
    def deal(cls, models: Iterable[str], gold: Mapping[str, Emotion]) -> "Describer":
        """Assign the outcomes in turn, so that each occurs with each category that allows it.

        Args:
            models: As they are requested.
            gold: Category by SHA-256 of the picture.
        """
        turns: dict[tuple[str, Emotion], int] = {}
        parts = {}
        for number, model in enumerate(models):
            for sha256, category in gold.items():
                possible = possible_parts(category)
                turn = turns.setdefault((model, category), number)
                turns[model, category] = turn + 1
                parts[model, sha256] = possible[turn % len(possible)]
        return cls(parts)

    def __call__(self, request: ModelRequest) -> Generated:
        """Describe or label.

        Raises:
            LookupError: If the picture has no part.
        """
        part = self.parts[request.model, request.media[0].sha256]
        if part.outcome is Outcome.REFUSED:
            return Generated(_REFUSAL, "refusal")
        offered = offered_categories(request.prompt)
        if offered == [Emotion.NEUTRAL]:
            return Generated(Emotion.NEUTRAL if part.label is Emotion.NEUTRAL else NOT_NEUTRAL)
        if offered:
            return Generated(part.label if part.label in offered else next(c for c in offered if c is not part.gold))
        texts = _load_descriptions()[part.described or _NOTHING]
        return Generated(texts[int(request.key[:8], 16) % len(texts)])


def possible_parts(gold: Emotion) -> list[Part]:
    """Return a part for each outcome that a category can have."""
    alike = [other for other in Emotion if other is not gold and _valence(other) == _valence(gold)]
    unlike = [other for other in Emotion if _valence(other) != _valence(gold)]
    emotional = [other for other in Emotion if other not in {gold, Emotion.NEUTRAL}]
    parts = [
        Part(Outcome.RIGHT, gold, gold, gold),
        Part(Outcome.LUCKY, gold, unlike[0], gold),
        Part(Outcome.OTHER_LABEL, gold, gold, emotional[-1]),
        Part(Outcome.WRONG_VALENCE, gold, unlike[-1], unlike[-1]),
        Part(Outcome.NO_EVIDENCE, gold, None, emotional[0]),
        Part(Outcome.REFUSED, gold, None, gold),
    ]
    if gold is not Emotion.NEUTRAL:
        parts.append(Part(Outcome.FELL_BACK_TO_NEUTRAL, gold, gold, Emotion.NEUTRAL))
    if alike:
        parts.append(Part(Outcome.NEAR_MISS, gold, alike[0], alike[0]))
    return parts


def _valence(emotion: Emotion) -> float:
    return load_category_set().valence_of(emotion)


@cache
def _load_descriptions() -> Mapping[str, list[str]]:
    descriptions: Mapping[str, list[str]] = tomllib.loads(_DESCRIPTIONS.read_text(encoding="utf-8"))
    return descriptions
