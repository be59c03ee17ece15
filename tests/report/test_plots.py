"""The files of the pictures: valid, the same every time, and made without a network."""

import os
import signal
import threading
import xml.etree.ElementTree as ET
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest
from PIL import Image

from descan.compare import CompareOptions
from descan.report.analysis_tables import read_analysis
from descan.report.charts import Figure, draw_figures
from descan.report.palette import Theme, properties
from descan.report.plots import PNG_SCALE, bundle_javascript, draw_svg, write_plots
from tests.report.test_charts import HOSTILE
from tests.report.test_summary import analyzed

pytestmark = pytest.mark.slow

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def plots(sample_report: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plots")
    assert write_plots(draw_figures(read_analysis(sample_report)), folder) == {}
    return folder


def test_every_picture_is_a_valid_svg_and_png_of_the_same_size(sample_report: Path, plots: Path) -> None:
    figures = list(draw_figures(read_analysis(sample_report)))
    names = {f"{figure.name}.{end}" for figure in figures for end in ("svg", "png")}
    assert {path.name for path in plots.iterdir()} == names
    for figure in figures:
        root = ET.parse(plots / f"{figure.name}.svg").getroot()
        assert (root.tag, root.get("role")) == (f"{SVG}svg", "img")
        assert root.findtext(f"{SVG}title") == figure.title
        assert root.findtext(f"{SVG}desc") == figure.alt_text
        width, height = (float(root.get(side, "")) for side in ("width", "height"))
        # The page may be 400 pixels wide; it puts the matrices, which stand side by side, one below the other.
        assert width <= (560 if figure.name == "confusion" else 400)
        with Image.open(plots / f"{figure.name}.png") as image:
            image.verify()
            assert image.info["dpi"] == pytest.approx((240, 240), abs=0.1)
        assert image.size == pytest.approx((width * PNG_SCALE, height * PNG_SCALE), abs=1)


def test_the_same_analysis_gives_the_same_bytes(sample_report: Path, plots: Path) -> None:
    for path in plots.iterdir():
        assert path.read_bytes() == (sample_report / "plots" / path.name).read_bytes()


@pytest.mark.parametrize("theme", list(Theme))
def test_a_picture_stands_on_the_paper_of_its_theme(sample_report: Path, theme: Theme) -> None:
    figure = next(draw_figures(read_analysis(sample_report)))
    svg = draw_svg(figure.spec, theme)
    assert f'fill="{properties(theme)["surface-paper"]}"' in svg
    assert "var(" not in svg


def test_hostile_names_are_drawn_as_text(tmp_path: Path) -> None:
    folder = analyzed(tmp_path, options=CompareOptions(n_resamples=100), models=HOSTILE)
    (folder / "run.json").write_text("{}")
    assert write_plots(draw_figures(read_analysis(folder)), tmp_path / "plots") == {}
    for path in (tmp_path / "plots").iterdir():
        if path.suffix == ".png":
            with Image.open(path) as image:
                image.verify()
            continue
        root = ET.parse(path).getroot()
        assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
            *("svg", "g", "path", "rect", "text", "tspan", "title", "desc", "line", "defs", "clipPath"),
        }
        assert not any(name.startswith("on") or name.endswith("href") for found in root.iter() for name in found.attrib)
        texts = {found.text for found in root.iter(f"{SVG}text")} | {found.text for found in root.iter(f"{SVG}tspan")}
        assert "NA" in texts
        assert "</script><script>alert(1)</script>" in texts


def test_a_character_that_xml_lacks_does_not_end_the_process() -> None:
    spec = {
        "title": {"text": "a\uffff"},
        "description": "b\x0b",
        "data": {"values": [{"word": "c\ufffe\ud800\x00"}]},
        "mark": "text",
        "encoding": {"text": {"field": "word"}},
    }
    root = ET.fromstring(draw_svg(spec, Theme.LIGHT))
    assert (root.findtext(f"{SVG}title"), root.findtext(f"{SVG}desc")) == ("a\ufffd", "b\ufffd")
    assert "c\ufffd\ufffd\ufffd" in {found.text for found in root.iter(f"{SVG}text")}


