"""The pictures show the numbers of the tables, whatever these are of."""

import csv
import itertools
import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks.emotions import Emotion
from descan.compare import CompareOptions
from descan.errors import InputError
from descan.lexicon import load_category_set
from descan.report.analysis_tables import AnalysisTables, read_analysis
from descan.report.charts import CHARTS, Figure, draw_figure, draw_figures, draw_maps, frame_figure
from descan.report.charts.figure import FONT, SIZES
from descan.report.charts.map import Word, choose_words, draw_map_terms
from descan.report.limits import MODELS_IN_FIGURE
from descan.report.palette import Theme, paint
from descan.report.paper.text_widths import Text, measure_texts
from descan.report.plots import draw_svg
from descan.report.wording import percent
from tests.report.test_summary import analyzed

pytestmark = pytest.mark.slow

Row = Mapping[str, str]
Number = float | int | None
Numbers = dict[tuple[str, ...], tuple[Number, ...]]

HOSTILE = (
    "</script><script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "a'b\"c\\d\n\x1b[2J\u202eevil",
    "NA",
    "007",
    "x" * 300,
    "日本語モデル 😀 \uffff",
)


def _verdicts(tables: Path) -> Numbers:
    columns = ("n", "share_of_scored", "share_low", "share_high", "chance_share")
    rows = [row for row in _rows(tables, "verdicts") if row["gold"] == "all" and row["verdict"] != "unscored"]
    return {(row["model"], row["verdict"]): _numbers(row, columns) for row in rows}


def _confusion(tables: Path) -> Numbers:
    found = {
        ("described", row["model"], row["gold"], row["predicted"]): _numbers(row, ("n", "n_gold"))
        for row in _rows(tables, "confusion_described")
    }
    counts: Counter[tuple[str, ...]] = Counter()
    n_gold = {}
    for row in _rows(tables, "confusion_label"):
        predicted = row["predicted"] if row["predicted"] in {*Emotion} else "none"
        counts["label", row["model"], row["gold"], predicted] += int(row["n"])
        n_gold[row["model"], row["gold"]] = int(row["n_gold"])
    return found | {key: (n, n_gold[key[1], key[2]]) for key, n in counts.items()}


def _recall(tables: Path) -> Numbers:
    names = {"described": "describe", "label": "classify"}
    return {
        (names[kind], model, gold): (n, n_gold)
        for (kind, model, gold, predicted), (n, n_gold) in _confusion(tables).items()
        if gold == predicted
    }


def _mentions(column: str, tables: Path) -> Numbers:
    rows = [row | {"gold": "all"} for row in _rows(tables, f"{column}s")] + _rows(tables, f"{column}s_by_gold")
    columns = ("descriptions", "n_descriptions", "share")
    return {(row["model"], row["gold"], row[column]): _numbers(row, columns) for row in rows}


def _detail(tables: Path) -> Numbers:
    words = {"n_words": "Words", "n_actions": "Face actions", "n_regions": "Face regions"}
    words |= {"n_emotions": "Emotion words", "n_hedged": "Hedged mentions"}
    return {
        (row["model"], f"{word} per description"): _numbers(row, (f"{column}_mean", f"{column}_median"))
        for row in _rows(tables, "detail")
        for column, word in words.items()
    }


def _categories(tables: Path) -> Numbers:
    columns = ("descriptions", "n_descriptions", "share", "share_low", "share_high", "distinct_terms")
    return {(row["model"], row["category"]): _numbers(row, columns) for row in _rows(tables, "categories")}


def _terms(tables: Path) -> Numbers:
    rows = [row for row in _rows(tables, "terms") if row["descriptions"] != "0"]
    columns = ("descriptions", "n_descriptions", "share")
    return {(row["model"], row["category"], row["term"]): _numbers(row, columns) for row in rows}


