"""Support by luck: shuffled shares, what is seen beyond chance, and verdicts beside their chance."""

from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from benchmarks.emotions import Emotion
from descan.compare import CompareOptions
from descan.compare.bootstrap import Resampling
from descan.compare.chance import Claims, gather_claims, seen_beyond_chance, shuffled_shares

if TYPE_CHECKING:
    from tests.compare.conftest import Analysis

OPTIONS = Resampling(1000)


def claims(golds: list[int], described: list[int], units: list[int] | None = None) -> Claims:
    """Return descriptions that support one category each, by the first rule."""
    numbers = np.arange(len(golds)) if units is None else np.array(units)
    nothing = np.zeros_like(numbers)
    rows = np.stack([numbers, golds, nothing, nothing, nothing + 1, 1 << np.array(described)])
    return gather_claims(rows, 1, 7)


def beyond_chance(of: Claims) -> tuple[float, ...]:
    """Return what is seen beyond chance by the first rule, with its interval."""
    return seen_beyond_chance(of, 0, OPTIONS).columns(1)


def test_shuffled_shares_have_the_exact_mean_and_the_spread_of_scikit_free_numpy() -> None:
    generator = np.random.default_rng(2)
    golds, described = generator.integers(4, size=60), generator.integers(4, size=60)
    shares = shuffled_shares(claims(golds.tolist(), described.tolist()), OPTIONS)[:, 0]
    exact = sum(np.mean(golds == c) * np.mean(described == c) for c in range(4))
    expected = [np.mean(golds == generator.permutation(described)) for _ in range(2000)]
    assert shares.mean() == pytest.approx(exact, abs=0.006)
    assert shares.std() == pytest.approx(np.std(expected), rel=0.1)


def test_groups_are_shuffled_as_a_whole() -> None:
    # 4 clips of 5 alike frames, gold 0, 0, 1, 1 and described so: a shuffle gives each clip that of one clip, so
    # the share is that of 4 items: 1 in 1/6 of the shuffles, 0 in 1/6, 1/2 in the rest
    units = np.repeat(range(4), 5).tolist()
    golds = np.repeat([0, 0, 1, 1], 5).tolist()
    shares = shuffled_shares(claims(golds, golds, units), Resampling(1000))[:, 0]
    values, n = np.unique(shares, return_counts=True)
    assert values.tolist() == [0, 0.5, 1]
    assert (n / 1000).tolist() == pytest.approx([1 / 6, 2 / 3, 1 / 6], abs=0.05)


def test_frames_of_a_clip_are_shuffled_within_it() -> None:
    # one clip: its two descriptions change places in half of the shuffles
    shares = shuffled_shares(claims([0, 1], [0, 1], [7, 7]), OPTIONS)[:, 0]
    assert shares.mean() == pytest.approx(0.5, abs=0.06)
    assert set(shares) == {0.0, 1.0}


def test_groups_of_unlike_sizes_lend_a_part_or_repeat() -> None:
    # one clip of 3 frames described 0, one of 1 frame described 1; gold is 0 throughout: 3/4, or 1/4 when swapped
    shares = shuffled_shares(claims([0, 0, 0, 0], [0, 0, 0, 1], [0, 0, 0, 1]), OPTIONS)[:, 0]
    assert set(shares) == {0.75, 0.25}


def test_seen_beyond_chance_matches_a_value_worked_by_hand() -> None:
    # gold 0 0 1 2, described 0 1 1 0: support 2/4, chance 2/4*2/4 + 1/4*2/4 = 3/8; (1/2 - 3/8) / (1 - 3/8) = 0.2
    value, low, high = beyond_chance(claims([0, 0, 1, 2], [0, 1, 1, 0]))
    assert value == pytest.approx(0.2)
    assert low < value < high


def test_a_describer_who_sees_all_has_1_beyond_chance_and_one_of_luck_alone_0() -> None:
    golds = [0, 1, 2, 3] * 50
    assert beyond_chance(claims(golds, golds))[0] == pytest.approx(1)
    assert beyond_chance(claims(golds, [1] * 200))[0] == pytest.approx(0)
    value, low, high = beyond_chance(claims(golds, [0] * 100 + [1] * 100))
    assert value == pytest.approx(0)
    assert low < 0 < high


def test_where_luck_is_certain_nothing_can_be_seen_beyond_it() -> None:
    assert np.isnan(beyond_chance(claims([3, 3], [3, 3]))).all()


@pytest.mark.parametrize("seed", range(3))
def test_where_one_category_is_described_seen_beyond_chance_is_cohens_kappa(seed: int) -> None:
    golds, described = np.random.default_rng(seed).integers(4, size=(2, 60)).tolist()
    assert beyond_chance(claims(golds, described))[0] == pytest.approx(cohen_kappa_score(golds, described))


def test_chance_with_groups_of_unlike_sizes_is_that_of_the_shuffles_made(analysis: "Analysis") -> None:
    # A clip of 3 frames described Sad, a clip of 1 described Fear, gold Sad throughout: the mean over shuffles of
    # single items is 3/4, but a clip lends its description as a whole, so it is (3/4 + 1/4) / 2
    for number, (clip, described) in enumerate([("a", "Sad"), ("a", "Sad"), ("a", "Sad"), ("b", "Fear")]):
        analysis.item(str(number), "Sad", group=clip)
        analysis.describe(str(number), described)
    analysis.compare(CompareOptions(n_resamples=1000))
    [row] = analysis.table("support", evidence="described", support="strict")
    assert float(row["chance_share"]) == pytest.approx(0.5, abs=0.03)
    assert float(row["difference"]) == pytest.approx(0.75 - float(row["chance_share"]), abs=2e-6)


