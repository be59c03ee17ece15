"""What becomes of each fault: what the corpus says, how often was asked, and what the user is told.

All that does not end a model is met in one run of three models, each fault by a picture of its own; what ends a model
is met in a run of its own, beside a model that works.
"""

import hashlib
import io
import struct
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image
from rich.console import Console

from descan.collect.collecting import collect
from descan.collect.display import Display
from descan.collect.result import CollectResult
from descan.collect.run_settings import RunSettings
from descan.corpus import read_corpus
from descan.records import Answer
from tests.collect.collectors import read_lines, server_environment
from tests.loading import load_answers
from tests.vlm_server import FaultRule, ModelRequest, Script, VlmServer, closed_base_url

pytestmark = pytest.mark.slow

MODELS: dict[str, dict[str, Any]] = {
    "chat": {"provider": "openai", "model": "gpt-4o-2024-11-20"},
    "responses": {"provider": "openai", "model": "gpt-4o-mini-2024-07-18", "api": "responses"},
    "gemini": {"provider": "gemini", "model": "gemini-2.5-flash"},
}
MAX_ATTEMPTS = 2
TOO_LARGE = 15 * 2**20

UPLOADS = {"sound": ("ok", "", 1), "failed": ("failed", "file_failed", 0), "gone": ("ok", "", 1)}
"""By name of a clip: status, code and how many requests to the model came through."""


@cache
def load_cases(table: str) -> list[dict[str, Any]]:
    """Return the rows of a table, one for each model that has the fault."""
    rows = tomllib.loads(Path(__file__).with_name("fault_cases.toml").read_text())[table]
    return [row | {"on": on} for row in rows for on in row.get("models", list(MODELS))]


def name_case(row: dict[str, Any]) -> str:
    return f"{row['on']}-{row['fault']}"


@dataclass(frozen=True)
class Collected:
    """A run that has ended: what is in the corpus, what the server counted, what was on the screen."""

    out: Path
    result: CollectResult
    screen: str
    server: VlmServer

    def answers(self, item_id: str, model: str) -> list[Answer]:
        answers = load_answers(read_corpus(self.out))
        return [answer for answer in answers if (answer.item_id, answer.model) == (item_id, model)]

    def lines(self, item_id: str, model: str) -> list[dict[str, Any]]:
        lines = [*read_lines(self.out / "answers.jsonl"), *read_lines(self.out / "failures.jsonl")]
        return [line for line in lines if (line["item_id"], line["model"]) == (item_id, model)]


def draw(folder: Path, names: list[str]) -> dict[str, str]:
    """Draw a picture for each name, and return their hashes."""
    place = folder / "Neutral"
    place.mkdir(parents=True)
    hashes = {}
    for number, name in enumerate(names):
        path = place / f"{name}.png"
        Image.new("RGB", (24, 24), (number, 99, 7)).save(path)
        hashes[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return hashes


def run_collect(server: VlmServer, source: Path, out: Path, *models: dict[str, Any], **fields: Any) -> Collected:
    screen = io.StringIO()
    console = Console(file=screen, width=200)
    settings = [{"timeout_s": 10, "max_attempts": MAX_ATTEMPTS} | model for model in models]
    run = RunSettings.model_validate({"source": source, "out": out, "models": settings, "modes": ["describe"]} | fields)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in server_environment(server).items():
            patch.setenv(name, value)
        result = collect(run, Display(console, console))
    assert result is not None
    return Collected(out, result, screen.getvalue(), server)


@pytest.fixture(scope="module")
def passing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collected]:
    """Meet every fault that ends no model, twice: once it goes away after one attempt, once it stays."""
    folder = tmp_path_factory.mktemp("faults")
    faults = sorted({row["fault"] for row in load_cases("transient") + load_cases("permanent")})
    hashes = draw(folder / "pictures", [f"{how}-{fault}" for fault in faults for how in ("once", "always")])
    rules = [
        FaultRule(row["fault"], media=hashes[f"{how}-{row['fault']}"], model=MODELS[row["on"]]["model"], n_attempts=n)
        for row in load_cases("transient") + load_cases("permanent")
        for how, n in (("once", 1), ("always", None))
    ]
    with VlmServer(Script(faults=tuple(rules))) as server:
        models = [settings | {"timeout_s": 8} for settings in MODELS.values()]
        yield run_collect(server, folder / "pictures", folder / "corpus", *models)


