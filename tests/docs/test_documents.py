"""What the documents show is what the commands give."""

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from descan.analysis import analyze
from descan.corpus import read_corpus
from descan.report.summary import print_summary

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Give the folder of an analysis of the sample corpus, and its summary at 80 columns."""
    folder = tmp_path_factory.mktemp("documents")
    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        out = Path("out/sample")
        run = analyze(read_corpus(PROJECT / "corpora" / "sample"), out).run
        print_summary(out, run, Console(file=printed, width=80))
    return folder / out, printed.getvalue()


def test_the_readme_shows_the_summary_that_the_command_prints(sample: tuple[Path, str]) -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    shown = "\n".join(f"    {line}".rstrip() for line in sample[1].splitlines())
    assert shown in readme


def test_every_table_is_in_the_document_of_the_statistics(sample: tuple[Path, str]) -> None:
    text = (PROJECT / "docs" / "statistics.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.+?`) \|", text.partition("## The tables and their columns")[2], re.MULTILINE)
    documented = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert documented == {path.stem for path in (sample[0] / "tables").glob("*.csv")}
