"""What is said, before all numbers, of pairs without a verdict."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from descan.analysis import AnalyzeOptions, analyze
from descan.analysis.results import Analysis
from descan.compare import CompareOptions
from descan.corpus import read_corpus
from descan.report.analysis_tables import open_tables
from descan.report.losses import describe_remedies, find_losses, losses_headline, page_losses, unread_languages
from descan.report.writing import ReportOptions
from tests.report.conftest import OpenPage
from tests.report.test_summary import analyzed, summary

SMILE = "She smiles."
KOREAN = "그녀는 입을 벌리고 크게 웃고 있다."


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a bare table."""

    item: str
    model: str = "m"
    text: str = SMILE
    label: str = "Happy"
    gold: str = "Happy"
    status: str = ""


def analyze_rows(tmp_path: Path, *rows: Row, options: AnalyzeOptions | None = None) -> Analysis:
    with (tmp_path / "table.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["item_id", "model", "text", "label", "gold", "status"])
        writer.writerows([row.item, row.model, row.text, row.label, row.gold, row.status] for row in rows)
    options = options or AnalyzeOptions(embedder="none", compare=CompareOptions(n_resamples=100), report=None)
    return analyze(read_corpus(tmp_path / "table.csv"), tmp_path / "out", options)


def rows_of(analysis: Analysis) -> list[dict[str, Any]]:
    with (analysis.folder / "tables" / "unscored.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_table_has_side_reason_examples_and_the_words_of_the_first(tmp_path: Path) -> None:
    long = f"=SUM(A1) {'I am not sure about this face. ' * 10}"
    analysis = analyze_rows(
        tmp_path,
        *(Row(f"ko{n}", text=KOREAN) for n in range(4)),
        Row("odd", label=long),
        Row("bored", label="boredom"),
        Row("none", gold=""),
        Row("cut", status="truncated"),
        Row("right"),
    )
    found = [(row["side"], row["reason"], row["n"], row["examples"], row["excerpt"]) for row in rows_of(analysis)]
    assert found == [
        ("description", "language", "4", "ko0; ko1; ko2", KOREAN),
        ("description", "truncated", "1", "cut", SMILE),
        ("gold", "no_gold", "1", "none", ""),
        ("label", "off_list", "1", "bored", "boredom"),
        ("label", "unparsed", "1", "odd", f"'{long[:120]}…"),
    ]
    assert {(row["n_items"], row["share"]) for row in rows_of(analysis) if row["n"] == "1"} == {("9", "0.111111")}


@pytest.mark.parametrize(("n_lost", "is_told"), [(1, False), (2, True)])
def test_more_than_a_tenth_is_told_before_any_share_and_a_tenth_is_not(
    tmp_path: Path, n_lost: int, is_told: bool
) -> None:
    rows = [Row(f"i{n}", label="pride" if n < n_lost else "Happy") for n in range(10)]
    analysis = analyze_rows(tmp_path, *rows)
    lines = summary(analysis.folder, dict(analysis.run))
    assert lines[0].startswith("Without a verdict: 2 of 10 pairs of item and model" if is_told else "Input: ")
    assert ("m: 2 of 10 (20%): 2 off list" in lines) is is_told
    assert bool(analysis.run["losses"]) is is_told


def test_run_json_holds_the_words_and_the_remedy(tmp_path: Path) -> None:
    analysis = analyze_rows(tmp_path, Row("a", label="pride"), Row("b"))
    [loss] = analysis.run["losses"]
    assert (loss["model"], loss["n"], loss["n_pairs"]) == ("m", 1, 2)
    [reason] = loss["reasons"]
    assert reason["remedy"].startswith("--alias WORD=CATEGORY gives a word its category")
    assert {name: reason[name] for name in ("side", "reason", "n", "share", "examples", "excerpt")} == {
        "side": "label",
        "reason": "off_list",
        "n": 1,
        "share": 0.5,
        "examples": "a",
        "excerpt": "pride",
    }


def test_models_that_lose_most_come_first_and_only_those_that_lose_much(tmp_path: Path) -> None:
    rows = [
        *(Row(f"i{n}", "fine", label="Happy" if n else "pride") for n in range(12)),
        *(Row(f"i{n}", "half", label="pride" if n % 2 else "Happy") for n in range(12)),
        *(Row(f"i{n}", "refuses", text="", status="refused") for n in range(12)),
    ]
    analysis = analyze_rows(tmp_path, *rows)
    tables = open_tables(analysis.folder, analysis.run)
    losses = find_losses(tables)
    assert [one.model for one in losses] == ["refuses", "half"]
    assert [one.describe(3) for one in losses] == ["all 12: 12 refused (description)", "6 of 12 (50%): 6 off list"]
    assert losses_headline(losses, tables).startswith(
        "Without a verdict: 19 of 36 pairs of item and model, more than a tenth for 2 of 3 models."
    )
    assert list(describe_remedies(losses)) == ["refused", "off list"]


def test_unread_languages_are_told_even_where_little_is_lost(tmp_path: Path) -> None:
    rows = [Row(f"i{n}", text=KOREAN if n == 3 else SMILE) for n in range(20)]
    analysis = analyze_rows(tmp_path, *rows)
    lines = summary(analysis.folder, dict(analysis.run))
    assert " ".join(lines).startswith("Not read: 1 of 20 descriptions, 1 in Korean. descan reads only English")
    assert analysis.run["losses"] == []


def test_nothing_scored_says_that_all_is_lost(tmp_path: Path) -> None:
    analysis = analyze_rows(tmp_path, *(Row(f"i{n}", text=KOREAN) for n in range(3)))
    lines = summary(analysis.folder, dict(analysis.run))
    assert lines[0] == "Without a verdict: all 3 pairs of item and model."
    assert "m: all 3: 3 language" in lines
    assert "No item has gold, a description and a label, so there are no verdicts" in " ".join(lines)


def test_without_losses_nothing_new_is_said(tmp_path: Path) -> None:
    tables = open_tables(analyzed(tmp_path), {})
    assert page_losses(tables) is None
    assert (losses_headline([], tables), unread_languages({})) == ("", "")


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_page_begins_with_the_losses(lossy_report: Path, open_page: OpenPage, width: int, dark: bool) -> None:
    page = open_page(lossy_report, width=width, dark=dark)
    banner = page.locator("main > section").first
    expect(banner).to_have_id("losses")
    expect(banner).to_contain_text(
        "Without a verdict: 4 of 8 pairs of item and model, more than a tenth for 1 of 1 model."
    )
    expect(banner).to_contain_text("4 in Korean")
    expect(banner.locator("b, i, script")).to_have_count(0)
    banner.locator("summary").click()
    expect(banner).to_contain_text("written in a language that descan reads (English, Japanese and Chinese)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.fixture(scope="module")
def lossy_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an analysis, with its page, of a model with a hostile name that answers half in Korean."""
    rows = [Row(f"i{n}", "<b>m</b>", text=KOREAN if n % 2 else SMILE) for n in range(8)]
    options = AnalyzeOptions(
        embedder="none", compare=CompareOptions(n_resamples=100), report=ReportOptions(has_map=False)
    )
    return analyze_rows(tmp_path_factory.mktemp("lossy"), *rows, options=options).folder
