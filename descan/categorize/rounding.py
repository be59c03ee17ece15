"""Many numbers rounded at once, as Python rounds one."""

import numpy as np

from descan.columns import FloatArray

DECIMALS = 6

_SCALE = 10.0**DECIMALS
_NEAR_HALF = 1e-4


def round_values(values: FloatArray) -> FloatArray:
    """Round to six decimals like `round`.

    numpy scales a value before it rounds, so that a value close to the middle between two decimals may go the wrong
    way; those few are rounded by `round`.

    Args:
        values: From -1000 to 1000, of any shape.
    """
    scaled = values * _SCALE
    nearest = np.rint(scaled)
    result: FloatArray = nearest / _SCALE
    is_close = np.abs(np.abs(scaled - nearest) - 0.5) < _NEAR_HALF
    result[is_close] = [round(value, DECIMALS) for value in values[is_close].tolist()]
    return result
