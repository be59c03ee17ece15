"""Describers and designs of studies, from `designs.yaml`."""

from functools import lru_cache
from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from benchmarks.emotions import Emotion
from benchmarks.simulation.instrument import READS
from descan.lexicon import read_yaml

Shares = NDArray[np.float64]

_DESIGNS = Path(__file__).with_name("designs.yaml")
_TOLERANCE = 1e-9


def _spread(value: object) -> object:
    """Let one number stand for every category."""
    return value if isinstance(value, dict) else dict.fromkeys(Emotion, value)


def _check_reads(shares: dict[str, float]) -> dict[str, float]:
    if unknown := shares.keys() - set(READS):
        raise ValueError(f"{sorted(unknown)[0]!r} is unknown; use one of {', '.join(READS)}")
    return shares


def _check_sum(shares: dict[str, float]) -> dict[str, float]:
    if abs(sum(shares.values()) - 1) > _TOLERANCE:
        raise ValueError(f"the shares sum to {sum(shares.values()):g}, not to 1")
    return shares


Share = Annotated[float, Field(ge=0, le=1)]
Rates = Annotated[dict[Emotion, Share], BeforeValidator(_spread), Field(min_length=len(Emotion))]
Moves = Annotated[dict[str, Share], AfterValidator(_check_reads)]
Distribution = Annotated[Moves, AfterValidator(_check_sum)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Describer(_Strict):
    """What a model sees and how it labels; `designs.yaml` says what each rate is."""

    see: Rates
    guess: Distribution
    label_seen: Rates
    label_unseen: Rates
    fallback: Share
    unlabelled: Share

    @property
    def guess_shares(self) -> Shares:
        """What is described without being seen, in the order of `READS`. Shape: (8,)."""
        return np.array([self.guess.get(read, 0.0) for read in READS])

    def label_shares(self, gold: Emotion, *, is_seen: bool) -> Shares:
        """Return the probability of each of `LABELS` for an item with this gold. Shape: (8,)."""
        right = (self.label_seen if is_seen else self.label_unseen)[gold]
        to_neutral = 0.0 if gold == Emotion.NEUTRAL else (1 - right) * self.fallback
        others = [emotion for emotion in Emotion if emotion not in (gold, Emotion.NEUTRAL)]
        shares = dict.fromkeys(others, (1 - right - to_neutral) / len(others)) | {Emotion.NEUTRAL: to_neutral}
        shares[gold] = right
        return np.array([*((1 - self.unlabelled) * shares[emotion] for emotion in Emotion), self.unlabelled])


class Design(_Strict):
    """How studies are made; `designs.yaml` says what each value is."""

    n_items: Annotated[int, Field(ge=1)]
    gold: Distribution
    describers: Annotated[list[str], Field(min_length=1)]
    group_size: Annotated[int, Field(ge=1)] = 1
    common: Share = 0.0
    misreading: dict[str, Moves] = Field(default_factory=dict)
    common_misreading: Share = 0.0
    drawn_to_gold: Share = 0.0
    human_readings: Annotated[int, Field(ge=0)] = 0
    repeats: Annotated[int, Field(ge=1)] = 1

    @property
    def gold_shares(self) -> Shares:
        """The distribution of gold, in the order of `Emotion`. Shape: (7,)."""
        return np.array([self.gold.get(emotion, 0.0) for emotion in Emotion])

    @property
    def readers(self) -> Shares:
        """The probability of each gold (first axis) that what is meant is read as (last axis). Shape: (7, 8, 8)."""
        matrix = np.array([[self.misreading.get(meant, {}).get(read, 0.0) for read in READS] for meant in READS])
        np.fill_diagonal(matrix, 1 - matrix.sum(axis=1))
        to_gold = np.eye(len(Emotion), len(READS))[:, np.newaxis]
        return np.asarray((1 - self.drawn_to_gold) * matrix + self.drawn_to_gold * to_gold)


class Designs(_Strict):
    """`designs.yaml`."""

    describers: dict[str, Describer]
    designs: dict[str, Design]


@lru_cache
def load_designs(path: Path = _DESIGNS) -> Designs:
    """Read describers and designs from a file in the form of `designs.yaml`."""
    return read_yaml(path, Designs)
