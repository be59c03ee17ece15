"""descan from Python."""

import asyncio
import gc
import inspect
import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import descan
from descan.errors import InputError, OptionError
from tests.collect.collectors import draw_pictures, server_environment
from tests.loading import load_answers
from tests.vlm_server import VlmServer


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    answers = [
        {"item_id": "a", "model": "m", "mode": "describe", "text": "She is smiling."},
        {"item_id": "a", "model": "m", "mode": "classify", "text": "Happy"},
    ]
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "corpus.toml").write_text("")
    (folder / "items.csv").write_text("item_id,gold\na,Happy\n")
    (folder / "answers.jsonl").write_text("\n".join(map(json.dumps, answers)))
    return folder


def test_every_public_name_is_there() -> None:
    assert all(getattr(descan, name) is not None for name in descan.__all__)
    assert set(descan.__all__) <= set(dir(descan))
    assert descan.__version__ == "0.1.0"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"^module 'descan' has no attribute 'analyse'; use one of __version__,"):
        descan.analyse  # noqa: B018


def test_importing_descan_imports_no_library() -> None:
    code = "import sys; before = set(sys.modules); import descan; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    added = {name.partition(".")[0] for name in done.stdout.split()}
    assert added <= {"descan"} | set(sys.stdlib_module_names)


def test_a_frame_is_analyzed_like_the_corpus_it_was_made_from(corpus: Path, tmp_path: Path) -> None:
    frame = pd.DataFrame({"Item_ID": ["a"], "Model": ["m"], "Text": ["She is smiling."], "Label": ["Happy"]})
    frame["truth"] = "Happy"
    options: dict[str, Any] = {"embedder": "none", "report": False, "workers": False}
    of_frame = descan.analyze(frame, tmp_path / "frame", gold_column="truth", **options)
    of_folder = descan.analyze(corpus, tmp_path / "folder", **options)
    assert of_frame.records("verdicts").equals(of_folder.records("verdicts"))


FRAME = pd.DataFrame(
    {
        "vlm": ["m", "m"],
        "description": ["She is smiling.", "He is angry."],
        "answer": ["Happy", "Sad"],
        "emotion": ["Happy", "Anger"],
    }
)
QUICK: dict[str, Any] = {"embedder": "none", "workers": False, "n_resamples": 100}


@pytest.mark.slow
def test_what_people_read_or_judges_cost_is_not_kept_in_a_temporary_folder() -> None:
    study = descan.analyze(FRAME, text="description", label="answer", gold="emotion", model="vlm", **QUICK)
    assert study.is_temporary
    with pytest.raises(OptionError, match="readings is missing; the analysis is in a temporary folder"):
        descan.review(study)
    with pytest.raises(OptionError, match="out is missing; the analysis is in a temporary folder"):
        descan.judge(study, models=["openai:gpt-4o-mini"])


@pytest.mark.parametrize("function", [descan.cite, descan.check, descan.judge, descan.review])
def test_what_is_no_analysis_is_refused_in_one_line(function: Any) -> None:
    with pytest.raises(OptionError, match="folder must be the path of an analysis, not 5"):
        function(5)


@pytest.mark.slow
def test_three_lines_on_a_frame_need_no_folder() -> None:
    study = descan.analyze(FRAME, text="description", label="answer", gold="emotion", model="vlm", **QUICK)
    assert study.verdicts["verdict"].tolist() == ["right", "labeling_failure"]
    assert study.items["item_id"].tolist() == ["row-1", "row-2"]
    assert study.answers["text"].tolist() == ["She is smiling.", "Happy", "He is angry.", "Sad"]
    assert not (study.folder / "report.html").exists()
    assert "cost" not in study.figures
    with pytest.raises(InputError, match=r"figure 'cost' is not drawn: The answers do not record "):
        study.figure("cost")
    folder = study.folder.parent
    compared = study.compare(study, n_resamples=100)
    del study
    gc.collect()
    assert compared.a.folder.exists()
    del compared
    gc.collect()
    assert not folder.exists()


