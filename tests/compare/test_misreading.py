"""The extractor's own error: the confusion, the correction by it, and the files of human readings."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.misreading import measure
from descan.analysis import AnalyzeOptions, analyze
from descan.compare import CompareOptions, load_human_readings
from descan.compare.correction import corrected_shares
from descan.compare.misreading import Confusion, choices_of, invert_confusion, load_confusion
from descan.corpus import CategoryNames, read_corpus
from descan.errors import InputError
from descan.lexicon import lexicon_path, load_category_set

if TYPE_CHECKING:
    from tests.compare.conftest import Analysis

BASIC7 = load_category_set()
CHOICES = choices_of(BASIC7)
SAD, FEAR = CHOICES.index("Sad"), CHOICES.index("Fear")
VERDICTS = ("right", "lucky", "labeling_failure", "seeing_failure")


def read(path: Path, rows: list[tuple[str, str]]) -> CompareOptions:
    lines = ["item_id,model,read", *(f"{item},m,{category}" for item, category in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return CompareOptions(n_resamples=500, human_readings=path)


def test_two_categories_are_corrected_as_by_rogan_and_gladen() -> None:
    # Sensitivity 0.8, specificity 0.9; 38 of 100 items of gold Sad are described Sad, the others Fear:
    # (0.38 + 0.9 - 1) / (0.8 + 0.9 - 1) = 0.28 / 0.7 = 0.4
    probabilities = np.eye(8)
    probabilities[SAD, [SAD, FEAR]] = 0.8, 0.2
    probabilities[FEAR, [SAD, FEAR]] = 0.1, 0.9
    counts = np.zeros((7, 2, 8, 3))
    counts[SAD, 1, SAD, 0], counts[SAD, 1, FEAR, 0] = 38, 62
    shares = corrected_shares(counts.reshape(1, -1), invert_confusion(probabilities)[np.newaxis]).reshape(8, 4)
    assert shares[0] == pytest.approx([0.4, 0.6, 0, 0])
    assert shares[1 + SAD] == pytest.approx([0.4, 0.6, 0, 0])
    assert np.isnan(shares[1 + FEAR]).all()


def test_the_inverse_undoes_any_confusion() -> None:
    generator = np.random.default_rng(0)
    probabilities = 0.7 * np.eye(8) + 0.3 * generator.dirichlet(np.ones(8), size=8)
    human = generator.integers(100, size=8)
    assert (human @ probabilities) @ invert_confusion(probabilities) == pytest.approx(human)


def test_a_perfect_reader_corrects_nothing_and_a_blind_one_cannot_be_corrected() -> None:
    counts = np.random.default_rng(1).integers(20, size=(1, 7, 2, 8, 3)).astype(float)
    counts[..., 1:] = 0
    shares = corrected_shares(counts.reshape(1, -1), invert_confusion(np.eye(8))[np.newaxis])[0, :4]
    supporting = np.array([[counts[0, gold, label, gold, 0] for label in (0, 1)] for gold in range(7)]).sum(axis=0)
    totals = counts.sum(axis=(0, 1, 3, 4))
    expected = [supporting[1], totals[1] - supporting[1], supporting[0], totals[0] - supporting[0]]
    assert shares == pytest.approx(np.array(expected) / totals.sum())
    assert np.isnan(invert_confusion(np.full((8, 8), 1 / 8))).all()


def test_corrected_shares_stay_within_what_was_labelled() -> None:
    # All ten items of gold Sad are described Fear, more than the 90 % that would be if no text said Sad.
    probabilities = np.eye(8)
    probabilities[FEAR, [SAD, FEAR]] = 0.1, 0.9
    counts = np.zeros((7, 2, 8, 3))
    counts[SAD, 0, FEAR, 0] = 10
    shares = corrected_shares(counts.reshape(1, -1), invert_confusion(probabilities)[np.newaxis])[0, :4]
    assert shares == pytest.approx([0, 0, 0, 1])


def test_a_few_readings_are_pulled_towards_the_errors_of_all() -> None:
    # right = (8 + 1) / (10 + 2) = 0.75; errors by described category: Fear 2, others 0, with 1/2 more each.
    # For Happy, never read by anyone: Fear 2.5 of the 2.5 + 6 * 0.5 = 5.5 that are not Happy, of 0.25.
    counts = np.zeros((8, 8))
    counts[SAD, [SAD, FEAR]] = 8, 2
    rows = Confusion(CHOICES, counts, "test").probabilities()
    happy = CHOICES.index("Happy")
    assert rows[happy, [happy, FEAR, SAD]] == pytest.approx([0.75, 0.25 * 2.5 / 5.5, 0.25 * 0.5 / 5.5])
    # For Sad: (8 + 2 * 0.75) of 12 right, (2 + 2 * 0.25 * 2.5 / 5.5) as Fear.
    assert rows[SAD, [SAD, FEAR]] == pytest.approx([9.5 / 12, (2 + 0.5 * 2.5 / 5.5) / 12])
    assert rows.sum(axis=1) == pytest.approx(np.ones(8))


def test_drawn_confusions_scatter_as_their_counts_allow() -> None:
    counts = Confusion(CHOICES, 1000 * np.eye(8) + 100 * np.eye(8)[::-1], "test")
    drawn = counts.draw(np.random.default_rng(0), 2000)
    assert drawn.sum(axis=2) == pytest.approx(np.ones((2000, 8)))
    assert drawn.mean(axis=0) == pytest.approx(counts.probabilities(), abs=0.001)
    share = 1000 / 1100
    assert drawn[:, 0, 0].std() == pytest.approx(np.sqrt(share * (1 - share) / 1100), rel=0.1)


def test_verdicts_are_corrected_with_the_shipped_confusion_when_nobody_has_read_any(analysis: "Analysis") -> None:
    for number in range(20):
        analysis.item(str(number), "Happy")
        analysis.describe(str(number), "Neutral" if number < 5 else "Happy")
        analysis.label(str(number), "Happy")
    analysis.compare(CompareOptions(n_resamples=500))
    [right] = analysis.table("verdicts_corrected", gold="all", verdict="right")
    assert (right["share_of_scored"], right["confusion"], right["n_read"]) == ("0.75", "descan (en)", "0")
    shipped = load_confusion(lexicon_path("en", "misreading.csv"), "", BASIC7)
    assert right["n_human"] == str(shipped.n)
    weights = invert_confusion(shipped.probabilities())[:, CHOICES.index("Happy")]
    expected = (15 * weights[CHOICES.index("Happy")] + 5 * weights[CHOICES.index("Neutral")]) / 20
    assert float(right["corrected"]) == pytest.approx(min(expected, 1), abs=1e-6)
    assert len(analysis.table("misreading")) == 64


def test_a_language_without_a_confusion_has_no_corrected_shares(analysis: "Analysis") -> None:
    analysis.item("a", "Sad")
    analysis.describe("a", "Sad")
    analysis.label("a", "Sad")
    analysis.compare(CompareOptions(n_resamples=500, language="xx"))
    [row] = analysis.table("verdicts_corrected", gold="all", verdict="right")
    assert (row["share_of_scored"], row["corrected"], row["corrected_low"], row["confusion"]) == ("1.0", "", "", "none")
    assert analysis.table("misreading") == []


def test_what_a_person_has_read_counts_as_read(analysis: "Analysis", tmp_path: Path) -> None:
    # Everything is read by a person: of four items with gold Sad and label Sad, three texts say Sad.
    described = {"a": "Sad", "b": "Fear", "c": "Fear", "d": "Sad"}
    for item, category in described.items():
        analysis.item(item, "Sad")
        analysis.describe(item, category)
        analysis.label(item, "Sad")
    people = [("a", "Sad"), ("b", "sad"), ("c", "Undecided"), ("d", "Sad")]
    analysis.compare(read(tmp_path / "people.csv", people))
    rows = {row["verdict"]: row for row in analysis.table("verdicts_corrected", gold="Sad")}
    assert [(rows[verdict]["n"], rows[verdict]["corrected"]) for verdict in VERDICTS] == [
        ("2", "0.75"), ("2", "0.25"), ("0", "0.0"), ("0", "0.0"),
    ]  # fmt: skip
    assert (rows["right"]["confusion"], rows["right"]["n_human"], rows["right"]["n_read"]) == (
        "human readings",
        "4",
        "4",
    )
    [mixed] = analysis.table("misreading", human="Sad", described="Fear")
    assert (mixed["n"], mixed["n_human"], mixed["share"]) == ("1", "3", "0.333333")


def test_an_item_with_several_descriptions_is_not_known_from_one(analysis: "Analysis", tmp_path: Path) -> None:
    analysis.item("a", "Sad")
    for repeat in range(3):
        analysis.describe("a", "Sad", repeat=repeat)
    analysis.label("a", "Sad")
    analysis.compare(read(tmp_path / "people.csv", [("a", "Sad")]))
    [row] = analysis.table("verdicts_corrected", gold="all", verdict="right")
    assert (row["n_human"], row["n_read"]) == ("1", "0")


def test_corrected_shares_are_right_on_average_when_descan_errs_in_known_ways() -> None:
    generator = np.random.default_rng(4)
    probabilities = 0.85 * np.eye(8) + 0.15 * np.roll(np.eye(8), 1, axis=1)
    estimates = np.array([corrected_study(generator, probabilities) for _ in range(100)])
    # Half of the texts say gold, and labels are right in 0.8 of these and 0.3 of the others.
    assert estimates.mean(axis=0) == pytest.approx([0.4, 0.15, 0.1, 0.35], abs=0.01)


def corrected_study(generator: np.random.Generator, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Correct 700 items by 300 readings of other texts."""
    gold = generator.integers(7, size=700)
    says_gold = generator.random(700) < 0.5
    said = np.where(says_gold, gold, (gold + generator.integers(1, 8, size=700)) % 8)
    label = generator.random(700) < np.where(says_gold, 0.8, 0.3)
    counts = np.zeros((7, 2, 8, 3))
    np.add.at(counts[..., 0], (gold, label.astype(np.int64), described(generator, probabilities, said)), 1)
    read_of_people = np.zeros((8, 8))
    others = generator.integers(8, size=300)
    np.add.at(read_of_people, (others, described(generator, probabilities, others)), 1)
    weights = invert_confusion(Confusion(CHOICES, read_of_people, "test").probabilities())
    return corrected_shares(counts.reshape(1, -1), weights[np.newaxis])[0, :4]


