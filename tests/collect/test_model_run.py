"""Many models asked at once: each at its own pace, stopped alone, every answer complete."""

import asyncio
import json
import os
import re
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from descan.collect import display
from descan.collect.asking.pacing import Gate, Spacing
from descan.collect.asking.shared_faults import MAX_IDENTICAL
from descan.collect.asking.source_watch import MAX_UNREADABLE
from descan.collect.providers.protocol import CallError, FaultScope
from descan.corpus import read_corpus
from tests.collect.collectors import (
    CLASSES,
    LISTED,
    MODELS,
    Collectors,
    draw_pictures,
    key_of,
    read_lines,
    server_environment,
)
from tests.collect.conftest import Collect
from tests.loading import load_answers
from tests.vlm_server import FaultRule, Generated, ModelRequest, Script, VlmServer

GPT, FLASH = "gpt-4o-2024-11-20", "gemini-2.5-flash"
TOO_MANY = CallError(FaultScope.ATTEMPT, "429 rate_limit_exceeded", "too many")


def test_every_model_answers_every_mode_for_every_item_once(collect: Collect, faces: Path, tmp_path: Path) -> None:
    out = tmp_path / "corpus"
    modes = [option for mode in ("describe", "classify", "classify6", "two_stage") for option in ("--mode", mode)]
    with VlmServer() as server:
        outcome = collect(faces, "--out", out, *MODELS, *LISTED, *modes, "--repeats", 2, server=server)
        assert not server.violations
    assert (outcome.code, "descan:" in outcome.err) == (0, False)
    answers = read_lines(out / "answers.jsonl")
    assert len({key_of(cells) for cells in answers}) == len(answers) == 14 * 2 * 4 * 2
    assert Counter(answer.status for answer in load_answers(read_corpus(out))) == {"ok": len(answers)}
    for cells in answers:
        assert len(cells["prompt_sha256"]) == len(cells["params_sha256"]) == len(cells["media_sha256"]) == 64
        assert cells["served_model"] == cells["requested_model"] == cells["model"]
        assert cells["started_at"].endswith("Z")
        assert cells["latency_s"] >= 0
        assert cells["price_version"].startswith("genai-prices ")
        assert cells["cost_usd"] > 0
        assert cells["sdk"].split()[0] in ("openai", "google-genai")


def test_the_answer_of_two_stages_is_neutral_or_one_of_six(collect: Collect, faces: Path, tmp_path: Path) -> None:
    def answer(request: ModelRequest) -> str:
        number = int(request.media[0].sha256[:8], 16)
        if "Surprise" in request.prompt:
            return "Fear"
        return ("Neutral.", "**Not neutral**", "Hard to say, really")[number % 3]

    out = tmp_path / "corpus"
    with VlmServer(Script(answer)) as server:
        assert collect(faces, "--out", out, *MODELS[:2], "--mode", "two_stage", server=server).code == 0
        n_requests = server.counts.n_requests
    answers = read_lines(out / "answers.jsonl")
    expected = {
        ("Neutral", ("Neutral.",), 1),
        ("Fear", ("**Not neutral**", "Fear"), 2),
        ("Hard to say, really", ("Hard to say, really",), 1),
    }
    found = {(cells["text"], tuple(cells["stage_texts"]), cells["attempts"]) for cells in answers}
    assert found == expected
    assert n_requests == sum(cells["attempts"] for cells in answers)
    assert len(read_lines(out / "stages.jsonl")) == n_requests - 14


def test_a_model_that_is_gone_stops_alone(collect: Collect, faces: Path, tmp_path: Path) -> None:
    out = tmp_path / "corpus"
    with VlmServer(Script(faults=(FaultRule("404", model=GPT),))) as server:
        outcome = collect(faces, "--out", out, *MODELS, "--mode", "classify", server=server)
    assert outcome.code == 1
    assert Counter(cells["model"] for cells in read_lines(out / "answers.jsonl")) == {FLASH: 14}
    assert not (out / "failures.jsonl").exists()
    reason, last = outcome.err.splitlines()
    assert reason.startswith(f"{GPT} is stopped: 404"), outcome.err
    left = f"14 answers are left; `descan collect --resume --out {out}` continues"
    assert last == f"descan: {GPT} is stopped, as said above. {left}"
    # Where nothing else is printed, the last line says why.
    with VlmServer(Script(faults=(FaultRule("404", model=GPT),))) as server:
        quiet = collect("--resume", "--out", out, "--quiet", server=server)
    assert quiet.err == f"descan: {reason}. {left}\n"
    with VlmServer() as server:
        assert collect("--resume", "--out", out, server=server).code == 0
    assert len(read_lines(out / "answers.jsonl")) == 28


