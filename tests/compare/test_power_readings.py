"""How many descriptions a person must read: the half widths of corrected shares that simulated studies have."""

from pathlib import Path

import numpy as np
import pytest

from descan.compare import CompareOptions
from descan.compare.estimated_shares import estimate_shares
from descan.compare.misreading import reading_probabilities
from descan.compare.power import (
    Guesses,
    Misreading,
    Search,
    find_readings,
    narrow_readings,
    read_misreading,
    state_misreading,
)
from descan.compare.power.readings import count_readings
from descan.compare.power.studies import draw_studies
from descan.corpus.readings import choices_of
from descan.errors import InputError, OptionError
from descan.lexicon import load_category_set
from tests.compare.conftest import Analysis

BASIC7 = load_category_set()
CHOICES = choices_of(BASIC7)
SEARCH = Search(n_studies=100)
MANY = Search(n_studies=300)
GUESSES = Guesses(accuracy=0.6, discordance=0.4)


def made(misread: float, guesses: Guesses = GUESSES) -> Misreading:
    return state_misreading(guesses, misread, CHOICES)


def test_stated_texts_have_the_shares_that_were_stated() -> None:
    found = made(0.2)
    assert found.texts.sum() == pytest.approx(1)
    assert (found.accuracy, found.support) == pytest.approx((0.6, 0.6))
    # On 0.4 of the items only the label or only the description is right.
    only_labelled = found.texts[:, 1].sum() - np.trace(found.texts[:, 1, :-1])
    assert only_labelled == pytest.approx(0.2)
    assert found.share == pytest.approx(0.2)
    assert found.outcomes.sum() == pytest.approx(1)


def test_the_half_width_is_that_by_which_estimates_of_further_studies_vary() -> None:
    """Draw 300 studies with numpy alone, estimate each, and take the scatter of the estimates for the truth."""
    n_items, n_readings, misread = 400, 150, 0.2
    rng = np.random.default_rng(8)
    shape = (300, n_items)
    golds, right = rng.integers(7, size=shape), rng.random(shape) < 0.6
    # Right descriptions: 0.4 of 0.6 where the label is right, 0.2 of 0.4 where it is wrong.
    others = (golds + rng.integers(1, 7, size=shape)) % 7
    texts = np.where(rng.random(shape) < np.where(right, 2 / 3, 1 / 2), golds, others)
    described = np.where(rng.random(shape) < misread, (texts + rng.integers(1, 8, size=shape)) % 8, texts)
    counts = np.zeros((300, 7, 2, 3, 8))
    people = np.zeros((300, 8, 8))
    study = np.broadcast_to(np.arange(300)[:, np.newaxis], shape)
    first, rest = np.s_[:, :n_readings], np.s_[:, n_readings:]
    nobody = np.zeros_like(golds[rest])
    np.add.at(counts, (study[rest], golds[rest], right[rest].astype(int), nobody, described[rest]), 1)
    np.add.at(people, (study[first], texts[first], described[first]), 1)
    read = np.zeros((300, 7, 2, 8, 2))
    matches = (described == golds).astype(int)
    np.add.at(read, (study[first], golds[first], right[first].astype(int), texts[first], matches[first]), 1)
    counts[:, :, :, 1:] = read.reshape(300, 7, 2, 2, 8)
    estimates = estimate_shares(counts.reshape(300, -1), reading_probabilities(people)[:, np.newaxis])[:, :4]
    assert estimates.mean(axis=0) == pytest.approx([0.4, 0.2, 0.2, 0.2], abs=0.015)
    scatter = 1.96 * estimates.std(axis=0).max()
    found = narrow_readings(made(misread), GUESSES, n_items, n_readings, MANY)
    assert found.half_width == pytest.approx(scatter, rel=0.15)


