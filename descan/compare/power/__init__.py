"""What a study can show before it is made: simulated studies through the intervals and tests of an analysis."""

from descan.compare.power.curves import Goal, PowerCurve, PowerPoint, Search, detect, find_items, narrow
from descan.compare.power.guesses import Guesses
from descan.compare.power.pilot import Measured, Pilot, read_pilot

__all__ = [
    "Goal",
    "Guesses",
    "Measured",
    "Pilot",
    "PowerCurve",
    "PowerPoint",
    "Search",
    "detect",
    "find_items",
    "narrow",
    "read_pilot",
]
