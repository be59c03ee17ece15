"""The same command continues where it stopped; other questions get answers of their own."""

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from descan.corpus import read_corpus
from descan.corpus.folder_writing import lock_corpus
from tests.collect.collectors import MODELS, draw_pictures, key_of, read_lines
from tests.collect.conftest import Collect
from tests.loading import load_answers
from tests.vlm_server import FaultRule, Script, VlmServer

GPT, FLASH = "gpt-4o-2024-11-20", "gemini-2.5-flash"
WRITE_HALF = """
import os, sys
from pathlib import Path
from descan.storage.atomic import replace_file

with replace_file(Path(sys.argv[1])) as partial:
    partial.write_text("half")
    os.kill(os.getpid(), 9)
"""


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "corpus"


def models_in(out: Path) -> Counter[str]:
    return Counter(cells["model"] for cells in read_lines(out / "answers.jsonl"))


def test_a_finished_run_sends_nothing_more(collect: Collect, faces: Path, out: Path) -> None:
    with VlmServer() as server:
        for _ in range(2):
            assert collect(faces, "--out", out, *MODELS, server=server).code == 0
        outcome = collect("--resume", "--out", out, server=server)
        assert (outcome.code, outcome.err) == (0, "")
        assert outcome.out.endswith(f"Nothing is left to ask. Corpus: {out}\n")
        assert server.counts.n_requests == 14 * 2 * 2


def test_a_run_grows_by_items_modes_models_and_repeats(collect: Collect, tmp_path: Path, out: Path) -> None:
    steps = [
        (7, MODELS[:2], ["classify"], 1, 7),
        (14, MODELS[:2], ["classify"], 1, 14),
        (14, MODELS[:2], ["classify", "describe"], 1, 28),
        (14, MODELS, ["classify", "describe"], 1, 56),
        (14, MODELS, ["classify", "describe"], 2, 112),
    ]
    with VlmServer() as server:
        for n_items, models, modes, repeats, n_answers in steps:
            faces = draw_pictures(tmp_path / "faces", n_items)
            options = [option for mode in modes for option in ("--mode", mode)]
            assert collect(faces, "--out", out, *models, *options, "--repeats", repeats, server=server).code == 0
            assert server.counts.n_paid == n_answers
    answers = read_lines(out / "answers.jsonl")
    assert len(set(map(key_of, answers))) == len(answers) == 112


@pytest.mark.parametrize("n_cut", [1, 2, 300, 5000])
def test_a_torn_end_is_mended_reported_and_asked_again(collect: Collect, faces: Path, out: Path, n_cut: int) -> None:
    with VlmServer() as server:
        collect(faces, "--out", out, *MODELS, "--mode", "classify", server=server)
        path = out / "answers.jsonl"
        path.write_bytes(path.read_bytes()[:-n_cut])
        n_whole = path.read_bytes().count(b"\n") + (n_cut == 1)
        outcome = collect("--resume", "--out", out, server=server)
        assert outcome.code == 0
        assert server.counts.n_paid == 28 + 28 - n_whole
    assert len(set(map(key_of, read_lines(path)))) == 28
    is_torn = n_cut > 1
    assert ("answers.jsonl: the last line was cut off and has been removed (" in outcome.out) == is_torn
    assert (out / "answers.torn").exists() == is_torn


def test_other_parameters_give_other_answers_beside_the_old_ones(collect: Collect, faces: Path, out: Path) -> None:
    arguments = (faces, "--out", out, *MODELS, "--mode", "classify")
    with VlmServer() as server:
        assert collect(*arguments, server=server).code == 0
        outcome = collect(*arguments, "--set", f"{GPT}.temperature=0.5", server=server)
        assert outcome.code == 0
        name = next(name for name in models_in(out) if name.startswith(f"{GPT}@"))
        assert f"{GPT} was asked in another way before (prompt or parameters): these answers are" in outcome.out
        assert models_in(out) == {GPT: 14, FLASH: 14, name: 14}
        assert collect(*arguments, "--set", f"{GPT}.temperature=0.5", server=server).code == 0
        assert collect(*arguments, "--set", "concurrency=1", server=server).code == 0
        assert server.counts.n_paid == 42


def test_another_prompt_buys_only_what_it_changes(collect: Collect, faces: Path, out: Path, tmp_path: Path) -> None:
    (tmp_path / "ask.md").write_text("What do you see in this face?")
    arguments = (faces, "--out", out, *MODELS[:2])
    with VlmServer() as server:
        assert collect(*arguments, server=server).code == 0
        changed = (*arguments, "--prompt", f"describe={tmp_path / 'ask.md'}")
        dry = collect(*changed, "--dry-run")
        assert ": 14 answers to exactly the same questions copied from another name." in dry.out
        assert server.counts.n_paid == 28
        assert collect(*changed, server=server).code == 0
        assert server.counts.n_paid == 28 + 14
    name = next(name for name in models_in(out) if name != GPT)
    copies = [cells for cells in read_lines(out / "answers.jsonl") if "copied_from" in cells]
    assert {(cells["model"], cells["mode"], cells["copied_from"], cells["cost_usd"]) for cells in copies} == {
        (name, "classify", GPT, 0.0)
    }
    assert Counter(answer.status for answer in load_answers(read_corpus(out))) == {"ok": 56}


