"""How numbers and names stand in sentences and tables for people."""

import math
from collections.abc import Sequence

from descan.terminal import plain

DASH = "–"
_CERTAIN = 0.995


def named(name: str) -> str:
    """Give a name from outside so that it neither hides characters nor reorders the words around it."""
    return f"\u2068{plain(name)}\u2069"


def percent(share: float) -> str:
    """Give a share in whole percent; neither 0% nor 100% unless it is exactly that."""
    if math.isnan(share):
        return DASH
    if 0 < share < 1 - _CERTAIN:
        return "<1%"
    if _CERTAIN <= share < 1:
        return ">99%"
    return f"{100 * share:.0f}%"


def interval(low: float, high: float) -> str:
    """Give the bounds of a share in percent, such as `37–67`, or nothing where there is no interval."""
    return "" if math.isnan(low) or math.isnan(high) else f"{100 * low:.0f}–{100 * high:.0f}"


def percent_with(share: float, low: float, high: float) -> str:
    """Give a share with its interval, such as `52% (37–67)`."""
    bounds = interval(low, high)
    return f"{percent(share)} ({bounds})" if bounds else percent(share)


def points(difference: float) -> str:
    """Give a difference of two shares in whole points, with its sign."""
    if math.isnan(difference):
        return DASH
    return f"{100 * difference:+.0f}".replace("-", "\N{MINUS SIGN}")


def points_between(low: float, high: float) -> str:
    """Give the bounds of a difference in whole points, or nothing where there is no interval."""
    return "" if math.isnan(low) or math.isnan(high) else f"{points(low)} to {points(high)}"


def probability(p: float) -> str:
    """Give a p-value after `p`, such as `< 0.001` or `= 0.04`."""
    if math.isnan(p):
        return DASH
    return "< 0.001" if p < 0.001 else f"= {p:.3f}" if p < 0.1 else f"= {p:.2f}"


def number(value: float) -> str:
    """Give a count, or a mean with as many digits as are of use."""
    if math.isnan(value):
        return DASH
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:.3g}" if abs(value) < 100 else f"{value:,.0f}"


def counted(n: int, noun: str) -> str:
    """Give a count with its noun."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def spoken(word: str) -> str:
    """Give a value of a table as words: `labeling failure`."""
    return plain(word).replace("_", " ")


def listed(parts: Sequence[str]) -> str:
    """Join parts as a sentence does: `a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""
