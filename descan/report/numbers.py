"""Numbers of the tables as the summary shows them."""

import math
from collections.abc import Mapping

Row = Mapping[str, str]
"""A row of a CSV table, by column."""

DASH = "–"
"""What is undefined."""


def plural(n: int, noun: str) -> str:
    """Give a number with its noun."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def percent(share: str) -> str:
    """Give a share as a whole percentage, or a dash where the cell is empty."""
    value = float(share) if share else math.nan
    return DASH if math.isnan(value) else f"{100 * value:.0f}%"


def interval(row: Row, name: str) -> str:
    """Give the interval of the columns `NAME_low` and `NAME_high` in percent, empty where there is none."""
    low, high = row.get(f"{name}_low", ""), row.get(f"{name}_high", "")
    return f"{_whole(low)}–{_whole(high)}" if low and high else ""


def p_value(text: str) -> str:
    """Give a p with as many decimals as matter."""
    p = float(text)
    return "< 0.001" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def _whole(share: str) -> str:
    return f"{round(100 * float(share))}".replace("-", "\N{MINUS SIGN}")
