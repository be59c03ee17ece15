"""What the page says of how far descan's reading can be trusted in an analysis."""

import shutil
from pathlib import Path

import pytest

from descan.report.analysis_tables import AnalysisTables, read_analysis
from descan.report.trust import trust_sentences, trust_tables

pytestmark = pytest.mark.slow

READERS = """\
reader_a,reader_b,model,n,agreement,agreement_low,agreement_high,kappa,kappa_low,kappa_high,n_groups
anna,ben,,90,0.72,0.61,0.83,0.68,0.56,0.8,28
anna,descan,,90,0.8,0.7,0.88,0.75,0.65,0.85,28
anna,descan,terse-sample,32,0.81,0.67,0.94,,,,20
"""

SHARES = """\
model,gold,verdict,method,n_readings,share,share_low,share_high
terse-sample,all,right,raw,0,0.48,0.34,0.62
terse-sample,all,right,corrected,90,0.5,0.3,0.7
terse-sample,all,right,ppi,32,0.45,0.32,0.6
terse-sample,all,lucky,raw,0,0.1,0.04,0.22
terse-sample,Happy,right,raw,0,0.9,0.5,1
"""


@pytest.fixture
def read(sample_report: Path, tmp_path: Path) -> AnalysisTables:
    folder = tmp_path / "analysis"
    shutil.copytree(sample_report, folder)
    (folder / "tables" / "readers.csv").write_text(READERS)
    (folder / "tables" / "verdicts_readers.csv").write_text(SHARES)
    return read_analysis(folder)


def test_readings_say_how_far_descan_agrees_with_people(read: AnalysisTables) -> None:
    first, second = trust_sentences(read)
    agrees = "\u2068anna\u2069 on 80% (70–88) of 90 descriptions"
    assert first == f"Who has read descriptions of this analysis agrees with descan: {agrees}."
    assert "report the last" in second
    readers, shares = trust_tables(read)
    assert [[cell.text for cell in row] for row in readers.rows] == [
        ["anna", "ben", "all", "90", "72% (61–83)", "0.68"],
        ["anna", "descan", "all", "90", "80% (70–88)", "0.75"],
        ["anna", "descan", "terse-sample", "32", "81% (67–94)", "–"],
    ]
    assert [[cell.text for cell in row] for row in shares.rows] == [
        ["terse-sample", "right", "48% (34–62)", "50% (30–70)", "45% (32–60)", "32"],
        ["terse-sample", "lucky", "10% (4–22)", "–", "–", "0"],
    ]


def test_without_readings_the_page_says_how_to_get_them(sample_report: Path) -> None:
    tables = read_analysis(sample_report)
    [told] = trust_sentences(tables)
    assert told.startswith("Nobody has read descriptions of this analysis to check descan. How often it misreads ")
    assert "descan review draws a sample that people read blind" in told
    assert not any(table.rows for table in trust_tables(tables))
    assert '<section id="trust"' in (sample_report / "report.html").read_text("utf-8")
