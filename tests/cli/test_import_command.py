"""`descan import`, as somebody with a log runs it."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.command_line import Outcome, run_descan
from tests.corpus.importing.logs import make_answers, without, write_lmms_eval

Command = Callable[..., Outcome]

LOSSES = ("failed", "truncated", "blocked", "refused", "empty")
PROMPTS = ("--prompt-contains", "describe=Describe", "--prompt-contains", "classify=Which")


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    write_lmms_eval(tmp_path / "logs", without(make_answers(), *LOSSES))
    return tmp_path / "logs"


@pytest.fixture
def descan(capsys: pytest.CaptureFixture[str]) -> Command:
    return partial(run_descan, capsys)


def test_without_a_folder_it_says_what_the_logs_hold(descan: Command, logs: Path) -> None:
    done = descan("import", logs)
    assert done.code == 0, done.err
    assert "taken for a sample log of lmms-eval" in " ".join(done.out.split())
    assert "30 items (30 with gold), 1 model (org/model-7b), 55 answers of unknown mode" in done.out
    assert "Describe the facial expression of the person in detail." in done.out
    assert done.out.endswith("Nothing is imported; --out CORPUS names the folder to import into\n")


def test_logs_become_a_corpus_that_can_be_analyzed(descan: Command, logs: Path, tmp_path: Path) -> None:
    done = descan("import", "lmms-eval", logs, *PROMPTS, "--out", tmp_path / "faces")
    assert done.code == 0, done.err
    assert "27 describe answers, 28 classify answers" in " ".join(done.out.split())
    again = descan("import", logs, *PROMPTS, "--out", tmp_path / "faces")
    assert "All answers are in the corpus already; nothing is added twice" in again.out
    analyzed = descan(
        "analyze", tmp_path / "faces", "--out", tmp_path / "out", "--no-report", "--embedder", "none", "--no-workers"
    )
    assert analyzed.code == 0, analyzed.err
    assert json.loads((tmp_path / "out" / "run.json").read_text())["counts"]["answers"] == 55


def test_json_says_what_the_logs_hold_and_what_was_added(descan: Command, logs: Path, tmp_path: Path) -> None:
    seen = json.loads(descan("import", logs, "--json").out)
    assert (seen["folder"], seen["format"], seen["added"]) == (None, "lmms-eval", None)
    assert [(each["mode"], each["n"]) for each in seen["prompts"]] == [(None, 28), (None, 27)]
    faces = tmp_path / "faces"
    done = json.loads(descan("import", logs, *PROMPTS, "--out", faces, "--json").out)
    assert done["items"] == {"all": 30, "gold": 30}
    assert done["added"] == {
        "answers": 55, "already_there": 0, "differing": 0, "items": 30, "items_with_gold": 30
    }  # fmt: skip


def test_the_set_of_the_corpus_holds_for_what_is_added(descan: Command, logs: Path, tmp_path: Path) -> None:
    faces = tmp_path / "faces"
    assert descan("import", logs, *PROMPTS, "--categories", "basic8", "--out", faces).code == 0
    assert 'categories = "basic8"' in (faces / "corpus.toml").read_text()
    lines = [json.loads(line) for path in sorted(logs.rglob("*.jsonl")) for line in path.read_text().splitlines()]
    (tmp_path / "more_samples_face.jsonl").write_text(
        json.dumps(lines[0] | {"doc_id": 99, "target": "Contempt"}) + "\n"
    )
    added = descan("import", tmp_path / "more_samples_face.jsonl", "--mode", "classify", "--out", faces)
    assert added.code == 0, added.err
    assert "99,,Contempt" in (faces / "items.csv").read_text()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--out", "faces"), "what were the models asked for? Say --mode describe or --mode classify"),
        (("--mode", "look", "--out", "faces"), "has mode 'look'; use one of"),
        (("--mode", "describe", "--first-repeat", "-1"), "--first-repeat"),
    ],
)
def test_what_is_wrong_is_one_line(
    descan: Command,
    logs: Path,
    tmp_path: Path,
    options: tuple[str, ...],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    done = descan("import", logs, *options)
    assert done.code != 0
    assert said in " ".join(done.err.split())
    assert not (tmp_path / "faces").exists()
