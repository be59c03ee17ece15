"""What the documents show is what the commands give."""

import html
import re
import subprocess
import sys
from pathlib import Path

import grimp
import pyarrow.parquet as pq
import pytest
import typer

import descan
from benchmarks.files_document import write_document
from descan.analysis import AnalyzeOptions, analyze
from descan.cli.app import app
from descan.corpus import read_corpus
from descan.lexicon import name_language, readable_languages
from descan.report.paper.figures import FIGURES
from tests.docs.claims import check_claims, is_shown, numbers_in, read_claims
from tests.docs.test_snippets import list_commands

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).resolve().parents[2]
WRITTEN_BY_AN_ANALYSIS = {"verdicts.parquet"}
ONLY_OF_SOME = {"readings.parquet": {"read_by"}}
"""Columns that only analyses with readings in the place of descan's have."""
WORDS_OF_THE_WHOLE = {
    "__main__",
    "callable_packages",
    "columns",
    "emotions",
    "errors",
    "interruption",
    "records",
    "significance",
    "terminal",
}


@pytest.fixture(scope="module")
def witnessed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an analysis of the sample corpus with witnesses."""
    folder = tmp_path_factory.mktemp("documents") / "witnessed"
    analyze(read_corpus(PROJECT / "corpora" / "witnessed"), folder, AnalyzeOptions(report=None))
    return folder


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an analysis of the sample corpus with answers of mode `decide`."""
    folder = tmp_path_factory.mktemp("documents") / "decided"
    analyze(read_corpus(PROJECT / "corpora" / "decided"), folder, AnalyzeOptions(report=None))
    return folder


def test_the_readme_is_short() -> None:
    assert len((PROJECT / "README.md").read_text(encoding="utf-8").splitlines()) < 150


def test_every_column_is_explained_in_the_document_on_files(
    sample: tuple[Path, str], witnessed: Path, decided: Path
) -> None:
    made = write_document(sample[0] / "tables", witnessed / "tables", decided / "tables")
    assert (PROJECT / "docs" / "files.md").read_text(encoding="utf-8") == made, "python -m benchmarks.files_document"
    for path in (*sample[0].glob("*.parquet"), *witnessed.glob("witness*.parquet"), *decided.glob("decided.parquet")):
        section = made.partition(f"### {path.name}\n")[2].partition("\n##")[0]
        names = {name for name in pq.read_schema(path).names if not name.startswith("score_")}
        told = set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))
        assert names == told - {"score_anger"} - ONLY_OF_SOME.get(path.name, set()), path.name


def test_the_documents_are_a_site_without_a_broken_link(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-W",
        "--keep-going",
        "-q",
        "-b",
        "html",
        str(PROJECT / "docs"),
        str(tmp_path),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    shown = html.unescape(re.sub(r"<[^>]+>", "", (tmp_path / "reference.html").read_text(encoding="utf-8")))
    assert {name for name in descan.__all__[1:] if not re.search(rf"descan\.{name}\b", shown)} == set()
    assert "A row an item: item_id, gold" in shown
    assert "The cases: frame has a row for each" in shown
    assert re.findall(r"^(?:Type|Return type):|factory>|\b_\w+:", shown, re.MULTILINE) == []


def test_the_numbers_of_the_worked_examples_are_those_of_their_tables(sample: tuple[Path, str]) -> None:
    assert check_claims(sample[0] / "tables", "Example: the sample corpus") == 17
    of_clips = list(read_claims("Example: 855 clips"))
    assert len(of_clips) == 15
    assert [claim for claim in of_clips if len(numbers_in(claim.text)) != len(claim.columns)] == []
    # A number that is not that of its cell is found.
    assert is_shown("\u22127", "-0.069767", "adjusted_low")
    assert not is_shown("\u22126", "-0.069767", "adjusted_low")
    assert is_shown("0.44", "0.438", "p_holm")
    assert not is_shown("44", "0.438", "p_holm")


def test_every_table_is_in_the_document_of_the_statistics(
    sample: tuple[Path, str], witnessed: Path, decided: Path
) -> None:
    text = (PROJECT / "docs" / "statistics.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.+?`) \|", text.partition("## The tables and their columns")[2], re.MULTILINE)
    documented = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert documented == {
        path.stem for folder in (sample[0], witnessed, decided) for path in (folder / "tables").glob("*.csv")
    }


def test_the_questions_name_every_language_that_is_read() -> None:
    answer = read_document("faq").partition("**Which languages are read?**")[2].partition(". ")[0]
    assert set(re.findall(r"[A-Z]\w+", answer)) == set(map(name_language, readable_languages()))


def test_the_document_for_papers_names_every_figure() -> None:
    named = read_document("papers").partition("`--figures` chooses them: ")[2].partition(". ")[0]
    assert set(re.findall(r"`(\w+)`", named)) == set(FIGURES)


def test_the_document_on_python_has_every_command_and_every_function() -> None:
    text = read_document("python")
    table = text.partition("## What else is there?")[2]
    listed = list_commands(typer.main.get_command(app))
    commands = {name for name, command in listed if not hasattr(command, "commands")}
    assert set(re.findall(r"`descan ((?:lexicon )?[a-z]+)", table)) == commands
    functions = {name for name in descan.__all__ if name.islower() and not name.startswith(("_", "read_"))}
    assert {name for name in functions if f"descan.{name}(" not in text} == set()


def test_the_picture_of_the_packages_has_every_import_and_no_other() -> None:
    text = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
    drawn = set()
    for importer, imported in re.findall(r"^    (\w+) --> (.+)$", text, re.MULTILINE):
        drawn |= {(importer, name) for name in imported.split(" & ")}
    assert drawn == {pair for pair in imports_between_packages() if not set(pair) & WORDS_OF_THE_WHOLE}


def test_the_architecture_names_only_files_that_exist() -> None:
    text = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_][\w./]+(?:/|\.\w+))`", text)) - WRITTEN_BY_AN_ANALYSIS
    paths = [
        *PROJECT.iterdir(),
        *(path for name in ("descan", "lexicons", "tests") for path in PROJECT.glob(f"{name}/**/*")),
    ]
    files = {f"/{path.relative_to(PROJECT)}{'/' * path.is_dir()}" for path in paths}
    assert [name for name in sorted(named) if not any(file.endswith(f"/{name}") for file in files)] == []


def read_document(name: str) -> str:
    return (PROJECT / "docs" / f"{name}.md").read_text(encoding="utf-8")


def imports_between_packages() -> set[tuple[str, str]]:
    graph = grimp.build_graph("descan", cache_dir=None)
    return {
        (importer.split(".")[1], imported.split(".")[1])
        for importer in graph.modules - {"descan"}
        for imported in graph.find_modules_directly_imported_by(importer) - {"descan"}
        if importer.split(".")[1] != imported.split(".")[1]
    }
