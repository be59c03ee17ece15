"""Frames of a face, and what several of them together show."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from descan.corpus.witnesses import MAX_INTENSITY
from descan.errors import OptionError, quote

_SHARE = re.compile(r"share:([0-9.]+)")


class Value(NamedTuple):
    """What is seen of a unit; `kind` is `present`, `intensity` or `probability`."""

    kind: str
    number: float

    @property
    def strength(self) -> float:
        """How strong it is, from 0 to 1."""
        return self.number / MAX_INTENSITY if self.kind == "intensity" else self.number


Units = Mapping[int, Value]
"""Unit -> what is seen of it."""


class Frame(NamedTuple):
    """One frame with a face.

    Attributes:
        source: The picture, clip or recording, without folder and suffix.
        number: Of the frame in it.
        face: Which of several faces; the same face has the same number in all frames.
        confidence: Of the sensor that it found the face, 0 to 1.
        units: What is seen.
        intensity: How much is seen in all, where the sensor says so beside what is there; None to add up the units.
    """

    source: str
    number: int
    face: str
    confidence: float
    units: Units
    intensity: float | None = None

    @property
    def strength(self) -> float:
        """How much is seen in all."""
        return sum(value.strength for value in self.units.values()) if self.intensity is None else self.intensity


class FrameRule(NamedTuple):
    """How the frames of a clip become one.

    Attributes:
        name: `peak` takes the frame in which most is seen; `any` the greatest value of each unit; `share` what is seen
            in so many frames; `each` makes an item of every frame.
        least: The least share of frames.
    """

    name: str
    least: float = 0.0


def parse_frame_rule(text: str) -> FrameRule:
    """Parse `peak`, `any`, `each` or `share:0.3`.

    Raises:
        OptionError: If it is none of these.
    """
    found = _SHARE.fullmatch(text)
    if text in ("peak", "any", "each"):
        return FrameRule(text)
    if found and found[1].count(".") <= 1 and found[1] != "." and 0 < float(found[1]) <= 1:
        return FrameRule("share", float(found[1]))
    raise OptionError("frames", f"must be peak, any, each or share:0.3 (above 0 and at most 1), not {quote(text)}")


def main_face(frames: Sequence[Frame]) -> list[Frame]:
    """Return the frames of the face that is in most of them, and of several the one that is found most surely."""
    by_face: dict[str, list[Frame]] = {}
    for frame in frames:
        by_face.setdefault(frame.face, []).append(frame)
    return max(by_face.values(), key=lambda found: (len(found), sum(frame.confidence for frame in found)), default=[])


def combine(frames: Sequence[Frame], rule: FrameRule, intensity: float, probability: float) -> dict[int, Value]:
    """Return what the frames of one item show together.

    Args:
        frames: At least one.
        rule: How to combine them.
        intensity: For `share`: a unit is there from this intensity on.
        probability: The same of its probability.
    """
    if rule.name == "peak":
        return dict(max(frames, key=lambda frame: frame.strength).units)
    by_unit: dict[int, list[Value]] = {}
    for frame in frames:
        for unit, value in frame.units.items():
            by_unit.setdefault(unit, []).append(value)
    if rule.name != "share":
        return {unit: max(values, key=lambda value: value.strength) for unit, values in by_unit.items()}
    least = {"present": 1.0, "intensity": intensity, "probability": probability}
    return {
        unit: Value(
            "present", float(sum(value.number >= least[value.kind] for value in values) >= rule.least * len(values))
        )
        for unit, values in by_unit.items()
    }