@pytest.mark.parametrize("row", load_cases("transient"), ids=name_case)
def test_a_fault_that_goes_away_costs_only_another_attempt(passing: Collected, row: dict[str, Any]) -> None:
    item, model = f"Neutral/once-{row['fault']}.png", MODELS[row["on"]]["model"]
    (line,) = passing.lines(item, model)
    assert (line["status"], line["attempts"]) == ("ok", 2)
    assert line["text"]
    assert n_requests(passing, item, model) == 2


@pytest.mark.parametrize("row", load_cases("transient"), ids=name_case)
def test_a_fault_that_stays_is_said_and_asked_again_another_time(passing: Collected, row: dict[str, Any]) -> None:
    item, model = f"Neutral/always-{row['fault']}.png", MODELS[row["on"]]["model"]
    (line,) = passing.lines(item, model)
    assert (line["status"], line["attempts"]) == (row.get("status", "failed"), MAX_ATTEMPTS)
    assert (line.get("detail") or "").startswith(said_of(row))
    assert line.get("retryable") is (True if line["status"] == "failed" else None)
    assert n_requests(passing, item, model) == MAX_ATTEMPTS


@pytest.mark.parametrize("row", load_cases("permanent"), ids=name_case)
@pytest.mark.parametrize("how", ["once", "always"])
def test_a_fault_of_the_item_is_stored_and_not_asked_again(passing: Collected, row: dict[str, Any], how: str) -> None:
    item, model = f"Neutral/{how}-{row['fault']}.png", MODELS[row["on"]]["model"]
    (answer,) = passing.answers(item, model)
    (line,) = passing.lines(item, model)
    assert (answer.status, line["status"]) == (row["status"], row["status"])
    assert (line.get("detail") or "").startswith(said_of(row))
    assert bool(answer.text) is row.get("has_text", False)
    assert line.get("retryable") in (None, False)
    assert n_requests(passing, item, model) == 1


def test_the_corpus_has_one_answer_for_each_item_and_model(passing: Collected) -> None:
    keys = [(answer.item_id, answer.model) for answer in load_answers(read_corpus(passing.out))]
    n_items = len(list((passing.out.parent / "pictures").glob("*/*.png")))
    assert len(keys) == len(set(keys)) == len(MODELS) * n_items


def test_no_request_breaks_a_rule_and_no_key_is_shown_or_kept(passing: Collected) -> None:
    assert passing.server.violations == []
    shown = passing.screen + "".join(path.read_text() for path in passing.out.glob("*.*l"))
    for key in ("sk-test-0123456789", "AIzaTest0123456789"):
        assert key not in shown


def test_the_user_is_told_what_is_left(passing: Collected) -> None:
    stays = [row for row in load_cases("transient") if row.get("status", "failed") == "failed"]
    assert passing.result.n_missing == len(stays)
    assert passing.result.exit_code == 1
    told = f"{len(stays)} answers are left; `descan collect --resume --out {passing.out}` continues"
    assert passing.result.describe() == told


@pytest.mark.parametrize("row", load_cases("ending"), ids=name_case)
def test_a_fault_of_the_model_ends_it_alone(tmp_path: Path, row: dict[str, Any]) -> None:
    hashes = draw(tmp_path / "pictures", ["a", "b", "c"])
    faulty = MODELS[row["on"]] | {"name": "faulty", "concurrency": 1}
    sound = MODELS["gemini" if row["on"] != "gemini" else "chat"] | {"name": "sound"}
    rule = FaultRule(row["fault"], model=faulty["model"])
    with VlmServer(Script(faults=(rule,))) as server:
        collected = run_collect(server, tmp_path / "pictures", tmp_path / "corpus", faulty, sound)
    ended = next(model for model in collected.result.progress if model.name == "faulty")
    assert ended.stopped.startswith(row["code"])
    assert row["advice"] in ended.stopped
    assert server.counts.requests_by_media.total() == len(hashes) + 1
    assert sum(server.counts.requests_by_media[faulty["model"], sha256] for sha256 in hashes.values()) == 1
    assert [line["model"] for line in read_lines(tmp_path / "corpus" / "answers.jsonl")] == ["sound"] * 3
    kept = [line["detail"] for line in read_lines(tmp_path / "corpus" / "failures.jsonl")]
    assert len(kept) == row.get("n_kept", 0)
    assert collected.result.exit_code == 1
    assert f"faulty is stopped: {row['code']}" in collected.result.describe()
    assert server.violations == []


