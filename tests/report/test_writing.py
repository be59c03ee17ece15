"""The files of a report."""

import json
import re
import resource
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
import psutil  # type: ignore[import-untyped]
import pytest
from PIL import Image
from rich.console import Console

from descan.analysis import AnalyzeOptions, analyze
from descan.analysis.results import Analysis
from descan.compare import CompareOptions
from descan.corpus import read_corpus
from descan.errors import InputError, ReportError
from descan.report import writing
from descan.report.charts import CHARTS
from descan.report.plots import bundle_javascript
from descan.report.summary import print_summary
from descan.report.writing import MAX_PAGE_BYTES, REPORT_FILES, ReportOptions, write_report
from tests.command_line import run_descan
from tests.record_parts import split_record

pytestmark = pytest.mark.slow

COMPARE = CompareOptions(n_resamples=200)
EMOTIONS = ("Anger", "Disgust", "Fear", "Happy", "Neutral", "Sad", "Surprise")


def content_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def report_of(folder: Path) -> dict[str, Any]:
    """Return what `run.json` says of the report."""
    report: dict[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))["report"]
    return report


def page_data(folder: Path) -> dict[str, Any]:
    page = (folder / "report.html").read_text(encoding="utf-8")
    found = re.search(r'<script[^>]*id="page-data"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


def write_corpus(folder: Path, *, text: str = "She smiles.", n_items: int = 8, has_media: bool = False) -> Path:
    folder.mkdir()
    (folder / "corpus.toml").write_text('name = "small"\n')
    rows, lines = ["item_id,gold,media"], []
    for number in range(n_items):
        media = f"{number}.png" if has_media else ""
        rows.append(f"i{number},{EMOTIONS[number % 7]},{media}")
        key = {"item_id": f"i{number}", "model": "m"}
        lines.append(json.dumps(key | {"mode": "describe", "text": text}))
        lines.append(json.dumps(key | {"mode": "classify", "text": EMOTIONS[number % 5]}))
        if has_media:
            Image.effect_noise((64, 64), 10 + number).save(folder / media)
    (folder / "items.csv").write_text("\n".join(rows) + "\n")
    (folder / "answers.jsonl").write_text("\n".join(lines) + "\n")
    return folder


def analyzed(corpus: Path, out: Path, report: ReportOptions | None = None, embedder: str = "none") -> Path:
    analyze(read_corpus(corpus), out, AnalyzeOptions(embedder=embedder, compare=COMPARE, report=report))
    return out


@pytest.fixture(scope="module")
def small_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("small") / "corpus")


@pytest.fixture(scope="module")
def small_analysis(small_corpus: Path) -> Path:
    return analyzed(small_corpus, small_corpus.parent / "out", ReportOptions())


@pytest.fixture
def small(small_analysis: Path, tmp_path: Path) -> Path:
    """An analysis with its report, for a test to change."""
    return shutil.copytree(small_analysis, tmp_path / "out")