def described(
    generator: np.random.Generator, probabilities: NDArray[np.float64], said: NDArray[np.int64]
) -> NDArray[np.int64]:
    above = generator.random(len(said))[:, np.newaxis] > probabilities.cumsum(axis=1)[said, :-1]
    return np.asarray(above.sum(axis=1), dtype=np.int64)


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("r.csv", "item_id,model,read\na,m,Glee\n", "r.csv:2: read 'Glee' is unknown; use one of Anger, "),
        ("r.csv", "item_id,model,read\na,m,\n", "r.csv:2: read None is unknown; use one of Anger, "),
        ("r.csv", "item_id,read\na,Sad\n", "r.csv:2: model is missing; every row needs one"),
        ("r.csv", "item_id,model,read\n", "r.csv: no readings; give at least one"),
        (
            "r.csv",
            "item_id,model,read\na,m,Sad\na,m,Fear\n",
            "r.csv:3: 'a' by 'm', repeat 0, is on line 2 already",
        ),
        ("r.jsonl", '{"item_id": "a", "model": "m", "read": 3}\n', "r.jsonl:1: read 3 is unknown; use one of "),
        ("r.csv", "item_id,model,repeat,read\na,m,-1,Sad\n", "r.csv:2: repeat -1 is not allowed"),
        ("r.parquet", "", "r.parquet: human readings cannot be '.parquet'; use one of .csv, .jsonl, .ndjson"),
    ],
)
def test_human_readings_that_are_not_allowed_are_named(tmp_path: Path, name: str, text: str, problem: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        load_human_readings(path, CategoryNames(BASIC7))
    assert problem in str(error.value)


def test_human_readings_may_be_json_with_repeats(tmp_path: Path) -> None:
    path = tmp_path / "people.jsonl"
    rows = [{"item_id": "a", "model": "m", "repeat": repeat, "read": "undecided"} for repeat in (0, 1)]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert [(found.repeat, found.read) for found in load_human_readings(path, CategoryNames(BASIC7))] == [
        (0, "Undecided"),
        (1, "Undecided"),
    ]


def test_human_readings_are_in_the_words_and_numbers_of_the_corpus(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("item_id,model,read\na,m,Trauer\nb,m,0\nc,m,Meh\n", encoding="utf-8")
    found = load_human_readings(path, CategoryNames(BASIC7, {"0": "Anger", "meh": "Neutral"}))
    assert [reading.read for reading in found] == ["Sad", "Anger", "Neutral"]


def test_a_reading_of_what_is_not_in_the_corpus_is_refused(analysis: "Analysis", tmp_path: Path) -> None:
    analysis.item("a", "Sad")
    analysis.describe("a", "Sad")
    options = read(tmp_path / "people.csv", [("a", "Sad"), ("b", "Sad")])
    with pytest.raises(InputError, match=r"people\.csv:3: 'b' by 'm', repeat 0, is not a description of this corpus"):
        analysis.compare(options)


def test_readings_of_refusals_alone_tell_nothing(analysis: "Analysis", tmp_path: Path) -> None:
    analysis.item("a", "Sad")
    analysis.describe("a", "Undecided", refused=True)
    with pytest.raises(InputError, match="all of refused or failed descriptions"):
        analysis.compare(read(tmp_path / "people.csv", [("a", "Sad")]))


@pytest.mark.parametrize("row", ["Sad,Joy,1", "Sad,Fear", "Sad,Fear,-1", "Sad,Fear,x"])
def test_a_confusion_that_is_not_as_it_must_be_names_its_line(tmp_path: Path, row: str) -> None:
    path = tmp_path / "misreading.csv"
    path.write_text(f"# counts\nhuman,described,n\n{row}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"misreading\.csv:3: .* is not a human reading, a described category and"):
        load_confusion(path, "test", BASIC7)


def test_the_shipped_confusion_is_what_is_measured(shared: Path) -> None:
    # After a change of lexicon, rules or weights: python -m benchmarks.misreading GOLD
    counts = load_confusion(lexicon_path("en", "misreading.csv"), "", BASIC7).counts
    assert measure(shared / "gold" / "dev.jsonl").tolist() == counts.tolist()


def test_a_mistake_in_human_readings_is_told_before_the_analysis(sample_corpus: Path, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("item_id,model,read\nx,m,Glee\n", encoding="utf-8")
    options = AnalyzeOptions(compare=CompareOptions(human_readings=path))
    with pytest.raises(InputError, match="read 'Glee' is unknown"):
        analyze(read_corpus(sample_corpus), tmp_path / "out", options)
    assert not (tmp_path / "out").exists()
