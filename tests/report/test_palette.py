"""Colours are held to what eyes need: contrast, and distance for every kind of sight."""

import json
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from descan.emotions import OTHER, UNDECIDED
from descan.lexicon import load_category_set
from descan.records import Mode
from descan.report.charts.figure import CATEGORY_OPACITY, OPACITY
from descan.report.palette import Theme, names, paint, properties, token

Colour = npt.NDArray[np.float64]

# Machado, Oliveira & Fernandes (2009), IEEE Trans. Vis. Comput. Graph. 15, table 1, severity 1: for linear RGB.
SIGHTS = {
    "usual": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}

# Of Okabe & Ito's own seven colours (without black), computed in the same way, the nearest pair is 0.076 apart.
NEAREST = {"category": 0.10, "verdict": 0.10, "kind": 0.2, "mode": 0.1}


@pytest.mark.parametrize("theme", list(Theme))
@pytest.mark.parametrize("table", list(NEAREST))
def test_colours_of_a_table_stay_apart_for_every_sight(table: str, theme: Theme) -> None:
    # A term can be Other, a reading Undecided: the two are never in one picture, and have one colour.
    kept = [name for name in names(table) if name != UNDECIDED]
    for sight, matrix in SIGHTS.items():
        seen = {name: _oklab(np.clip(np.array(matrix) @ _linear(_colour(table, name, theme)), 0, 1)) for name in kept}
        for one, other in combinations(kept, 2):
            assert np.linalg.norm(seen[one] - seen[other]) >= NEAREST[table], (sight, one, other)


@pytest.mark.parametrize("theme", list(Theme))
@pytest.mark.parametrize("table", [*NEAREST, "more"])
def test_marks_stand_out_from_their_background(table: str, theme: Theme) -> None:
    paper = _colour("surface", "paper", theme)
    for name in names(table):
        # WCAG 2.2, success criterion 1.4.11
        assert _contrast(_colour(table, name, theme), paper) >= 3, name


@pytest.mark.parametrize("theme", list(Theme))
@pytest.mark.parametrize("name", ["ink", "faint"])
def test_words_can_be_read_on_their_background(name: str, theme: Theme) -> None:
    # WCAG 2.2, success criterion 1.4.3
    assert _contrast(_colour("surface", name, theme), _colour("surface", "paper", theme)) >= 4.5


@pytest.mark.parametrize("theme", list(Theme))
@pytest.mark.parametrize(
    ("table", "name", "opacity"),
    [("surface", "ramp", OPACITY), *(("category", name, CATEGORY_OPACITY) for name in names("category"))],
)
def test_words_can_be_read_on_the_fullest_cell(table: str, name: str, opacity: float, theme: Theme) -> None:
    paper = _colour("surface", "paper", theme)
    cell = opacity * _colour(table, name, theme) + (1 - opacity) * paper
    assert _contrast(_colour("surface", "ink", theme), cell) >= 4.5


def test_every_category_verdict_and_mode_has_a_colour() -> None:
    assert names("category") == (*load_category_set("basic8").names, OTHER, UNDECIDED)
    assert names("verdict") == ("right", "lucky", "labeling_failure", "seeing_failure", "unscored")
    assert set(names("mode")) == {str(mode) for mode in Mode}
    assert set(properties(Theme.LIGHT)) == set(properties(Theme.DARK))


def test_tokens_become_colours_wherever_they_stand() -> None:
    happy, right = token("category", "Happy"), token("verdict", "labeling_failure")
    assert (happy, right) == ("var(--category-happy)", "var(--verdict-labeling-failure)")
    spec = {"mark": {"color": happy}, "layer": [f"datum.n > 0 ? '{right}' : 'none'", 1, None, True]}
    light, dark = paint(spec, Theme.LIGHT), paint(spec, Theme.DARK)
    assert light["mark"]["color"] == properties(Theme.LIGHT)["category-happy"]
    assert dark["layer"] == [
        f"datum.n > 0 ? '{properties(Theme.DARK)['verdict-labeling-failure']}' : 'none'",
        1,
        None,
        True,
    ]
    assert "var(" not in json.dumps([light, dark])


def test_text_that_looks_like_a_token_but_is_none_stays() -> None:
    assert paint("var(--alert)", Theme.LIGHT) == "var(--alert)"


def test_a_thing_without_a_colour_is_a_mistake() -> None:
    with pytest.raises(KeyError, match="category-joy"):
        token("category", "Joy")


def _colour(table: str, name: str, theme: Theme) -> Colour:
    text = properties(theme)[token(table, name).removeprefix("var(--").removesuffix(")")]
    return np.array([int(text[place : place + 2], 16) for place in (1, 3, 5)]) / 255


def _linear(colour: Colour) -> Colour:
    return np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)


def _contrast(one: Colour, other: Colour) -> float:
    low, high = sorted(float(_linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def _oklab(linear: Colour) -> Colour:
    # After Ottosson (2020), A perceptual color space for image processing.
    cones = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    axes = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
    lab: Colour = axes @ np.cbrt(cones @ linear)
    return lab