def test_support_has_the_interval_of_the_shuffle_and_its_p(analysis: "Analysis") -> None:
    emotions = [str(emotion) for emotion in Emotion]
    for number in range(70):
        analysis.item(str(number), emotions[number % 7])
        analysis.describe(str(number), emotions[number % 7 if number < 30 else 0])
    analysis.compare()
    [row] = analysis.table("support", evidence="described", support="strict")
    # 30 + 5 of the other 40 support gold; chance is 1/7 whatever is described, for each gold has 10 of 70
    assert (row["n_supporting"], row["chance_share"], row["n_permutations"]) == ("35", "0.142857", "500")
    assert float(row["chance_low"]) < 1 / 7 < float(row["chance_high"]) < 0.3
    assert row["p"] == "0.001996"  # no shuffle does as well: 1 / 501
    # (35/70 - 1/7) / (6/7) = 25/60
    assert float(row["seen_beyond_chance"]) == pytest.approx(25 / 60, abs=1e-6)
    [terms] = analysis.table("support", evidence="terms_described")
    assert (terms["share"], terms["p"], terms["seen_beyond_chance"]) == ("0.0", "1.0", "0.0")


def test_verdicts_stand_beside_their_share_with_descriptions_shuffled(analysis: "Analysis") -> None:
    # gold: Sad right, Sad wrong, Fear right, Happy wrong; described: Sad, Fear, Fear, Sad. Of the descriptions
    # 1/2 are Sad, 1/2 Fear, none Happy. Right: (1*1/2 + 1*1/2 + 0) / 4 = 1/4; lucky the same;
    # labeling failure: (1 Sad * 1/2 + 1 Happy * 0) / 4 = 1/8; seeing failure (1/2 + 1) / 4 = 3/8
    for item, gold, described, label in [
        ("a", "Sad", "Sad", "Sad"),
        ("b", "Sad", "Fear", "Fear"),
        ("c", "Fear", "Fear", "Fear"),
        ("d", "Happy", "Sad", "Sad"),
    ]:
        analysis.item(item, gold)
        analysis.describe(item, described)
        analysis.label(item, label)
    analysis.item("e", "Happy")
    analysis.describe("e", "Happy")  # Not scored: it has no label, so its description is not shuffled either.
    analysis.compare()
    rows = analysis.table("verdicts", gold="all")
    assert [row["chance_share"] for row in rows] == ["0.25", "0.25", "0.125", "0.375", ""]
    rows = analysis.table("verdicts", gold="Sad")
    assert [row["chance_share"] for row in rows] == ["0.25", "0.25", "0.25", "0.25", ""]
    rows = analysis.table("verdicts", gold="Anger")
    assert {row["chance_share"] for row in rows} == {""}


def test_the_chance_of_verdicts_is_the_mean_over_shuffled_descriptions(analysis: "Analysis") -> None:
    generator = np.random.default_rng(5)
    gold, label, described = generator.choice(["Sad", "Happy", "Fear"], (3, 40))
    for number in range(40):
        analysis.item(str(number), str(gold[number]))
        scores = {str(described[number]): 0.6, "Fear": 0.4}
        analysis.describe(str(number), str(described[number]), scores=scores)
        analysis.label(str(number), str(label[number]))
    analysis.compare(CompareOptions(n_resamples=200))
    shuffled = [generator.permutation(described) for _ in range(4000)]
    for support, supports in [("strict", gold == shuffled), ("lenient", (gold == shuffled) | (gold == "Fear"))]:
        [row] = analysis.table(f"verdicts_{support}", gold="all", verdict="lucky")
        assert float(row["chance_share"]) == pytest.approx(np.mean((label == gold) & ~supports), abs=0.005)


def draw_clips(n_clips: int, generator: np.random.Generator) -> Claims:
    """Return clips of 1 to 30 frames, the longer the more often Sad, whose frames are mostly described alike."""
    sizes = generator.choice([1, 2, 5, 30], n_clips, p=[0.4, 0.3, 0.2, 0.1])
    clips = np.repeat(np.arange(n_clips), sizes)
    of_clip = np.where(generator.random(n_clips) < 0.2 + sizes / 60, 0, generator.integers(1, 4, n_clips))
    seen = np.where(generator.random(n_clips) < 0.4, of_clip, generator.integers(4, size=n_clips))
    described = np.where(generator.random(len(clips)) < 0.8, seen[clips], generator.integers(4, size=len(clips)))
    return claims(of_clip[clips].tolist(), described.tolist(), clips.tolist())


def test_the_chance_of_groups_of_unlike_sizes_is_the_mean_over_shuffles() -> None:
    clips = draw_clips(40, np.random.default_rng(3))
    support = float((clips.claimed[0] >> clips.golds & 1).mean())
    chance = support - seen_beyond_chance(clips, 0, OPTIONS).values[0]
    shuffled = shuffled_shares(clips, OPTIONS)[:, 0]
    assert chance == pytest.approx(shuffled.mean(), abs=4 * shuffled.std() / np.sqrt(len(shuffled)))


@pytest.mark.slow
def test_the_difference_to_chance_is_in_its_interval_with_groups_of_unlike_sizes() -> None:
    # 0.95 of 400 studies are 380; 5 standard errors are 22.
    generator = np.random.default_rng(4)
    truth = seen_beyond_chance(draw_clips(200_000, generator), 0, Resampling(1)).values[0]
    found = [seen_beyond_chance(draw_clips(60, generator), 0, Resampling(500)) for _ in range(400)]
    held = sum(bool(interval.low[0] <= truth <= interval.high[0]) for interval in found)
    assert 358 <= held <= 396
