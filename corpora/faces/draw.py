"""Draw the faces of this folder from `faces.toml`: `python corpora/faces/draw.py`."""

import math
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image, ImageDraw

Point = tuple[float, float]
Face = Mapping[str, float | str | bool]

SIDE = 320
FOLDER = Path(__file__).resolve().parent
_SCALE = 4
_N_STEPS = 24
_N_COLOURS = 64
_INK = "#2b2320"
_MOUTH = "#6d1f26"
_TONGUE = "#d9747a"
_MIDDLE = SIDE / 2


def main() -> None:
    """Draw every face of `faces.toml` into the folder of its class."""
    table = tomllib.loads((FOLDER / "faces.toml").read_text(encoding="utf-8"))
    for name, face in table["faces"].items():
        path = FOLDER / f"{name}.png"
        path.parent.mkdir(exist_ok=True)
        draw_face(table["neutral"] | table["people"][face["person"]] | face).save(path, optimize=True)


def draw_face(face: Face) -> Image.Image:
    """Draw one face.

    Args:
        face: What `faces.toml` says of it: colours, and how far each part is from where it rests.
    """
    pen = _Pen(Image.new("RGB", (SIDE * _SCALE, SIDE * _SCALE), str(face["background"])))
    _draw_person(pen, face)
    for side in (-1, 1):
        _draw_eye(pen, face, side)
        _draw_brow(pen, face, side)
        _draw_folds(pen, face, side)
    _draw_nose(pen, face)
    _draw_mouth(pen, face)
    small = pen.image.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    return small.quantize(_N_COLOURS, dither=Image.Dither.NONE)


class _Pen:
    """Draws in the units of the finished picture, on one that is several times as large."""

    def __init__(self, image: Image.Image) -> None:
        self.image = image
        self._draw = ImageDraw.Draw(image)

    def ellipse(self, centre: Point, radii: Point, fill: str) -> None:
        (x, y), (width, height) = centre, radii
        self._draw.ellipse(_scaled([(x - width, y - height), (x + width, y + height)]), fill=fill)

    def shape(self, points: Sequence[Point], fill: str) -> None:
        self._draw.polygon(_scaled(points), fill=fill)

    def line(self, points: Sequence[Point], width: float, fill: str = _INK) -> None:
        self._draw.line(_scaled(points), fill=fill, width=round(width * _SCALE), joint="curve")
        for end in (points[0], points[-1]):
            self.ellipse(end, (width / 2, width / 2), fill)


def _scaled(points: Sequence[Point]) -> list[Point]:
    return [(x * _SCALE, y * _SCALE) for x, y in points]


def _curve(start: Point, pull: Point, end: Point) -> list[Point]:
    """Give points of the quadratic Bezier curve whose middle is half way to `pull`."""
    steps = [n / _N_STEPS for n in range(_N_STEPS + 1)]
    weights = [((1 - t) ** 2, 2 * t * (1 - t), t**2) for t in steps]
    return [(a * start[0] + b * pull[0] + c * end[0], a * start[1] + b * pull[1] + c * end[1]) for a, b, c in weights]


def _arc(centre: Point, radii: Point) -> list[Point]:
    """Give points of the upper half of an ellipse from right to left; of the lower half, if its height is negative."""
    angles = [math.pi * n / _N_STEPS for n in range(_N_STEPS + 1)]
    return [(centre[0] + radii[0] * math.cos(a), centre[1] - radii[1] * math.sin(a)) for a in angles]


def _draw_person(pen: _Pen, face: Face) -> None:
    hair, skin = str(face["hair"]), str(face["skin"])
    if face["has_long_hair"]:
        pen.ellipse((_MIDDLE, 150), (104, 112), hair)
        pen.shape([(57, 150), (263, 150), (258, 285), (62, 285)], hair)
    pen.ellipse((_MIDDLE, 335), (125, 65), str(face["clothes"]))
    pen.shape([(134, 230), (186, 230), (192, 290), (128, 290)], str(face["shade"]))
    pen.ellipse((_MIDDLE, 284), (32, 16), str(face["shade"]))
    for side in (-1, 1):
        pen.ellipse((_MIDDLE + side * 86, 165), (14, 22), str(face["shade"]))
    pen.ellipse((_MIDDLE, 138), (92, 102), hair)
    pen.ellipse((_MIDDLE, 165), (86, 100), skin)
    hairline = _curve((70, 146), (_MIDDLE, 2), (250, 146))
    pen.shape([*hairline, *_arc((_MIDDLE, 138), (92, 102))], hair)