def test_items_refused_in_the_same_words_one_after_another_stop_the_model(collect: Collect, tmp_path: Path) -> None:
    faces, out = draw_pictures(tmp_path / "faces", 40), tmp_path / "corpus"
    arguments = (faces, "--out", out, *MODELS, "--mode", "classify", "--concurrency", 2)
    with VlmServer(Script(faults=(FaultRule("400_image", model=GPT),))) as server:
        outcome = collect(*arguments, server=server)
        assert server.counts.n_requests - server.counts.n_paid <= MAX_IDENTICAL + 2
    assert outcome.code == 1
    assert f"{GPT} is stopped: 400" in outcome.err
    assert "every item would meet that; change the settings or the prompt" in outcome.err
    with VlmServer() as server:
        assert collect(*arguments, server=server).code == 0
    assert {answer.status for answer in load_answers(read_corpus(out))} == {"ok"}


@pytest.mark.parametrize("fault", ["400_image", "404", "413", "422"])
def test_few_items_that_all_fail_alike_are_the_fault_of_the_model(collect: Collect, tmp_path: Path, fault: str) -> None:
    faces, out = draw_pictures(tmp_path / "faces", 4), tmp_path / "corpus"
    arguments = (faces, "--out", out, *MODELS, "--mode", "classify")
    with VlmServer(Script(faults=(FaultRule(fault, model=GPT),))) as server:
        outcome = collect(*arguments, server=server)
        assert outcome.code == 1
        assert outcome.err.count(f"{GPT} is stopped: {fault[:3]}") == 1
        assert f"{GPT} is stopped, as said above" in outcome.err.splitlines()[-1]
        server.script = Script()
        assert collect(*arguments, server=server).code == 0
    assert Counter(answer.status for answer in load_answers(read_corpus(out))) == {"ok": 8}


def test_a_mode_that_no_item_gets_is_the_fault_of_the_model_though_another_works(
    collect: Collect, tmp_path: Path
) -> None:
    faces, out = draw_pictures(tmp_path / "faces", 3), tmp_path / "corpus"
    rule = FaultRule("400_image", prompt_part="Surprise")
    with VlmServer(Script(faults=(rule,))) as server:
        outcome = collect(faces, "--out", out, *MODELS[:2], server=server)
    assert outcome.code == 1
    assert "every item would meet that; change the settings or the prompt" in outcome.err
    assert Counter(answer.mode for answer in load_answers(read_corpus(out)) if answer.status == "ok") == {"describe": 3}
    assert [cells["retryable"] for cells in read_lines(out / "failures.jsonl")] == [False] * 3 + [True] * 3


def test_an_item_that_fails_beside_answers_of_an_earlier_run_is_at_fault_itself(
    collect: Collect, tmp_path: Path
) -> None:
    faces, out = draw_pictures(tmp_path / "faces", 3), tmp_path / "corpus"
    with VlmServer() as server:
        assert collect(faces, "--out", out, *MODELS[:2], "--mode", "classify", server=server).code == 0
        draw_pictures(faces, 4)
        server.script = Script(faults=(FaultRule("400_image"),))
        assert collect(faces, "--out", out, *MODELS[:2], "--mode", "classify", server=server).code == 0
    assert [cells["retryable"] for cells in read_lines(out / "failures.jsonl")] == [False]


def test_a_source_that_goes_away_ends_the_run_and_costs_no_item(collect: Collect, tmp_path: Path) -> None:
    faces, away, out = draw_pictures(tmp_path / "faces", 40), tmp_path / "away", tmp_path / "corpus"

    def answer(request: ModelRequest) -> str:
        if request.number == 5:
            faces.rename(away)
        return "Happy"

    arguments = (faces, "--out", out, *MODELS, "--mode", "classify", "--concurrency", 1)
    with VlmServer(Script(answer)) as server:
        outcome = collect(*arguments, server=server)
        assert outcome.code == 1
        last = outcome.err.splitlines()[-1]
        assert last.startswith(f"descan: the media of {MAX_UNREADABLE} items in a row cannot be read, lastly {faces}")
        assert "does not exist; put it back; check the disk or the network drive of the source" in last
        failures = read_lines(out / "failures.jsonl")
        assert len({cells["item_id"] for cells in failures}) == MAX_UNREADABLE
        assert {(cells["detail"].partition(":")[0], cells["retryable"]) for cells in failures} == {
            ("media_missing", True)
        }
        away.rename(faces)
        server.script = Script()
        assert collect(*arguments, server=server).code == 0
    assert Counter(answer.status for answer in load_answers(read_corpus(out))) == {"ok": 80}