@pytest.fixture(scope="module")
def sample(sample_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("writing") / "out"
    return analyzed(sample_corpus, out, ReportOptions(), embedder="all-MiniLM-L6-v2")


def test_a_report_that_is_written_again_is_the_same_to_the_byte(sample: Path) -> None:
    before = content_of(sample)
    write_report(sample)
    assert content_of(sample) == before
    assert {name for name in before if name in REPORT_FILES} >= {"report.html", "map.parquet", "plots/verdicts.svg"}


def test_an_analysis_in_parts_has_the_same_report_and_summary_to_the_byte(
    sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = tmp_path / "out"
    shutil.copytree(sample, parts)
    written = [name for name in REPORT_FILES if (sample / name).exists()]
    assert len(written) == len(REPORT_FILES) - 8  # It has no witnesses, no readers and no answers of mode decide.
    for name in written:
        (parts / name).unlink()
    for name in ("items", "answers", "mentions", "readings", "labels", "verdicts"):
        split_record(parts / f"{name}.parquet", n_rows=7)
    write_report(parts)
    assert [(parts / name).read_bytes() for name in written] == [(sample / name).read_bytes() for name in written]
    summaries = []
    for folder in (sample, parts):
        monkeypatch.chdir(folder)
        summaries.append(StringIO())
        print_summary(Path(), json.loads(Path("run.json").read_text()), Console(file=summaries[-1], width=80))
    assert summaries[0].getvalue() == summaries[1].getvalue() != ""


def test_the_report_is_all_that_writing_again_replaces(small: Path) -> None:
    (small / "plots" / "mine.svg").write_text("mine")
    before = content_of(small)
    for name in ("report.html", "plots/verdicts.svg"):
        (small / name).write_text("old")
    write_report(small)
    assert content_of(small) == before
    write_report(small, ReportOptions(cases_per_cell=1))
    after = content_of(small)
    assert {name for name in after if after[name] != before[name]} == {"report.html"}


def test_files_of_an_earlier_report_go_where_there_is_none_of_their_kind(small: Path, small_corpus: Path) -> None:
    (small / "map.parquet").write_text("old")
    write_report(small)  # Without an embedder there is no map.
    assert not (small / "map.parquet").exists()
    analyzed(small_corpus, small, None)
    assert not set(content_of(small)) & set(REPORT_FILES)
    assert (small / "run.json").is_file()


def test_a_report_that_fails_leaves_the_earlier_one(small: Path) -> None:
    (small / "tables" / "verdicts.csv").unlink()
    before = content_of(small)
    with pytest.raises(InputError, match=r"verdicts\.csv: there is no such file"):
        write_report(small)
    assert content_of(small) == before
    assert not list(small.glob(".partial-*"))


@pytest.mark.parametrize("kind", ["absent", "empty", "other", "file"])
def test_a_folder_that_is_no_analysis_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    folder = tmp_path / kind
    if kind == "file":
        folder.write_text("")
    elif kind != "absent":
        folder.mkdir()
    if kind == "other":
        (folder / "run.json").write_text("{}")
    message = "is not the folder of an analysis; `descan analyze CORPUS --out DIR` makes one"
    assert run_descan(capsys, "report", folder) == (1, "", f"descan: {folder}: {message}\n")


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"cases_per_cell": 0}, "cases_per_cell must be 1 or more, not 0"),
        ({"seed": -1}, "seed must be 0 or more, not -1"),
        ({"media_folder": Path("absent")}, "absent: is not a folder; name the folder of the corpus"),
    ],
)
def test_an_option_that_is_not_allowed_is_told(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(InputError) as error:
        ReportOptions(**options)
    assert str(error.value) == problem


def test_every_figure_has_its_files(sample: Path) -> None:
    shown = page_data(sample)
    assert shown["cases_per_cell"] == shown["cases_per_cell_asked"] == 25
    files = {path.name for path in (sample / "plots").iterdir()}
    names = {*CHARTS, "map_terms", "map_descriptions"} - {"fingerprint", "readers", "said_or_seen", "reliability"}
    assert files == {f"{name}.{kind}" for name in names for kind in ("svg", "png")}


def test_the_map_says_of_every_description_what_the_verdict_says(sample: Path) -> None:
    points = pd.read_parquet(sample / "map.parquet").query("map == 'descriptions'")
    verdicts = pd.read_parquet(sample / "verdicts.parquet").set_index(["item_id", "model"])
    told = points.set_index(["item_id", "model"])
    assert (told["verdict"] == verdicts.loc[told.index, "verdict"]).all()
    assert (told["gold"] == verdicts.loc[told.index, "gold"].fillna("")).all()


def test_pictures_come_from_the_corpus_and_only_where_they_are_wanted(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus", has_media=True)
    (corpus / "3.png").write_bytes(b"broken")
    out = analyzed(corpus, tmp_path / "out", ReportOptions())
    data = page_data(out)
    assert len(data["thumbnails"]) == 7
    assert {case["item_id"] for case in data["cases"] if case["thumbnail"] is None} == {"i3"}
    assert len({case["thumbnail"] for case in data["cases"]}) == 8
    assert data["notes"] == ["Items of these cases that have no picture here: 1 broken."]

    write_report(out)
    data = page_data(out)
    assert data["thumbnails"] == []
    assert data["notes"] == ["The pictures are left out, because the folder of the corpus was not named (--corpus)."]

    write_report(out, ReportOptions(has_media=False, media_folder=corpus))
    assert (page_data(out)["thumbnails"], page_data(out)["notes"]) == ([], [])


def test_a_page_of_long_hostile_texts_keeps_its_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = write_corpus(tmp_path / "corpus", text="</script>" * 2_000, n_items=40)
    out = analyzed(corpus, tmp_path / "out", ReportOptions())
    n_bytes = (out / "report.html").stat().st_size
    assert n_bytes < MAX_PAGE_BYTES
    monkeypatch.setattr(writing, "MAX_PAGE_BYTES", n_bytes - 200_000)
    write_report(out)
    assert (out / "report.html").stat().st_size <= n_bytes - 200_000
    data = page_data(out)
    assert report_of(out)["notes"] == data["notes"]
    assert 0 < len(data["cases"]) < 40
    assert data["cases_per_cell"] < 25
    assert [note.split(" ")[0] for note in data["notes"]] == ["This", "That", str(len(data["cases"]))]


def test_a_picture_too_large_for_the_page_has_its_file_all_the_same(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "_MAX_FIGURES_BYTES", 1_000)
    write_report(small)
    assert (small / "plots" / "verdicts.svg").is_file()
    reason = "It is too large for this page; plots/verdicts.svg has it."
    assert reason in (small / "report.html").read_text()
    assert report_of(small)["figures_left_out"]["verdicts"] == reason


def test_an_embedder_that_is_gone_costs_the_map_and_nothing_else(small: Path) -> None:
    run = json.loads((small / "run.json").read_text())
    run["embedder"]["name"] = "absent/model"
    (small / "run.json").write_text(json.dumps(run))
    write_report(small)
    assert not (small / "map.parquet").exists()
    assert "There is no embedder: embedder &#39;absent/model&#39; is not on this machine" in (
        small / "report.html"
    ).read_text().replace("\\u0027", "&#39;")
    reason = report_of(small)["figures_left_out"]["map_terms"]
    assert reason.startswith("There is no embedder: embedder 'absent/model' is not on this machine")


def test_an_analysis_of_nothing_that_was_described_has_a_page(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus", n_items=1)
    (corpus / "answers.jsonl").write_text('{"item_id":"i0","model":"m","mode":"classify","text":"Happy"}\n')
    data = page_data(analyzed(corpus, tmp_path / "out", ReportOptions()))
    assert [(case["label"], case["described"], case["text"]) for case in data["cases"]] == [("Happy", "", "")]


def test_the_summary_can_be_printed_before_the_report_is_drawn(tmp_path: Path) -> None:
    out = tmp_path / "out"
    found: list[set[str]] = []

    def note_files(analysis: Analysis) -> None:
        assert analysis.run == json.loads((out / "run.json").read_text())
        found.append(set(content_of(out)))

    corpus = read_corpus(write_corpus(tmp_path / "corpus", n_items=1))
    options = AnalyzeOptions(embedder="none", compare=COMPARE, report=ReportOptions())
    analyze(corpus, out, options, on_tables=note_files)
    [names] = found
    assert {"run.json", "tables/verdicts.csv", "readings.parquet"} < names
    assert names.isdisjoint(REPORT_FILES)
    assert names < set(content_of(out))


def test_a_report_that_cannot_be_written_is_one_line_and_keeps_the_tables_and_the_summary(tmp_path: Path) -> None:
    corpus, out = write_corpus(tmp_path / "corpus", n_items=2), tmp_path / "out"
    command = [sys.executable, "-m", "descan", "analyze", str(corpus), "--out", str(out), "--embedder", "none"]
    limits = (500_000, resource.getrlimit(resource.RLIMIT_FSIZE)[1])  # The charts library alone is larger.
    done = subprocess.run(
        [*command, "--resamples", "100", "--no-cache"],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limits),
    )
    assert done.returncode == 1
    assert done.stderr.startswith("descan: the tables are complete, but the report is not written: ")
    assert done.stderr.count("\n") == 1
    assert done.stdout.startswith("Input: 2 items")
    names = set(content_of(out))
    assert {"run.json", "tables/verdicts.csv", "readings.parquet"} < names
    assert names.isdisjoint(REPORT_FILES)


def test_a_report_that_fails_in_python_says_that_the_tables_are_complete(tmp_path: Path) -> None:
    corpus, out = write_corpus(tmp_path / "corpus", n_items=1), tmp_path / "out"

    def damage(analysis: Analysis) -> None:
        (analysis.folder / "tables" / "verdicts.csv").write_text("")

    options = AnalyzeOptions(embedder="none", compare=COMPARE, report=ReportOptions())
    with pytest.raises(ReportError, match=r"the tables are complete, but the report is not written: .*verdicts\.csv"):
        analyze(read_corpus(corpus), out, options, on_tables=damage)
    assert (out / "readings.parquet").is_file()


@contextmanager
def killed_once(is_chosen: Callable[[dict[str, str]], bool]) -> Iterator[list[int]]:
    """Kill the first worker process of this one whose environment is chosen."""
    killed: list[int] = []
    is_over = threading.Event()

    def kill() -> None:
        while not killed and not is_over.is_set():
            for child in psutil.Process().children():
                try:
                    if "descan.execution.worker_program" in " ".join(child.cmdline()) and is_chosen(child.environ()):
                        child.kill()
                        killed.append(child.pid)
                        break
                except psutil.Error:
                    continue

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    try:
        yield killed
    finally:
        is_over.set()
        thread.join()


def test_a_process_that_ends_while_it_bundles_the_charts_library_costs_the_interactive_figures_alone(
    small: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = content_of(small)
    bundle_javascript.cache_clear()  # An earlier report may have made it.
    with killed_once(lambda environment: "FONTCONFIG_FILE" not in environment) as killed:
        write_report(small)
    assert killed
    reason = "a worker process ended (SIGKILL) while it worked on the charts library"
    assert f"the page has no interactive figures, only their files: {reason}" in caplog.text
    after = content_of(small)
    assert {name for name in before if before[name] != after[name]} == {"report.html", "run.json"}
    [note] = [note for note in page_data(small)["notes"] if reason in note]
    assert note.startswith("This page has no interactive figures; plots/ has them as files.")
    assert len(after["report.html"]) < len(before["report.html"]) - 500_000


def test_a_process_that_ends_while_it_lays_out_the_maps_costs_the_maps_alone(
    sample: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    out = tmp_path / "out"
    shutil.copytree(sample, out)
    others = {"FONTCONFIG_FILE", "TORCHINDUCTOR_CACHE_DIR"}  # Those of the plots and of the embedder.
    with killed_once(lambda environment: others.isdisjoint(environment)) as killed:
        write_report(out, ReportOptions(seed=1))  # Places with this seed are not cached.
    assert killed
    reason = "a worker process ended (SIGKILL) while it worked on the places of"
    assert f"the maps are left out: {reason}" in caplog.text
    assert f"It could not be laid out: {reason}" in (out / "report.html").read_text()
    names = set(content_of(out))
    assert {"report.html", "plots/verdicts.svg", "tables/verdicts.csv"} < names
    assert names.isdisjoint({"map.parquet", "plots/map_terms.svg", "plots/map_descriptions.svg"})


def test_a_picture_that_cannot_be_drawn_is_named_on_the_page_and_in_a_warning(
    small: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with killed_once(lambda environment: "FONTCONFIG_FILE" in environment) as killed:
        write_report(small)
    assert killed
    [missing] = [name for name in CHARTS if f"plots/{name} is left out: it could not be drawn: " in caplog.text]
    reason = "It could not be drawn: a worker process ended (SIGKILL)"
    assert reason in (small / "report.html").read_text()
    assert report_of(small)["figures_left_out"][missing].startswith(reason)
    assert not {f"plots/{missing}.svg", f"plots/{missing}.png"} & set(content_of(small))
