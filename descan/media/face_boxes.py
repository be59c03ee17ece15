"""Face boxes: where a face is in the upright picture."""

import math
from dataclasses import dataclass

from descan.errors import quote

_MIN_PIXELS = 2
_FORMAT = (
    "use x,y,width,height of the upright picture, counted from its upper left corner, "
    "in pixels or as shares from 0 to 1"
)


@dataclass(frozen=True, slots=True)
class FaceBox:
    """A box in the upright picture, which is the picture after its EXIF rotation.

    Attributes:
        x: Left edge, from the left of the picture; negative where the face is cut off.
        y: Upper edge, from the top of the picture.
        width: To the right of `x`.
        height: Downward from `y`.
        is_share: The numbers are shares of the picture's width and height, not pixels.
    """

    x: float
    y: float
    width: float
    height: float
    is_share: bool

    def __str__(self) -> str:
        """Return the text that `parse_face_box` parses."""
        numbers = map(float, (self.x, self.y, self.width, self.height))
        return ",".join(f"{n:.0f}" if n.is_integer() else repr(n) for n in numbers)

    def cut_from(self, size: tuple[int, int], margin: float) -> tuple[int, int, int, int] | None:
        """Return the box with a margin in whole pixels, clamped to the picture.

        Args:
            size: Width and height of the upright picture in pixels.
            margin: What is added on each side, as a share of the box's width (left and right) or height.

        Returns:
            Left, upper, right and lower edge, the latter two exclusive; None if the box without its margin
            does not touch the picture.
        """
        width, height = size
        scale_x, scale_y = (width, height) if self.is_share else (1, 1)
        across = _span(self.x * scale_x, self.width * scale_x, width, margin)
        down = _span(self.y * scale_y, self.height * scale_y, height, margin)
        if across is None or down is None:
            return None
        return across[0], down[0], across[1], down[1]


def parse_face_box(value: object) -> FaceBox:
    """Parse a face box: `x,y,width,height` as text, or a list of these four numbers.

    The numbers are shares of the picture if none is beyond 1, and pixels otherwise.

    Raises:
        ValueError: If it is not that; the message says what is.
    """
    numbers = _numbers(value)
    if numbers is None:
        raise ValueError(f"{quote(value)} is not four numbers; {_FORMAT}")
    x, y, width, height = numbers
    is_share = max(map(abs, numbers)) <= 1
    if width <= 0 or height <= 0:
        raise ValueError(f"{quote(value)} has no area; {_FORMAT}")
    if not is_share and min(width, height) < _MIN_PIXELS:
        raise ValueError(f"{quote(value)} is less than {_MIN_PIXELS} pixels wide or high; {_FORMAT}")
    return FaceBox(x, y, width, height, is_share)


def _numbers(value: object) -> list[float] | None:
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list) or len(parts) != 4:
        return None
    if any(isinstance(part, bool) or not isinstance(part, int | float | str) for part in parts):
        return None
    try:
        numbers = [float(part) for part in parts]
    except (ValueError, OverflowError):
        return None
    return numbers if all(math.isfinite(number) for number in numbers) else None


def _span(start: float, length: float, limit: int, margin: float) -> tuple[int, int] | None:
    if start >= limit or start + length <= 0:
        return None
    first = max(0, math.floor(start - margin * length))
    last = min(limit, math.ceil(start + length + margin * length))
    return (first, last) if first < last else None
