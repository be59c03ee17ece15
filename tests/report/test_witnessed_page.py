"""The page of a corpus with witnesses, as a reader uses it in a browser."""

from pathlib import Path
from urllib.parse import urlencode

import pyarrow.parquet as pq
import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import expect

from descan.analysis import AnalyzeOptions, analyze
from descan.compare import CompareOptions
from descan.corpus import read_corpus
from descan.report.analysis_tables import read_analysis
from descan.report.charts import draw_figure
from descan.report.writing import ReportOptions
from tests.report.conftest import OpenPage

pytestmark = pytest.mark.slow

SAMPLE = Path(__file__).resolve().parents[2] / "corpora" / "witnessed"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("witnessed") / "analysis"
    options = AnalyzeOptions(embedder="none", compare=CompareOptions(n_resamples=100), report=ReportOptions())
    analyze(read_corpus(SAMPLE), out, options)
    return out


def test_marks_and_lines_say_what_is_on_the_face(report: Path, open_page: OpenPage) -> None:
    page = open_page(report, "#model=vivid-sample&item=f09")
    case = page.locator("article.case")
    # Of "Her mouth is open and her eyebrows are raised" the sensor sees no raised brows.
    expect(case.locator("mark.agrees")).to_have_text("mouth is open")
    divided = case.locator("mark.divided")
    expect(divided).to_have_text("eyebrows are raised")
    divided.hover()
    expect(page.locator("#tip")).to_contain_text("on the face by coder\nnot on the face by sensor")
    coder, sensor = case.locator(".on-face").all()
    expect(coder.locator(".omitted")).to_have_text("\u25cb on the face, but not said: eyes widen (5)")
    expect(sensor.locator(".hallucinated")).to_have_text("\u2717 said, but not on the face: brow raise (1+2)")
    found = Axe().run(page, context={"include": ["#cases"]}).response["violations"]
    assert [each["id"] for each in found] == []


def test_cases_are_listed_by_what_a_witness_makes_of_an_action(report: Path, open_page: OpenPage) -> None:
    wanted = {"action": "smile", "outcome": "hallucinated", "witness": "coder"}
    rows = pq.read_table(report / "witnessed.parquet").to_pylist()
    n_wanted = sum(all(row[key] == value for key, value in wanted.items()) for row in rows)
    assert n_wanted > 1
    page = open_page(report, f"#{urlencode(wanted)}")
    cases = page.locator("article.case")
    expect(cases).to_have_count(n_wanted)
    coder = cases.locator(".on-face", has_text="by coder")
    expect(coder.locator(".hallucinated", has_text="smile (12)")).to_have_count(n_wanted)
    page.locator("#on-face").select_option("denied")
    expect(cases.locator(".denied dd")).to_contain_text(["smile (12)"])


def test_the_fingerprint_has_both_rates_of_each_action_and_frames_what_is_never_said(report: Path) -> None:
    figure = draw_figure("fingerprint", read_analysis(report))
    assert figure.spec is not None
    rows = {
        (row["witness"], row["model"], row["value"], row["outcome"]): row for row in figure.spec["datasets"]["rows"]
    }
    table = read_analysis(report)["actions_witnessed"].query("action != 'all'")
    for row in table.to_dict("records"):
        key = row["witness"], row["model"], row["action"]
        if not (
            table.query("witness == @key[0] and action == @key[2]")[["n_present", "n_hallucinated"]].to_numpy().any()
        ):
            assert (*key, "hallucinated") not in rows
            continue
        said = rows[(*key, "hit" if row["n_hit"] else "omitted")]
        assert (said["n"], said["n_faces"]) == (row["n_hit"], row["n_present"])
        assert said["is_never"] == (row["n_present"] > 0 and row["n_hit"] == 0)
        invented = rows[(*key, "hallucinated")]
        assert (invented["n"], invented["n_faces"]) == (row["n_hallucinated"], row["n_items"] - row["n_present"])
        assert (said["share"] or 0, invented["share"] or 0) == pytest.approx(
            (row["n_hit"] / max(row["n_present"], 1), row["n_hallucinated"] / max(row["n_items"] - row["n_present"], 1))
        )


def test_a_click_on_the_fingerprint_lists_what_the_witness_makes_of_the_action(
    report: Path, open_page: OpenPage
) -> None:
    page = open_page(report)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.wait_for_function("() => document.querySelector('#chart-fingerprint .chart').view")
    page.locator("#chart-fingerprint svg path").evaluate_all(
        """(marks) => marks.find(({ __data__: drawn }) => drawn?.datum?.value === "smile" && drawn.datum.n === 5)
            .scrollIntoView({ block: "center" })"""
    )
    box = page.locator("#chart-fingerprint svg path").evaluate_all(
        """(marks) => {
            const box = marks.find(({ __data__: drawn }) => drawn?.datum?.value === "smile" && drawn.datum.n === 5)
                .getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2];
        }"""
    )
    page.mouse.click(*box)
    expect(page.locator("#status")).to_contain_text("outcome hallucinated · witness")
    expect(page.locator("article.case")).to_have_count(5)