def test_nothing_is_fetched() -> None:
    spec = {"title": {"text": ""}, "description": "", "mark": "point", "data": {"url": "https://example.org/rows.json"}}
    with pytest.raises(ValueError, match="External data url not allowed"):
        draw_svg(spec, Theme.LIGHT)


@pytest.mark.parametrize("word", ["Łódź", "笑顔", "\ud800", "smile\n"])
def test_names_in_any_script_are_drawn_by_another_process_as_by_this_one(tmp_path: Path, word: str) -> None:
    spec = {
        "title": {"text": word},
        "description": "d",
        "data": {"values": [{"word": word}]},
        "mark": "text",
        "encoding": {"text": {"field": "word"}},
    }
    assert write_plots([Figure("a", "t", "c", "d", spec, "")], tmp_path) == {}
    assert (tmp_path / "a.svg").read_text(encoding="utf-8") == draw_svg(spec, Theme.LIGHT)
    with Image.open(tmp_path / "a.png") as image:
        assert len(image.getcolors(100_000) or []) > 1


def figure(name: str, **spec: object) -> Figure:
    drawn = {"title": {"text": name}, "description": "d", "data": {"values": [{}]}, "mark": "point"}
    return Figure(name, "t", "c", "d", drawn | spec, "")


def test_a_figure_that_cannot_be_drawn_costs_no_other_and_it_is_said_why(tmp_path: Path) -> None:
    broken = figure("broken", data={"url": "https://example.org/rows.json"})
    problems = write_plots([figure("first"), broken, figure("last")], tmp_path)
    assert list(problems) == ["broken"]
    assert "External data url not allowed" in problems["broken"]
    assert {path.name for path in tmp_path.iterdir()} == {"first.svg", "first.png", "last.svg", "last.png"}


def test_a_figure_that_ends_its_process_costs_no_other_and_it_is_said_why(tmp_path: Path) -> None:
    fatal = figure("fatal", width=100_000_000, height=100_000_000)
    problems = write_plots([figure("first"), fatal, figure("last")], tmp_path)
    assert list(problems) == ["fatal"]
    assert {path.name for path in tmp_path.iterdir()} == {"first.svg", "first.png", "last.svg", "last.png"}


def test_a_process_that_is_killed_costs_the_figure_that_it_draws(tmp_path: Path) -> None:
    killed: list[int] = []

    def kill_first() -> None:
        while not killed:
            for process in drawing_processes():
                os.kill(process, signal.SIGKILL)
                killed.append(process)

    thread = threading.Thread(target=kill_first, daemon=True)
    thread.start()
    problems = write_plots([figure("a"), figure("b")], tmp_path)
    thread.join()
    assert problems == {
        "a": "a worker process ended (SIGKILL) while it worked on plot a; if memory was short, run again with more"
    }
    assert {path.name for path in tmp_path.iterdir()} == {"b.svg", "b.png"}
    assert drawing_processes() == []


def drawing_processes() -> list[int]:
    """Return the worker processes of this one."""
    children = psutil.Process().children()
    return [child.pid for child in children if "descan.execution.worker_program" in " ".join(child.cmdline())]


def test_an_analysis_without_anything_to_draw_gives_no_files(tmp_path: Path) -> None:
    folder = analyzed(tmp_path, gold={}, described={}, labelled={})
    (folder / "run.json").write_text("{}")
    assert write_plots(draw_figures(read_analysis(folder)), tmp_path / "plots") == {}


def test_the_bundle_makes_the_libraries_globals_and_loads_nothing() -> None:
    bundle = bundle_javascript("Object.assign(window, { vegaEmbed, vegaLite, vega });")
    assert "vegaEmbed" in bundle
    assert "import(" not in bundle