def _flow(tables: Path) -> Numbers:
    verdicts = pd.read_parquet(tables.parent / "verdicts.parquet").query("gold.notna()")
    counts: dict[tuple[str, ...], float] = defaultdict(float)
    for row in verdicts.fillna({"described": "none", "label": "none"}).to_dict("records"):
        for stop in ("gold", "described", "label"):
            counts[row["model"], f"{stop} {row[stop]}"] += row["weight"]
    return {key: (n,) for key, n in counts.items()}


def _cost(tables: Path) -> Numbers:
    columns = {
        "latency_median_s": "Seconds per answer",
        "input_tokens_mean": "Input tokens per answer",
        "output_tokens_mean": "Output tokens per answer",
        "thinking_tokens_mean": "Thinking tokens per answer",
        "cost_usd_total": "US dollars, all answers together",
    }
    return {
        (row["model"], row["mode"], word): _numbers(row, (column,))
        for row in _rows(tables, "answers")
        for column, word in columns.items()
        if row[column]
    }


def _price(tables: Path) -> Numbers:
    scores = {row["model"]: row for row in reversed(_rows(tables, "scores")) if row["mode"] == "classify"}
    return {
        (row["model"],): (
            *_numbers(row, ("usd_per_1000_mean",)),
            *_numbers(scores[row["model"]], ("accuracy", "accuracy_low", "accuracy_high")),
        )
        for row in _rows(tables, "cost")
        if row["mode"] == "classify" and row["usd_total"]
    }


@pytest.mark.parametrize(
    ("name", "expected", "key", "numbers"),
    [
        ("verdicts", _verdicts, ("model", "value"), ("n", "share", "low", "high", "chance")),
        ("confusion", _confusion, ("cell_kind", "model", "gold", "value"), ("n", "n_gold")),
        ("recall", _recall, ("mode", "model", "gold"), ("n", "n_gold")),
        ("detail", _detail, ("model", "measure"), ("mean", "median")),
        (
            "categories",
            _categories,
            ("model", "value"),
            ("n", "n_descriptions", "share", "low", "high", "distinct_terms"),
        ),
        ("cost", _cost, ("model", "mode", "measure"), ("value",)),
        ("price", _price, ("model",), ("usd", "share", "low", "high")),
    ],
)
def test_a_chart_draws_every_number_of_its_table(
    sample_report: Path, name: str, expected: Callable[[Path], Numbers], key: Sequence[str], numbers: Sequence[str]
) -> None:
    drawn = _drawn(_rows_of(draw_figure(name, read_analysis(sample_report))), key, numbers)
    assert drawn == expected(sample_report / "tables")


@pytest.mark.parametrize("column", ["region", "action"])
def test_a_heat_map_has_the_numbers_of_its_table_and_nothing_where_it_has_none(
    sample_report: Path, column: str
) -> None:
    drawn = _rows_of(draw_figure(f"{column}s", read_analysis(sample_report)))
    expected = _mentions(column, sample_report / "tables")
    found = _drawn(drawn, ("model", "gold", "value"), ("n", "n_descriptions", "share"))
    assert len(found) == len(drawn)
    assert all(numbers == expected[key] for key, numbers in found.items() if key in expected)
    assert all(numbers[0] == numbers[2] == 0 for key, numbers in found.items() if key not in expected)
    assert {key[2] for key in found} <= {key[2] for key in expected}
    most = max(expected, key=lambda key: (expected[key][0], key) if key[1] == "all" else (0, key))
    assert most in found


def test_terms_are_the_most_frequent_of_each_category(sample_report: Path) -> None:
    expected = _terms(sample_report / "tables")
    rows = _rows_of(draw_figure("terms", read_analysis(sample_report)))
    drawn = _drawn(rows, ("model", "panel", "value"), ("n", "n_descriptions", "share"))
    assert {key: numbers for key, numbers in drawn.items() if numbers[0]}.items() <= expected.items()
    for category in {key[1] for key in expected}:
        kept = {key[2] for key in drawn if key[1] == category}
        assert 1 <= len(kept) <= 6
        shares = {term: 0.0 for _, found, term in expected if found == category}
        for (_, found, term), numbers in expected.items():
            if found == category:
                shares[term] = max(shares[term], float(numbers[2] or 0))
        assert min(shares[term] for term in kept) >= max((shares[term] for term in {*shares} - kept), default=0)


