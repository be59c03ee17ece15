"""Numbers round_values many at once are what Python's `round` makes of each."""

import math
import random

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from descan.categorize.rounding import DECIMALS, round_values


def assert_as_python(values: list[float]) -> None:
    found = round_values(np.array(values, dtype=np.float64)).tolist()
    expected = [round(value, DECIMALS) for value in values]
    assert [value.hex() for value in found] == [value.hex() for value in expected]


@given(st.lists(st.floats(-1000, 1000)))
@example([0.0000005, 1.0000015, 2.5e-07, -0.0000005, -0.0, 5e-324, 1.4999995, 0.9999995, 999.9999995, 1000.0])
@settings(deadline=None)
def test_any_number_is_round_values_as_python_rounds_it(values: list[float]) -> None:
    assert_as_python(values)


@pytest.mark.parametrize("largest", [1, 1_000])
def test_the_middle_between_two_decimals_and_its_neighbours_go_where_python_sends_them(largest: int) -> None:
    chance = random.Random(largest)
    limit = largest * 2 * 10**DECIMALS
    middles = [chance.randrange(1 - limit, limit, 2) / (2 * 10**DECIMALS) for _ in range(50_000)]
    assert_as_python([
        neighbour
        for middle in middles
        for neighbour in (middle, math.nextafter(middle, math.inf), math.nextafter(middle, -math.inf))
    ])  # fmt: skip


def test_shares_of_weights_are_round_values_as_python_rounds_them() -> None:
    assert_as_python([part / whole for whole in range(1, 300) for part in range(whole + 1)])


def test_the_shape_is_kept() -> None:
    assert round_values(np.zeros((0, 7))).shape == (0, 7)
    assert round_values(np.full((2, 7), 1 / 3)).tolist() == [[0.333333] * 7] * 2