@pytest.mark.slow
def test_a_real_comparison_with_human_readings_has_the_half_width_that_was_foretold(analysis: Analysis) -> None:
    n_items, n_readings = 300, 120
    guesses = Guesses(accuracy=0.6, discordance=0.4, group_size=3, icc=0.3)
    assumed = made(0.2, guesses)
    [studies] = draw_studies(assumed.outcomes, guesses, n_items // 3, 1, 4)
    order = np.random.default_rng(1).permutation(n_items)
    rows = ["item_id,model,read"]
    for place, outcome in enumerate(studies[0].ravel()):
        gold, label, read, described = np.unravel_index(outcome, (7, 2, 8, 8))
        analysis.item(str(place), CHOICES[gold], f"group {place // 3}")
        analysis.describe(str(place), CHOICES[described])
        analysis.label(str(place), CHOICES[gold if label else gold - 1])
        if place in order[:n_readings]:
            rows.append(f"{place},m,{CHOICES[read]}")
    path = analysis.folder / "readings.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    analysis.compare(CompareOptions(n_resamples=500, human_readings=(path,), threads=1))
    shares = analysis.table("misreading_verdicts", gold="all")
    widest = max(float(row["estimated_high"]) - float(row["estimated_low"]) for row in shares) / 2
    assert widest == pytest.approx(narrow_readings(assumed, guesses, n_items, n_readings, MANY).half_width, rel=0.2)
    # A study of an analysis and one that is simulated are counted alike.
    groups, confusion = count_readings(studies[0, ..., 0], CHOICES, n_readings, order)
    assert confusion.n == sum(int(row["n"]) for row in analysis.table("misreading"))
    assert int(shares[0]["n_groups"]) == groups.n_groups


def test_with_every_description_read_the_half_width_is_that_of_the_share_itself() -> None:
    found = narrow_readings(made(0.0), GUESSES, 300, 300, SEARCH)
    # The widest of four shares: 0.4, known by 300 items.
    assert found.half_width == pytest.approx(1.96 * np.sqrt(0.4 * 0.6 / 300), rel=0.06)


@pytest.mark.slow
def test_the_smallest_number_of_readings_is_enough_and_fewer_are_not() -> None:
    curve = find_readings(0.06, made(0.2), GUESSES, 500, SEARCH)
    assert curve.smallest is not None
    assert curve.smallest in curve.points
    assert curve.smallest.power >= 0.8
    assert curve.points[0].power < 0.5
    readings = [point.n_readings for point in curve.points if point.n_readings is not None]
    assert readings == sorted(readings)
    assert 10 < curve.smallest.n_readings < 500  # type: ignore[operator]


def test_no_number_of_readings_is_enough_where_items_are_too_few() -> None:
    # All 100 descriptions read: the share 0.4 is known to 0.1, whatever descan reads.
    curve = find_readings(0.05, made(0.1), GUESSES, 100, SEARCH)
    assert curve.smallest is None
    assert curve.points[-1].n_readings == 100
    assert curve.points[-1].half_width == pytest.approx(1.96 * np.sqrt(0.24 / 100), rel=0.1)


def test_missing_descriptions_cannot_be_read() -> None:
    guesses = Guesses(missing=0.5)
    with pytest.raises(OptionError) as caught:
        narrow_readings(made(0.1, guesses), guesses, 100, 60, SEARCH)
    assert str(caught.value) == "n_readings must be 10 to 50, not 60"
    with pytest.raises(OptionError) as caught:
        narrow_readings(made(0.1, guesses), guesses, 12, 6, SEARCH)
    assert str(caught.value) == "n_items must be enough for 10 descriptions to read, not 12"


def test_a_misreading_that_cannot_be_is_refused() -> None:
    with pytest.raises(OptionError) as caught:
        made(0.95)
    assert str(caught.value) == "misreading must be 0 to 0.9, not 0.95"


def fill(analysis: Analysis) -> Path:
    """Write 40 items: gold Sad and Fear in turn, labels right in half of them, every other text of Sad misread."""
    rows = ["item_id,model,read"]
    for place in range(40):
        gold = "Sad" if place % 2 else "Fear"
        analysis.item(str(place), gold)
        analysis.describe(str(place), "Fear" if place % 4 == 1 else gold)
        analysis.label(str(place), gold if place % 8 < 4 else "Happy")
        rows.append(f"{place},m,{gold}")
    path = analysis.folder / "readings.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_a_pilot_says_what_people_would_read_and_how_often_descan_errs(analysis: Analysis) -> None:
    path = fill(analysis)
    analysis.item("40", "Sad")
    analysis.describe("40", "Sad")
    analysis.label("40", None, "unparsed")
    analysis.compare(CompareOptions(n_resamples=100, human_readings=(path,), threads=1))
    found, n_items, missing = read_misreading(analysis.folder, BASIC7, "m", None)
    assert (found.source, found.n_human, n_items) == ("human readings", 40, 41)
    assert missing == pytest.approx(1 / 41)
    assert found.accuracy == pytest.approx(0.5)
    # Ten of twenty texts of Sad are misread, all texts say gold; two readings more in each row blur that a little.
    assert found.probabilities[CHOICES.index("Sad"), CHOICES.index("Fear")] == pytest.approx(0.5, abs=0.06)
    assert found.support == pytest.approx(1, abs=0.2)
    stated, _, _ = read_misreading(analysis.folder, BASIC7, "m", 0.1)
    assert (stated.source, stated.n_human) == ("stated", 0)
    assert stated.share == pytest.approx(0.1)


def test_a_pilot_without_readings_rests_on_those_that_descan_ships(analysis: Analysis) -> None:
    fill(analysis)
    analysis.compare(CompareOptions(n_resamples=100, threads=1))
    found, _, _ = read_misreading(analysis.folder, BASIC7, "m", None)
    assert (found.source, found.n_human) == ("descan (en)", 104)
    with pytest.raises(InputError, match="has no verdict of 'other'; use another model or pilot"):
        read_misreading(analysis.folder, BASIC7, "other", None)


def test_a_language_without_readings_needs_a_stated_share(analysis: Analysis) -> None:
    fill(analysis)
    analysis.compare(CompareOptions(n_resamples=100, threads=1, language="xx"))
    with pytest.raises(OptionError, match="misreading must be given: the pilot has no human readings"):
        read_misreading(analysis.folder, BASIC7, "m", None)
