"""What the tests of the documents share: one analysis of the sample corpus."""

import io
from contextlib import chdir
from pathlib import Path

import pytest
from rich.console import Console

from descan.analysis import AnalyzeOptions, analyze
from descan.corpus import read_corpus
from descan.report.summary import print_summary
from tests.docs.snippets import PROJECT


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return the folder of an analysis of the sample corpus without a page, and its summary at 80 columns."""
    folder = tmp_path_factory.mktemp("sample")
    printed = io.StringIO()
    out = Path("out/sample")
    with chdir(folder):
        analysis = analyze(read_corpus(PROJECT / "corpora" / "sample"), out, AnalyzeOptions(report=None))
        print_summary(out, analysis.run, Console(file=printed, width=80))
    return folder / out, printed.getvalue()