def test_one_file_that_is_gone_is_asked_again_by_the_next_run(collect: Collect, faces: Path, tmp_path: Path) -> None:
    away, out = tmp_path / "away.png", tmp_path / "corpus"

    def answer(request: ModelRequest) -> str:
        if request.number == 1:
            waiting = [path for path in sorted(faces.glob("*/*.png")) if path.read_bytes() != request.media[0].data]
            waiting[0].rename(away)
            gone.append(waiting[0])
        return "Happy"

    gone: list[Path] = []
    arguments = (faces, "--out", out, *MODELS[:2], "--mode", "classify", "--concurrency", 1)
    with VlmServer(Script(answer)) as server:
        outcome = collect(*arguments, server=server)
        assert (outcome.code, "descan: 1 answer is left" in outcome.err) == (1, True)
        away.rename(gone[0])
        assert collect(*arguments, server=server).code == 0
    assert Counter(answer.status for answer in load_answers(read_corpus(out))) == {"ok": 14}


def test_what_failed_for_one_item_is_data_until_it_is_asked_again(
    collect: Collect, faces: Path, tmp_path: Path
) -> None:
    out = tmp_path / "corpus"
    arguments = (faces, "--out", out, *MODELS[:2], "--mode", "classify")
    with VlmServer(Script(faults=(FaultRule("400_image", numbers=(3,)),))) as server:
        assert collect(*arguments, server=server).code == 0
        assert Counter(answer.status for answer in load_answers(read_corpus(out))) == {"ok": 13, "failed": 1}
        failure = read_lines(out / "failures.jsonl")[0]
        assert failure["detail"].startswith("400")
        assert failure["retryable"] is False
        outcome = collect(*arguments, server=server)
        assert (outcome.code, server.counts.n_requests) == (0, 14)
        assert f"{GPT}: 1 answer failed permanently before; --retry-failed asks again." in outcome.out
        assert collect(*arguments, "--retry-failed", server=server).code == 0
    assert Counter(answer.status for answer in load_answers(read_corpus(out))) == {"ok": 14}


