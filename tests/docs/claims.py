"""The numbers that docs/writing-up.md reports, and where it says that they stand."""

import csv
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parents[2]
DOCUMENT = PROJECT / "docs" / "writing-up.md"
NUMBER = re.compile(r"(?<![\w.])[\u2212+]?\d+(?:\.\d+)?(?![\w.]*\w)")


class Claim(NamedTuple):
    text: str
    table: str
    where: Mapping[str, str]
    columns: list[str]


def read_claims(heading: str) -> Iterator[Claim]:
    """Yield the rows of the table below a heading of the document; each text must stand in the example itself."""
    section = DOCUMENT.read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    example = " ".join(re.findall(r"^>(.*)$", section, re.MULTILINE))
    for text, table, where, columns in re.findall(r"^\| (.+?) \| `(\w+)` \| (.+?) \| (.+?) \|$", section, re.MULTILINE):
        assert " ".join(text.split()) in " ".join(example.split()), text
        yield Claim(text, table, dict(part.split("=") for part in where.split(", ")), columns.split(", "))


def is_shown(shown: str, cell: str, column: str) -> bool:
    """Say whether a number in a text is that of a cell: shares in percent, counts and p as they are."""
    decimals = len(shown.partition(".")[2])
    value = float(cell)
    is_share = "." in cell and not re.search(r"(^|_)p(_|$)", column)
    rest = float(shown.replace("\u2212", "-")) - value * (100 if is_share else 1)
    return abs(rest) <= 0.5000001 * math.pow(10, -decimals)


def numbers_in(text: str) -> list[str]:
    """Return the numbers of a text; names such as 7B have none."""
    return NUMBER.findall(text)


def check_claims(tables: Path, heading: str) -> int:
    """Compare every number below a heading with its cell, and return how many texts there are."""
    claims = list(read_claims(heading))
    for claim in claims:
        with (tables / f"{claim.table}.csv").open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if all(row[key] == value for key, value in claim.where.items())]
        assert len(rows) == 1, claim
        cells = [rows[0][column] for column in claim.columns]
        for number, cell, column in zip(numbers_in(claim.text), cells, claim.columns, strict=True):
            if f"p < {number}" in claim.text:
                assert float(cell) < float(number), (claim.text, column)
            else:
                assert is_shown(number, cell, column), (claim.text, number, cell, column)
    return len(claims)