def test_the_flow_keeps_every_item_from_stop_to_stop(sample_report: Path) -> None:
    rows = _rows_of(draw_figure("flow", read_analysis(sample_report)))
    bars = [row for row in rows if row["part"] == "bar"]
    assert _drawn(bars, ("model", "words"), ("n",)) == _flow(sample_report / "tables")
    for bar in bars:
        n_items = sum(row["n"] for row in bars if (row["model"], row["stop"]) == (bar["model"], bar["stop"]))
        assert bar["y2"] - bar["y"] == pytest.approx(bar["n"] / n_items, abs=1e-4)
        # Of the four points of a band the first lies at its left bar, the last at its right one.
        ends = [row for row in rows if row["part"] == "band" and row["model"] == bar["model"]]
        for edge in ("x", "x2"):
            touching = [
                row["n"]
                for row in ends
                if row["x"] == pytest.approx(bar[edge]) and bar["y"] - 1e-4 <= row["y"] < row["y2"] <= bar["y2"] + 1e-4
            ]
            is_open = bar["stop"] == (0 if edge == "x" else 2)
            assert sum(touching) == (0 if is_open else bar["n"])


def test_a_figure_says_what_it_is_in_words_and_colours_it_by_the_palette_only(sample_report: Path) -> None:
    figures = list(draw_figures(read_analysis(sample_report)))
    optional = ("fingerprint", "readers", "said_or_seen", "reliability")
    assert [figure.name for figure in figures] == [name for name in CHARTS if name not in optional]
    for figure in figures:
        assert figure.spec is not None, figure.reason
        assert figure.title
        assert figure.caption.endswith(".")
        assert figure.alt_text == figure.spec["description"]
        assert figure.alt_text.startswith(f"{figure.title}. ")
        assert re.search(r"\d", figure.alt_text)
        assert figure.spec["title"]["text"] == figure.title
        assert figure.spec["title"]["subtitle"]
        text = json.dumps(figure.spec)
        assert not re.search(r'"#[0-9a-fA-F]{3,8}"', text)
        assert "var(" not in json.dumps(paint(figure.spec, Theme.DARK))
        assert "NaN" not in text


def test_a_tooltip_writes_shares_as_the_rest_of_the_report_does(sample_report: Path) -> None:
    for figure in draw_figures(read_analysis(sample_report)):
        assert figure.spec is not None
        assert not re.search(r'"format": "\.[1-9]', json.dumps(figure.spec))
        for row in figure.spec["datasets"]["rows"]:
            for name in row.keys() & {"share", "low", "high", "chance"} if "share_words" in row else ():
                assert row[f"{name}_words"] == percent(math.nan if row[name] is None else row[name])


def test_the_confidence_of_the_run_is_told(sample_report: Path) -> None:
    tables = read_analysis(sample_report)
    tables = AnalysisTables(tables.folder, {"options": {"confidence": 0.9}}, tables.models)
    figure = draw_figure("verdicts", tables)
    assert figure.spec is not None
    assert "90% interval" in figure.spec["title"]["subtitle"]


def test_the_same_analysis_gives_the_same_specs(sample_report: Path) -> None:
    first, second = (list(draw_figures(read_analysis(sample_report))) for _ in range(2))
    assert json.dumps([figure.spec for figure in first]) == json.dumps([figure.spec for figure in second])


