"""When a difference is called real, below how many groups nothing is concluded, and what a number of items can show."""

from math import sqrt
from statistics import NormalDist

SIGNIFICANT = 0.05
"""A p-value below this is called significant; a family of tests may err this often, all together."""

MIN_GROUPS = 10
"""With fewer groups their resamples are too similar and intervals too narrow (Cameron & Miller 2015).

Nothing is concluded from such intervals, and their tests are in no family.
"""

POWER = 0.8
"""A difference that is there is to be found in this share of studies (Cohen 1988)."""


def worst_half_width(n_items: int, confidence: float = 0.95) -> float:
    """Return half the width of Wilson's interval of a share of one half: no share has a wider one.

    Args:
        n_items: Independent items.
        confidence: Of the interval.
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    return z / (2 * sqrt(n_items + z**2))


def worst_detectable_difference(n_items: int) -> float:
    """Return about the difference of two shares near one half that a test on the same items finds with `POWER`.

    Of two sides that have nothing in common one half of the items are discordant, which no two independent sides
    exceed; sides that err on the same items need fewer items. From d² n = z² (1/2 - d²) for McNemar's test (Connor
    1987, Biometrics 43, 207-211); `descan power` simulates the exact test.

    Args:
        n_items: Independent items.
    """
    z = NormalDist().inv_cdf(1 - SIGNIFICANT / 2) + NormalDist().inv_cdf(POWER)
    return z * sqrt(0.5 / (n_items + z**2))
