"""What a person sees at the end of an analysis."""

from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from benchmarks.emotions import Emotion
from descan.analysis.results import Analysis
from descan.compare import CompareOptions, Support, compare
from descan.errors import InputError
from descan.lexicon import load_category_set
from descan.records import Mode
from descan.report.analysis_tables import open_tables
from descan.report.charts import draw_figure
from descan.report.misreading import verdict_remarks
from descan.report.page_tables import section_tables
from descan.report.summary import print_summary
from descan.report.wording import percent
from descan.storage.schemas import ANSWERS, ITEMS, LABELS, MENTIONS, readings_schema

GOLD = {"a": "Sad", "b": "Sad", "c": "Happy", "d": "Fear"}
DESCRIBED = {"a": "Sad", "b": "Sad", "c": "Sad", "d": "Sad"}
LABELLED = {"a": "Sad", "b": "Neutral", "c": "Happy", "d": "Neutral"}


def analyzed(
    folder: Path,
    *,
    gold: dict[str, str] | None = None,
    described: dict[str, str] | None = None,
    labelled: dict[str, str | None] | None = None,
    models: Iterable[str] = ("m",),
    options: CompareOptions | None = None,
) -> Path:
    """Write an analysis folder of four items; the second best category of every description is Fear."""
    gold, described = GOLD if gold is None else gold, DESCRIBED if described is None else described
    labels: dict[str, str | None] = {**LABELLED} if labelled is None else labelled
    mode = options.label_mode if options else Mode.CLASSIFY
    answers, readings, label_rows = [], [], []
    for model in models:
        key: dict[str, Any] = {"model": model, "repeat": 0}
        for item, category in described.items():
            answers.append(key | {"item_id": item, "mode": "describe", "status": "ok"})
            readings.append(key | _reading(item, category))
        for item, label in labels.items():
            answers.append(key | {"item_id": item, "mode": str(mode), "status": "ok"})
            reason = "" if label else "unparsed"
            label_rows.append(key | {"item_id": item, "mode": str(mode), "label": label, "reason": reason})
    _write(folder / "items.parquet", ITEMS, [{"item_id": item, "gold": gold.get(item)} for item in GOLD])
    _write(folder / "answers.parquet", ANSWERS, answers)
    _write(folder / "readings.parquet", readings_schema(load_category_set()), readings)
    _write(folder / "labels.parquet", LABELS, label_rows)
    _write(folder / "mentions.parquet", MENTIONS, [])
    compare(folder, options or CompareOptions(n_resamples=500))
    return folder


def summary(folder: Path, run: dict[str, object] | None = None, width: int = 80) -> list[str]:
    """Return the lines of the summary, as piped into a file."""
    file = StringIO()
    print_summary(folder, run or {}, Console(file=file, width=width))
    return file.getvalue().splitlines()


def test_verdicts_support_and_accuracy_stand_beside_their_numbers(tmp_path: Path) -> None:
    # a right, b labeling failure, c lucky, d seeing failure; all described as Sad, so 2 of 4 support gold,
    # and as many by chance, so nothing is seen beyond chance; labels: a and c are right.
    lines = summary(analyzed(tmp_path))
    assert lines[0] == "Input: 4 items (4 with gold), 1 model, 4 descriptions, 4 classify answers"
    assert lines[1] == "Left out: nothing"
    rows = [line.split() for line in lines if line.startswith("m ")]
    assert rows[:2] == [
        ["m", "4", "25%", "25%", "25%", "25%", "0"],
        ["m", "50%", "50%", "0%", "50%", "(4)", "50%", "(4)"],
    ]
    assert "labeling failure  the label is not gold, but the description supports gold" in lines


def test_the_summary_fits_a_terminal_and_names_where_to_look(tmp_path: Path) -> None:
    lines = summary(analyzed(tmp_path, models=("gpt-4o-2024-11-20", "gemini-2.5-flash", "qwen2.5-vl-72b-instruct")))
    assert len(lines) <= 59
    assert max(map(len, lines)) <= 80
    assert "verdicts.parquet  the verdict for each item and model" in lines
    assert not any(line.startswith("report.html") for line in lines)