@pytest.mark.parametrize(
    ("kept", "drawn"),
    [
        ({"gold": {}}, {"detail"}),
        ({"labelled": {}}, {"confusion", "recall", "detail"}),
        ({"described": {}}, {"confusion", "recall"}),
        ({"described": {}, "labelled": {}}, set()),
        (
            {"gold": {"a": "Sad"}, "described": {"a": "Sad"}, "labelled": {"a": "Sad"}},
            {"verdicts", "confusion", "recall", "flow", "detail"},
        ),
    ],
    ids=["no gold", "no labels", "no descriptions", "nothing", "one item"],
)
def test_what_cannot_be_drawn_says_why(tmp_path: Path, kept: dict[str, Any], drawn: set[str]) -> None:
    figures = list(draw_figures(_read(analyzed(tmp_path, options=CompareOptions(n_resamples=100), **kept))))
    assert {figure.name for figure in figures if figure.spec} == drawn
    for figure in figures:
        assert bool(figure.reason) != bool(figure.spec)
        assert figure.spec or re.fullmatch(r"(No|There|The) .*\.", figure.reason)


def test_models_keep_their_names_however_odd(tmp_path: Path) -> None:
    tables = _read(analyzed(tmp_path, options=CompareOptions(n_resamples=100), models=HOSTILE))
    shown = {name.replace("\n\x1b", "\\x0a\\x1b").replace("\u202e", "\\u202e") for name in HOSTILE}
    assert set(tables.models) == shown
    for name in ("verdicts", "confusion", "recall", "detail", "flow"):
        rows = _rows_of(draw_figure(name, tables))
        assert {row["model"] for row in rows} == shown
    assert {*tables["verdicts"]["model"]} == shown


def test_models_called_like_parts_of_an_object_of_javascript_are_drawn(tmp_path: Path) -> None:
    names = ["constructor", "hasOwnProperty", "toString", "valueOf", "__proto__"]
    tables = _read(analyzed(tmp_path, models=names, options=CompareOptions(n_resamples=100)))
    figures = [figure for figure in draw_figures(tables) if figure.spec is not None]
    assert {"verdicts", "confusion", "recall", "detail", "flow"} <= {figure.name for figure in figures}
    for figure in figures:
        svg = draw_svg(figure.spec, Theme.LIGHT)
        assert all(f">{name}<" in svg for name in names), figure.name


def test_figures_of_many_models_stay_readable_and_say_what_they_leave_out(tmp_path: Path) -> None:
    names = [f"m{place:02}" for place in range(MODELS_IN_FIGURE + 5)]
    tables = _read(analyzed(tmp_path, models=names, options=CompareOptions(n_resamples=100)))
    note = "Shown are the 20 of 25 models with the most scored items."
    for figure in draw_figures(tables):
        if figure.spec is None:
            continue
        assert note in figure.caption
        assert note in figure.spec["title"]["subtitle"]
        shown = {row["model"] for row in figure.spec["datasets"]["rows"] if "model" in row}
        assert shown == set(names[:MODELS_IN_FIGURE]), figure.name
    row = {"map": "terms", "x": 0, "y": 0, "term": "t", "n": 1, "category": "Sad"}
    points = pd.DataFrame([row | {"model": name} for name in names])
    figure, _ = draw_maps(points, {}, names, load_category_set())
    assert "Shown are the 20 of 25 models with the most points." in figure.caption


def test_maps_draw_their_points_and_say_why_there_are_none() -> None:
    shared = {"x": 1.234567, "y": -2.0, "model": "m", "n": 3, "item_id": "", "gold": "", "described": "", "label": ""}
    points = pd.DataFrame(
        [
            shared | {"map": "terms", "term": "joy", "category": "Happy", "verdict": ""},
            shared | {"map": "terms", "term": "wide eyes", "category": "", "verdict": "", "n": 2},
            shared
            | {"map": "descriptions", "item_id": "i1", "gold": "Happy", "described": "Undecided", "label": "refused"}
            | {"term": "", "category": "", "verdict": "unscored"},
        ]
    )
    terms, descriptions = draw_maps(points, {}, ("m",), load_category_set())
    assert [row["category"] for row in _rows_of(terms) if "word" not in row] == ["Happy", "Face action"]
    assert [row["word"] for row in _rows_of(terms) if "word" in row] == ["joy"]  # The other would cover it.
    [row] = _rows_of(descriptions)
    read = {"gold": "Happy", "described": "Undecided", "label": "none", "verdict": "unscored"}
    assert row == {"x": 1.23, "y": -2.0, "item_id": "i1", "model": "m"} | read
    reasons = {"terms": "Few points.", "descriptions": "Fewer."}
    assert [figure.reason for figure in draw_maps(points.head(0), reasons, (), load_category_set())] == [
        "Few points.",
        "Fewer.",
    ]


