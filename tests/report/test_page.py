"""The page of the sample corpus, as a reader uses it in a browser."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect

from descan.compare import CompareOptions
from descan.report.analysis_tables import read_analysis
from descan.report.charts import draw_figure, frame_figure
from descan.report.charts.figure import SIZES
from descan.report.charts.map import draw_map_terms
from descan.report.page import render_page
from descan.report.palette import Theme, properties
from descan.report.plots import bundle_javascript, draw_svg
from tests.report.conftest import OpenPage
from tests.report.test_summary import analyzed

pytestmark = pytest.mark.slow

Case = tuple[str, str]

LISTED = """() => {
    const more = document.getElementById("more");
    while (!more.hidden) more.click();
    return [...document.querySelectorAll("article.case h3 a")].map((link) => link.getAttribute("href"));
}"""

LISTED_AT_EACH = """async (addresses) => {
    const listed = {};
    for (const address of addresses) {
        const isThere = new Promise((done) => addEventListener("hashchange", done, { once: true }));
        location.hash = address;
        await isThere;
        listed[address] = LISTED();
    }
    return listed;
}""".replace("LISTED", f"({LISTED})")

MARKED = """() => {
    const more = document.getElementById("more");
    while (!more.hidden) more.click();
    const length = (text) => [...text].length;
    return [...document.querySelectorAll("article.case")].flatMap((found) => {
        const paragraph = found.querySelector(".text"), mentions = new Map();
        for (const mark of paragraph?.querySelectorAll("mark") ?? []) {
            const before = document.createRange();
            before.setStart(paragraph, 0);
            before.setEndBefore(mark);
            const start = length(before.toString());
            mark.mentions.forEach((mention, i) => {
                const key = mark.dataset.mentions.split(" ")[i];
                const seen = mentions.get(key) ?? { start, text: "", classes: mark.className, mention };
                mentions.set(key, { ...seen, text: seen.text + mark.textContent });
            });
        }
        const address = found.querySelector("h3 a").getAttribute("href");
        return [...mentions.values()].map((seen) => ({ address, ...seen, end: seen.start + length(seen.text) }));
    });
}"""


@pytest.fixture(scope="module")
def verdicts(sample_report: Path) -> pd.DataFrame:
    """All pairs of item and model with the label or the reason for none."""
    labels = pd.read_parquet(sample_report / "labels.parquet").query("mode == 'classify'")
    frame = pd.read_parquet(sample_report / "verdicts.parquet")
    frame = frame.merge(labels[["item_id", "model", "reason"]], on=["item_id", "model"], how="left")
    frame["label"] = frame["label"].fillna(frame["reason"]).fillna("no_label")
    return frame


def _cases(frame: pd.DataFrame) -> list[Case]:
    return sorted(zip(frame["item_id"], frame["model"], strict=True))


def _named(addresses: list[str]) -> list[Case]:
    found = [dict(parse_qsl(address[1:])) for address in addresses]
    return sorted((each["item"], each["model"]) for each in found)


def _listed(page: Page) -> list[Case]:
    return _named(page.evaluate(LISTED))


def _chosen(frame: pd.DataFrame, filters: Mapping[str, str]) -> pd.DataFrame:
    for name, value in filters.items():
        frame = frame[frame[name] == value]
    return frame


def _draw_all(page: Page) -> None:
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator(".chart:empty")).to_have_count(0)
    page.wait_for_function("() => [...document.querySelectorAll('.chart')].every((place) => place.view)")


def test_every_link_of_a_table_lists_exactly_the_cases_that_it_counts(
    sample_report: Path, open_page: OpenPage, verdicts: pd.DataFrame
) -> None:
    page = open_page(sample_report)
    links = page.locator("#verdicts td a, #confusion td a").evaluate_all(
        "links => links.map((link) => [link.getAttribute('href'), Number(link.firstChild.data.replace(',', ''))])"
    )
    listed = page.evaluate(LISTED_AT_EACH, [address for address, _ in links])
    assert len(links) > 150
    for address, n in links:
        chosen = _chosen(verdicts, dict(parse_qsl(address[1:])))
        assert _named(listed[address]) == _cases(chosen)
        assert len(chosen) == n


def test_the_matrices_are_drawn_with_the_numbers_of_the_tables(sample_report: Path, open_page: OpenPage) -> None:
    page = open_page(sample_report)
    _draw_all(page)
    drawn = page.locator("#chart-confusion svg").evaluate(
        """(svg) => [...svg.querySelectorAll("*")].map((mark) => mark.__data__?.datum)
            .filter((datum) => datum?.cell_kind)
            .map(({ cell_kind, model, gold, value, n }) => [cell_kind, model, gold, value, n])"""
    )
    tables = read_analysis(sample_report)
    described = tables["confusion_described"].query("n > 0")
    rows = {("described", *row) for row in described[["model", "gold", "predicted", "n"]].itertuples(index=False)}
    assert rows <= {tuple(row) for row in drawn}


def test_a_click_on_a_cell_of_a_chart_lists_its_cases(
    sample_report: Path, open_page: OpenPage, verdicts: pd.DataFrame
) -> None:
    page = open_page(sample_report)
    _draw_all(page)
    cell = page.evaluate(
        """() => {
            const marks = [...document.querySelectorAll("#chart-confusion svg path")];
            const wanted = ({ __data__: drawn }) =>
                drawn?.datum?.cell_kind === "described" && drawn.datum.gold === "Sad" && drawn.datum.n > 1;
            const mark = marks.find(wanted);
            mark.scrollIntoView({ block: "center" });
            const box = mark.getBoundingClientRect();
            const { model, value } = mark.__data__.datum;
            return { model, value, x: box.x + box.width / 2, y: box.y + box.height / 2 };
        }"""
    )
    page.mouse.click(cell["x"], cell["y"])
    filters = {"model": cell["model"], "gold": "Sad", "described": cell["value"]}
    page.wait_for_url(f"**#{urlencode(filters)}")
    expect(page.locator("#cases-title")).to_be_focused()  # The address changes first, and then what is listed.
    assert _listed(page) == _cases(_chosen(verdicts, filters))


def test_every_mention_is_marked_where_it_was_read(sample_report: Path, open_page: OpenPage) -> None:
    page = open_page(sample_report)
    marked = page.evaluate(MARKED)
    mentions = pd.read_parquet(sample_report / "mentions.parquet")
    rows = zip(*(mentions[name] for name in ("item_id", "model", "start", "end", "text", "kind")), strict=True)
    assert sorted(_mark(found) for found in marked) == sorted(rows)
    flags = {(m.item_id, m.model, m.start, m.kind): (m.negated, m.hedged) for m in mentions.itertuples()}
    for found in marked:
        negated, hedged = flags[_mark(found)[0], _mark(found)[1], found["start"], _mark(found)[5]]
        assert ("negated" in found["classes"], "hedged" in found["classes"]) >= (negated, hedged)


def _mark(found: Mapping[str, Any]) -> tuple[str, str, int, int, str, str]:
    [(item_id, model)] = _named([found["address"]])
    kind = {"a": "action", "e": "emotion"}[found["mention"][2]]
    assert kind in found["classes"]
    return item_id, model, found["start"], found["end"], found["text"], kind


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("model", "terse-sample"),
        ("gold", "Fear"),
        ("label", "refused"),
        ("described", "Undecided"),
        ("verdict", "lucky"),
    ],
)
def test_a_choice_of_the_form_filters_the_cases(
    sample_report: Path, open_page: OpenPage, verdicts: pd.DataFrame, field: str, value: str
) -> None:
    page = open_page(sample_report)
    page.locator(f"#filters [name={field}]").select_option(value)
    assert _listed(page) == _cases(_chosen(verdicts, {field: value}))
    assert page.url.endswith(f"#{field}={value}")


@pytest.mark.parametrize(("field", "value", "column"), [("action", "brow_lower", "action"), ("term", "angry", "term")])
def test_an_action_or_a_term_filters_the_cases_that_assert_it_of_the_person(
    sample_report: Path, open_page: OpenPage, field: str, value: str, column: str
) -> None:
    page = open_page(sample_report)
    page.locator(f"#filters [name={field}]").fill(value)
    mentions = pd.read_parquet(sample_report / "mentions.parquet").query("not negated and target == 'person'")
    assert _listed(page) == _cases(_chosen(mentions, {column: value})[["item_id", "model"]].drop_duplicates())


def test_words_are_searched_and_all_cases_come_back(sample_report: Path, open_page: OpenPage) -> None:
    page = open_page(sample_report)
    page.locator("#filters [name=words]").fill("EYEBROWS")
    answers = pd.read_parquet(sample_report / "answers.parquet").query("mode == 'describe'")
    assert _listed(page) == _cases(answers[answers["text"].str.contains("eyebrows", case=False)])
    page.get_by_role("button", name="Show all").click()
    assert len(_listed(page)) == len(pd.read_parquet(sample_report / "verdicts.parquet"))
    expect(page.locator("#status")).to_have_text("174 cases")


def test_the_address_of_a_case_opens_that_case(sample_report: Path, open_page: OpenPage) -> None:
    page = open_page(sample_report, "#item=sample-002&model=terse-sample")
    assert _listed(page) == [("sample-002", "terse-sample")]
    assert page.evaluate("document.activeElement.id") == "cases-title"
    page.locator("article.case").wait_for()
    expect(page.locator("article.case .badge")).to_have_text("lucky")


def test_back_returns_to_where_one_was(sample_report: Path, open_page: OpenPage) -> None:
    page = open_page(sample_report)
    # By key, for charts that are still being drawn move what a pointer aims at.
    page.locator("#confusion summary").press("Enter")
    link = page.locator("#confusion td a").first
    link.scroll_into_view_if_needed()
    place = page.evaluate("scrollY")
    link.click()
    page.wait_for_function("(place) => scrollY > place + 500", arg=place)
    page.go_back()
    page.wait_for_function("(place) => Math.abs(scrollY - place) < 50", arg=place)
    assert "#" not in page.url
    expect(page.locator("#status")).to_have_text("174 cases")


def test_the_rule_of_a_mark_is_shown_to_pointer_and_keyboard(sample_report: Path, open_page: OpenPage) -> None:
    page = open_page(sample_report, "#item=sample-001&model=hedging-sample")
    marks, tip = page.locator("article.case mark"), page.locator("#tip")
    marks.first.hover()
    expect(tip).to_contain_text("emotion term: annoyed")
    expect(tip).to_contain_text("hedged by “seems”")
    page.locator("article.case h3 a").focus()
    page.keyboard.press("Tab")
    expect(marks.first).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(marks.nth(1)).to_be_focused()
    expect(tip).to_contain_text("facial action: brow lower (AU 4)")
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()


def test_light_and_dark_have_the_colours_of_the_palette(sample_report: Path, open_page: OpenPage) -> None:
    page = open_page(sample_report, dark=True)
    assert _paper(page) == properties(Theme.DARK)["surface-paper"]
    page.get_by_role("button", name="Light").click()
    assert _paper(page) == properties(Theme.LIGHT)["surface-paper"]
    page.emulate_media(media="print", color_scheme="dark")
    assert _paper(page) == properties(Theme.LIGHT)["surface-paper"]
    expect(page.locator("nav")).to_be_hidden()


def _paper(page: Page) -> str:
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return "#" + "".join(f"{int(part):02x}" for part in colour.removeprefix("rgb(").removesuffix(")").split(","))


def test_no_two_places_of_the_page_have_one_name(sample_report: Path, open_page: OpenPage) -> None:
    page = open_page(sample_report)
    names = page.locator("[id]").evaluate_all("(all) => all.map((element) => element.id)")
    assert len(set(names)) == len(names)
    linked = page.locator("nav a").evaluate_all("(all) => all.map((link) => link.getAttribute('href').slice(1))")
    assert set(linked) <= set(names)
    assert page.locator("#known-terms option[value=angry]").count() == 1


def test_a_page_400_pixels_wide_does_not_scroll_sideways(sample_report: Path, open_page: OpenPage) -> None:
    page = open_page(sample_report, width=400)
    _draw_all(page)
    page.locator("details").evaluate_all("(all) => all.forEach((each) => { each.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


def test_a_brushed_part_of_a_map_lists_the_cases_that_say_its_words(
    sample_report: Path, tmp_path: Path, open_page: OpenPage
) -> None:
    html = (sample_report / "report.html").read_text(encoding="utf-8")
    [data] = re.findall(r'id="page-data">(.*?)</script>', html)
    [bundle] = re.findall(r"</script>\n<script>(.*?)</script>\n<script type=", html, re.DOTALL)
    tables = read_analysis(sample_report)
    places = {"angry": (0.0, 0.0), "calm": (9.0, 9.0), "closed mouth": (0.5, 0.5), "glares": (9.0, 0.0)}
    rows = [
        {"x": x, "y": y, "term": term, "n": 3, "category": "", "model": "terse-sample"}
        for term, (x, y) in places.items()
    ]
    figure = frame_figure("map_terms", draw_map_terms(rows, tables.models, tables.categories, SIZES))
    page_of_map = render_page(tables, [figure], json.loads(data), bundle)
    (tmp_path / "report.html").write_text(page_of_map, encoding="utf-8")
    page = open_page(tmp_path)
    _draw_all(page)
    page.locator("#chart-map_terms").scroll_into_view_if_needed()
    box = page.locator("#chart-map_terms svg").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 5, box["y"] + 555)
    page.mouse.down()
    page.mouse.move(box["x"] + 250, box["y"] + 300, steps=4)
    page.mouse.up()
    page.wait_for_url("**#area=map_terms*")
    mentions = pd.read_parquet(sample_report / "mentions.parquet").query("model == 'terse-sample'")
    mentions = mentions.query("not negated and target == 'person'")
    said = mentions[mentions["term"].eq("angry") | mentions["text"].str.lower().eq("closed mouth")]
    assert len(said) > 1
    assert _listed(page) == _cases(said[["item_id", "model"]].drop_duplicates())
    page.get_by_role("button", name="Show the").click()
    assert page.evaluate("document.activeElement.id") == "cases-title"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_serious(sample_report: Path, open_page: OpenPage, dark: bool) -> None:
    page = open_page(sample_report, "#item=sample-001", dark=dark)
    _draw_all(page)
    page.locator("#verdicts summary").press("Enter")
    # A picture is one image with a name, whose parts are presentational.
    found = cast("list[dict[str, Any]]", Axe().run(page, context={"exclude": [".chart svg"]}).response["violations"])
    serious = [each for each in found if each["impact"] in {"serious", "critical"}]
    assert [(each["id"], each["nodes"][0]["html"], each["nodes"][0]["failureSummary"]) for each in serious] == []


@pytest.fixture(scope="module")
def long_named(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the page of models and a corpus whose names have no space, without cases."""
    folder = tmp_path_factory.mktemp("long")
    analyzed(folder, models=["x" * 300, "m"], options=CompareOptions(n_resamples=100))
    (folder / "run.json").write_text(json.dumps({"corpus": {"name": "n" * 200}}), encoding="utf-8")
    tables = read_analysis(folder)
    figures = [draw_figure(name, tables) for name in ("verdicts", "detail")]
    pictures = {figures[0].name: draw_svg(figures[0].spec, Theme.LIGHT).encode()}
    data: dict[str, object] = {"models": tables.models, "counts": {"columns": [], "rows": []}}
    data |= {"categories": [], "cases": [], "thumbnails": [], "notes": []}
    page = render_page(tables, figures, data, bundle_javascript("window.vegaEmbed = vegaEmbed;"), pictures)
    (folder / "report.html").write_text(page, encoding="utf-8")
    return folder


@pytest.mark.parametrize("width", [1280, 400])
def test_a_name_without_a_space_makes_the_page_no_wider_than_the_window(
    long_named: Path, open_page: OpenPage, width: int
) -> None:
    page = open_page(long_named, width=width)
    _draw_all(page)
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_without_javascript_a_figure_is_there_or_says_where_it_is(long_named: Path, browser: Browser) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto((long_named / "report.html").as_uri())
    picture = page.locator("#chart-verdicts img")
    expect(picture).to_be_visible()
    box = picture.bounding_box()
    assert box is not None
    assert box["height"] > 100
    expect(page.locator("#chart-detail a")).to_have_attribute("href", "plots/detail.svg")
    expect(page.locator("#filters")).to_be_hidden()
    page.context.close()


def test_a_report_holds_every_drawn_figure_for_readers_without_javascript(sample_report: Path) -> None:
    page = (sample_report / "report.html").read_text(encoding="utf-8")
    n_drawn = len(list((sample_report / "plots").glob("*.svg")))
    assert page.count('<img class="picture" src="data:image/svg+xml;base64,') == n_drawn > 5
