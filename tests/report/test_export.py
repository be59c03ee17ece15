"""What an analysis becomes for a paper: the numbers of its tables, figures of a width, true methods."""

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pandas as pd
import pytest
import yaml
from PIL import Image

import descan
from descan.errors import InputError, OptionError
from descan.lexicon import figure_languages, load_figure_words
from descan.report.analysis_tables import read_analysis
from descan.report.paper.latex_widths import estimate_width_cm
from descan.report.paper.tables import print_table, printable_tables

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parents[2]

HOSTILE = r"\input{x} & 100% #1_a ^~ {$<b>|`*[1]"


@pytest.fixture(scope="module")
def analysis(tmp_path_factory: pytest.TempPathFactory) -> Path:
    texts = {
        "Happy": "A broad smile with raised cheeks; she looks happy.",
        "Sad": "Tears; he seems sad, mouth turned down.",
    }
    rows = [
        {"item_id": f"i{place}", "gold": gold, "model": model, "text": texts[described], "label": label}
        for model, step in (("gpt-4o-2024-11-20", 2), (HOSTILE, 3))
        for place, gold in enumerate(["Happy", "Sad"] * 12)
        for described in ["Sad" if place % step else gold]
        for label in ["Neutral" if place % (step + 2) == 0 else gold]
    ]
    folder = tmp_path_factory.mktemp("paper") / "analysis"
    descan.analyze(pd.DataFrame(rows), folder, n_resamples=100, report=False, workers=False)
    return folder


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_a_printed_table_has_the_numbers_of_its_table(analysis: Path) -> None:
    tables = read_analysis(analysis)
    printed = print_table("verdicts", tables, 1)
    assert list(printed.head) == ["Model", "Scored", "Right", "Lucky", "Labeling failure", "Seeing failure"]
    source = {(row["model"], row["verdict"]): row for row in tables.overall("verdicts")}
    for cells in printed.rows:
        model = cells[0].text
        for verdict, cell in zip(("right", "lucky", "labeling_failure", "seeing_failure"), cells[2:], strict=True):
            row = source[model, verdict]
            assert cell.text == f"{100 * row['share_of_scored']:.1f}"
            assert cell.interval == f"[{100 * row['share_low']:.1f}, {100 * row['share_high']:.1f}]"


def test_the_best_of_each_column_is_bold_and_a_tie_is_bold_twice(analysis: Path) -> None:
    tables = read_analysis(analysis)
    frame = tables["verdicts"].copy()
    all_right = (frame["gold"] == "all") & (frame["verdict"] == "right")
    places = frame.index[all_right]
    frame.loc[places, "share_of_scored"] = [0.3, 0.7]
    tables._frames["verdicts"] = frame
    assert [row[2].is_best for row in print_table("verdicts", tables, 1).rows] == [False, True]
    frame.loc[places, "share_of_scored"] = [0.70004, 0.7]
    assert [row[2].is_best for row in print_table("verdicts", tables, 1).rows] == [True, True]


def test_accuracy_of_few_answers_is_printed_as_bounds(analysis: Path) -> None:
    tables = read_analysis(analysis)
    frame = tables["scores"].copy()
    frame["coverage"] = 0.3
    tables._frames["scores"] = frame
    printed = print_table("scores", tables, 0)
    assert printed.caption.endswith("* Bounds: fewer than 50% of the answers name a category.")
    row = next(row for row in tables.rows("scores") if row["categories"] == "seven")
    assert printed.rows[0][3].text == f"[{100 * row['accuracy_all']:.0f}, {100 * row['accuracy_best']:.0f}]*"
    assert not any(cell.is_best for cells in printed.rows for cell in cells)


def test_every_table_can_be_printed_in_every_format(analysis: Path, tmp_path: Path) -> None:
    names = printable_tables(read_analysis(analysis))
    assert {"verdicts", "scores", "actions", "annotators"} <= set(names)
    out = tmp_path / "out"
    exported = descan.export(analysis, out, formats="latex,markdown,csv,xlsx", tables="all", figures="none")
    assert set(exported.files) >= {f"tables/{name}.{end}" for name in names for end in ("tex", "md", "csv")}
    book = openpyxl.load_workbook(out / "tables/tables.xlsx")
    assert book.sheetnames[: len(names)] == names
    assert book.sheetnames[-1] == "captions"
    assert HOSTILE in {cell.value for cell in book["verdicts"]["A"]}