def test_what_was_left_out_is_told_with_its_reasons(tmp_path: Path) -> None:
    labelled: dict[str, str | None] = {"a": "Sad", "b": None}
    folder = analyzed(tmp_path, gold={"a": "Sad", "b": "Sad", "c": "Sad"}, labelled=labelled)
    text = " ".join(summary(folder, {"left_out": {"answers_of_unknown_items": 1200, "repaired": 0}}))
    assert "Left out while loading: 1,200 answers of unknown items " in text
    assert "Without a verdict: 3 of 4 pairs of item and model, more than a tenth for 1 of 1 " in text
    assert "m: 3 of 4 (75%): 1 no gold, 1 no label, 1 unparsed" in text
    assert "No verdict for 3 of 4 pairs of item and model: 1 no gold, 1 no label, 1 unparsed" in text
    assert "unparsed  the reply names no category clearly: ask for the category alone" in text
    assert "repaired" not in text


def test_without_gold_it_says_what_that_means(tmp_path: Path) -> None:
    text = " ".join(summary(analyzed(tmp_path, gold={})))
    assert "No item has a gold emotion, so no answer can be called right or wrong" in text
    assert "%" not in text
    assert "–" not in text
    assert "No verdict for" not in text


def test_without_labels_it_says_so_and_still_shows_support(tmp_path: Path) -> None:
    lines = summary(analyzed(tmp_path, labelled={}))
    assert "No answer has mode classify, so there are no verdicts" in " ".join(lines)
    assert [line.split() for line in lines if line.startswith("m ")] == [["m", "50%", "50%", "0%", "50%", "(4)"]]


def test_without_descriptions_it_says_so_and_still_shows_the_accuracy_of_labels(tmp_path: Path) -> None:
    lines = summary(analyzed(tmp_path, described={}))
    assert "No answer has mode describe, so there are no verdicts" in " ".join(lines)
    [first, *_] = [line.split() for line in lines if line.startswith("m ")]
    assert first == ["m", "–", "–", "–", "50%", "(4)"]


def test_where_no_pair_is_scored_it_points_to_the_reasons(tmp_path: Path) -> None:
    labelled: dict[str, str | None] = dict.fromkeys(GOLD)
    lines = summary(analyzed(tmp_path, labelled=labelled))
    assert "No item has gold, a description and a label, so there are no verdicts" in " ".join(lines)
    assert [line.split()[-1] for line in lines if line.startswith("m ")] == ["–"]


def test_a_model_without_scored_items_shows_a_dash_beside_others(tmp_path: Path) -> None:
    folder = analyzed(tmp_path, models=("m", "other"))
    labels = pq.read_table(folder / "labels.parquet").to_pylist()
    kept = [row for row in labels if row["model"] == "m"]
    _write(folder / "labels.parquet", LABELS, kept)
    compare(folder)
    [row] = [line.split() for line in summary(folder) if line.startswith("other ")][:1]
    assert row == ["other", "0", "–", "–", "–", "–", "4"]


def test_the_options_of_the_run_choose_mode_and_support(tmp_path: Path) -> None:
    options = CompareOptions(label_mode=Mode.TWO_STAGE, support=Support.LENIENT)
    run: dict[str, object] = {"options": {"label_mode": "two_stage", "support": "lenient"}}
    lines = summary(analyzed(tmp_path, options=options), run)
    # Fear scores 0.4 in every description, so d is supported as well: 3 of 4
    [_, agreement, *_] = [line.split() for line in lines if line.startswith("m ")]
    assert agreement[1:3] == ["75%", "75%"]
    assert any("two_stage" in line for line in lines)


def test_an_interval_stands_below_its_share_and_few_items_are_warned_of(tmp_path: Path) -> None:
    lines = summary(analyzed(tmp_path))
    below = lines[next(index for index, line in enumerate(lines) if line.startswith("m ")) + 1]
    # Wilson of 1 in 4: (1/4 + 3.84/8 +- 1.96 sqrt(3/64 + 3.84/64)) / (1 + 3.84/4) = 0.046 and 0.699
    assert below.split() == ["5–70"] * 4
    assert "below each share  its 95% interval" in lines
    assert "Do not rely on intervals from fewer than 10 groups: m" in lines


