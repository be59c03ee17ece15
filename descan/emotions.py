"""The categories of a facial expression: their order and their valence."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

OTHER = "Other"
"""The category of a term that is a feeling or an attitude outside the categories."""

UNDECIDED = "Undecided"
"""What a reading says if the description supports no category."""


class Emotion(StrEnum):
    """A category; the order here is the order of every table."""

    ANGER = "Anger"
    DISGUST = "Disgust"
    FEAR = "Fear"
    HAPPY = "Happy"
    NEUTRAL = "Neutral"
    SAD = "Sad"
    SURPRISE = "Surprise"


VALENCE: Mapping[str, float] = MappingProxyType(
    {
        Emotion.ANGER: -1.0,
        Emotion.DISGUST: -1.0,
        Emotion.FEAR: -1.0,
        Emotion.HAPPY: 1.0,
        Emotion.NEUTRAL: 0.0,
        Emotion.SAD: -1.0,
        Emotion.SURPRISE: 0.0,
    }
)
"""Pleasantness of each category, -1 to 1, after the pleasure axis of Russell (1980)."""

VALENCE_BAND = 0.2
"""A valence closer to 0 than this is neither pleasant nor unpleasant."""
