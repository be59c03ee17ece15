"""The page of two analyses side by side, as a reader uses it in a browser."""

import random
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from PIL import Image
from playwright.sync_api import Browser, Page, expect

import descan
from tests.analysis.sides import judged, write_side
from tests.report.analyses import Pair
from tests.report.conftest import OpenPage

pytestmark = pytest.mark.slow

RUN = "globalThis.hasRun=true"
HOSTILE = f"</script><img src=https://example.org/x.png onerror={RUN}>"
CATEGORIES = ("Happy", "Sad", "Fear", "Surprise")


def _pairs(seed: int, model: str) -> list[Pair]:
    chance = random.Random(seed)
    pairs = []
    for place in range(60):
        gold = CATEGORIES[place % 4]
        described, label = (gold if chance.random() < 0.6 else chance.choice(CATEGORIES) for _ in range(2))
        own = str(seed) if place % 2 else ""
        text = f"{HOSTILE} 😀 A [{described}:word{place % 3}|{described.lower()}] face, [smile|smiling]. {own}"
        more: dict[str, Any] = {"model": model, "text": text}
        pairs.append(judged(f"<b>{place:02}", gold, described, label if place % 9 else None, **more))
    return pairs


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a comparison of two models, one of them renamed."""
    folder = tmp_path_factory.mktemp("comparison")
    a = write_side(
        folder / "a", [*_pairs(1, "m"), *_pairs(2, HOSTILE)], lexicon_sha256="1", options={"support": "lenient"}
    )
    b = write_side(folder / "b", [*_pairs(3, "m"), *_pairs(4, "new")], lexicon_sha256="2")
    descan.compare_runs(a, b, folder / "out", model_map={HOSTILE: "new"}, n_resamples=200)
    return folder / "out"


@pytest.fixture(scope="module")
def flips(compared: Path) -> pd.DataFrame:
    frame = pd.read_parquet(compared / "flips.parquet")
    frame["model"] = [a if a == b else f"{a} → {b}" for a, b in zip(frame["model_a"], frame["model_b"], strict=True)]
    return frame.rename(columns={"verdict_a": "from", "verdict_b": "to"})


def _listed(page: Page) -> list[tuple[str, str]]:
    addresses = page.evaluate(
        """() => {
            const more = document.getElementById("more");
            while (!more.hidden) more.click();
            return [...document.querySelectorAll("article.case h3 a")].map((link) => link.getAttribute("href"));
        }"""
    )
    found = [dict(parse_qsl(address[1:])) for address in addresses]
    return sorted((each["item"], each["model"]) for each in found)


def _named(frame: pd.DataFrame) -> list[tuple[str, str]]:
    return sorted(zip(frame["item_id"], frame["model"], strict=True))


def test_every_number_off_the_diagonal_lists_the_flips_that_it_counts(
    compared: Path, open_page: OpenPage, flips: pd.DataFrame
) -> None:
    page = open_page(compared)
    links = page.locator("#transitions td a").evaluate_all(
        "links => links.map((link) => [link.getAttribute('href'), Number(link.textContent)])"
    )
    assert len(links) == len(flips.groupby(["model", "from", "to"]))
    for address, n in links:
        page.evaluate("(address) => { location.hash = address; }", address)
        where = dict(parse_qsl(address[1:]))
        chosen = flips[(flips[list(where)] == pd.Series(where)).all(axis=1)]
        page.wait_for_function("(n) => document.querySelectorAll('article.case').length === Math.min(n, 20)", arg=n)
        assert _listed(page) == _named(chosen)
        assert len(chosen) == n


def test_a_flip_has_both_texts_with_their_mentions_marked(
    compared: Path, open_page: OpenPage, flips: pd.DataFrame
) -> None:
    page = open_page(compared)
    flip = flips[flips["model"] == "m"].iloc[0]
    page.goto(f"{page.url}#item={flip['item_id'].replace('<', '%3C')}&model=m")
    sides = page.locator("article.case .sides section")
    expect(sides).to_have_count(2)
    for place, run in enumerate("ab"):
        answers = pd.read_parquet(compared.parent / run / "answers.parquet").query(
            "mode == 'describe' and model == 'm'"
        )
        text = answers[answers["item_id"] == flip["item_id"]]["text"].item()
        side = sides.nth(place)
        assert side.locator(".text").text_content() == text
        mentions = pd.read_parquet(compared.parent / run / "mentions.parquet").query("model == 'm'")
        words = mentions[mentions["item_id"] == flip["item_id"]]["text"].tolist()
        assert side.locator("mark").all_text_contents() == words
        expect(side).to_contain_text(f"described {flip[f'described_{run}']}")
    sides.nth(1).locator("mark").first.hover()
    expect(page.locator("#tip")).to_contain_text("emotion term: word")


def test_the_form_filters_the_flips(compared: Path, open_page: OpenPage, flips: pd.DataFrame) -> None:
    page = open_page(compared)
    page.locator("#filters [name=from]").select_option("right")
    assert _listed(page) == _named(flips[flips["from"] == "right"])
    page.locator("#filters [name=gold]").select_option("Fear")
    assert _listed(page) == _named(flips[(flips["from"] == "right") & (flips["gold"] == "Fear")])
    page.get_by_role("button", name="Show all").click()
    assert _listed(page) == _named(flips)
    expect(page.locator("#status")).to_have_text(f"{len(flips)} flips")


def test_what_differs_in_kind_is_said_first(compared: Path, open_page: OpenPage) -> None:
    page = open_page(compared)
    warning = page.locator("main section").first.locator(".warning").first
    expect(warning).to_contain_text("Support is \u2068lenient\u2069 in A and \u2068strict\u2069 in B")
    expect(page.locator("#compared")).to_contain_text("the lexicon is 1 in A and 2 in B")


def test_nothing_of_a_hostile_text_runs_or_leaves(compared: Path, open_page: OpenPage) -> None:
    page = open_page(compared)
    _listed(page)
    assert page.evaluate("globalThis.hasRun") is None
    assert page.locator("main img, main script").count() == 0
    assert HOSTILE in (page.locator("article.case .text").first.text_content() or "")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_serious(compared: Path, open_page: OpenPage, dark: bool) -> None:
    page = open_page(compared, dark=dark)
    found = cast("list[dict[str, Any]]", Axe().run(page).response["violations"])
    serious = [each for each in found if each["impact"] in {"serious", "critical"}]
    assert [(each["id"], each["nodes"][0]["html"], each["nodes"][0]["failureSummary"]) for each in serious] == []


@pytest.mark.parametrize("width", [1280, 400])
def test_the_page_is_no_wider_than_the_window(compared: Path, open_page: OpenPage, width: int) -> None:
    page = open_page(compared, width=width)
    _listed(page)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    boxes = [page.locator("article.case .sides section").nth(place).bounding_box() for place in (0, 1)]
    assert boxes[0] is not None
    assert boxes[1] is not None
    assert (boxes[0]["y"] == boxes[1]["y"]) is (width == 1280)


def test_without_javascript_the_page_says_where_the_flips_are(compared: Path, browser: Browser) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto((compared / "report.html").as_uri())
    expect(page.locator("#transitions table").first).to_be_visible()
    expect(page.locator("#cases noscript .absent")).to_be_visible()
    page.context.close()


def test_small_pictures_of_the_items_stand_beside_their_texts(tmp_path: Path, open_page: OpenPage) -> None:
    Image.new("RGB", (40, 30), "red").save(tmp_path / "1.png")
    a, b = (
        write_side(
            tmp_path / name,
            [judged(item, "Sad", "Sad", label, media=media) for item, media in (("i", "1.png"), ("j", "../x"))],
        )
        for name, label in (("a", "Sad"), ("b", "Fear"))
    )
    descan.compare_runs(a, b, tmp_path / "out", n_resamples=100, media_folder=tmp_path)
    page = open_page(tmp_path / "out")
    expect(page.locator("article.case")).to_have_count(2)
    expect(page.locator("article.case img")).to_have_count(1)
    page.locator("article.case img").scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelector('article.case img').naturalWidth === 40")
    expect(page.locator("#cases .note")).to_have_text("Items of these cases that have no picture here: 1 missing.")


def test_what_people_read_is_marked_on_its_side(tmp_path: Path, open_page: OpenPage) -> None:
    frame = pd.DataFrame({"text": ["She smiles.", "He smiles."], "label": ["Happy", "Sad"], "gold": ["Happy", "Happy"]})
    people = tmp_path / "people.csv"
    plain = descan.analyze(frame, embedder="none", workers=False, n_resamples=100)
    [model] = set(plain.answers["model"])
    people.write_text(f"item_id,model,described\nrow-1,{model},Sad\n", encoding="utf-8")
    overridden = descan.analyze(
        frame, embedder="none", workers=False, n_resamples=100, human_readings=people, override=True
    )
    descan.compare_runs(plain, overridden, tmp_path / "out", n_resamples=100)
    page = open_page(tmp_path / "out")
    a, b = page.locator("article.case .sides section").all()
    expect(a).to_contain_text("described Happy")
    expect(b).to_contain_text("described Sad, as people read it")