def test_a_workbook_has_numbers_to_compute_with_beside_what_is_printed(analysis: Path, tmp_path: Path) -> None:
    descan.export(analysis, tmp_path / "out", formats="xlsx", tables="verdicts,scores,agreement", figures="none")
    path = tmp_path / "out/tables/tables.xlsx"
    sheets = pd.read_excel(path, sheet_name=None, engine="openpyxl")
    assert list(sheets) == [
        *("verdicts", "scores", "agreement", "verdicts printed", "scores printed", "agreement printed", "captions")
    ]
    verdicts, tables = sheets["verdicts"], read_analysis(analysis)
    right = [row for row in tables.overall("verdicts") if row["verdict"] == "right"]
    assert verdicts["Scored"].to_list() == [row["n_scored"] for row in right]
    for column, source in (("Right", "share_of_scored"), ("Right low", "share_low"), ("Right high", "share_high")):
        assert verdicts[column].to_list() == [row[source] for row in right]
    assert "=" not in {cell.data_type for row in openpyxl.load_workbook(path)["verdicts"].iter_rows() for cell in row}
    cells = {sheet: openpyxl.load_workbook(path)[sheet][2] for sheet in ("verdicts", "scores", "verdicts printed")}
    assert [cell.number_format for cell in cells["verdicts"][:5]] == ["General", "#,##0", "0.0%", "0.0%", "0.0%"]
    assert cells["scores"][-1].number_format == "0.000"
    assert cells["verdicts printed"][2].value == str(print_table("verdicts", tables, 1).rows[0][2])
    assert sheets["captions"]["Table"].to_list() == ["verdicts", "scores", "agreement"]


def test_the_disagreement_of_modes_is_a_table(analysis: Path) -> None:
    tables = read_analysis(analysis)
    printed = print_table("discordance", tables, 1)
    assert [row[0].text for row in printed.rows] == list(tables.models)
    found = next(row for row in tables.rows("discordance") if row["gold"] == "all")
    place = list(printed.head).index("At most")
    assert printed.rows[0][place].text == f"+{100 * found['excess_most']:.1f}"