@pytest.mark.slow
def test_readings_in_the_place_of_descans_are_marked_wherever_they_show(tmp_path: Path) -> None:
    readings = tmp_path / "people.csv"
    readings.write_text("item_id,model,reader,described\nrow-1,m,anna,Sad\n")
    options: dict[str, Any] = {
        "label": "answer",
        "gold": "emotion",
        "model": "vlm",
        "human_readings": readings,
        "override": True,
    } | QUICK
    study = descan.analyze(FRAME, tmp_path / "out", text="description", map=False, **options)
    assert study.verdicts["verdict"].tolist() == ["lucky", "labeling_failure"]
    assert study.readings["read_by"].tolist() == ["people", "descan"]
    cases = study.cases()
    assert cases.frame[["described", "read_by"]].to_numpy().tolist() == [["Sad", "people"], ["Anger", "descan"]]
    assert cases._repr_html_().count("people") == 1
    said = "In 1 description what people read counts in the place of what descan reads"
    assert said in " ".join(str(study.summary()).split())
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert said in page
    assert page.count('"read_by":"people"') == 1
    again = descan.analyze(FRAME, tmp_path / "out", text="description", report=False, **options | {"override": False})
    assert again.verdicts["verdict"].tolist() == ["right", "labeling_failure"]
    assert not (tmp_path / "out" / "descan_readings.parquet").exists()


@pytest.mark.slow
def test_a_temporary_folder_is_removed_when_the_program_ends(tmp_path: Path) -> None:
    code = (
        "import descan, pandas\n"
        "frame = pandas.DataFrame({'text': ['She smiles.'], 'gold': ['Happy']})\n"
        "study = descan.analyze(frame, embedder='none', n_jobs=1, n_resamples=100)\n"
        "print(study.folder.exists())\n"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == "True\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_report_of_a_frame_is_written_when_it_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(draw_pictures(tmp_path / "pictures", 2))
    media = sorted(str(path.relative_to(Path.cwd())) for path in Path.cwd().rglob("*.png"))[:2]
    frame = FRAME.assign(media=media).rename(columns={"answer": "label", "emotion": "gold"})
    study = descan.analyze(frame, text="description", model="vlm", **QUICK)
    page = study.report(tmp_path / "page.html", map=False)
    assert page == tmp_path / "page.html"
    text = page.read_text(encoding="utf-8")
    assert text == (study.folder / "report.html").read_text(encoding="utf-8")
    assert text.count("data:image/") >= 2
    with pytest.raises(InputError, match=r"^.*no/page\.html: cannot be written: it is not there"):
        study.report(tmp_path / "no" / "page.html", map=False)


def test_what_may_be_meant_by_a_column_is_told_as_python_names_it() -> None:
    frame = FRAME.rename(columns={"description": "caption", "answer": "pred", "emotion": "truth"})
    with pytest.raises(InputError) as caught:
        descan.analyze(frame)
    assert str(caught.value).endswith("likely columns found: text='caption', gold='truth', label='pred', model='vlm'")
    with pytest.raises(InputError, match=r"no column 'captions'; .*; column 'caption' found: text='caption'$"):
        descan.analyze(frame, text="captions", item="vlm")


def test_what_is_no_text_is_not_explained() -> None:
    with pytest.raises(OptionError, match=r"^text must be a string, not None; descan\.extract takes many texts$"):
        descan.explain(None)  # type: ignore[arg-type]


def test_a_column_is_named_once() -> None:
    with pytest.raises(OptionError, match=r"^text is 'a' and 'b'; name the column once$"):
        descan.analyze(FRAME, text="a", text_column="b")


@pytest.mark.slow
def test_a_corpus_is_analyzed_by_its_path_and_opened_again(corpus: Path, tmp_path: Path) -> None:
    progress = list[tuple[int, int]]()
    analysis = descan.analyze(
        corpus,
        tmp_path / "out",
        embedder="none",
        report=False,
        workers=False,
        on_progress=lambda done, total: progress.append((done, total)),
    )
    n_bytes = (corpus / "answers.jsonl").stat().st_size
    assert progress[-1] == (n_bytes, n_bytes)
    assert analysis.records("verdicts")["verdict"].tolist() == ["right"]
    again = descan.open_analysis(tmp_path / "out")
    assert again.run == analysis.run
    read = descan.analyze(descan.read_corpus(corpus), tmp_path / "again", embedder="none", report=False, workers=False)
    assert read.run == analysis.run


def test_an_explanation_has_mentions_with_categories_and_a_reading() -> None:
    explanation = descan.explain("She is smiling, and not sad.", embedder="none")
    assert [(mention.text, mention.action or mention.category) for mention in explanation.mentions] == [
        ("smiling", "smile"),
        ("sad", "Sad"),
    ]
    assert explanation.mentions[1].negated
    assert explanation.reading.described == "Happy"


def test_a_text_that_is_not_unicode_cannot_be_explained() -> None:
    with pytest.raises(InputError, match=r"^the text is not UTF-8 at character 4; UTF-8 is expected$"):
        descan.explain("a sm\ud800ile")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_jobs": 0}, "n_jobs must be 1 to 256, not 0"),
        ({"n_resamples": 5}, "n_resamples must be 100 to 100000, not 5"),
        (
            {"label_mode": "guess"},
            "label_mode must be one of describe, classify, classify6, two_stage, decide, not 'guess'",
        ),
        ({"support": "mild"}, "support must be one of strict, lenient, not 'mild'"),
        ({"cases_per_cell": 0}, "cases_per_cell must be 1 or more, not 0"),
        ({"shared": "x"}, "shared is for the workers of a cluster; name its scheduler too"),
        (
            {"n_jobs": 2, "scheduler": "tcp://127.0.0.1:8786"},
            "n_jobs is for this machine; leave it out, because the workers of the cluster read",
        ),
    ],
)
def test_a_wrong_option_has_its_name_in_python(tmp_path: Path, options: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError) as caught:
        descan.analyze(tmp_path / "none", tmp_path / "out", **options)  # type: ignore[arg-type]
    assert str(caught.value) == message
    assert isinstance(caught.value, ValueError)