def test_tests_of_modes_and_models_are_told_with_their_corrected_p(tmp_path: Path) -> None:
    # described right: a, b; labelled right: a, c; so the discordant items are 1 and 1, and p is 1
    text = " ".join(" ".join(summary(analyzed(tmp_path, models=("m", "n")))).split())
    # four items are too few for a test
    assert "minus accuracy of classify, on the same items: m 0 points (–; +4 points, –), n 0 points (–; " in text
    assert "after the semicolon: sensitivity analysis, if descan misread as it does in 104 other texts" in text
    assert "Descriptions that support gold although the label is wrong: m 1 of 2" not in text
    assert "–: too few independent items or groups for a test" in text


@pytest.mark.parametrize("other", ["8", "=1"])
def test_a_name_that_looks_like_a_number_or_a_formula_is_a_name(tmp_path: Path, other: str) -> None:
    text = " ".join(" ".join(summary(analyzed(tmp_path, models=("007", other)))).split())
    assert f"on the same items: 007 0 points (–; +4 points, –), {other} 0 points (–; +4 points, –)" in text


def test_the_flight_to_neutral_and_what_was_seen_behind_it_are_told(tmp_path: Path) -> None:
    # labels b and d are Neutral, gold none: 2/4 - 0; b is described as its gold Sad, d as Sad where gold is Fear
    text = " ".join(" ".join(summary(analyzed(tmp_path))).split())
    assert "Share of Neutral in classify minus share of Neutral in gold, on the same items: m +50 points" in text
    assert "Labels that are wrongly Neutral although the description supports gold: m 1 of 2 (50%)" in text
    assert "contested" not in text


def test_without_a_wrong_neutral_nothing_is_said_to_be_seen_behind_it(tmp_path: Path) -> None:
    labelled: dict[str, str | None] = dict.fromkeys(GOLD, "Sad")
    text = " ".join(" ".join(summary(analyzed(tmp_path, labelled=labelled))).split())
    assert "m 0 points" in text
    assert "wrongly Neutral" not in text


def test_annotators_stand_beside_models_and_may_contest_gold(tmp_path: Path) -> None:
    folder = analyzed(tmp_path)
    votes = {"a": [("Happy", 1.0), ("Sad", 1.0)]}
    items = [{"item_id": item, "gold": GOLD.get(item), "gold_distribution": votes.get(item)} for item in GOLD]
    _write(folder / "items.parquet", ITEMS, items)
    compare(folder, CompareOptions(n_resamples=200))
    text = " ".join(" ".join(summary(folder)).split())
    assert "A model and one annotator agree in describe, and two annotators of the same items: m 50% and 0%" in text
    assert "Gold is contested for 1 of 4 items: at most half of the annotators chose gold. See" in text


def test_contested_items_are_counted_where_models_agree_against_gold(tmp_path: Path) -> None:
    labelled: dict[str, str | None] = {**LABELLED, "c": "Sad"}
    text = " ".join(" ".join(summary(analyzed(tmp_path, labelled=labelled, models=("m", "n")))).split())
    assert "Gold is contested for 1 of 4 items: models agree on another emotion. See" in text


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(0.1, 0.2, ["m lucky from 30% to 15% (10–20)"]), (0.1, 0.3, []), (float("nan"), float("nan"), [])],
)
@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("correction", "correction for misreading by 90 human readings"),
        ("sensitivity analysis", "sensitivity analysis, if descan misread as it does in 90 other texts"),
    ],
)
def test_a_share_is_told_that_lies_outside_of_the_interval_of_its_estimate(
    low: float, high: float, said: list[str], kind: str, words: str
) -> None:
    row = {"model": "m", "gold": "all", "verdict": "lucky", "share_of_scored": 0.3, "estimated": 0.15, "n_human": 90}
    found = list(verdict_remarks([row | {"estimated_low": low, "estimated_high": high, "kind": kind}], str))
    assert [line.partition(f"changes ({words}): ")[2] for line in found if "changes (" in line] == said


def test_the_name_of_a_model_can_neither_style_nor_steer_the_terminal(tmp_path: Path) -> None:
    file = StringIO()
    folder = analyzed(tmp_path, models=["[red]m[/red]\x1b[2J\u202e"])
    print_summary(folder, {"left_out": {"[bold]\x1b]0;": 1}}, Console(file=file, width=120))
    assert "[red]m[/red]\\x1b[2J\\u202e" in file.getvalue()
    assert "1 [bold]\\x1b]0;" in file.getvalue()
    assert "\x1b" not in file.getvalue()


