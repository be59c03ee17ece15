"""How numbers and names are written for people: the same in the terminal, on the page and in the figures."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from descan.terminal import plain

DASH = "–"
"""Stands for what is undefined."""


def isolate(name: str) -> str:
    """Return an untrusted name so that it neither hides characters nor reorders the words around it."""
    return f"\u2068{plain(name)}\u2069"


def spell(value: object) -> str:
    """Return a value of a table as words, such as `labeling failure`."""
    return plain(str(value)).replace("_", " ")


def percent(share: float) -> str:
    """Return a share in whole percent; only a share of exactly 0 or 1 is written as 0% or 100%."""
    if math.isnan(share):
        return DASH
    if 0 < share < 0.005:
        return "<1%"
    if 0.995 <= share < 1:
        return ">99%"
    return f"{round(100 * share)}%".replace("-", "\N{MINUS SIGN}")


def interval(low: float, high: float) -> str:
    """Return the bounds of a share in percent, such as `37–67`, or nothing where there is no interval."""
    if math.isnan(low) or math.isnan(high):
        return ""
    ends = [f"{round(100 * end)}".replace("-", "\N{MINUS SIGN}") for end in (low, high)]
    return (" to " if low < 0 else "–").join(ends)


def percent_with_interval(share: float, low: float, high: float) -> str:
    """Return a share with its interval, such as `52% (37–67)`."""
    return f"{percent(share)} {bracket(interval(low, high))}".rstrip()


def share_of(row: Mapping[str, Any], column: str, bounds: str = "") -> str:
    """Return a share of a table's row with its interval, of the columns `BOUNDS_low` and `BOUNDS_high` if it has them.

    Args:
        row: Of a table.
        column: The share.
        bounds: What the columns of the interval begin with, if not with the name of the share.
    """
    low, high = (row.get(f"{bounds or column}_{end}", math.nan) for end in ("low", "high"))
    return percent_with_interval(row[column], low, high)


def score_of(row: Mapping[str, Any], score: str, min_coverage: float) -> tuple[str, str]:
    """Return a score of `scores.csv` and its interval; its bounds where too few answers name a category.

    Args:
        row: Of the table.
        score: A column, such as accuracy.
        min_coverage: The share of the items that must have a category.
    """
    if row["coverage"] >= min_coverage:
        return percent(row[score]), interval(row[f"{score}_low"], row[f"{score}_high"])
    if f"{score}_best" not in row or not row["coverage"] > 0:
        return DASH, ""
    return f"{percent(row[f'{score}_all'])}–{percent(row[f'{score}_best'])}", "bounds"


def points(difference: float, digits: int = 0) -> str:
    """Return a difference of two shares in points, with its sign; whole points unless decimals are asked for."""
    if math.isnan(difference):
        return DASH
    rounded = round(100 * difference, digits)
    return f"{rounded:+.{digits}f}".replace("-", "\N{MINUS SIGN}") if rounded else "0"


def points_interval(low: float, high: float, digits: int = 0) -> str:
    """Return the bounds of a difference in points, or nothing where there is no interval."""
    return "" if math.isnan(low) or math.isnan(high) else f"{points(low, digits)} to {points(high, digits)}"


def within(margin: float) -> str:
    """Return a margin in points, such as `5 points`."""
    return f"{100 * margin:g} points"


def conclusion(decision: str, margin: float) -> str:
    """Return the decision of a row of differences in words, such as `equal within 5 points`.

    Args:
        decision: Of the table.
        margin: Differences below this share are of no importance.
    """
    if decision == "equal":
        return f"equal within {within(margin)}"
    return f"differs, by less than {within(margin)}" if decision == "differs within margin" else decision


def count_decisions(rows: Sequence[Mapping[str, Any]], margin: float) -> str:
    """Return how many differences have each decision, such as `3 differ, 1 cannot tell`."""
    decisions = Counter(conclusion(row["decision"], margin) for row in rows)
    return ", ".join(f"{n:,} {decision.replace('differs', 'differ')}" for decision, n in decisions.most_common())


def p_value(p: float) -> str:
    """Return a p-value with its sign, such as `p < 0.001` or `p = 0.04`."""
    if math.isnan(p):
        return DASH
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def number(value: float) -> str:
    """Return a count, or a mean with as many digits as are useful."""
    if math.isnan(value):
        return DASH
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:.3g}" if abs(value) < 100 else f"{value:,.0f}"


def ratio(value: float, low: float = math.nan, high: float = math.nan) -> str:
    """Return how many times as much something is, with its interval, such as `1.41 (1.34 to 1.47)`."""
    if math.isnan(value):
        return DASH
    ends = "" if math.isnan(low) or math.isnan(high) else f"{low:.3g} to {high:.3g}"
    return f"{value:.3g} {bracket(ends)}".rstrip()


def count(n: float, noun: str) -> str:
    """Return a count with its noun."""
    return f"{number(n)} {noun}" if n == 1 else f"{number(n)} {noun}s"


def join_counts(counts: Mapping[str, int]) -> str:
    """Return counts by what they count: `5 refused, 3 off list`."""
    return ", ".join(f"{n:,} {spell(reason)}" for reason, n in counts.items())


def bracket(text: str) -> str:
    """Put brackets around a text, unless it is empty."""
    return f"({text})" if text else ""


def join_words(parts: Sequence[str]) -> str:
    """Join parts as a sentence does: `a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def join_some(parts: Sequence[str], limit: int, rest: str = "more", separator: str = "; ") -> str:
    """Join parts; of a long list only the first ones, saying how many more there are."""
    shown = list(parts[:limit])
    if len(parts) > limit:
        shown.append(f"and {len(parts) - limit:,} {rest}")
    return separator.join(shown)
