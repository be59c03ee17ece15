"""What a study can show before it is made: simulated studies through the intervals and tests of an analysis."""

from descan.compare.power.curves import Goal, PowerCurve, PowerPoint, Search, detect, find_items, narrow
from descan.compare.power.guesses import MAX_REPEATS, Guesses
from descan.compare.power.pilot import Measured, Pilot, read_misreading, read_pilot
from descan.compare.power.readings import Misreading, find_readings, narrow_readings, state_misreading

__all__ = [
    "MAX_REPEATS",
    "Goal",
    "Guesses",
    "Measured",
    "Misreading",
    "Pilot",
    "PowerCurve",
    "PowerPoint",
    "Search",
    "detect",
    "find_items",
    "find_readings",
    "narrow",
    "narrow_readings",
    "read_misreading",
    "read_pilot",
    "state_misreading",
]
