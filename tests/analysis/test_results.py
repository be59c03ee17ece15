"""An analysis in Python and in a notebook."""

import json
import xml.etree.ElementTree as ET
from html import escape
from io import StringIO
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import pytest
from rich.console import Console

from descan.analysis import AnalyzeOptions, analyze
from descan.analysis.results import Analysis, open_analysis
from descan.compare import CompareOptions
from descan.corpus import read_corpus
from descan.errors import InputError
from descan.report.summary import print_summary

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sample(sample_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    options = AnalyzeOptions(embedder="none", compare=CompareOptions(n_resamples=200), report=None)
    return analyze(read_corpus(sample_corpus), tmp_path_factory.mktemp("results") / "out", options)


def test_an_analysis_opens_as_it_was_made(sample: Analysis) -> None:
    assert open_analysis(str(sample.folder)) == sample
    assert sample.run == json.loads((sample.folder / "run.json").read_text(encoding="utf-8"))


def test_tables_and_records_are_frames(sample: Analysis) -> None:
    table = sample.table("verdicts")
    assert {"model", "gold", "verdict", "n", "share_of_scored"} <= set(table.columns)
    assert len(sample.records("verdicts")) == len(pd.read_parquet(sample.folder / "verdicts.parquet"))


def test_a_frame_is_the_readers_own(sample: Analysis) -> None:
    table = sample.table("verdicts")
    table["n"] = -1
    assert (sample.table("verdicts")["n"] >= 0).all()


def test_an_unknown_name_is_told_with_those_that_are_known(sample: Analysis) -> None:
    with pytest.raises(InputError, match=r"tables: table 'verdict' is unknown; use one of actions, .*, verdicts, "):
        sample.table("verdict")
    with pytest.raises(InputError, match=r"file 'x\.parquet' is unknown; use one of answers, .*, verdicts$"):
        sample.records("x")
    with pytest.raises(InputError, match=r"table '\.\./run' is unknown"):
        sample.table("../run")


def test_a_notebook_shows_the_verdicts_as_a_picture_and_a_table(sample: Analysis) -> None:
    shown = sample._repr_mimebundle_()
    assert shown["text/plain"] == repr(sample)
    assert "58 items" in repr(sample)
    html = shown["text/html"]
    assert html == sample._repr_html_()
    picture = html[html.index("<svg") : html.index("</svg>") + len("</svg>")]
    assert ET.fromstring(picture).tag.endswith("svg")
    for model in ("detailed-sample", "hedging-sample", "terse-sample"):
        assert html.count(f"<th>{model}</th>") == 1
    row = sample.table("verdicts").query("model == 'terse-sample' and gold == 'all' and verdict == 'right'").iloc[0]
    assert f"{100 * row['share_of_scored']:.0f}%" in html
    assert f"n={row['n']}" in html


def test_the_records_are_frames_that_are_read_once_and_are_the_readers_own(sample: Analysis) -> None:
    for name in ("items", "answers", "mentions", "readings", "labels", "verdicts"):
        frame = getattr(sample, name)
        assert frame is getattr(sample, name)
        pd.testing.assert_frame_equal(frame, sample.records(name))
    again = open_analysis(sample.folder)
    again.verdicts["mine"] = 1
    assert again.verdicts["mine"].eq(1).all()
    assert "mine" not in again.records("verdicts")
    assert "mine" not in again.cases().frame


def test_every_table_can_be_read_by_its_name(sample: Analysis) -> None:
    assert sample.tables == tuple(sorted(path.stem for path in (sample.folder / "tables").glob("*.csv")))
    assert {"verdicts", "scores"} <= set(sample.tables)
    assert all(len(sample.table(name).columns) for name in sample.tables)


def test_a_figure_is_a_chart_of_altair_that_shows_and_saves_itself(sample: Analysis, tmp_path: Path) -> None:
    assert {"verdicts", "confusion", "flow"} <= set(sample.figures)
    figure = sample.figure("verdicts")
    assert isinstance(figure, alt.FacetChart)
    shown: Any = figure._repr_mimebundle_()
    assert ET.fromstring(shown["image/svg+xml"]).tag.endswith("svg")
    [spec] = [content for kind, content in shown.items() if kind.startswith("application/vnd.vegalite.v")]
    assert "var(--" not in json.dumps(spec)
    assert shown["text/plain"] == spec["description"]
    begins = {"pdf": b"%PDF-", "svg": b"<svg", "png": b"\x89PNG", "json": b"{"}
    for kind, beginning in begins.items():
        figure.save(tmp_path / f"verdicts.{kind}")
        assert (tmp_path / f"verdicts.{kind}").read_bytes().startswith(beginning)
    title = '<title>Mine &amp; "theirs"</title>'
    figure.properties(title='Mine & "theirs"').save(tmp_path / "mine.svg")
    assert title.replace('"', "&quot;") in (tmp_path / "mine.svg").read_text(encoding="utf-8")


def test_a_figure_that_cannot_be_had_or_written_is_told_in_one_line(sample: Analysis, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"figure 'verdict' is unknown; use one of verdicts, confusion, "):
        sample.figure("verdict")
    with pytest.raises(InputError, match=r"x\.gif: figures are not written as '\.gif'; use one of \.svg, \.png, "):
        sample.figure("verdicts").save(tmp_path / "x.gif")
    with pytest.raises(InputError, match=r"x\.svg: cannot be written: it is not there"):
        sample.figure("verdicts").save(tmp_path / "no" / "x.svg")


def test_cases_of_an_analysis_are_those_of_its_verdicts(sample: Analysis) -> None:
    verdicts = sample.records("verdicts").query("verdict == 'seeing_failure' and model == 'terse-sample'")
    cases = sample.cases(verdict="seeing_failure", model="terse-sample")
    assert cases.frame["item_id"].tolist() == verdicts["item_id"].tolist()
    assert (cases.frame["text"].str.len() > 0).all()
    html = cases._repr_html_()
    assert html.count('<div class="case">') == len(cases)
    assert "<mark class=" in html
    acting = sample.cases(action="brow_lower", gold=["Anger", "Fear"]).frame
    assert set(acting["gold"]) == {"Anger", "Fear"}
    mentions = sample.records("mentions").query("action == 'brow_lower' and not negated")
    keys = set(zip(mentions["item_id"], mentions["model"], strict=True))
    assert set(zip(acting["item_id"], acting["model"], strict=True)) <= keys


def test_the_summary_is_what_the_command_prints(sample: Analysis) -> None:
    printed = StringIO()
    print_summary(sample.folder, sample.run, Console(file=printed, width=72))
    summary = sample.summary(width=72)
    assert summary == printed.getvalue().rstrip()
    assert repr(summary) == summary


def test_an_analysis_is_compared_with_another(sample: Analysis) -> None:
    compared = sample.compare(sample.folder, n_resamples=200)
    assert len(compared.flips) == 0
    assert compared.a == sample


def test_what_a_corpus_calls_itself_is_no_markup(sample: Analysis) -> None:
    named = Analysis(sample.folder, {**sample.run, "corpus": {"name": "<script>alert(1)</script>"}})
    assert "<script>" not in named._repr_html_()


def test_a_notebook_says_how_the_frame_was_read(sample: Analysis) -> None:
    note = "frame: no column item_id, so every row is another item; column '<image>' found: --id-column '<image>'"
    noted = Analysis(sample.folder, {**sample.run, "corpus": {"name": "frame", "notes": [note]}})
    assert f"<p>{escape(note)}</p>" in noted._repr_html_()


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        open_analysis(tmp_path)
    message = "is not the folder of an analysis; `descan analyze CORPUS --out DIR` makes one"
    assert str(error.value) == f"{tmp_path}: {message}"
