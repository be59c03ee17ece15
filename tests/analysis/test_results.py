"""An analysis in Python and in a notebook."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pandas as pd
import pytest

from descan.analysis import AnalyzeOptions, analyze
from descan.analysis.results import Analysis, open_analysis
from descan.compare import CompareOptions
from descan.corpus import read_corpus
from descan.errors import InputError

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


def test_what_a_corpus_calls_itself_is_no_markup(sample: Analysis) -> None:
    named = Analysis(sample.folder, {**sample.run, "corpus": {"name": "<script>alert(1)</script>"}})
    assert "<script>" not in named._repr_html_()


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        open_analysis(tmp_path)
    message = "is not the folder of an analysis; `descan analyze CORPUS --out DIR` makes one"
    assert str(error.value) == f"{tmp_path}: {message}"
