"""The files of the pictures: valid, the same every time, and made without a network."""

import os
import signal
import xml.etree.ElementTree as ET
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image

from descan.compare import CompareOptions
from descan.errors import WorkerError
from descan.report.analysis_tables import read_analysis
from descan.report.charts import Figure, draw_figures
from descan.report.palette import Theme, properties
from descan.report.plots import PNG_SCALE, bundle_javascript, draw_svg
from descan.report.plotter import opened_plotter, write_plots
from tests.report.test_charts import HOSTILE
from tests.report.test_summary import analyzed

pytestmark = pytest.mark.slow

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def plots(sample_report: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plots")
    written = write_plots(draw_figures(read_analysis(sample_report)), folder)
    assert sorted(written) == sorted(folder.iterdir())
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
    for path in write_plots(draw_figures(read_analysis(folder)), tmp_path / "plots"):
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
    written = write_plots([Figure("a", "t", "c", "d", spec, "")], tmp_path)
    assert written == [tmp_path / "a.svg", tmp_path / "a.png"]
    assert written[0].read_text(encoding="utf-8") == draw_svg(spec, Theme.LIGHT)
    with Image.open(written[1]) as image:
        assert len(image.getcolors(100_000) or []) > 1


def test_a_figure_that_was_added_before_is_not_drawn_again(tmp_path: Path) -> None:
    spec = {"title": {"text": "t"}, "description": "", "data": {"values": [{}]}, "mark": "point"}
    broken = spec | {"data": {"url": "https://example.org/rows.json"}}
    with opened_plotter(tmp_path) as plotter:
        plotter.add(Figure("a", "t", "c", "d", spec, ""))
        plotter.add(Figure("a", "t", "c", "d", broken, ""))
        assert plotter.finish() == [tmp_path / "a.svg", tmp_path / "a.png"]


def test_a_figure_that_cannot_be_drawn_is_an_error_that_says_why(tmp_path: Path) -> None:
    spec = {"title": {"text": ""}, "description": "", "mark": "point", "data": {"url": "https://example.org/rows.json"}}
    with pytest.raises(WorkerError, match=r"draws the plots ended: .*External data url not allowed"):
        write_plots([Figure("a", "t", "c", "d", spec, "")], tmp_path)


def test_a_process_that_is_killed_is_an_error_and_leaves_none_behind(tmp_path: Path) -> None:
    with pytest.raises(WorkerError, match="the process that draws the plots ended: SIGKILL"):
        draw_with_a_process_that_is_killed(tmp_path)
    assert drawing_processes() == []


def draw_with_a_process_that_is_killed(folder: Path) -> None:
    with opened_plotter(folder) as plotter:
        plotter.add(Figure("first", "t", "c", "d", {"mark": "point"}, ""))
        [process] = drawing_processes()
        os.kill(process, signal.SIGKILL)
        plotter.add(Figure("a", "t", "c", "d", {"mark": "point", "pad": "x" * 1_000_000}, ""))


def drawing_processes() -> list[int]:
    """Give the processes that this one started and that draw."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            _, parent = path.read_text().rpartition(")")[2].split()[:2]
            if int(parent) == os.getpid() and b"painter" in (path.parent / "cmdline").read_bytes():
                found.append(int(path.parent.name))
    return found


def test_an_analysis_without_anything_to_draw_gives_no_files(tmp_path: Path) -> None:
    folder = analyzed(tmp_path, gold={}, described={}, labelled={})
    (folder / "run.json").write_text("{}")
    assert write_plots(draw_figures(read_analysis(folder)), tmp_path / "plots") == []


def test_the_bundle_makes_the_libraries_globals_and_loads_nothing() -> None:
    bundle = bundle_javascript()
    assert "vegaEmbed" in bundle
    assert "import(" not in bundle
