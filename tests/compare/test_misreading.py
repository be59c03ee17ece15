"""The extractor's own error: the confusion, the correction by it, and the files of human readings."""

import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.misreading import measure
from descan.analysis import AnalyzeOptions, analyze
from descan.compare import CompareOptions
from descan.compare.estimated_shares import estimate_shares
from descan.compare.misclassification import count_supporting, fit_mixtures, tells_apart
from descan.compare.misreading import draw_probabilities, load_confusion, reading_probabilities
from descan.corpus import CategoryNames, read_corpus
from descan.corpus.readings import choices_of, load_readings
from descan.errors import InputError
from descan.lexicon import lexicon_path, load_category_set
from tests.compare.conftest import Analysis

BASIC7 = load_category_set()
CHOICES = choices_of(BASIC7)
SAD, FEAR = CHOICES.index("Sad"), CHOICES.index("Fear")
VERDICTS = ("right", "lucky", "labeling_failure", "seeing_failure")


def read(path: Path, rows: list[tuple[str, str]]) -> CompareOptions:
    lines = ["item_id,model,read", *(f"{item},m,{category}" for item, category in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return CompareOptions(n_resamples=500, human_readings=(path,))


def totals(described: NDArray[np.float64], read: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """Return counts by gold, label and what is described as cells; `read` has what people read in further items."""
    counts = np.zeros((7, 2, 3, 8))
    counts[:, :, 0] = described
    if read is not None:
        counts[:, :, 1:] = np.stack([read, np.zeros_like(read)], axis=-1).reshape(7, 2, 2, 8)
    return counts.reshape(1, -1)


def test_two_categories_are_corrected_as_by_rogan_and_gladen() -> None:
    # Sensitivity 0.8, specificity 0.9; 38 of 100 items of gold Sad are described Sad, the others Fear:
    # (0.38 + 0.9 - 1) / (0.8 + 0.9 - 1) = 0.28 / 0.7 = 0.4
    probabilities = np.eye(8)
    probabilities[SAD, [SAD, FEAR]] = 0.8, 0.2
    probabilities[FEAR, [SAD, FEAR]] = 0.1, 0.9
    counts = np.zeros((7, 2, 8))
    counts[SAD, 1, SAD], counts[SAD, 1, FEAR] = 38, 62
    shares = estimate_shares(totals(counts), probabilities[np.newaxis, np.newaxis])[0]
    assert shares[:4] == pytest.approx([0.4, 0.6, 0, 0])
    assert shares[4 * (1 + SAD) :][:4] == pytest.approx([0.4, 0.6, 0, 0])
    assert np.isnan(shares[4 * (1 + FEAR) :][:4]).all()
    # 40 descriptions are right, and all 100 labels.
    assert shares[-1] == pytest.approx(-0.6)


def test_the_fitted_mixture_undoes_any_confusion() -> None:
    generator = np.random.default_rng(0)
    probabilities = 0.7 * np.eye(8) + 0.3 * generator.dirichlet(np.ones(8), size=8)
    human = generator.integers(10, 100, size=8)
    described = (human @ probabilities)[np.newaxis, np.newaxis]
    nobody = np.zeros_like(described)
    mixture = fit_mixtures(described, nobody, probabilities[np.newaxis])
    assert mixture[0, 0] == pytest.approx(human / human.sum(), abs=0.001)
    of_sad = count_supporting(described, nobody, probabilities[np.newaxis], mixture, np.array([SAD]))
    assert of_sad == pytest.approx(human[SAD], rel=0.01)


def test_a_mixture_has_the_greatest_likelihood_of_those_that_there_can_be() -> None:
    # Of 20 texts 3 are described Sad, of which people have read 2 as Sad and 5 as Fear elsewhere. With the shares s and
    # 1 - s, P(Sad) = 0.1 + 0.7 s, log likelihood 3 log(0.1 + 0.7 s) + 17 log(0.9 - 0.7 s) + 2 log s + 5 log(1 - s).
    probabilities = np.eye(8)
    probabilities[SAD, [SAD, FEAR]] = 0.8, 0.2
    probabilities[FEAR, [SAD, FEAR]] = 0.1, 0.9
    described, read = np.zeros((2, 1, 1, 8))
    described[..., [SAD, FEAR]] = 3, 17
    read[..., [SAD, FEAR]] = 2, 5
    shares = np.linspace(0.001, 0.999, 999)
    likelihood = 3 * np.log(0.1 + 0.7 * shares) + 17 * np.log(0.9 - 0.7 * shares)
    likelihood += 2 * np.log(shares) + 5 * np.log(1 - shares)
    found = fit_mixtures(described, read, probabilities[np.newaxis])[0, 0]
    assert found[SAD] == pytest.approx(shares[likelihood.argmax()], abs=0.002)
    # Where fewer are described Sad than errors alone would give, no text says Sad.
    described[..., [SAD, FEAR]], read[:] = (1, 99), 0
    assert fit_mixtures(described, read, probabilities[np.newaxis])[0, 0, SAD] < 0.01


def test_a_perfect_reader_corrects_nothing() -> None:
    counts = np.random.default_rng(1).integers(20, size=(7, 2, 8)).astype(float)
    shares = estimate_shares(totals(counts), np.eye(8)[np.newaxis, np.newaxis])[0]
    supporting = np.array([[counts[gold, label, gold] for label in (0, 1)] for gold in range(7)]).sum(axis=0)
    n_labelled = counts.sum(axis=(0, 2))
    expected = [supporting[1], n_labelled[1] - supporting[1], supporting[0], n_labelled[0] - supporting[0]]
    assert shares[:4] == pytest.approx(np.array(expected) / counts.sum())
    # Describing less labelling, on the items whose description has a category.
    decided = counts[:, :, :7].sum(axis=(0, 2))
    assert shares[-1] == pytest.approx((supporting.sum() - decided[1]) / decided.sum(), abs=1e-4)


def test_categories_that_are_read_alike_are_not_told_apart() -> None:
    assert tells_apart(np.eye(8)).all()
    assert not tells_apart(np.full((8, 8), 1 / 8)).any()
    probabilities = np.eye(8)
    probabilities[FEAR] = probabilities[SAD]
    assert [CHOICES[place] for place in np.flatnonzero(~tells_apart(probabilities))] == ["Fear", "Sad"]


def test_corrected_shares_stay_within_what_was_labelled() -> None:
    # All ten items of gold Sad are described Fear, more than the 90 % that would be if no text said Sad.
    probabilities = np.eye(8)
    probabilities[FEAR, [SAD, FEAR]] = 0.1, 0.9
    counts = np.zeros((7, 2, 8))
    counts[SAD, 0, FEAR] = 10
    shares = estimate_shares(totals(counts), probabilities[np.newaxis, np.newaxis])[0, :4]
    assert shares == pytest.approx([0, 0, 0, 1])


def test_a_few_readings_are_pulled_towards_the_errors_of_all() -> None:
    # right = (8 + 1) / (10 + 2) = 0.75; errors by described category: Fear 2, others 0, with 1/2 more each.
    # For Happy, never read by anyone: Fear 2.5 of the 2.5 + 6 * 0.5 = 5.5 that are not Happy, of 0.25.
    counts = np.zeros((8, 8))
    counts[SAD, [SAD, FEAR]] = 8, 2
    rows = reading_probabilities(counts)
    happy = CHOICES.index("Happy")
    assert rows[happy, [happy, FEAR, SAD]] == pytest.approx([0.75, 0.25 * 2.5 / 5.5, 0.25 * 0.5 / 5.5])
    # For Sad: (8 + 2 * 0.75) of 12 right, (2 + 2 * 0.25 * 2.5 / 5.5) as Fear.
    assert rows[SAD, [SAD, FEAR]] == pytest.approx([9.5 / 12, (2 + 0.5 * 2.5 / 5.5) / 12])
    assert rows.sum(axis=1) == pytest.approx(np.ones(8))


def test_rows_with_few_readings_scatter_more_and_never_claim_certainty() -> None:
    # One of ten texts is misread; of three categories there are five, no and three texts, all read alike.
    counts = 360 * np.eye(8) + 40 * np.eye(8)[::-1]
    counts[1:4] = np.diag([0.0, 5, 0, 3, 0, 0, 0, 0])[1:4]
    drawn = draw_probabilities(np.tile(counts, (2000, 1, 1)), np.random.default_rng(0))
    assert drawn.sum(axis=2) == pytest.approx(np.ones((2000, 8)))
    scatter = drawn[:, range(8), range(8)].std(axis=0)
    assert scatter[0] < 0.005
    assert (scatter[[1, 2, 3]] > [0.03, 0.1, 0.05]).all()


def test_the_shipped_readings_make_a_sensitivity_analysis_where_nobody_has_read_any(analysis: Analysis) -> None:
    for number in range(20):
        analysis.item(str(number), "Happy")
        analysis.describe(str(number), "Neutral" if number < 5 else "Happy")
        analysis.label(str(number), "Happy")
    analysis.compare(CompareOptions(n_resamples=500))
    [right] = analysis.table("misreading_verdicts", gold="all", verdict="right")
    assert (right["share_of_scored"], right["confusion"], right["n_read"]) == ("0.75", "descan (en)", "0")
    assert right["kind"] == "sensitivity analysis"
    shipped = load_confusion(lexicon_path("en", "misreading.csv"), "", BASIC7)
    assert right["n_human"] == str(shipped.n)
    # 22 of 23 texts that say Happy are read so, 93 of 104 of all: sensitivity (22 + 2 * 94 / 106) / 25 = 0.951, and
    # hardly any other text is read as Happy: 0.75 / 0.951 = 0.789.
    assert float(right["estimated"]) == pytest.approx(0.789, abs=0.005)
    assert float(right["estimated_low"]) < 0.7
    assert len(analysis.table("misreading")) == 64


def test_descriptions_in_several_languages_are_each_corrected_by_its_counts(tmp_path: Path) -> None:
    described = {"en": 30, "zh": 50}  # Of 60 each, as many as Happy and the others as Neutral.
    estimates = {}
    for languages in (("en",), ("zh",), ("en", "zh"), ("zh", "en", "xx")):
        analysis = Analysis(tmp_path / "-".join(languages))
        analysis.folder.mkdir()
        for language, number in product(languages, range(60)):
            item, is_happy = f"{language}{number}", number < described.get(language, 40)
            analysis.item(item, "Happy")
            analysis.describe(item, "Happy" if is_happy else "Neutral", language=language)
            analysis.label(item, "Happy")
        analysis.compare(CompareOptions(n_resamples=200, language=languages[0]))
        [row] = analysis.table("misreading_verdicts", gold="all", verdict="right")
        estimates[languages] = float(row["estimated"])
        assert float(row["estimated_low"]) < float(row["estimated"]) < float(row["estimated_high"])
        named = [code for code in languages if code != "xx"]
        assert row["confusion"] == ", ".join(f"descan ({code})" for code in named)
        assert len(analysis.table("misreading")) == 64 * len(named)
    one_by_one = estimates["en",], estimates["zh",]
    assert one_by_one[0] != pytest.approx(one_by_one[1], abs=0.05)
    assert estimates["en", "zh"] == pytest.approx(sum(one_by_one) / 2, abs=1e-3)
    # What has no counts is taken as the main language.
    assert estimates["zh", "en", "xx"] != pytest.approx(estimates["en", "zh"], abs=1e-3)


def test_a_language_without_a_confusion_has_no_corrected_shares(analysis: Analysis) -> None:
    analysis.item("a", "Sad")
    analysis.describe("a", "Sad")
    analysis.label("a", "Sad")
    analysis.compare(CompareOptions(n_resamples=500, language="xx"))
    [row] = analysis.table("misreading_verdicts", gold="all", verdict="right")
    assert (row["share_of_scored"], row["estimated"], row["estimated_low"], row["kind"]) == ("1.0", "", "", "none")
    assert analysis.table("misreading") == []


def test_what_a_person_has_read_counts_as_read(analysis: Analysis, tmp_path: Path) -> None:
    # Everything is read by a person: of four items with gold Sad and label Sad, three texts say Sad.
    described = {"a": "Sad", "b": "Fear", "c": "Fear", "d": "Sad"}
    for item, category in described.items():
        analysis.item(item, "Sad")
        analysis.describe(item, category)
        analysis.label(item, "Sad")
    people = [("a", "Sad"), ("b", "sad"), ("c", "Undecided"), ("d", "Sad")]
    analysis.compare(read(tmp_path / "people.csv", people))
    rows = {row["verdict"]: row for row in analysis.table("misreading_verdicts", gold="Sad")}
    assert [(rows[verdict]["n"], rows[verdict]["estimated"]) for verdict in VERDICTS] == [
        ("2", "0.75"), ("2", "0.25"), ("0", "0.0"), ("0", "0.0"),
    ]  # fmt: skip
    assert rows["right"]["kind"] == "correction"
    assert (rows["right"]["confusion"], rows["right"]["n_human"], rows["right"]["n_read"]) == (
        "human readings",
        "4",
        "4",
    )
    [mixed] = analysis.table("misreading", human="Sad", described="Fear")
    assert (mixed["n"], mixed["n_human"], mixed["share"]) == ("1", "3", "0.333333")


def test_each_description_of_an_item_is_known_by_itself(analysis: Analysis, tmp_path: Path) -> None:
    analysis.item("a", "Sad")
    for repeat in range(3):
        analysis.describe("a", "Sad", repeat=repeat)
    analysis.label("a", "Sad")
    analysis.compare(read(tmp_path / "people.csv", [("a", "Sad")]))
    [row] = analysis.table("misreading_verdicts", gold="all", verdict="right")
    assert (row["n_human"], row["n_read"]) == ("1", "0.333333")


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("r.csv", "item_id,model,read\na,m,Glee\n", "r.csv:2: read 'Glee' is unknown; use one of Anger, "),
        ("r.csv", "item_id,read\na,Sad\n", "r.csv:2: model is missing; every row needs one"),
        ("r.csv", "item_id,model,read\n", "r.csv: no readings; give at least one"),
        (
            "r.csv",
            "item_id,model,read\na,m,Sad\na,m,Fear\n",
            "r.csv:3: 'a' by 'm', repeat 0, is on line 2 already",
        ),
        ("r.jsonl", '{"item_id": "a", "model": "m", "read": 3}\n', "r.jsonl:1: read 3 is unknown; use one of "),
        ("r.csv", "item_id,model,repeat,read\na,m,-1,Sad\n", "r.csv:2: repeat -1 is not allowed"),
        ("r.parquet", "", "r.parquet: readings cannot be '.parquet'; use one of .csv, .json, .jsonl, .ndjson"),
    ],
)
def test_human_readings_that_are_not_allowed_are_named(tmp_path: Path, name: str, text: str, problem: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        load_readings([path], CategoryNames(BASIC7))
    assert problem in str(error.value)


def test_human_readings_may_be_json_with_repeats(tmp_path: Path) -> None:
    path = tmp_path / "people.jsonl"
    rows = [{"item_id": "a", "model": "m", "repeat": repeat, "read": "undecided"} for repeat in (0, 1)]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert [(found.repeat, found.described) for found in load_readings([path], CategoryNames(BASIC7))] == [
        (0, "Undecided"),
        (1, "Undecided"),
    ]


def test_human_readings_are_in_the_words_and_numbers_of_the_corpus(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("item_id,model,read\na,m,Trauer\nb,m,0\nc,m,Meh\n", encoding="utf-8")
    found = load_readings([path], CategoryNames(BASIC7, {"0": "Anger", "meh": "Neutral"}))
    assert [reading.described for reading in found] == ["Sad", "Anger", "Neutral"]


def test_a_reading_of_what_is_not_in_the_corpus_is_refused(analysis: Analysis, tmp_path: Path) -> None:
    analysis.item("a", "Sad")
    analysis.describe("a", "Sad")
    options = read(tmp_path / "people.csv", [("a", "Sad"), ("b", "Sad")])
    with pytest.raises(InputError, match=r"people\.csv:3: 'b' by 'm', repeat 0, is not a description of this corpus"):
        analysis.compare(options)


def test_readings_of_refusals_alone_tell_nothing(analysis: Analysis, tmp_path: Path) -> None:
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
    options = AnalyzeOptions(compare=CompareOptions(human_readings=(path,)))
    with pytest.raises(InputError, match="read 'Glee' is unknown"):
        analyze(read_corpus(sample_corpus), tmp_path / "out", options)
    assert not (tmp_path / "out").exists()


def test_errors_that_depend_on_gold_are_seen_and_others_are_not(analysis: Analysis, tmp_path: Path) -> None:
    # People read Sad in all 80 texts. descan reads a quarter as Fear: the first ones, or just those whose gold is Fear.
    for number in range(80):
        gold = "Sad" if number % 4 else "Fear"
        analysis.item(str(number), gold)
        analysis.describe(str(number), "Fear" if number < 20 else "Sad", model="first")
        analysis.describe(str(number), gold, model="gold")
        for model in ("first", "gold"):
            analysis.label(str(number), "Sad", model=model)
    path = tmp_path / "people.csv"
    rows = [f"{number},{model},Sad" for number in range(80) for model in ("first", "gold")]
    path.write_text("\n".join(["item_id,model,read", *rows]), encoding="utf-8")
    analysis.compare(CompareOptions(n_resamples=2000, human_readings=(path,)))
    of_gold = {row["model"]: row for row in analysis.table("misreading_tests", factor="gold")}
    # Of the first 5 + 45 of 80 are read as gold, and 3/4 * 3/4 + 1/4 * 1/4 = 50 of 80 expected; by gold all are.
    assert [of_gold["first"][name] for name in ("share", "expected_share", "n_human")] == ["0.625", "0.625", "80"]
    assert [of_gold["gold"][name] for name in ("share", "expected_share", "difference")] == ["1.0", "0.625", "0.375"]
    assert float(of_gold["first"]["p_holm"]) > 0.2
    assert float(of_gold["gold"]["p_holm"]) < 0.01
    assert float(of_gold[""]["p_holm"]) < 0.01
    assert {row["family"] for row in of_gold.values()} == {"misreading, gold", "misreading, gold, by model"}
    # Both read Sad as Sad in 60 of 80 texts: no model is read worse. All labels are alike, so none tells anything.
    of_model = analysis.table("misreading_tests", factor="model")
    assert [(row["model"], row["difference"], row["p_holm"]) for row in of_model] == [
        ("first", "0.0", "1.0"),
        ("gold", "0.0", "1.0"),
    ]
    assert {row["difference"] for row in analysis.table("misreading_tests", factor="label")} == {"0.0"}


def test_readings_of_one_group_count_as_one(analysis: Analysis, tmp_path: Path) -> None:
    rows = []
    for number in range(120):
        analysis.item(str(number), "Sad", group=f"clip {number // 10}")
        analysis.describe(str(number), "Fear" if number < 30 else "Sad")
        analysis.label(str(number), "Sad")
        rows.append((str(number), "Sad"))
    analysis.compare(read(tmp_path / "people.csv", rows))
    [row] = analysis.table("misreading", human="Sad", described="Fear")
    assert (row["n"], row["n_human"], row["n_groups"], row["interval"]) == ("30", "120", "12", "wilson_groups")
    # As many independent readings would give 18 to 33 %.
    assert float(row["share_low"]) < 0.12
    assert float(row["share_high"]) > 0.45


def test_describing_stands_beside_labelling_as_people_read_it(analysis: Analysis, tmp_path: Path) -> None:
    # Of 200 texts with gold Sad and as many with gold Fear, 150 of each say so and all others say the other. descan
    # reads 40 of 100 texts that say Fear as Sad. Labels are right in 140 of each.
    rows = []
    for number in range(400):
        gold, other = ("Sad", "Fear") if number < 200 else ("Fear", "Sad")
        says = gold if number % 200 < 150 else other
        item = str(number)
        analysis.item(item, gold)
        analysis.describe(item, "Sad" if says == "Fear" and number % 5 < 2 else says)
        analysis.label(item, gold if number % 10 < 7 else other)
        if number % 2:
            rows.append((item, says))
    analysis.compare(read(tmp_path / "people.csv", rows))
    [row] = analysis.table("misreading_modes")
    # As descan reads, 170 + 90 of 400 are right, by people 300, and 280 labels.
    assert (row["mode"], row["difference"], row["n_items"], row["n_read"]) == ("classify", "-0.05", "400", "200")
    assert float(row["estimated"]) == pytest.approx(0.05, abs=0.02)
    assert float(row["estimated_low"]) < 0.05 < float(row["estimated_high"])
    assert row["disagreement"].startswith("direction")
    assert (row["kind"], row["estimated_family"]) == ("correction", "misreading, classify: describing minus labelling")
