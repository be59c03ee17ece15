"""descan from Python."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import descan
from descan.errors import InputError, OptionError


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


def test_a_corpus_is_analyzed_by_its_path_and_opened_again(corpus: Path, tmp_path: Path) -> None:
    progress = list[tuple[int, int]]()
    analysis = descan.analyze(
        corpus,
        tmp_path / "out",
        embedder="none",
        report=False,
        n_jobs=1,
        on_progress=lambda done, total: progress.append((done, total)),
    )
    n_bytes = (corpus / "answers.jsonl").stat().st_size
    assert progress[-1] == (n_bytes, n_bytes)
    assert analysis.records("verdicts")["verdict"].tolist() == ["right"]
    again = descan.open_analysis(tmp_path / "out")
    assert again.run == analysis.run
    read = descan.analyze(descan.read_corpus(corpus), tmp_path / "again", embedder="none", report=False, n_jobs=1)
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
        ({"label_mode": "guess"}, "label_mode must be one of describe, classify, classify6, two_stage, not 'guess'"),
        ({"support": "mild"}, "support must be one of strict, lenient, not 'mild'"),
        ({"cases_per_cell": 0}, "cases_per_cell must be 1 or more, not 0"),
        ({"shared": "x"}, "shared is for the workers of a cluster; name its scheduler, too"),
        (
            {"n_jobs": 2, "scheduler": "tcp://127.0.0.1:8786"},
            "n_jobs is for this machine; leave it out, for the workers of the cluster read",
        ),
    ],
)
def test_a_wrong_option_has_its_name_in_python(tmp_path: Path, options: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError) as caught:
        descan.analyze(tmp_path / "none", tmp_path / "out", **options)  # type: ignore[arg-type]
    assert str(caught.value) == message
    assert isinstance(caught.value, ValueError)
