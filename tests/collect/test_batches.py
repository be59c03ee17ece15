"""OpenAI's batches: the real SDK against a server that keeps files and batches."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import httpx2
import openai
import pytest

from descan.collect.asking.retrying import Outcome, Patience, ServedModels
from descan.collect.batches.client import BatchClient, check_batches
from descan.collect.batches.jobs import JobWriter
from descan.collect.providers.faults import FaultReader
from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.openai_batches import OpenAIBatches
from descan.collect.providers.openai_bodies import request_body
from descan.collect.providers.protocol import BatchState, Call, CallError, FaultScope
from descan.errors import InputError
from descan.media.media_files import Part
from descan.records import Status
from tests.collect.provider_cases import CHAT, GEMINI, RESPONSES, open_provider, picture, question
from tests.vlm_server import BatchCourse, FaultRule, Script, VlmServer

APIS = pytest.mark.parametrize("settings", [CHAT, RESPONSES], ids=["chat", "responses"])
QUICK = Patience(first_backoff_s=0.001, longest_backoff_s=0.002)
COLORS = ("red", "green", "blue", "white")

_Result = TypeVar("_Result")


@asynccontextmanager
async def open_batches(server: VlmServer, settings: ModelSettings = CHAT) -> AsyncIterator[BatchClient]:
    async with open_provider(server, settings) as provider:
        yield BatchClient(provider, settings, ServedModels(), QUICK)


def write_input(folder: Path, settings: ModelSettings = CHAT) -> Path:
    path = folder / "input.jsonl"
    path.write_bytes(b"".join(encode(f"id-{color}", question(color=color), settings) for color in COLORS))
    return path


def encode(custom_id: str, call: Call, settings: ModelSettings = CHAT) -> bytes:
    return offline_batches().encode(custom_id, call, settings)


def offline_batches() -> OpenAIBatches:
    return OpenAIBatches(openai.AsyncOpenAI(api_key="none"), FaultReader("", "OPENAI_API_KEY"), is_service=True)


async def wait(batches: BatchClient, state: BatchState) -> BatchState:
    while not state.is_over:
        state = await batches.look_up(state.batch_id)
    return state


async def fetch(batches: BatchClient, state: BatchState, folder: Path) -> dict[str, Outcome]:
    return {custom_id: outcome async for custom_id, outcome in batches.results(state, folder)}


def run_through(
    server: VlmServer, folder: Path, settings: ModelSettings = CHAT
) -> tuple[BatchState, dict[str, Outcome]]:
    """Submit a batch of four, wait until it is over and fetch what it brought."""

    async def run() -> tuple[BatchState, dict[str, Outcome]]:
        async with open_batches(server, settings) as batches:
            state = await wait(batches, await batches.submit(write_input(folder, settings), "token"))
            return state, await fetch(batches, state, folder)

    return asyncio.run(run())


def on_batches(server: VlmServer, use: Callable[[BatchClient], Awaitable[_Result]]) -> _Result:
    async def run() -> _Result:
        async with open_batches(server) as batches:
            return await use(batches)

    return asyncio.run(run())


@APIS
def test_a_batch_brings_each_reply_under_its_own_name(settings: ModelSettings, tmp_path: Path) -> None:
    with VlmServer(Script(lambda request: request.media[0].sha256)) as server:
        state, results = run_through(server, tmp_path, settings)
        assert server.violations == []
        assert (server.counts.n_paid, server.counts.n_batch) == (4, 4)
    assert (state.status, state.is_over, state.has_failed, state.n_done) == ("completed", True, False, 4)
    texts = {custom_id: outcome.reply and outcome.reply.text for custom_id, outcome in results.items()}
    assert texts == {f"id-{color}": picture(color).sha256 for color in COLORS}
    for outcome in results.values():
        assert (outcome.error, outcome.attempts, outcome.latency_s) == (None, 1, None)
        assert outcome.reply is not None
        assert outcome.reply.input_tokens
        assert outcome.reply.request_id.startswith("req_b")
    assert [path.name for path in tmp_path.iterdir()] == ["input.jsonl"]


@APIS
def test_a_line_holds_the_body_of_an_online_call(settings: ModelSettings) -> None:
    line = json.loads(encode("a", question(), settings))
    assert line == {
        "custom_id": "a",
        "method": "POST",
        "url": "/v1/chat/completions" if settings is CHAT else "/v1/responses",
        "body": request_body(question(), settings, is_service=True),
    }


@pytest.mark.parametrize(
    ("fault", "scope", "code"),
    [
        ("500", FaultScope.ATTEMPT, "500 server_error"),
        ("400_image", FaultScope.ITEM, "400 image_parse_error"),
        ("429_insufficient_quota", FaultScope.MODEL, "429 insufficient_quota"),
    ],
)
def test_a_fault_of_a_line_means_what_it_means_online(fault: str, scope: FaultScope, code: str, tmp_path: Path) -> None:
    rule = FaultRule(fault, media=picture("green").sha256)
    with VlmServer(Script(faults=(rule,))) as server:
        state, results = run_through(server, tmp_path)
    assert (state.status, state.n_done) == ("completed", 4)
    error = results.pop("id-green").error
    assert error is not None
    assert (error.scope, error.code) == (scope, code)
    assert all(outcome.reply and outcome.reply.status is Status.OK for outcome in results.values())


def test_a_refusal_in_a_batch_is_a_reply(tmp_path: Path) -> None:
    with VlmServer(Script(faults=(FaultRule("refusal"),))) as server:
        _, results = run_through(server, tmp_path)
    assert [outcome.reply and outcome.reply.status for outcome in results.values()] == [Status.REFUSED] * 4


def test_a_rerouted_batch_keeps_its_replies_and_stops_the_model(tmp_path: Path) -> None:
    with VlmServer(Script(served_models={CHAT.model: "gpt-6-luna"})) as server:
        _, results = run_through(server, tmp_path)
    for outcome in results.values():
        assert outcome.reply is not None
        assert outcome.error is not None
        assert (outcome.error.scope, outcome.error.code) == (FaultScope.MODEL, "rerouted")


def test_what_an_expired_batch_did_not_come_to_is_worth_another_attempt(tmp_path: Path) -> None:
    with VlmServer(course=BatchCourse(end="expired")) as server:
        state, results = run_through(server, tmp_path)
        assert server.counts.n_paid == 2
    assert state.status == "expired"
    errors = [outcome.error for outcome in results.values() if outcome.error]
    assert [(error.scope, error.code) for error in errors] == [(FaultScope.ATTEMPT, "batch_expired")] * 2
    assert sum(outcome.reply is not None for outcome in results.values()) == 2


def test_a_batch_that_fails_says_why_and_has_no_results(tmp_path: Path) -> None:
    with VlmServer(course=BatchCourse(end="failed")) as server:
        state, results = run_through(server, tmp_path)
        assert server.counts.n_paid == 0
    assert (state.status, results) == ("failed", {})
    assert state.problem == "line 1: invalid_json_line: Line 1 is not valid."


def test_a_batch_whose_name_was_not_recorded_is_found_and_not_submitted_again(tmp_path: Path) -> None:
    path = write_input(tmp_path)

    async def use(batches: BatchClient) -> None:
        assert await batches.batches.find("token") is None
        first = await batches.submit(path, "token")
        other = await batches.submit(path, "another")
        again = await batches.submit(path, "token")
        assert again.batch_id == first.batch_id != other.batch_id
        found = await batches.batches.find("token")
        assert found is not None
        assert (found.batch_id, found.token) == (first.batch_id, "token")

    with VlmServer() as server:
        on_batches(server, use)


def test_a_batch_is_found_among_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("descan.collect.providers.openai_batches._PAGE", 2)
    path = write_input(tmp_path)

    async def use(batches: BatchClient) -> None:
        first = await batches.submit(path, "token-0")
        for n in range(1, 6):
            await batches.submit(path, f"token-{n}")
        found = await batches.batches.find("token-0")
        assert found is not None
        assert found.batch_id == first.batch_id

    with VlmServer() as server:
        on_batches(server, use)


def test_a_submission_whose_reply_is_lost_is_not_paid_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_input(tmp_path)
    send = httpx2.AsyncClient.send
    n_lost = 0

    async def lose(client: httpx2.AsyncClient, request: httpx2.Request, **options: object) -> httpx2.Response:
        nonlocal n_lost
        response = await send(client, request, **options)  # type: ignore[arg-type]
        if request.method == "POST" and request.url.path == "/v1/batches" and not n_lost:
            n_lost += 1
            raise httpx2.ReadError("reset", request=request)
        return response

    monkeypatch.setattr(httpx2.AsyncClient, "send", lose)

    async def use(batches: BatchClient) -> None:
        state = await wait(batches, await batches.submit(path, "token"))
        assert len(await fetch(batches, state, tmp_path)) == 4

    with VlmServer() as server:
        on_batches(server, use)
        assert server.counts.n_paid == 4
    assert n_lost == 1


def test_results_can_be_fetched_again_until_they_are_discarded(tmp_path: Path) -> None:
    async def use(batches: BatchClient) -> None:
        state = await wait(batches, await batches.submit(write_input(tmp_path), "token"))
        first = await fetch(batches, state, tmp_path)
        assert await fetch(batches, state, tmp_path) == first
        await batches.delete_files(state)
        await batches.delete_files(state)
        with pytest.raises(CallError, match="404"):
            await fetch(batches, state, tmp_path)

    with VlmServer() as server:
        on_batches(server, use)


def test_a_batch_is_full_at_its_limits(tmp_path: Path) -> None:
    batches = offline_batches()
    batches.max_requests = 3
    with JobWriter(tmp_path, "m", CHAT, batches) as writer:
        assert [writer.add(question(), {}) for _ in range(5)] == [True, True, True, False, False]
        batches.max_bytes = writer.commit().input_path.stat().st_size

    batches.max_requests = 1000
    with JobWriter(tmp_path, "m", CHAT, batches) as writer:
        while writer.add(Call("?", (picture(),)), {}):
            pass
        job = writer.commit()
        assert job.n_questions == 3
        assert job.input_path.stat().st_size <= batches.max_bytes
        large = Part(b"x" * batches.max_bytes, "image/png", "")
        with pytest.raises(CallError, match="too_large"):
            writer.add(Call("?", (large,)), {})


def test_gemini_is_refused_with_the_reason() -> None:
    with pytest.raises(InputError, match="googleapis/python-genai#1909"):
        check_batches(GEMINI)
    check_batches(CHAT)


def test_results_that_are_no_json_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "output.jsonl"
    path.write_bytes(b'{"custom_id": "a"}\n\n[1]\n{"custom_id": "b\xff"}\n{"custom')
    assert [custom_id for custom_id, _ in offline_batches().parse_results(path, CHAT)] == ["a", "b\ufffd"]