def test_an_outage_shows_how_much_waits_and_why(
    collect: Collect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(display, "_PLAIN_EVERY_S", 0.05)
    faces = draw_pictures(tmp_path / "faces", 6)
    with VlmServer(Script(faults=(FaultRule("429_seconds", n_attempts=1),))) as server:
        outcome = collect(faces, "--out", tmp_path / "c", *MODELS[:2], "--mode", "classify", server=server)
    assert outcome.code == 0
    lines = [line for line in outcome.err.splitlines() if "waiting to be asked again" in line]
    assert any(re.search(r"0 of 6, .*; 6 waiting to be asked again; last fault \d s ago: 429", line) for line in lines)


def test_what_ran_out_of_attempts_is_asked_again_by_the_next_run(collect: Collect, faces: Path, tmp_path: Path) -> None:
    out = tmp_path / "corpus"
    arguments = (faces, "--out", out, *MODELS[:2], "--mode", "classify", "--set", "max_attempts=1")
    with VlmServer(Script(faults=(FaultRule("503", numbers=(3, 5)),))) as server:
        outcome = collect(*arguments, server=server)
        assert outcome.code == 1
        assert outcome.err.splitlines()[-1].startswith("descan: 2 answers are left;")
        assert [cells["retryable"] for cells in read_lines(out / "failures.jsonl")] == [True, True]
        assert collect(*arguments, server=server).code == 0
        assert server.counts.n_paid == 14
    assert Counter(answer.status for answer in load_answers(read_corpus(out))) == {"ok": 14}


def test_a_picture_that_cannot_be_read_fails_alone(collect: Collect, faces: Path, tmp_path: Path) -> None:
    (faces / "Fear" / "broken.png").write_bytes(b"no picture")
    with VlmServer() as server:
        assert collect(faces, "--out", tmp_path / "c", *MODELS, "--mode", "classify", server=server).code == 0
        assert server.counts.n_requests == 28
    failures = read_lines(tmp_path / "c" / "failures.jsonl")
    assert [(cells["item_id"], cells["detail"][:13]) for cells in failures] == [
        ("Fear/broken.png", "media_broken:")
    ] * 2


def test_a_model_is_never_asked_more_at_once_than_allowed(collect: Collect, tmp_path: Path) -> None:
    faces = draw_pictures(tmp_path / "faces", 60)
    with VlmServer(latency_s=0.02) as server:
        assert collect(faces, "--out", tmp_path / "c", *MODELS[:2], "--concurrency", 3, server=server).code == 0
        assert server.counts.max_in_flight == 3


def test_texts_of_models_cannot_steer_the_terminal(collect: Collect, faces: Path, tmp_path: Path) -> None:
    def answer(_: ModelRequest) -> Generated:
        return Generated("\x1b[31mred", served_model="evil\x1b[2J\u202e")

    with VlmServer(Script(answer)) as server:
        outcome = collect(faces, "--out", tmp_path / "c", *MODELS, server=server)
    assert outcome.code == 1
    assert "rerouted" in outcome.err
    assert not {"\x1b", "\u202e"} & set(outcome.out + outcome.err)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_in_good_order_with_one_line_and_the_same_command_continues(
    tmp_path: Path, number: signal.Signals
) -> None:
    faces, out, log = draw_pictures(tmp_path / "faces", 21), tmp_path / "corpus", tmp_path / "log"
    arguments = (faces, "--out", out, *MODELS, "--concurrency", 4)
    with VlmServer(latency_s=0.1) as server:
        collectors = Collectors(server_environment(server), log)
        process = collectors.start(*arguments)
        while server.counts.n_requests < 20:
            time.sleep(0.005)
        os.kill(process.pid or 0, number)
        process.join()
        assert process.exitcode == 128 + number
        n_safe = len(read_lines(out / "answers.jsonl"))
        assert n_safe == server.counts.n_paid
        closing = [line for line in log.read_text().splitlines() if line.startswith("descan:")]
        assert closing == [f"descan: {84 - n_safe} answers are left; `descan collect --resume --out {out}` continues"]
        assert collectors.run("--resume", "--out", out) == 0
        assert server.counts.n_paid == 84


def test_a_second_signal_ends_at_once(tmp_path: Path) -> None:
    faces, out, log = draw_pictures(tmp_path / "faces", 7), tmp_path / "corpus", tmp_path / "log"
    with VlmServer(latency_s=60) as server:
        process = Collectors(server_environment(server), log).start(faces, "--out", out, *MODELS)
        while server.counts.n_in_flight < 14:
            time.sleep(0.005)
        os.kill(process.pid or 0, signal.SIGINT)
        while "again to end at once" not in log.read_text():
            time.sleep(0.005)
        os.kill(process.pid or 0, signal.SIGINT)
        process.join()
        assert process.exitcode == 130
    assert read_lines(out / "answers.jsonl") == []


def test_the_gate_shrinks_once_for_requests_that_were_under_way_together() -> None:
    async def use() -> list[int]:
        gate, limits = Gate(16), []
        epochs = [await gate.enter() for _ in range(16)]
        for epoch in epochs:
            gate.leave(epoch, TOO_MANY)
        limits.append(gate.limit)
        for _ in range(3):
            gate.leave(await gate.enter(), TOO_MANY)
            limits.append(gate.limit)
        gate.leave(await gate.enter(), TOO_MANY)
        limits.append(gate.limit)
        for _ in range(200):
            gate.leave(await gate.enter(), None)
        limits.append(gate.limit)
        return limits

    # 16, halved for each new wave, at least 1; then by one for as many replies as the limit is: 1 + 2 + ... + 15 = 120.
    assert asyncio.run(use()) == [8, 4, 2, 1, 1, 16]


def test_a_gate_of_any_width_opens_at_once() -> None:
    async def use() -> int:
        gate = Gate(10**12)
        gate.leave(await gate.enter(), None)
        return gate.limit

    assert asyncio.run(use()) == 10**12


def test_the_gate_stays_shut_for_as_long_as_the_server_wants() -> None:
    async def use() -> float:
        gate, begin = Gate(4), asyncio.get_running_loop().time()
        gate.leave(await gate.enter(), CallError(FaultScope.ATTEMPT, "429", "wait", delay_s=0.1))
        await gate.enter()
        return asyncio.get_running_loop().time() - begin

    assert asyncio.run(use()) >= 0.1


def test_a_turn_that_is_given_up_goes_to_the_next() -> None:
    async def use() -> bool:
        gate = Gate(1)
        epoch = await gate.enter()
        waiting = [asyncio.create_task(gate.enter()) for _ in range(3)]
        await asyncio.sleep(0)
        gate.leave(epoch, None)
        waiting[0].cancel()
        await asyncio.sleep(0.01)
        return waiting[0].cancelled() and waiting[1].done() and not waiting[2].done() and waiting[2].cancel()

    assert asyncio.run(use())


def test_amounts_are_spread_evenly_and_corrected() -> None:
    async def use() -> list[float]:
        loop = asyncio.get_running_loop()
        spacing, begin, times = Spacing(6000), loop.time(), []
        for correction in (0, 0, 10, -100):
            await spacing.take(5)
            times.append(loop.time() - begin)
            spacing.correct(correction)
        await spacing.take(5)
        await Spacing(None).take(10**9)
        return [*times, loop.time() - begin]

    # 5 of 6,000 a minute take 0.05 s; after the third 10 more are owed, after the fourth nothing is.
    first, *times = asyncio.run(use())
    assert first < 0.05
    assert all(time >= bound for time, bound in zip(times, (0.05, 0.1, 0.25, 0.25), strict=True))


def test_keys_and_pictures_are_in_no_file_of_the_corpus(collect: Collect, faces: Path, tmp_path: Path) -> None:
    out = tmp_path / "corpus"
    with VlmServer(Script(faults=(FaultRule("401", model=GPT),))) as server:
        outcome = collect(faces, "--out", out, *MODELS, server=server)
        secrets = {value for name, value in server_environment(server).items() if name.endswith("_KEY")}
    written = (
        outcome.out
        + outcome.err
        + "".join(path.read_text(errors="replace") for path in out.rglob("*") if path.is_file())
    )
    assert not [secret for secret in secrets if secret in written]
    assert "base64" not in written
    assert json.dumps("image_url") not in written


def test_what_a_person_should_know_of_the_items_is_said(collect: Collect, faces: Path, tmp_path: Path) -> None:
    (faces / "Sad" / "again.png").write_bytes((faces / "Fear" / "0002.png").read_bytes())
    (faces / "notes.txt").write_text("x")
    (faces / "Sad" / "broken.png").write_bytes(b"x")
    with VlmServer() as server:
        outcome = collect(faces, "--out", tmp_path / "c", *MODELS[:2], "--limit", 4, "--per-class", server=server)
    assert outcome.code == 0
    for line in (
        "Skipped of the source: 1 not media (.txt 1).",
        "1 file cannot be sent, and will fail: Sad/broken.png is text, not a picture that can",
        "missing are Anger 2, Disgust 2, Fear 2, Happy 2, Neutral 2, Surprise 2.",
        "The same picture twice: ../faces/Fear/0002.png and ../faces/Sad/again.png",
        f"{GPT}: failed by 2 x media_broken; see failures.jsonl.",
    ):
        assert line in outcome.out, outcome.out


def test_the_plan_says_which_server_gets_no_key_and_how_it_would_get_one(
    collect: Collect, faces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = (faces, "--out", tmp_path / "c", "--model", "openai:qwen", "--dry-run")
    by_setting = collect(*arguments, "--set", "base_url=http://localhost:11434/v1")
    assert (
        "qwen: no key is sent to localhost; if it needs one, put the key into a variable and name it:" in by_setting.out
    )
    assert "--set qwen.api_key_env=NAME" in by_setting.out
    monkeypatch.setenv("OPENAI_BASE_URL", "http://gateway.example/v1")
    by_environment = collect(*arguments)
    assert "qwen: no key is sent to gateway.example; if it needs one: export OPENAI_API_KEY=..." in by_environment.out
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    assert "no key is sent" not in collect(*arguments).out


def test_files_that_are_not_what_they_seem_are_told_in_one_line_before_the_plan(
    collect: Collect, faces: Path, tmp_path: Path
) -> None:
    for name, content in {
        "a.png": b"",
        "b.png": "wütend\n".encode() * 99,
        "c.jpg": b"%PDF-1.7",
        "d.jpg": b"\x00\x00\x00\x1cftypavif",
        "e.png": b"\x00\x01\x02\x03",
        "f.mp4": b"<html>",
    }.items():
        (faces / "Sad" / name).write_bytes(content)
    outcome = collect(faces, "--out", tmp_path / "c", *MODELS, "--dry-run")
    assert outcome.out.splitlines()[0] == (
        "6 files cannot be sent, and will fail: Sad/a.png is empty; Sad/b.png is text, not a "
        "picture that can be read; Sad/c.jpg is a PDF document, not a picture that can be read; Sad/d.jpg is an AVIF "
        "picture, not a picture that can be read; Sad/e.png is something else, not a picture that can be read; "
        "Sad/f.mp4 is text, not a clip."
    )
    only = tmp_path / "only"
    only.mkdir()
    (only / "a.png").write_bytes(b"text")
    outcome = collect(only, "--out", tmp_path / "c", *MODELS, "--dry-run")
    assert (outcome.code, outcome.err) == (
        1,
        f"descan: {only}: none of its files can be sent: a.png is text, not a picture that can be read\n",
    )


@pytest.mark.parametrize(("settings", "is_told"), [((), False), (("--set", "clips=whole"), True)])
def test_clips_that_gemini_does_not_take_are_told_before_the_plan(
    collect: Collect, faces: Path, tmp_path: Path, settings: tuple[str, ...], is_told: bool
) -> None:
    (faces / "Sad" / "a.mkv").write_bytes(b"\x1aE\xdf\xa3\x00\x01")
    outcome = collect(faces, "--out", tmp_path / "c", "--model", "gemini:gemini-2.5-flash", *settings, "--dry-run")
    told = "1 clip is .mkv, not taken by gemini-2.5-flash; convert what is, or send pictures of it (clips=frames)."
    assert (outcome.code, told in outcome.out) == (0, is_told)


def test_a_folder_without_classes_is_asked_about_without_gold(collect: Collect, faces: Path, tmp_path: Path) -> None:
    flat, out = tmp_path / "flat", tmp_path / "corpus"
    flat.mkdir()
    for path in faces.glob("*/*.png"):
        path.rename(flat / path.name)
    with VlmServer() as server:
        outcome = collect(flat, "--out", out, *MODELS[:2], "--mode", "classify", server=server)
    assert outcome.code == 0
    assert (
        "No item has a gold category, so answers can be compared with each other but not with the truth." in outcome.out
    )
    assert {item.gold for item in read_corpus(out).items.values()} == {None}


def test_a_class_that_is_left_out_is_counted_and_left_out_of_the_next_call_too(
    collect: Collect, faces: Path, tmp_path: Path
) -> None:
    out = tmp_path / "corpus"
    (faces / "Sad").rename(faces / "Contempt")
    with VlmServer() as server:
        arguments = (*MODELS[:2], "--mode", "classify", "--leave-out", "contempt", "--max-requests", 3)
        outcome = collect(faces, "--out", out, *arguments, server=server)
        assert "Skipped of the source: 2 of classes that are left out." in outcome.out
        assert collect("--resume", "--out", out, "--max-requests", 99, server=server).code == 0
    assert {str(cells["item_id"]).partition("/")[0] for cells in read_lines(out / "answers.jsonl")} == {*CLASSES} - {
        "Sad"
    }


def test_a_crop_needs_a_face_box(collect: Collect, faces: Path, tmp_path: Path) -> None:
    outcome = collect(faces, "--out", tmp_path / "c", *MODELS, "--crop")
    assert (outcome.code, outcome.err) == (
        1,
        f"descan: {faces}: no item has a face_box to crop by; give them in a manifest, or leave --crop out\n",
    )
    assert not (tmp_path / "c").exists()


def test_items_without_a_face_box_are_told_before_they_fail(collect: Collect, faces: Path, tmp_path: Path) -> None:
    names = sorted(path.relative_to(tmp_path).as_posix() for path in faces.glob("*/*.png"))
    boxes = ["1,1,9,9", *[""] * 13]
    rows = [f'{name},"{box}"' for name, box in zip(names, boxes, strict=True)]
    (tmp_path / "list.csv").write_text("\n".join(["media,face_box", *rows]))
    outcome = collect(tmp_path / "list.csv", "--out", tmp_path / "c", *MODELS[:2], "--crop", "--dry-run")
    assert "Without a face_box to crop by, 13 of 14 items will fail." in outcome.out
