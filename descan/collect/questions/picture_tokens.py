"""How many tokens a picture or clip is: one rule for each way in which providers count, its numbers in models.toml."""

from collections.abc import Mapping
from datetime import date
from math import ceil, inf, sqrt
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from descan.collect.providers.model_settings import ModelSettings

_PATCH_SIDE = 32
_LOW_DETAIL_SIDE = 512
_DEFAULT = "default"


class Range(NamedTuple):
    """A low and a high figure."""

    low: float
    high: float


class _Rule(BaseModel):
    """What all rules have: where to check one, and when that was last done."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    as_of: date


class Tiles(_Rule):
    """Squares of a picture that was scaled down, and a base."""

    kind: Literal["tiles"]
    base: int
    tile: int
    tile_side: int
    fit_side: int
    short_side: int

    def count(self, width: float, height: float, settings: ModelSettings) -> Range:
        """Return the tokens of a picture of this size in pixels."""
        if settings.detail == "low":
            return Range(self.base, self.base)
        scale = min(1.0, self.fit_side / max(width, height))
        scale = min(scale, self.short_side / min(width, height))
        n_tiles = ceil(width * scale / self.tile_side) * ceil(height * scale / self.tile_side)
        tokens = self.base + self.tile * n_tiles
        return Range(tokens, tokens)


class Patches(_Rule):
    """Squares of 32 pixels, no more than a detail allows, each worth so many tokens."""

    kind: Literal["patches"]
    factor: tuple[float, float]
    most: Mapping[Literal["high", "original"], int]
    longest_side: Mapping[Literal["high", "original"], int]
    """In pixels, after scaling down; one that is left out has no bound."""

    auto: Literal["high", "original"] = "high"
    """The finest detail that the model may choose for itself."""

    def count(self, width: float, height: float, settings: ModelSettings) -> Range:
        """Return the tokens of a picture of this size in pixels."""
        low, high = self.factor
        fine = self._count(width, height, "high")
        finest = self._count(width, height, "original") if "original" in self.most else fine
        if settings.detail == "original":
            return Range(finest * low, finest * high)
        if settings.detail == "low":
            scale = min(1.0, _LOW_DETAIL_SIDE / max(width, height))
            return Range(_count_patches(width * scale, height * scale, self.most["high"]) * low, fine * high)
        is_free = settings.detail in (None, "auto") and self.auto == "original"
        return Range(fine * low, (finest if is_free else fine) * high)

    def _count(self, width: float, height: float, detail: Literal["high", "original"]) -> int:
        scale = min(1.0, self.longest_side.get(detail, inf) / max(width, height))
        return _count_patches(width * scale, height * scale, self.most[detail])


class Crops(_Rule):
    """One crop for a small picture; a larger one is cut into squares whose side follows from its shorter side."""

    kind: Literal["crops"]
    crop: int
    small_side: int
    shorter_share: float
    low_resolution: int

    def count(self, width: float, height: float, settings: ModelSettings) -> Range:
        """Return the tokens of a picture of this size in pixels."""
        if settings.media_resolution == "low":
            return Range(self.low_resolution, self.crop)
        if max(width, height) <= self.small_side:
            return Range(self.crop, self.crop)
        side = max(1, int(min(width, height) * self.shorter_share))
        return Range(self.crop, self.crop * ceil(width / side) * ceil(height / side))


class Resolutions(_Rule):
    """A number for each resolution, whatever the size."""

    kind: Literal["resolutions"]
    tokens: Mapping[str, int]
    least: float

    def count(self, width: float, height: float, settings: ModelSettings) -> Range:  # noqa: ARG002 (as the others)
        """Return the tokens of a picture of this size in pixels."""
        most = self.tokens[settings.media_resolution or _DEFAULT]
        return Range(self.least * most, most)


PictureRule = Annotated[Tiles | Patches | Crops | Resolutions, Field(discriminator="kind")]


class ClipRule(_Rule):
    """Frames at a fixed rate, and the sound."""

    frame: Mapping[str, int]
    sound: Range
    """Of a second: few and many."""

    stamps: int
    """Of a second, at most."""

    def count(self, seconds: float, settings: ModelSettings) -> Range:
        """Return the tokens of a clip that is sent whole."""
        n_frames = max(1.0, seconds * (settings.fps or 1.0))
        frame = self.frame[settings.media_resolution or _DEFAULT]
        sound = self.sound if settings.audio else Range(0, 0)
        # A part of a second may count as a frame and a second of its own.
        high = (n_frames + 1) * frame + (seconds + 1) * (sound.high + self.stamps)
        return Range(n_frames * frame + seconds * sound.low, high)


def _count_patches(width: float, height: float, most: int) -> int:
    """Return how many patches cover a picture that is scaled down, if need be, until it has no more than `most`."""
    n = ceil(width / _PATCH_SIDE) * ceil(height / _PATCH_SIDE)
    if n <= most:
        return n
    scale = sqrt(_PATCH_SIDE**2 * most / (width * height))
    across, down = width * scale / _PATCH_SIDE, height * scale / _PATCH_SIDE
    scale *= min(int(across) / across, int(down) / down) if min(across, down) >= 1 else 1.0
    return min(most, ceil(round(width * scale / _PATCH_SIDE, 6)) * ceil(round(height * scale / _PATCH_SIDE, 6)))
