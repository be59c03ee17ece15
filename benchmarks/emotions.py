"""The categories of basic7 by name, for simulated studies and tests, which are about these seven."""

from enum import StrEnum


class Emotion(StrEnum):
    """A category of basic7, in its order."""

    ANGER = "Anger"
    DISGUST = "Disgust"
    FEAR = "Fear"
    HAPPY = "Happy"
    NEUTRAL = "Neutral"
    SAD = "Sad"
    SURPRISE = "Surprise"