def _draw_eye(pen: _Pen, face: Face, side: int) -> None:
    x, y, width = _MIDDLE + side * 36, 152.0, 20.0
    height = 11 * float(face["eye_open"])
    droop = float(face["lid_droop"])
    inner, outer = (x - side * width, y + droop * -0.3), (x + side * width, y + droop * 0.6)
    upper = _curve(inner, (x, y - 2 * height + droop * 0.4), outer)
    lower = _curve(outer, (x, y + 1.7 * height - 14 * float(face["cheek_raise"])), inner)
    mask = Image.new("L", pen.image.size, 0)
    ImageDraw.Draw(mask).polygon(_scaled([*upper, *lower]), fill=255)
    inside = _Pen(Image.new("RGB", pen.image.size, "white"))
    inside.ellipse((x, y + 1), (9.5, 9.5), str(face["iris"]))
    inside.ellipse((x, y + 1), (4.5, 4.5), _INK)
    inside.ellipse((x + 3, y - 2), (2, 2), "white")
    pen.image.paste(inside.image, mask=mask)
    pen.line(upper, 3.2)
    pen.line(lower, 1.4)


def _draw_brow(pen: _Pen, face: Face, side: int) -> None:
    rest = 122.0
    inner = (_MIDDLE + side * (15 - 0.25 * float(face["frown"])), rest - float(face["brow_inner"]))
    outer = (_MIDDLE + side * 62, rest + 3 - float(face["brow_outer"]))
    pull = (_MIDDLE + side * 42, rest - 10 - float(face["brow_middle"]))
    pen.line(_curve(inner, pull, outer), 7, str(face["brows"]))


def _draw_folds(pen: _Pen, face: Face, side: int) -> None:
    shade = str(face["fold"])
    if float(face["frown"]):
        top = 122 - float(face["brow_inner"])
        outer = _MIDDLE + side * 5
        pen.line(_curve((outer, top - 11), (_MIDDLE + side * 2, top), (outer, top + 8)), 2, shade)
    if face["has_forehead_lines"]:
        for y, length in ((87.0, 34.0), (94.0, 42.0)):
            end = (_MIDDLE + side * length, y + 3)
            pen.line(_curve((_MIDDLE, y - 2), (_MIDDLE + side * length * 0.6, y - 4), end), 2, shade)
    if face["has_nose_wrinkles"]:
        for n in range(3):
            y = 150.0 + 9 * n
            end = (_MIDDLE + side * 13, y + 3)
            pen.line(_curve((_MIDDLE + side * 4, y), (_MIDDLE + side * 8, y - 3), end), 2, shade)
    if float(face["nose_folds"]):
        start, end = (_MIDDLE + side * 21, 192.0), (_MIDDLE + side * (32 + 8 * float(face["nose_folds"])), 222.0)
        pen.line(_curve(start, (end[0] + side * 3, 198), end), 2.2, shade)
    if face["has_tears"]:
        drop_x, drop_y = _MIDDLE + side * 42, 190.0
        drop = [*_curve((drop_x, drop_y - 18), (drop_x + 13, drop_y + 8), (drop_x, drop_y + 9))]
        drop += _curve((drop_x, drop_y + 9), (drop_x - 13, drop_y + 8), (drop_x, drop_y - 18))
        pen.shape(drop, "#7cc4ec")


def _draw_nose(pen: _Pen, face: Face) -> None:
    base = 193 - 4 * float(bool(face["has_nose_wrinkles"]))
    pen.line(_curve((_MIDDLE - 5, 158), (_MIDDLE - 12, base - 8), (_MIDDLE - 13, base - 3)), 2, str(face["fold"]))
    pen.line(_curve((_MIDDLE - 14, base - 2), (_MIDDLE, base + 9), (_MIDDLE + 14, base - 2)), 3, str(face["fold"]))


def _draw_mouth(pen: _Pen, face: Face) -> None:
    width, corner = float(face["mouth_width"]), float(face["mouth_corner"])
    top, bottom = 224 - float(face["lip_top"]), 224 + float(face["lip_bottom"])
    left, right = (_MIDDLE - width, 224 - corner), (_MIDDLE + width, 224 - corner)
    if face["has_round_mouth"]:
        upper = _arc((_MIDDLE, 224 - corner), (-width, 224 - corner - top))
        lower = _arc((_MIDDLE, 224 - corner), (width, 224 - corner - bottom))
    else:
        # A curve reaches half way to where it is pulled, from the height of the corners.
        upper = _curve(left, (_MIDDLE, 2 * top - left[1]), right)
        lower = _curve(right, (_MIDDLE, 2 * bottom - left[1]), left)
    lips = str(face["lips"])
    if bottom - top < 3:
        pen.line(upper, 4.5, lips)
        return
    mask = Image.new("L", pen.image.size, 0)
    ImageDraw.Draw(mask).polygon(_scaled([*upper, *lower]), fill=255)
    inside = _Pen(Image.new("RGB", pen.image.size, _MOUTH))
    if face["has_tongue"]:
        inside.ellipse((_MIDDLE, bottom + 2), (width * 0.55, (bottom - top) * 0.42), _TONGUE)
    inside.shape(_band(upper, float(face["teeth"])), "white")
    inside.shape(_band(lower, -float(face["lower_teeth"])), "white")
    pen.image.paste(inside.image, mask=mask)
    pen.line([*upper, *lower, upper[0]], 4, lips)


def _band(edge: Sequence[Point], height: float) -> list[Point]:
    return [*edge, *[(x, y + height) for x, y in reversed(edge)]]


if __name__ == "__main__":
    main()
