"""The letters of a picture that no font of the machine has."""

from html import escape
from io import BytesIO
from unicodedata import category

from descan.report.charts.figure import FONT
from descan.report.plots import BEYOND_FONTS, paint_png

_NO_LETTER = "\U0010fffd"
"""Of a private plane: what is drawn for it is what is drawn for any letter that no font has."""

_SEEN = frozenset("LNPS")
"""The first letters of the categories of Unicode whose characters leave ink."""

_CELL = 40


def find_missing_letters(svg: str) -> str:
    """Return the letters of a picture that no font has, each once, in their order.

    They are drawn beside a letter that there is none of, and those that look like it are missing.
    """
    from PIL import Image

    letters = [letter for letter in dict.fromkeys(BEYOND_FONTS.findall(svg)) if category(letter)[0] in _SEEN]
    if not letters:
        return ""
    texts = "".join(
        f'<text x="{place * _CELL + 4}" y="30" font-size="24px" font-family="{FONT}">{escape(letter)}</text>'
        for place, letter in enumerate([_NO_LETTER, *letters])
    )
    width = (len(letters) + 1) * _CELL
    paper = f'<rect width="{width}" height="{_CELL}" fill="white"/>'
    row = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{_CELL}">{paper}{texts}</svg>'
    with Image.open(BytesIO(paint_png(row, 1))) as painted:
        cells = [
            painted.crop((place * _CELL, 0, (place + 1) * _CELL, _CELL)).tobytes() for place in range(len(letters) + 1)
        ]
    return "".join(letter for letter, cell in zip(letters, cells[1:], strict=True) if cell == cells[0])
