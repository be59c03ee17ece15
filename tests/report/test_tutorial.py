"""The tutorial runs as it stands, and its outputs show in a browser without a network."""

from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode
from playwright.sync_api import Browser

PROJECT = Path(__file__).resolve().parents[2]
WITHOUT_WIDGETS = 'import sys; sys.modules["ipywidgets"] = None'
"""Importing it fails then, as where it is not installed."""

pytestmark = pytest.mark.slow


def run_tutorial(*first: str) -> list[NotebookNode]:
    """Return the outputs of all cells, after some lines of Python."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(PROJECT / "docs" / "tutorial.ipynb", as_version=4)
    assert not any(cell.outputs for cell in notebook.cells if cell.cell_type == "code")
    notebook.cells = [*map(nbformat.v4.new_code_cell, first), *notebook.cells]
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(PROJECT / "docs")}}).execute()
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


@pytest.fixture(scope="module")
def outputs() -> list[NotebookNode]:
    return run_tutorial("import ipywidgets")


def test_nothing_is_printed_as_an_error(outputs: list[NotebookNode]) -> None:
    assert {output.output_type for output in outputs} == {"execute_result"}


def test_the_tutorial_shows_the_same_without_ipywidgets(outputs: list[NotebookNode]) -> None:
    again = run_tutorial(WITHOUT_WIDGETS)
    assert [sorted(output.data) for output in again] == [sorted(output.data) for output in outputs]


def test_a_browser_shows_every_figure_and_every_mark(
    outputs: list[NotebookNode], browser: Browser, tmp_path: Path
) -> None:
    shown = [output.data.get("text/html") or output.data.get("image/svg+xml") or "" for output in outputs]
    assert sum("<svg" in html for html in shown) == 2
    page = tmp_path / "outputs.html"
    page.write_text(f'<meta charset="utf-8"><body>{"<hr>".join(shown)}</body>', encoding="utf-8")
    opened = browser.new_page()
    asked: list[Any] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(page.as_uri())
    assert asked == [page.as_uri()]
    sizes = opened.eval_on_selector_all("svg", "all => all.map(one => one.getBoundingClientRect().width)")
    assert len(sizes) == 2
    assert min(sizes) > 200
    [drawn] = opened.eval_on_selector_all("svg", "all => [all.every(one => one.querySelectorAll('text').length > 10)]")
    assert drawn
    lines = opened.eval_on_selector_all(
        "mark.action", "all => all.map(one => getComputedStyle(one).borderBottomColor + getComputedStyle(one).position)"
    )
    assert lines
    assert set(lines) == {"rgb(10, 98, 181)static"}
    struck = opened.eval_on_selector_all(
        "mark.negated", "all => all.map(one => getComputedStyle(one).textDecorationLine)"
    )
    assert set(struck) == {"line-through"}
    opened.close()