def test_the_words_of_a_map_cover_no_other_and_stay_within_it() -> None:
    random = np.random.default_rng(0)
    points = [{"x": x, "y": y} for x, y in random.normal(size=(400, 2)).tolist()]
    words = [
        Word("".join(random.choice([*"imwW愛"], size=random.integers(1, 12))), row["x"], row["y"]) for row in points
    ]
    chosen = choose_words(words, points, 320)
    assert 10 < len(chosen) < 100
    assert chosen[0] == words[0]
    rows = [
        row | {"term": word.words, "n": 400 - place, "category": "Sad", "model": "m"}
        for place, (row, word) in enumerate(zip(points, words, strict=True))
    ]
    figure = frame_figure("map_terms", draw_map_terms(rows, ("m",), load_category_set(), SIZES))
    svg = draw_svg(figure.spec, Theme.LIGHT)
    written = re.findall(
        r'<text text-anchor="middle" transform="translate\(([-.\d]+),([-.\d]+)\)"[^>]*font-size="9px"[^>]*>([^<]+)<',
        svg,
    )
    boxes = {(float(x), float(y), text) for x, y, text in written}
    assert len(boxes) > 10
    widths = measure_texts([Text(text, 9, "normal", FONT) for _, _, text in boxes])
    for (x, y, text), (other_x, other_y, other) in itertools.combinations(sorted(boxes), 2):
        apart = (widths[Text(text, 9, "normal", FONT)] + widths[Text(other, 9, "normal", FONT)]) / 2
        assert abs(x - other_x) >= apart or abs(y - other_y) >= 9, (text, other)


@pytest.mark.parametrize("name", ["run.json", "answers.parquet", "verdicts.parquet", "tables/detail.csv"])
def test_a_missing_file_of_the_analysis_is_named(tmp_path: Path, name: str) -> None:
    path = analyzed(tmp_path, options=CompareOptions(n_resamples=100)) / name
    (tmp_path / "run.json").write_text("{}")
    path.unlink()
    with pytest.raises(InputError) as caught:
        list(draw_figures(read_analysis(tmp_path)))
    assert str(caught.value) == f"{path}: there is no such file; `descan analyze` writes it"


@pytest.mark.parametrize(
    ("content", "problem"),
    [("{", "is not JSON: "), ("[]", "is not a JSON object"), ("\ufeff{}", "is not JSON: ")],
)
def test_a_broken_run_file_is_told(tmp_path: Path, content: str, problem: str) -> None:
    (tmp_path / "run.json").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=problem):
        read_analysis(tmp_path)


def _read(folder: Path) -> AnalysisTables:
    (folder / "run.json").write_text("{}")
    return read_analysis(folder)


def _rows(tables: Path, name: str) -> list[dict[str, str]]:
    with (tables / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _numbers(row: Row, columns: Sequence[str]) -> tuple[Number, ...]:
    return tuple(float(row[column]) if row[column] else None for column in columns)


def _rows_of(figure: Figure) -> list[dict[str, Any]]:
    assert figure.spec is not None, figure.reason
    rows: list[dict[str, Any]] = figure.spec["datasets"]["rows"]
    return rows


def _drawn(rows: Sequence[Mapping[str, Any]], key: Sequence[str], numbers: Sequence[str]) -> Numbers:
    return {tuple(row[name] for name in key): tuple(row[name] for name in numbers) for row in rows}
