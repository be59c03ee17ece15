"""A report of the sample corpus, and a browser to open it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from descan.analysis import AnalyzeOptions, analyze
from descan.compare import CompareOptions
from descan.corpus import read_corpus
from descan.report.writing import ReportOptions
from tests.prerequisites import require_path

CHROMIUM = Path("/usr/bin/chromium")
_FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)

WriteAnalysis = Callable[[Path, Path], Path]
OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def write_analysis() -> WriteAnalysis:
    """Analyze a corpus into a folder, with its report; only the maps, which take long, are left out."""

    def write(corpus: Path, out: Path) -> Path:
        options = AnalyzeOptions(compare=CompareOptions(n_resamples=200), report=ReportOptions(has_map=False))
        analyze(read_corpus(corpus), out, options)
        return out

    return write


@pytest.fixture(scope="session")
def sample_report(sample_corpus: Path, tmp_path_factory: pytest.TempPathFactory, write_analysis: WriteAnalysis) -> Path:
    """The folder of an analysis of the sample corpus, with its report."""
    return write_analysis(sample_corpus, tmp_path_factory.mktemp("sample") / "analysis")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Of a module, not of the session: Playwright keeps an event loop running, beside which asyncio.run cannot.
    require_path(CHROMIUM, "apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        yield browser
        browser.close()


def watch(page: Page, faults: list[str], own: tuple[str, ...]) -> None:
    """Note what goes wrong in a page, runs by itself, or asks for an address that begins with none of its own."""
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("dialog", lambda dialog: faults.append(f"dialog: {dialog.message}"))
    page.on(
        "request",
        lambda request: None if request.url.startswith(own) else faults.append(f"request: {request.url}"),
    )


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Open a report; afterwards nothing may have gone wrong in it, run by itself or left the machine."""
    pages: list[Page] = []
    faults: list[str] = []

    def open_report(folder: Path, fragment: str = "", *, width: int = 1200, dark: bool = False) -> Page:
        address = (folder / "report.html").as_uri()
        page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light")
        watch(page, faults, (address, "data:image/"))
        page.goto(address + fragment)
        pages.append(page)
        return page

    yield open_report
    for page in pages:
        page.close()
    assert faults == []