def test_only_what_is_asked_for_is_warned_about(
    analysis: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    # This analysis has neither a map nor costs.
    exported = descan.export(analysis, tmp_path / "all", tables="none", width=24)
    assert "map_terms" not in {figure.name for figure in exported.figures}
    assert all(figure.problem == "" for figure in exported.figures)
    assert caplog.text == ""
    exported = descan.export(analysis, tmp_path / "map", tables="none", figures="map_terms")
    assert [bool(figure.problem) for figure in exported.figures] == [True]
    assert "figure map_terms is left out: " in caplog.text


def test_latex_compiles_whatever_models_are_called(analysis: Path, tmp_path: Path) -> None:
    if not (latex := shutil.which("pdflatex")):
        pytest.skip("pdflatex is not installed")
    descan.export(analysis, tmp_path / "out", tables="all", figures="verdicts", width="85mm")
    tables = "".join(
        f"\\clearpage\\input{{tables/{path.stem}}}\n" for path in sorted((tmp_path / "out/tables").glob("*.tex"))
    )
    (tmp_path / "out/paper.tex").write_text(
        "\\documentclass{article}\\usepackage{booktabs,graphicx,longtable}\\begin{document}\n"
        f"\\input{{methods}}\n\\input{{figures/verdicts}}\n{tables}"
        "\\bibliographystyle{plain}\\bibliography{references}\\end{document}\n",
        encoding="utf-8",
    )
    command = [latex, "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    done = subprocess.run(command, cwd=tmp_path / "out", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Float too large" not in done.stdout
    assert "{longtable}" in _read(tmp_path / "out/tables/sensitivity.tex")
    assert "{longtable}" not in _read(tmp_path / "out/tables/verdicts.tex")


def test_tables_over_the_margin_of_latex_are_told_and_others_are_not(
    analysis: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    descan.export(analysis, tmp_path / "out", figures="none")
    descan.export(analysis, tmp_path / "out", formats="markdown", tables="all", figures="none")
    assert caplog.text == ""
    descan.export(analysis, tmp_path / "out", tables="all", figures="none")
    assert "wider in LaTeX than the 17 cm of a page: table " in caplog.text
    assert re.search(r" \(\d+ cm\), .* more; turn a table on its side", caplog.text)


def test_widths_are_those_of_latex(analysis: Path, tmp_path: Path) -> None:
    if not (latex := shutil.which("pdflatex")):
        pytest.skip("pdflatex is not installed")
    names = ["scores", "support", "differences", "latency", "cost", "thresholds"]
    descan.export(analysis, tmp_path / "out", tables=names, figures="none")
    boxes = ""
    for name in names:
        whole = _read(tmp_path / f"out/tables/{name}.tex")
        table = whole[whole.index("\\begin{tabular}") : whole.rindex("\\end{tabular}")] + "\\end{tabular}"
        boxes += f"\\setbox0=\\hbox{{\\small\\tabcolsep4pt{table}}}\\typeout{{width \\the\\wd0}}\n"
    head = "\\documentclass{article}\\usepackage{booktabs}\\begin{document}\n"
    (tmp_path / "widths.tex").write_text(f"{head}{boxes}\\end{{document}}\n", encoding="utf-8")
    command = [latex, "-interaction=nonstopmode", "widths.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    widths = [float(points) / 72.27 * 2.54 for points in re.findall(r"^width ([\d.]+)pt$", done.stdout, re.MULTILINE)]
    tables = read_analysis(analysis)
    assert widths == pytest.approx([estimate_width_cm(print_table(name, tables, 1)) for name in names], rel=0.1)


def test_hostile_names_are_words_in_latex_and_markdown(analysis: Path, tmp_path: Path) -> None:
    descan.export(analysis, tmp_path / "out", formats=["latex", "markdown"], tables="verdicts", figures="none")
    latex = _read(tmp_path / "out/tables/verdicts.tex")
    assert r"\textbackslash{}input\{x\} \& 100\% \#1\_a \textasciicircum{}\textasciitilde{} \{\$$<$b$>$|`*[1]" in latex
    markdown = _read(tmp_path / "out/tables/verdicts.md")
    assert r"\\input{x} & 100% \#1\_a ^~ {$\<b\>\|\`\*\[1\]" in markdown


def test_figures_have_the_width_that_was_asked_for_and_no_text_is_cut(analysis: Path, tmp_path: Path) -> None:
    names = ["verdicts", "confusion", "flow"]
    exported = descan.export(
        analysis, tmp_path / "out", tables="none", figures=names, figure_formats="pdf,svg,png", width="3.5in", dpi=200
    )
    assert [figure.name for figure in exported.figures] == names
    for name in names:
        svg = ElementTree.fromstring(_read(tmp_path / f"out/figures/{name}.svg"))
        assert svg.attrib["width"] == "8.89cm"
        _, _, width, _ = map(float, svg.attrib["viewBox"].split())
        texts = [text for text in svg.iter("{http://www.w3.org/2000/svg}text") if (text.text or "").strip()]
        assert len(texts) > 10
        assert all(float(text.attrib["textLength"]) > 0 for text in texts)
        assert not any("…" in (text.text or "") for text in texts)
        for text in texts:
            if "rotate" in text.attrib["transform"]:
                continue
            assert 0 < float(text.attrib["textLength"]) < width
        box = re.search(rb"MediaBox ?\[0 0 ([\d.]+) ", (tmp_path / f"out/figures/{name}.pdf").read_bytes())
        assert box is not None
        assert float(box[1]) == pytest.approx(72 * 3.5, abs=0.1)
        with Image.open(tmp_path / f"out/figures/{name}.png") as picture:
            assert picture.width == pytest.approx(700, abs=1)
            assert picture.info["dpi"][0] == pytest.approx(200, abs=0.1)
            assert _edge_is_white(picture)


def _edge_is_white(picture: Image.Image) -> bool:
    """Return whether nothing touches the left or right edge, where a cut label would end."""
    grey = picture.convert("L")
    left, right = grey.crop((0, 0, 2, grey.height)), grey.crop((grey.width - 2, 0, grey.width, grey.height))
    return min(left.tobytes()) > 250 and min(right.tobytes()) > 250


def test_a_figure_that_does_not_fit_says_how_wide_it_must_be(
    analysis: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    exported = descan.export(analysis, tmp_path / "out", tables="none", figures="actions", width=3, font_size=12)
    [figure] = exported.figures
    assert figure.font_pt < 12
    assert figure.needed_cm > 3
    told = f"letters are {figure.font_pt:.1f} points, for 12 points it must be {figure.needed_cm:.1f} cm wide"
    assert f"figure actions: {told}" in caplog.text


def test_a_figure_between_the_widths_of_its_legend_and_its_map_has_letters_of_the_size_asked_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    study = descan.analyze(PROJECT / "corpora/sample", tmp_path / "study", n_resamples=100, media=False)
    model = "detailed-sample"
    for width in (8.2, 8.5, 9.0):
        exported = descan.export(
            *(study, tmp_path / "out"), tables="none", figures="map_descriptions", width=width, models=[model]
        )
        assert exported.figures[0].font_pt == pytest.approx(8)
    assert caplog.text == ""
    descan.export(study, tmp_path / "out", tables="none", figures="map_terms", figure_formats="svg")
    svg = _read(tmp_path / "out/figures/map_terms.svg")
    assert ">Mentions<" in svg
    assert ">0<" not in svg


def test_a_figure_that_is_higher_than_a_page_says_what_makes_it_smaller(
    analysis: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    exported = descan.export(analysis, tmp_path / "out", tables="none", figures="confusion", width=9, font_size=20)
    [figure] = exported.figures
    assert figure.height_cm > 24
    ways = "fewer models (--model), or a larger --width, which puts its parts side by side, or a smaller --font-size"
    told = f"figure confusion is {figure.height_cm:.1f} cm high, more than the 24 cm of a page: use {ways}"
    assert told in caplog.text


def test_letters_that_no_font_has_are_told_once(
    analysis: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As on a machine without fonts: only those that vl-convert brings are there.
    monkeypatch.setenv("FONTCONFIG_FILE", str(PROJECT / "descan/report/fonts.conf"))
    exported = descan.export(
        analysis, tmp_path / "out", tables="none", figures="verdicts,recall", figure_formats="png", language="ja"
    )
    assert all({"解", "失"} <= set(figure.missing_letters) for figure in exported.figures[:1])
    [record] = [record for record in caplog.records if "no font" in record.message]
    assert re.search(
        r"^no font of this machine has (\S ){8}and \d+ more letters, so these figures show", record.message
    )
    assert record.message.endswith("empty boxes: verdicts, recall; install a font that has them")
    caplog.clear()
    descan.export(analysis, tmp_path / "out", tables="none", figures="verdicts", language="de")
    assert caplog.text == ""


@pytest.mark.parametrize("language", figure_languages())
def test_every_language_has_words_for_verdicts_categories_and_axes(language: str) -> None:
    words = load_figure_words(language)
    labels = ["right", "lucky", "labeling failure", "seeing failure", "Anger", "Surprise", "Contempt", "Undecided"]
    assert all(words.translate(label) for label in labels)
    assert words.translate("12 of 1,024 items scored") not in ("", "12 of 1,024 items scored")
    assert "1,024" in words.translate("12 of 1,024 items scored")
    assert words.translate("Anger 12") == f"{words.translate('Anger')} 12"
    assert words.translate("what nobody translated") == "what nobody translated"


def test_labels_are_in_the_language_and_model_names_stay(analysis: Path, tmp_path: Path) -> None:
    descan.export(
        analysis, tmp_path / "de", tables="none", figures="verdicts,confusion", figure_formats="svg", language="de"
    )
    verdicts, confusion = (_read(tmp_path / f"de/figures/{name}.svg") for name in ("verdicts", "confusion"))
    assert all(f">{word}<" in verdicts for word in ("richtig", "Benennungsfehler", "Anteil der gewerteten Bilder"))
    assert "gpt-4o-2024-11-20" in verdicts
    assert all(f">{word}<" in confusion for word in ("Ärger", "Beschrieben", "Gold"))
    assert ">Anger<" not in confusion
    own = tmp_path / "words.yaml"
    own.write_text("right: gut\n'Share of scored items': Anteil\n", encoding="utf-8")
    descan.export(analysis, tmp_path / "own", tables="none", figures="verdicts", figure_formats="svg", language=own)
    assert ">gut<" in _read(tmp_path / "own/figures/verdicts.svg")


def test_models_are_chosen_ordered_and_named(analysis: Path, tmp_path: Path) -> None:
    names = {HOSTILE: "Ours", "gpt-4o-2024-11-20": "GPT-4o"}
    descan.export(analysis, tmp_path / "out", formats="csv", figures="verdicts", figure_formats="svg", models=names)
    assert list(pd.read_csv(tmp_path / "out/tables/verdicts.csv")["Model"]) == ["Ours", "GPT-4o"]
    svg = _read(tmp_path / "out/figures/verdicts.svg")
    assert svg.index(">Ours<") < svg.index(">GPT-4o<")
    descan.export(analysis, tmp_path / "out", formats="csv", figures="none", models=["gpt-4o-2024-11-20"])
    assert list(pd.read_csv(tmp_path / "out/tables/verdicts.csv")["Model"]) == ["gpt-4o-2024-11-20"]
    assert not (tmp_path / "out/figures/verdicts.svg").exists()


def test_methods_have_the_numbers_of_the_run(analysis: Path, tmp_path: Path) -> None:
    descan.export(analysis, tmp_path / "out", formats="latex,markdown", tables="none", figures="none")
    run = json.loads(_read(analysis / "run.json"))
    told = _read(tmp_path / "out/methods.md")
    tables = read_analysis(analysis)
    describing = [row for row in tables.rows("answers") if row["mode"] == "describe"]
    assert f"We analyzed {sum(row['n_ok'] for row in describing):,} descriptions and" in told
    assert f"({run['options']['resamples']:,} resamples)" in told
    n_scored = sum(row["n"] for row in tables.overall("verdicts") if row["verdict"] != "unscored")
    assert f"{n_scored:,} of {tables.n_pairs:,} pairs of item and model have a verdict" in told
    assert "None" not in told
    latex, bibtex = _read(tmp_path / "out/methods.tex"), _read(tmp_path / "out/references.bib")
    cited = {key for keys in re.findall(r"\\cite\{([^}]*)\}", latex) for key in keys.split(",")}
    assert cited == set(re.findall(r"^@\w+\{([^,]+),$", bibtex, re.MULTILINE))
    assert "du2014compound" in cited
    assert "; the others lack" not in told
    assert "{EMFACS-7: Emotional Facial Action Coding System}" in bibtex


def test_bibtex_has_nothing_to_complain_about(analysis: Path, tmp_path: Path) -> None:
    if not (bibtex := shutil.which("bibtex")):
        pytest.skip("bibtex is not installed")
    descan.export(analysis, tmp_path, formats="latex", tables="none", figures="none")
    lines = (r"\citation{*}", r"\bibstyle{plain}", r"\bibdata{references}")
    (tmp_path / "paper.aux").write_text("\n".join(lines), encoding="utf-8")
    done = subprocess.run([bibtex, "paper"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, "Warning" in done.stdout) == (0, False), done.stdout
    assert "EMFACS-7" in _read(tmp_path / "paper.bbl")


def test_cite_says_what_an_analysis_rests_on(analysis: Path) -> None:
    told = descan.cite(analysis)
    assert "Facial Action Coding System" in told
    assert "Compound facial expressions of emotion" in told
    assert descan.cite(analysis, "bibtex").startswith("@")
    for unknown in ("word", ""):
        with pytest.raises(OptionError, match=rf"must be one of text, bibtex, not '{unknown}'$"):
            descan.cite(analysis, unknown)
    citation: Mapping[str, str] = yaml.safe_load(_read(PROJECT / "CITATION.cff"))
    assert citation["version"] == descan.__version__
    assert citation["title"] in told


def test_an_export_replaces_an_earlier_one_and_nothing_else(analysis: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    descan.export(analysis, out, tables="verdicts,scores", figures="none")
    (out / "mine.tex").write_text("mine", encoding="utf-8")
    descan.export(analysis, out, tables="scores", figures="none")
    assert not (out / "tables/verdicts.tex").exists()
    assert (out / "tables/scores.tex").exists()
    assert (out / "mine.tex").exists()
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine.tex").write_text("mine", encoding="utf-8")
    with pytest.raises(
        InputError, match="holds something else; name a new or empty folder, or that of an earlier export"
    ):
        descan.export(analysis, other)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"tables": "verdict"}, "'verdict' is unknown; use verdicts,"),
        ({"figures": "pie"}, "'pie' is unknown; use verdicts,"),
        ({"formats": "word"}, "must be one of latex, markdown, csv, xlsx, not 'word'"),
        ({"width": "wide"}, "'wide' is no width; use one such as 8.5cm, 85mm, 3.3in or 240pt"),
        ({"width": 0.1}, "is 0.1 cm; use 2 to 100 cm"),
        ({"models": ["gpt-5"]}, "'gpt-5' is not in the analysis; use \\input{x}"),
        ({"language": "tlh"}, "'tlh' is unknown; use en, de, es, fr, ja, zh, or a YAML file of words"),
        ({"digits": 9}, "must be 0 to 4, not 9"),
    ],
)
def test_what_cannot_be_exported_is_said(analysis: Path, tmp_path: Path, options: dict[str, Any], problem: str) -> None:
    with pytest.raises(OptionError, match=re.escape(problem)):
        descan.export(analysis, tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()
