"""A page of texts that try to run, to fetch, to hide and to be too long."""

import csv
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.report.conftest import OpenPage, WriteAnalysis

pytestmark = pytest.mark.slow

RUN = "globalThis.hasRun=true"
MODEL = f"<img src=x onerror={RUN}>"
TEXTS = {
    "script": f"She looks sad. <script>{RUN}</script> Her brows are furrowed.",
    "end of script": f"</script><script>{RUN}</script> He is angry.",
    "comment": f"<!--<script>{RUN}//--> She is happy.",
    "attribute": f'" onmouseover="{RUN}" \' onfocus=\'{RUN}\' autofocus x=" a sad face',
    "image": f"<img src=https://example.org/x.png onerror={RUN}> a happy smile",
    "svg": f"<svg/onload={RUN}> surprised",
    "link": f"[a](javascript:{RUN}) <a href='javascript:{RUN}'>angry</a>",
    "template": "{{ 7 * 7 }} {% raw %} ${hasRun=true} furrowed brows",
    "style": "</style><style>body{display:none}</style> smiling",
    "ansi": "\x1b[31mangry\x1b[0m \x1b]8;;https://example.org\x07link",
    "bidi": "\u202edas si ehs\u202c and her brows are \u2066furrowed\u2069",
    "separators": "sad\u2028angry\u2029happy",
    "emoji": "😀😭👩‍👩‍👧 she is sad, 🤷🏽 her brows are furrowed 😡 and she is not happy",
    "long": "She is sad. " * 90_000,
    "long word": "x" * 3_000 + " angry",
    "prototype": "__proto__ constructor toString angry",
}


@pytest.fixture(scope="module")
def hostile_report(tmp_path_factory: pytest.TempPathFactory, write_analysis: WriteAnalysis) -> Path:
    folder = tmp_path_factory.mktemp("hostile") / "corpus"
    folder.mkdir()
    name = f"</title><script>{RUN}</script>"
    fields = {"name": name, "language": "en", "source": name, "licence": f"javascript:{RUN}"}
    (folder / "corpus.toml").write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in fields.items()))
    with (folder / "items.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["item_id", "gold", "media"])
        writer.writerows([_item(name), "Sad", f"javascript:{RUN}"] for name in TEXTS)
    with (folder / "answers.jsonl").open("w", encoding="utf-8") as file:
        for name, text in TEXTS.items():
            for mode, reply in (("describe", text), ("classify", "Anger")):
                answer = {"item_id": _item(name), "model": MODEL, "mode": mode, "text": reply}
                file.write(json.dumps(answer) + "\n")
    return write_analysis(folder, folder.parent / "analysis")


def _item(name: str) -> str:
    return f"<b onclick={RUN}>{name}</b>"


def test_nothing_of_a_hostile_page_runs_or_leaves(hostile_report: Path, open_page: OpenPage) -> None:
    page = open_page(hostile_report)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("article.case")).to_have_count(len(TEXTS))
    page.wait_for_function("() => [...document.querySelectorAll('.chart')].every((place) => place.view)")
    for mark in page.locator("article.case mark").all()[:10]:
        mark.hover()
    assert page.evaluate("globalThis.hasRun") is None
    assert page.locator("main b[onclick], main img, main svg[onload], main a[href^=javascript]").count() == 0
    assert page.title().startswith("</title><script>")


def test_hostile_texts_stand_as_they_were_written(hostile_report: Path, open_page: OpenPage) -> None:
    page = open_page(hostile_report)
    shown = dict(
        page.locator("article.case").evaluate_all(
            "(all) => all.map((one) => [one.querySelector('h3').textContent, one.querySelector('.text').textContent])"
        )
    )
    for name in ("script", "end of script", "comment", "attribute", "image", "svg", "link", "template", "style"):
        assert shown[_item(name)] == TEXTS[name]
    assert shown[_item("ansi")] == "U+001B[31mangryU+001B[0m U+001B]8;;https://example.orgU+0007link"
    assert shown[_item("bidi")] == "U+202Edas si ehsU+202C and her brows are U+2066furrowedU+2069"
    assert shown[_item("separators")] == "sadU+2028angryU+2029happy"
    assert len(shown[_item("long")]) < 10_000
    expect(page.locator("article.case", has_text="She is sad. She is sad.")).to_contain_text("1,080,000 characters")


def test_marks_sit_right_behind_characters_of_two_units(hostile_report: Path, open_page: OpenPage) -> None:
    page = open_page(hostile_report, f"#words={'she is sad, 🤷'}")
    marks = page.locator("article.case mark")
    assert marks.all_text_contents() == ["sad", "brows are furrowed", "happy"]
    assert "negated" in (marks.nth(2).get_attribute("class") or "")


def test_the_policy_stops_what_would_get_in(hostile_report: Path, browser: Browser) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', (hostile_report / "report.html").read_text())
    assert policy is not None
    assert "unsafe" not in policy[1]
    assert "http" not in policy[1]
    page = browser.new_page()
    stopped: dict[str, str | None] = {}
    finished: list[str] = []
    page.on("requestfailed", lambda request: stopped.update({request.url: request.failure}))
    page.on("requestfinished", lambda request: finished.append(request.url))
    page.goto((hostile_report / "report.html").as_uri())
    page.evaluate(
        """(code) => {
            const add = (name, made) => document.body.append(Object.assign(document.createElement(name), made));
            add("script", { textContent: code });
            add("script", { src: "https://example.org/x.js" });
            add("img", { src: "https://example.org/x.png" });
            add("iframe", { src: "https://example.org/" });
            add("a", { href: `javascript:${code}`, id: "link" });
            document.getElementById("link").click();
        }""",
        RUN,
    )
    assert page.evaluate("fetch('https://example.org/').catch((error) => error.name)") == "TypeError"
    assert page.evaluate("globalThis.hasRun") is None
    assert set(stopped.values()) == {"csp"}
    assert len(finished) == 1
    page.close()
