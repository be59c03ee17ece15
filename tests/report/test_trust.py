"""What the page says of how far descan's reading can be trusted in an analysis."""

import shutil
from pathlib import Path

import pytest

from descan.report.analysis_tables import AnalysisTables, read_analysis
from descan.report.charts import draw_figure
from descan.report.trust import trust_sentences, trust_tables

pytestmark = pytest.mark.slow

READERS = """\
reader_a,reader_b,model,n,agreement,agreement_low,agreement_high,kappa,kappa_low,kappa_high,n_groups,kind_a,kind_b,alpha
anna,ben,,90,0.72,0.61,0.83,0.68,0.56,0.8,28,person,person,0.67
anna,descan,,90,0.8,0.7,0.88,0.75,0.65,0.85,28,person,descan,0.75
anna,descan,terse-sample,32,0.81,0.67,0.94,,,,20,person,descan,
judge,judge,,20,0.9,0.8,1,,,,20,judge,judge,
judge,descan,,90,0.7,0.6,0.8,,,,20,judge,descan,
"""

SHARES = """\
model,gold,verdict,method,n_readings,share,share_low,share_high
terse-sample,all,right,raw,0,0.48,0.34,0.62
terse-sample,all,right,corrected,90,0.5,0.3,0.7
terse-sample,all,right,ppi,32,0.45,0.32,0.6
terse-sample,all,lucky,raw,0,0.1,0.04,0.22
terse-sample,Happy,right,raw,0,0.9,0.5,1
"""


JUDGES = """\
judge,model,n,n_people,agreement,agreement_low,agreement_high,bias,bias_low,bias_high,agreement_again,cost_usd,latency_s
judge,,90,80,0.85,0.75,0.93,0.04,-0.01,0.09,0.9,0.02,1.5
judge,terse-sample,30,0,,,,,,,,0.01,1.5
"""

BIASES = """\
reader,kind,model,verdict,n,share,people_share,difference,low,high,n_groups
judge,judge,,supports,80,0.64,0.6,0.04,-0.01,0.09,20
judge,judge,,right,80,0.4,0.4,0,0,0,20
descan,descan,terse-sample,supports,32,0.5,0.6,-0.1,-0.25,0.05,20
"""


@pytest.fixture
def read(sample_report: Path, tmp_path: Path) -> AnalysisTables:
    folder = tmp_path / "analysis"
    shutil.copytree(sample_report, folder)
    (folder / "tables" / "readers.csv").write_text(READERS)
    (folder / "tables" / "verdicts_readers.csv").write_text(SHARES)
    (folder / "tables" / "judges.csv").write_text(JUDGES)
    (folder / "tables" / "reader_biases.csv").write_text(BIASES)
    return read_analysis(folder)


def test_readings_say_how_far_descan_agrees_with_people(read: AnalysisTables) -> None:
    first, second = trust_sentences(read)
    agrees = "\u2068anna\u2069 on 80% (70–88) of 90 descriptions; \u2068judge\u2069 on 70% (60–80) of 90 descriptions"
    assert first == f"Who has read descriptions of this analysis agrees with descan: {agrees}."
    assert "report the last" in second
    readers, judges, shares = trust_tables(read)
    assert [[cell.text for cell in row] for row in readers.rows] == [
        ["anna", "ben", "all", "90", "72% (61–83)", "0.68"],
        ["anna", "descan", "all", "90", "80% (70–88)", "0.75"],
        ["anna", "descan", "terse-sample", "32", "81% (67–94)", "–"],
        ["judge", "judge", "all", "20", "90% (80–100)", "–"],
        ["judge", "descan", "all", "90", "70% (60–80)", "–"],
    ]
    assert [[cell.text for cell in row] for row in judges.rows] == [
        ["judge", "all", "90", "85% (75–93)", "+4", "90%", "0.02", "1.5"],
        ["judge", "terse-sample", "30", "–", "–", "–", "0.01", "1.5"],
    ]
    assert [[cell.text for cell in row] for row in shares.rows] == [
        ["terse-sample", "right", "48% (34–62)", "50% (30–70)", "45% (32–60)", "32"],
        ["terse-sample", "lucky", "10% (4–22)", "–", "–", "0"],
    ]


def test_the_picture_sets_people_judges_and_descan_against_each_other(read: AnalysisTables) -> None:
    figure = draw_figure("readers", read)
    assert figure.spec is not None
    rows = figure.spec["datasets"]["rows"]
    cells = {(row["reader"], row["other"]): row["text"] for row in rows if row["part"] == "agreement"}
    assert cells == {
        ("anna", "ben"): "72%",
        ("ben", "anna"): "72%",
        ("anna", "descan"): "80%",
        ("descan", "anna"): "80%",
        ("judge", "judge"): "90%",
        ("judge", "descan"): "70%",
        ("descan", "judge"): "70%",
    }
    biases = [(row["reader"], row["panel"], row["bias"], row["low"]) for row in rows if row["part"] == "bias"]
    assert biases == [("judge", "all models", 4, -1), ("descan", "terse-sample", -10, -25)]
    assert figure.alt_text.endswith(
        "gold more often than people. judge, all models: +4; descan, terse-sample: \N{MINUS SIGN}10."
    )
    [order] = {tuple(cell["encoding"]["y"]["sort"]) for cell in figure.spec["vconcat"][0]["layer"]}
    assert order == ("anna", "ben", "judge", "descan")


def test_of_some_models_the_rows_of_all_stay(read: AnalysisTables) -> None:
    rows = read.of_models({"terse-sample": "T"}).rows("readers")
    assert [(row["reader_b"], row["model"]) for row in rows] == [
        ("ben", ""),
        ("descan", ""),
        ("judge", ""),
        ("descan", ""),
        ("descan", "T"),
    ]


def test_without_readings_the_page_says_how_to_get_them(sample_report: Path) -> None:
    tables = read_analysis(sample_report)
    [told] = trust_sentences(tables)
    assert told.startswith("Nobody has read descriptions of this analysis to check descan. How often it misreads ")
    assert "descan review draws a sample that people read blind" in told
    assert not any(table.rows for table in trust_tables(tables))
    assert '<section id="trust"' in (sample_report / "report.html").read_text("utf-8")
