"""A damaged analysis is told in one line that names the file, and its report stays as it was."""

import json
from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from descan.analysis import AnalyzeOptions, analyze
from descan.analysis.results import open_analysis
from descan.compare import CompareOptions
from descan.corpus import read_corpus
from descan.errors import InputError
from descan.report.analysis_tables import check_tables
from descan.report.writing import write_report


@pytest.fixture(scope="module")
def whole(sample_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    options = AnalyzeOptions(embedder="none", compare=CompareOptions(n_resamples=200), report=None)
    return analyze(read_corpus(sample_corpus), tmp_path_factory.mktemp("damaged") / "out", options).folder


@pytest.fixture
def analysis(whole: Path, tmp_path: Path) -> Path:
    return copytree(whole, tmp_path / "out")


def test_the_columns_that_are_checked_are_those_that_are_written(whole: Path) -> None:
    check_tables(whole)


TABLES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "cut within a line": (lambda content: content[:-9], "the table is cut off; `descan analyze` writes it"),
    "cut at a cell": (lambda content: content[: content.rindex(b",")] + b"\n", "cells, not "),
    "empty": (lambda _: b"", "the table is empty; `descan analyze` writes it"),
    "other columns": (lambda _: b"a,b\n1,2\n", ":1: column model, "),
    "a word for a number": (
        lambda content: content + content.splitlines()[-1].rpartition(b",")[0] + b",many\n",
        "'many' is not a number",
    ),
    "Latin-1": (lambda content: content.replace(b"terse", b"ters\xe9"), "is not UTF-8 at byte"),
}


@pytest.mark.parametrize("damage", TABLES)
def test_a_damaged_table_is_told(analysis: Path, damage: str) -> None:
    change, problem = TABLES[damage]
    path = analysis / "tables" / "verdicts.csv"
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(InputError) as error:
        write_report(analysis)
    assert str(error.value).startswith(f"{path}:")
    assert problem in str(error.value)
    assert "\n" not in str(error.value)
    assert not (analysis / "report.html").exists()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"corpus": []}, "corpus [] is not allowed"),
        ({"corpus": {"name": 5}}, "corpus.name 5 is not allowed"),
        ({"counts": {"items": "many"}}, "counts.items 'many' is not allowed"),
        ({"counts": 7}, "counts 7 is not allowed"),
        ({"left_out": ["x"]}, "left_out ['x'] is not allowed"),
        ({"seed": "0"}, "seed '0' is not allowed"),
        ({"seed": -1}, "seed -1 is not allowed"),
        ({"options": None}, "options None is not allowed"),
        ({"options": {"label_mode": "guess"}}, "options.label_mode 'guess' is not allowed"),
        ({"options": {"support": "mild"}}, "options.support 'mild' is not allowed"),
        ({"options": {"confidence": 2}}, "options.confidence 2 is not allowed"),
        ({"embedder": "x"}, "embedder 'x' is not allowed"),
        ({"versions": {"numpy": None}}, "versions.numpy None is not allowed"),
    ],
)
@pytest.mark.parametrize("use", [write_report, open_analysis])
def test_a_run_file_of_other_types_is_told(
    analysis: Path, use: Callable[[Path], object], change: dict[str, Any], problem: str
) -> None:
    path = analysis / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(InputError) as error:
        use(analysis)
    assert str(error.value).startswith(f"{path}: {problem}: ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["answers", "verdicts", "mentions"])
def test_a_record_that_is_cut_is_told(analysis: Path, name: str) -> None:
    path = analysis / f"{name}.parquet"
    path.write_bytes(path.read_bytes()[:-20])
    for use in (write_report, lambda folder: open_analysis(folder).records(name)):
        with pytest.raises(InputError) as error:
            use(analysis)
        assert str(error.value).startswith(f"{path}: ")
        assert "\n" not in str(error.value)


def test_records_of_another_program_are_told(analysis: Path) -> None:
    (analysis / "mentions.parquet").write_bytes((analysis / "labels.parquet").read_bytes())
    with pytest.raises(InputError, match=r"mentions\.parquet: column kind, start, .* is missing"):
        write_report(analysis)
