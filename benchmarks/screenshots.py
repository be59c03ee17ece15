"""Pictures of the page for the documentation: `python -m benchmarks.screenshots`, or `make screenshots`."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from descan.analysis import analyze
from descan.corpus import read_corpus
from descan.records import SCORED_VERDICTS

CHROMIUM = Path("/usr/bin/chromium")
_PROJECT = Path(__file__).resolve().parent.parent
_WIDTH = 1000
_COLOURS = 200
"""Enough for flat colours and letters; half the bytes."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture: the parts of a page below each other, in its order.

    Attributes:
        name: Of the file in docs/.
        corpus: Relative to the project.
        fragment: Of the address: the cases that are listed.
        parts: What is shown, as CSS selectors.
        n_cases: How many cases are left in the list.
        is_dark: Show it dark.
    """

    name: str
    corpus: str
    fragment: str
    parts: Sequence[str]
    n_cases: int
    is_dark: bool = False


SHOTS = (
    Shot(
        "report-sample.png",
        "corpora/sample",
        "#model=detailed-sample&verdict=labeling_failure",
        ("header", "#answer", "#chart-verdicts", "#cases"),
        n_cases=2,
    ),
    Shot(
        "report-afew-qwen.png",
        "../shared/corpora/afew-qwen",
        "#model=qwen2.5-vl-7b-instruct&gold=Happy&verdict=labeling_failure",
        ("#answer", "#chart-recall", "#chart-map_terms", "#cases"),
        n_cases=1,
        is_dark=True,
    ),
    *(
        Shot(
            f"verdict-{verdict}.png",
            "corpora/sample",
            f"#model=detailed-sample&verdict={verdict}",
            ("#cases article.case",),
            n_cases=1,
        )
        for verdict in SCORED_VERDICTS
    ),
)


def main() -> None:
    """Write docs/report-*.png of the corpora that are here."""
    if not CHROMIUM.is_file():
        sys.exit(f"screenshots: skipped, {CHROMIUM} is not here (apt-get install chromium)")
    with sync_playwright() as playwright, TemporaryDirectory() as scratch:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for shot in SHOTS:
            corpus = (_PROJECT / shot.corpus).resolve()
            if not corpus.is_dir():
                print(f"{shot.name}: skipped, {shot.corpus} is not here", file=sys.stderr)
                continue
            folder = Path(scratch) / shot.name
            analyze(read_corpus(corpus), folder)
            page = browser.new_page(
                viewport={"width": _WIDTH, "height": 100}, color_scheme="dark" if shot.is_dark else "light"
            )
            page.goto((folder / "report.html").as_uri() + shot.fragment)
            _take(page, shot, _PROJECT / "docs" / shot.name)
            print(f"docs/{shot.name}")
        browser.close()


def _take(page: Page, shot: Shot, path: Path) -> None:
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.wait_for_function("() => [...document.querySelectorAll('.chart')].every((place) => place.view)")
    page.evaluate(
        """([parts, nCases]) => {
            const kept = parts.map((part) => document.querySelector(part)).filter(Boolean);
            const leadsTo = (element) => kept.some((part) => part.contains(element) || element.contains(part));
            for (const element of document.querySelectorAll("main *, header")) {
                if (!leadsTo(element)) element.hidden = true;
            }
            const more = document.querySelectorAll("article.case, #more");
            more.forEach((element, i) => { if (i >= nCases) element.remove(); });
            for (const element of document.querySelectorAll("[hidden]")) element.remove();
            scrollTo(0, 0);
        }""",
        [list(shot.parts), shot.n_cases],
    )
    page.screenshot(path=path, full_page=True)
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
