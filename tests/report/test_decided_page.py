"""The page and figures of a corpus with answers of mode `decide`."""

from pathlib import Path

import pytest

from descan.analysis import AnalyzeOptions, analyze
from descan.compare import CompareOptions
from descan.corpus import read_corpus
from descan.records import Mode
from descan.report.analysis_tables import read_analysis
from descan.report.charts import draw_figure
from descan.report.decided_tables import decided_tables

SAMPLE = Path(__file__).resolve().parents[2] / "corpora" / "decided"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("decided") / "analysis"
    options = AnalyzeOptions(embedder="none", compare=CompareOptions(n_resamples=100, label_mode=Mode.DECIDE))
    analyze(read_corpus(SAMPLE), out, options)
    return out


def test_the_page_has_a_section_with_both_figures_and_three_tables(report: Path) -> None:
    page = (report / "report.html").read_text(encoding="utf-8")
    section = page.partition('<section id="decided"')[2].partition("<section ")[0]
    assert section.count("<caption>") == 3
    assert {path.name for path in (report / "plots").glob("*.svg")} >= {"said_or_seen.svg", "reliability.svg"}


def test_the_tables_say_what_the_files_say(report: Path) -> None:
    said, calibration, neutral = decided_tables(read_analysis(report))
    overall = next(row for row in said.rows if row[0].text == "cautious-sample")
    assert [cell.text for cell in overall[:3]] == ["cautious-sample", "all", "1,639"]
    assert overall[3].text.startswith("2%")
    assert overall[4].text.startswith("3%")
    assert [row[4].text for row in calibration.rows] == ["0.46", "0.59"]
    assert neutral.rows[2][5].text == "+20"


def test_figures_say_in_words_what_they_show(report: Path) -> None:
    tables = read_analysis(report)
    said, reliability = draw_figure("said_or_seen", tables), draw_figure("reliability", tables)
    assert "cautious-sample, seen, not said: 3%" in said.alt_text
    assert "candid-sample, 90% to 100%: 100% of 4" in reliability.alt_text


def test_without_such_answers_there_is_neither(sample_report: Path) -> None:
    tables = read_analysis(sample_report)
    assert decided_tables(tables) == []
    for name in ("said_or_seen", "reliability"):
        assert draw_figure(name, tables).reason == "No answer has mode decide."
    assert '<section id="decided"' not in (sample_report / "report.html").read_text(encoding="utf-8")