def test_a_terminal_of_40_columns_shows_every_number_whole(tmp_path: Path) -> None:
    # The table of 80 columns would cut its headers and intervals; 5–70 is Wilson's interval of 1 in 4.
    lines = summary(analyzed(tmp_path, models=("qwen2.5-vl-32b-instruct",)), width=40)
    assert max(map(len, lines)) <= 40
    assert not any("…" in line for line in lines)
    assert "seeing failure    25% (5–70)" in lines
    assert "accuracy describe  50% (4) (15–85)" in lines
    assert "after each share  its 95% interval" in lines


@pytest.mark.slow
def test_of_many_models_those_with_the_most_scored_items_are_shown(tmp_path: Path) -> None:
    models = [f"m{place:02}" for place in range(30)]
    folder = analyzed(tmp_path, models=models)
    labels = pq.read_table(folder / "labels.parquet").to_pylist()
    # m00 to m14 lose the label of one item, and with it its verdict.
    _write(folder / "labels.parquet", LABELS, [row for row in labels if row["model"] > "m14" or row["item_id"] != "a"])
    compare(folder, CompareOptions(n_resamples=100))
    lines = summary(folder)
    assert len(lines) < 117
    shown = [line.split()[0] for line in lines if line.startswith("m") and line.split()[1:2] == ["4"]]
    assert shown == models[15:27]
    assert "and 18 more models with at most as many scored items: see tables/verdicts.csv" in lines
    assert "as many scored items: see tables/support.csv and tables/scores.csv" in " ".join(lines).replace("  ", " ")
    assert "and 22 more" in " ".join(lines)
    assert "Models are not compared with each other: that is done for at most 20 models" in lines


@pytest.mark.slow
def test_a_share_is_written_alike_in_the_summary_on_the_page_and_in_the_figures(tmp_path: Path) -> None:
    n_items = 334
    items = [f"i{place}" for place in range(n_items)]
    folder = analyzed(
        tmp_path,
        gold=dict.fromkeys(items, "Sad"),
        described=dict.fromkeys(items, "Sad"),
        labelled={item: "Sad" if place else "Fear" for place, item in enumerate(items)},
    )
    assert percent((n_items - 1) / n_items) == ">99%"
    _write(folder / "items.parquet", ITEMS, [{"item_id": item, "gold": "Sad"} for item in items])
    compare(folder, CompareOptions(n_resamples=100))
    [verdicts, agreement, *_] = [line.split() for line in summary(folder) if line.startswith("m ")]
    assert verdicts[2:6] == [">99%", "0%", "<1%", "0%"]
    assert agreement[-2:] == [">99%", "(334)"]
    tables = open_tables(folder, {})
    figure = draw_figure("verdicts", tables)
    assert figure.spec is not None
    assert [row["text"] for row in figure.spec["datasets"]["rows"]][:2] == [">99% (333)", "0% (0)"]
    [table, *_] = section_tables("verdicts", tables)
    assert table.rows[0][2].note.startswith(">99% (98–100)")
    (folder / "run.json").write_text("{}", encoding="utf-8")
    assert "&gt;99% (98–100), n=333" in Analysis(folder, {})._repr_html_()


@pytest.mark.parametrize("name", ["items.parquet", "tables/verdicts.csv"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    path = analyzed(tmp_path) / name
    path.unlink()
    with pytest.raises(InputError) as caught:
        summary(tmp_path)
    assert str(caught.value) == f"{path}: there is no such file; `descan analyze` writes it"


def _reading(item: str, described: str) -> dict[str, object]:
    scores = {described: 0.6, "Fear": 0.4}
    counts = ("n_words", "n_actions", "n_regions", "n_emotions", "n_hedged", "n_negated")
    return {
        "item_id": item,
        "described": described,
        "valence": -1.0,
        "actions_described": described,
        "terms_described": described,
        "actions_share": 0.5,
        "terms_share": 0.5,
        "refused": False,
        "named": [],
        **{
            column: scores.get(emotion, 0.0)
            for column, emotion in zip(load_category_set().score_columns, Emotion, strict=True)
        },
        **dict.fromkeys(counts, 0),
    }


def _write(path: Path, schema: pa.Schema, rows: list[dict[str, Any]]) -> None:
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