def test_answers_are_collected_also_where_an_event_loop_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = draw_pictures(tmp_path / "pictures", 2)

    async def call_as_a_notebook_does() -> None:
        result = descan.collect(
            pictures,
            tmp_path / "corpus",
            models=["openai:gpt-4o-2024-11-20"],
            modes=["describe"],
            settings={"max_side": 64, "temperature": 0, "name": "a model"},
        )
        assert result is not None
        assert (result.exit_code, result.out, result.describe()) == (0, tmp_path / "corpus", "")
        await asyncio.sleep(0)

    with VlmServer() as server:
        for name, value in server_environment(server).items():
            monkeypatch.setenv(name, value)
        asyncio.run(call_as_a_notebook_does())
    assert "Plan: 2 items" in capsys.readouterr().out
    answers = load_answers(descan.read_corpus(tmp_path / "corpus"))
    assert [(answer.model, answer.status) for answer in answers] == [("a model", "ok")] * 2


def test_collect_can_be_called_whatever_was_imported_before() -> None:
    before = inspect.signature(descan.collect)
    import_module("descan.collect.run_settings")
    assert inspect.signature(descan.collect) == before
    with pytest.raises(OptionError, match=r"^source is missing"):
        descan.collect()


def test_a_dry_run_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pictures = draw_pictures(tmp_path / "pictures", 2)
    models = ["openai:gpt-4o-2024-11-20"]
    assert descan.collect(pictures, tmp_path / "corpus", models=models, dry_run=True) is None
    assert "Plan: 2 items" in capsys.readouterr().out
    assert not (tmp_path / "corpus").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "source is missing; give it, or a run file with it"),
        ({"resume": True}, "resume needs the folder of the corpus, and no run file"),
        ({"limit": 0}, "limit must be greater than or equal to 1, not 0"),
        ({"settings": {"warmth": 1}}, "settings 'warmth=1': key 'warmth' is unknown; use one of provider, model,"),
        ({"settings": {"m.temperature": 3}}, "settings m.temperature=3: must be less than or equal to 2, not 3"),
    ],
)
def test_a_wrong_option_of_a_run_has_its_name_in_python(
    tmp_path: Path, options: dict[str, object], message: str
) -> None:
    sound = {"source": tmp_path, "out": tmp_path / "corpus", "models": ["openai:m"]} if options else {}
    if "resume" in options:
        sound = {}
    with pytest.raises(OptionError) as caught:
        descan.collect(**(sound | options))  # type: ignore[arg-type]
    assert str(caught.value).startswith(message)


def test_each_public_name_has_the_documentation_of_what_it_does() -> None:
    import descan.collect
    import descan.extract

    assert "texts: Descriptions of faces" in (descan.extract.__doc__ or "")
    assert "models:" in (descan.collect.__doc__ or "")
    names = [name for name in descan.__all__ if name != "__version__"]
    assert [name for name in names if not inspect.getdoc(getattr(descan, name))] == []
    for name in (name for name in names if name.startswith("read_")):
        reader = getattr(descan, name)
        assert (reader.__name__, "Args:" in reader.__doc__) == (name, True)
    assert not any(name.startswith("_frames") for name in inspect.signature(descan.Analysis).parameters)
    for function in (descan.cite, descan.open_analysis):
        assert "Returns:" in (function.__doc__ or "")


def test_what_is_no_path_of_an_analysis_is_told_in_one_line() -> None:
    uses: list[Any] = [descan.open_analysis, descan.check, lambda folder: descan.compare_runs(folder, folder)]
    for use in uses:
        with pytest.raises(OptionError, match=r"^folder must be the path of an analysis, not 5$"):
            use(5)