def test_the_first_stage_is_not_bought_again(collect: Collect, faces: Path, out: Path) -> None:
    script = Script(lambda request: "Fear" if "Surprise" in request.prompt else "Not neutral")
    failing = Script(script.answer, faults=(FaultRule("503", prompt_part="Surprise"),))
    options = (faces, "--out", out, *MODELS[:2], "--mode", "two_stage", "--set", "max_attempts=1")
    with VlmServer(failing) as server:
        assert collect(*options, server=server).code == 1
        assert server.counts.n_paid == 14
    with VlmServer(script) as server:
        assert collect(*options, server=server).code == 0
        assert server.counts.n_paid == 14
    answers = read_lines(out / "answers.jsonl")
    assert {(cells["text"], *cells["stage_texts"], cells["attempts"]) for cells in answers} == {
        ("Fear", "Not neutral", "Fear", 2)
    }


def repaint(item: Path) -> None:
    Image.new("RGB", (30, 30), "white").save(item)


def test_a_picture_that_has_changed_is_not_taken_for_the_one_that_was_answered(
    collect: Collect, faces: Path, out: Path
) -> None:
    with VlmServer() as server:
        collect(faces, "--out", out, *MODELS[:2], "--mode", "classify", server=server)
        repaint(faces / "Fear" / "0002.png")
        outcome = collect(faces, "--out", out, *MODELS[:2], server=server)
        assert server.counts.n_paid == 14
    assert outcome.code == 1
    assert outcome.err == (
        "descan: 'Fear/0002.png': the media are not those that were answered; "
        "put them back, give them another item_id, or collect into another folder\n"
    )


@pytest.mark.parametrize(
    "forget",
    [
        lambda out: (out / ".media.jsonl").unlink(),
        lambda out: shutil.rmtree(out / "raw"),
        lambda out: (out / "collect.toml").unlink(),
    ],
)
def test_what_can_be_found_again_may_be_lost(
    collect: Collect, faces: Path, out: Path, forget: Callable[[Path], object]
) -> None:
    with VlmServer() as server:
        arguments = (faces, "--out", out, *MODELS[:2], "--mode", "classify")
        assert collect(*arguments, "--max-requests", 5, server=server).code == 1
        forget(out)
        assert collect(*arguments, server=server).code == 0
        assert server.counts.n_paid == 14


def test_the_next_run_removes_what_a_kill_left_of_a_file(collect: Collect, faces: Path, out: Path) -> None:
    with VlmServer() as server:
        arguments = (faces, "--out", out, *MODELS[:2], "--mode", "classify")
        assert collect(*arguments, server=server).code == 0
        expected = sorted(out.rglob("*"))
        for folder in (out, out / "prompts"):
            subprocess.run([sys.executable, "-c", WRITE_HALF, folder / "items.csv"], check=False)
        assert len(list(out.rglob("*"))) == len(expected) + 2
        assert collect(*arguments, server=server).code == 0
    assert sorted(out.rglob("*")) == expected


def test_a_second_collector_is_refused(collect: Collect, faces: Path, out: Path) -> None:
    out.mkdir()
    with lock_corpus(out), VlmServer() as server:
        outcome = collect(faces, "--out", out, *MODELS, server=server)
        assert server.counts.n_requests == 0
    assert outcome.code == 1
    assert outcome.err.startswith(f"descan: {out}: another descan collect or import is working on it;")


def test_answers_from_other_tools_are_left_alone(collect: Collect, faces: Path, out: Path) -> None:
    out.mkdir()
    row = {"item_id": "Fear/0002.png", "model": GPT, "mode": "classify", "text": "Fear"}
    (out / "corpus.toml").write_text("")
    (out / "items.csv").write_text("item_id,gold\nFear/0002.png,Fear\n")
    (out / "answers.jsonl").write_text(json.dumps(row) + "\n")
    with VlmServer() as server:
        assert collect(faces, "--out", out, *MODELS[:2], "--mode", "classify", server=server).code == 0
    assert read_lines(out / "answers.jsonl")[0] == row
    assert sorted(models_in(out).values()) == [1, 14]
    assert len(load_answers(read_corpus(out))) == 15


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            '{"item_id": 1}',
            "item_id 1, model None, mode None, repeat 0 is not the key of an answer; see descan docs collect",
        ),
        ("[]", "'[]' is not an object; use one object a line"),
        (
            '{"item_id": "a", "model": "m", "mode": "describe", "raw": 7}',
            "raw 7 is not allowed; use a list of [offset, length]",
        ),
    ],
)
def test_a_line_that_is_not_an_answer_is_one_clear_line(
    collect: Collect, faces: Path, out: Path, line: str, message: str
) -> None:
    out.mkdir()
    (out / "answers.jsonl").write_text(line + "\n")
    with VlmServer() as server:
        outcome = collect(faces, "--out", out, *MODELS, server=server)
        assert server.counts.n_requests == 0
    assert outcome.err == f"descan: {out}/answers.jsonl:1: {message}\n"


def test_an_alias_that_means_another_model_by_now_stops(collect: Collect, tmp_path: Path, out: Path) -> None:
    arguments = ("--out", out, "--model", "openai:gpt-4o", "--mode", "classify")
    for n_items, served, code in ((7, "gpt-4o-2024-08-06", 0), (14, "gpt-4o-2024-11-20", 1)):
        faces = draw_pictures(tmp_path / "faces", n_items)
        with VlmServer(Script(served_models={"gpt-4o": served})) as server:
            outcome = collect(faces, *arguments, server=server)
        assert outcome.code == code
    assert "gpt-4o-2024-08-06 answered for gpt-4o at first, now gpt-4o-2024-11-20 does" in outcome.err
    assert len(read_lines(out / "answers.jsonl")) == 7
