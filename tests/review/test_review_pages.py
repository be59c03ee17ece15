"""The two pages of `descan review`, as people use them in a browser."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect

from tests.report.analyses import Pair
from tests.report.conftest import watch
from tests.review.conftest import Server, StartServer, make_pairs, write_analysis

pytestmark = pytest.mark.slow

OpenAddress = Callable[..., Page]

HOSTILE = "</p><img src=x onerror=alert(1)><script>alert(2)</script> \u202eevil [smile|smile] javascript:alert(3)"


@pytest.fixture
def open_address(browser: Browser) -> Iterator[OpenAddress]:
    """Open an address; afterwards nothing may have gone wrong in it, run by itself or left the machine."""
    pages: list[Page] = []
    faults: list[str] = []

    def open_page(address: str, *, width: int = 1200) -> Page:
        page = browser.new_page(viewport={"width": width, "height": 800})
        watch(page, faults, ("http://127.0.0.1:", "data:"))
        page.goto(address)
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert faults == []


def _begin(page: Page, reader: str) -> None:
    page.get_by_label("Your name").focus()
    page.keyboard.type(reader)
    page.keyboard.press("Enter")
    expect(page.locator("#shown")).to_be_visible()


def _press(page: Page, key: str) -> None:
    """Press the key of a reading, and wait for the next text."""
    n_read = int(page.locator("#done").get_attribute("value") or 0)
    page.keyboard.press(key)
    expect(page.locator("#done")).not_to_have_attribute("value", str(n_read))


def _check_access(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == []


def test_thirty_texts_are_read_by_keyboard_and_a_kill_loses_none(
    start_server: StartServer, open_address: OpenAddress, tmp_path: Path
) -> None:
    analysis = write_analysis(tmp_path / "analysis", make_pairs(20))
    server = start_server(analysis)
    page = open_address(server.marking)
    _check_access(page)
    _begin(page, "anna")
    expect(page.get_by_role("heading", name="Text 1 of 40")).to_be_visible()
    _check_access(page)
    texts = []
    for number in range(15):
        texts.append(page.locator("#shown").inner_text())
        _press(page, "1234567"[number % 7])
    page.wait_for_load_state("networkidle")
    server.kill()
    assert len(server.read()) == 15

    again = start_server(analysis)
    page = open_address(f"{again.marking}#reader=anna")
    expect(page.get_by_role("heading", name="Text 16 of 40")).to_be_visible()
    for number in range(15, 30):
        texts.append(page.locator("#shown").inner_text())
        _press(page, "1234567"[number % 7])
    readings = again.read()
    assert len(set(texts)) == len(readings) == 30
    by_category = Counter(str(reading["described"]) for reading in readings)
    assert by_category == {"Anger": 5, "Disgust": 5, "Fear": 4, "Happy": 4, "Neutral": 4, "Sad": 4, "Surprise": 4}
    # Models are mixed, and the progress is told without a word of them.
    assert {reading["model"] for reading in readings[:6]} == {"a", "b"}
    expect(page.locator("#progress")).to_contain_text(re.compile(r"interval of a verdict share is ±\d+\.\d points now"))


@pytest.fixture(scope="module")
def server(start_server: StartServer, tmp_path_factory: pytest.TempPathFactory) -> Server:
    return start_server(write_analysis(tmp_path_factory.mktemp("shared") / "analysis", make_pairs(70)))


def test_all_that_a_reading_can_say_goes_by_keyboard(server: Server, open_address: OpenAddress) -> None:
    page = open_address(server.marking)
    _begin(page, "anna")
    first = page.locator("#shown").inner_text()
    page.keyboard.press("Shift+Digit6")
    expect(page.locator("#second")).to_have_text("Second choice: Sad.")
    page.keyboard.press("m")
    page.keyboard.type("3 words, odd")
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    page.keyboard.type("smile")
    page.keyboard.press("Enter")
    page.keyboard.type("brow lower")
    page.keyboard.press("Shift+Enter")
    expect(page.locator("#marked li")).to_have_count(2)
    page.keyboard.press("Escape")
    _press(page, "4")
    [reading] = server.read()
    said = {name: reading[name] for name in ("described", "second", "note", "present", "denied", "reader", "kind")}
    assert said == {
        "described": "Happy",
        "second": "Sad",
        "note": "3 words, odd",
        "present": ["smile"],
        "denied": ["brow_lower"],
        "reader": "anna",
        "kind": "person",
    }
    _press(page, "z")
    assert server.read() == []
    assert page.locator("#shown").inner_text() == first
    expect(page.locator("#second")).to_have_text("Second choice: Sad.")
    expect(page.locator("#marked li")).to_have_count(2)
    for key in ("0", "r", "x"):
        _press(page, key)
    assert [reading["described"] for reading in server.read()] == ["Undecided", "refusal", ""]
    assert [reading["note"] for reading in server.read()] == ["3 words, odd", "", ""]


def test_two_people_read_at_once_and_share_out_what_is_not_shared(
    start_server: StartServer, open_address: OpenAddress, tmp_path: Path
) -> None:
    server = start_server(write_analysis(tmp_path / "analysis", make_pairs(5)), "--shared", "4")
    pages = {name: open_address(server.marking) for name in ("anna", "ben")}
    for name, page in pages.items():
        _begin(page, name)
    for _ in range(7):
        for page in pages.values():
            if page.locator("#shown").is_visible():
                _press(page, "5")
    for page in pages.values():
        expect(page.get_by_role("heading", name="All 7 texts are read")).to_be_visible()
    readings = server.read()
    shared = Counter(str(reading["item_id"]) for reading in readings)
    assert sorted(shared.values()) == [1] * 6 + [2] * 4
    assert Counter(reading["reader"] for reading in readings) == {"anna": 7, "ben": 7}


def test_hostile_texts_and_names_stay_text_on_a_narrow_screen(
    start_server: StartServer, open_address: OpenAddress, tmp_path: Path
) -> None:
    pairs = [Pair("<b>i</b>\u202e", "=m<script>", text=HOSTILE, media="<img src=x>")]
    server = start_server(write_analysis(tmp_path / "analysis", pairs))
    page = open_address(server.marking, width=360)
    _begin(page, '<img src=x onerror="alert(1)">')
    expect(page.locator("#shown")).to_contain_text("<script>alert(2)</script> U+202Eevil")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    cases = open_address(server.cases, width=360)
    expect(cases.locator("article.case")).to_have_count(1)
    expect(cases.locator("article .text")).to_contain_text("<script>alert(2)</script>")
    cases.locator("article h3 a").click()
    expect(cases.locator("#status")).to_contain_text("1 case")
    assert cases.evaluate("document.documentElement.scrollWidth") <= 360


def test_every_case_can_be_found_and_its_address_shared(server: Server, open_address: OpenAddress) -> None:
    page = open_address(server.cases)
    expect(page.locator("#status")).to_have_text("140 cases")
    _check_access(page)
    page.get_by_label("verdict").select_option("labeling_failure")
    page.get_by_label("model").select_option("a")
    expect(page.locator("#status")).to_contain_text("17 cases")
    expect(page.locator("article.case")).to_have_count(17)
    with page.expect_download() as download:
        page.get_by_role("link", name="Save these as CSV").click()
    assert len(Path(download.value.path()).read_text("utf-8").splitlines()) == 18

    shared = open_address(page.url)
    expect(shared.locator("#status")).to_contain_text("17 cases")
    shared.get_by_label("words").fill("Text 2 of")
    expect(shared.locator("article.case")).to_have_count(1)
    expect(shared.locator("article mark")).to_have_text("smile")
    shared.locator("article mark").focus()
    expect(shared.locator("#tip")).to_contain_text("facial action: smile")
    shared.get_by_role("button", name="Show all").click()
    expect(shared.locator("#status")).to_have_text("140 cases")
    shared.locator("#more").click()
    expect(shared.locator("article.case").nth(39)).to_be_attached()
