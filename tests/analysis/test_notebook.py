"""An analysis runs in a notebook, also where ipywidgets is not installed."""

from pathlib import Path

import pytest

from tests.analysis.corpora import write_large_corpus

CELL = """
import sys

sys.modules["ipywidgets"] = None  # Importing it fails, as where it is not installed.

from pathlib import Path

from descan.analysis import AnalyzeOptions, analyze
from descan.compare import CompareOptions
from descan.corpus import read_corpus

options = AnalyzeOptions(embedder="none", n_jobs=1, compare=CompareOptions(n_resamples=100))
analysis = analyze(read_corpus(Path("corpus")), Path("out"), options)
print(sorted(path.name for path in analysis.folder.iterdir()))
"""


@pytest.mark.slow
def test_an_analysis_with_its_report_runs_without_ipywidgets(tmp_path: Path) -> None:
    import nbformat
    from nbclient import NotebookClient

    write_large_corpus(tmp_path / "corpus", 20)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    [printed] = [output.text for output in notebook.cells[0].outputs if output.get("name") == "stdout"]
    assert "report.html" in printed
    assert "verdicts.parquet" in printed