@pytest.mark.parametrize("on", MODELS)
def test_a_server_that_is_not_there_ends_its_model(tmp_path: Path, on: str) -> None:
    draw(tmp_path / "pictures", ["a", "b"])
    root = closed_base_url()
    faulty = MODELS[on] | {"name": "faulty", "base_url": root if on == "gemini" else f"{root}/v1"}
    with VlmServer() as server:
        collected = run_collect(server, tmp_path / "pictures", tmp_path / "corpus", faulty, MODELS["chat"])
    ended = next(model for model in collected.result.progress if model.name == "faulty")
    assert ended.stopped.startswith("connect: the server cannot be reached")
    assert ended.stopped.endswith("check the network, the base URL and the server, then run again")
    assert read_lines(tmp_path / "corpus" / "failures.jsonl") == []
    assert collected.result.exit_code == 1


@pytest.mark.parametrize("on", MODELS)
def test_what_every_item_is_refused_for_ends_the_model(tmp_path: Path, on: str) -> None:
    draw(tmp_path / "pictures", [f"p{number}" for number in range(15)])
    with VlmServer(Script(faults=(FaultRule("400_image"),))) as server:
        model = MODELS[on] | {"concurrency": 1}
        collected = run_collect(server, tmp_path / "pictures", tmp_path / "corpus", model)
        assert server.counts.n_requests == 10
        assert "change the settings or the prompt" in collected.result.describe()
        server.script = Script()
        again = run_collect(server, tmp_path / "pictures", tmp_path / "corpus", model)
    assert again.result.exit_code == 0
    assert {answer.status for answer in load_answers(read_corpus(again.out))} == {"ok"}


def test_an_upload_that_fails_is_of_the_item_and_one_that_is_gone_is_sent_again(tmp_path: Path) -> None:
    clips = {name: film(tmp_path / "clips" / "Neutral" / f"{name}.mp4", seed) for seed, name in enumerate(UPLOADS)}
    rules = (
        FaultRule("upload_failed", media=clips["failed"]),
        FaultRule("upload_expired", media=clips["gone"], n_attempts=1),
    )
    with VlmServer(Script(faults=rules)) as server:
        collected = run_collect(server, tmp_path / "clips", tmp_path / "corpus", MODELS["gemini"] | {"clips": "whole"})
    for name, (status, code, n_paid) in UPLOADS.items():
        (line,) = collected.lines(f"Neutral/{name}.mp4", "gemini-2.5-flash")
        assert (line["status"], (line.get("detail") or "").partition(":")[0]) == (status, code)
        assert line.get("retryable") in (None, False)
        assert server.counts.requests_by_media["gemini-2.5-flash", clips[name]] == n_paid
    assert server.counts.n_uploads == len(UPLOADS) + 1
    assert server.violations == []


@pytest.mark.parametrize("faults", [(), (FaultRule("404", model="gemini-2.5-pro"),)], ids=["both", "one is stopped"])
def test_an_uploaded_clip_is_deleted_after_its_last_question_and_not_before(
    tmp_path: Path, faults: tuple[FaultRule, ...]
) -> None:
    for seed in range(4):
        film(tmp_path / "clips" / "Neutral" / f"{seed}.mp4", seed)
    deleted: list[int] = []

    def answer(_: ModelRequest) -> str:
        time.sleep(0.1)
        deleted.append(server.counts.n_deleted)
        return "Neutral"

    model = MODELS["gemini"] | {"clips": "whole", "concurrency": 1}
    with VlmServer(Script(answer, faults=faults)) as server:
        other = model | {"model": "gemini-2.5-pro"}
        run_collect(server, tmp_path / "clips", tmp_path / "corpus", model, other, modes=["describe", "classify"])
        # Each clip went there once, for two models and two modes, and the last requests found the first clips gone.
        assert (server.counts.n_uploads, server.counts.n_deleted) == (4, 4)
        assert server.violations == []
    assert deleted[0] == 0
    assert deleted[-1] >= 2


def film(path: Path, seed: int) -> str:
    """Film a clip that is too large for a request, and return its hash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(path, "w") as container:
        stream = container.add_stream("mpeg4", rate=5)
        stream.width = stream.height = 32
        for number in range(5):
            picture = Image.new("RGB", (32, 32), (number, seed, 200))
            frame = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    box = struct.pack(">I4s", TOO_LARGE, b"free") + bytes(TOO_LARGE - 8)
    path.write_bytes(path.read_bytes() + box)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def said_of(row: dict[str, Any]) -> str:
    """Return what `detail` must begin with."""
    said: str | dict[str, str] = row.get("detail", "")
    return said if isinstance(said, str) else said[row["on"]]


def n_requests(collected: Collected, item_id: str, model: str) -> int:
    sha256 = hashlib.sha256((collected.out.parent / "pictures" / item_id).read_bytes()).hexdigest()
    return collected.server.counts.requests_by_media[model, sha256]
