"""Gemini's provider: the real SDK against a server that speaks its protocol, and the Files API."""

import asyncio
import json
import logging
from typing import Any

import pytest
from google import genai
from google.genai import types

from descan.collect.providers import Providers, gemini_files
from descan.collect.providers.protocol import Call, FaultScope, Reply
from descan.errors import InputError, SetupError
from descan.media.media_files import Part
from descan.records import Status
from tests.collect.provider_cases import (
    FAULTS_OF_BODIES,
    GEMINI,
    GEMINI_KEY,
    PROMPT,
    ask,
    environ_of,
    fault_of,
    open_provider,
    part_of,
    picture,
)
from tests.vlm_server import FaultRule, Generated, ModelRequest, Script, VlmServer
from tests.vlm_server.understanding import camelize

ATTEMPT, ITEM, MODEL = FaultScope.ATTEMPT, FaultScope.ITEM, FaultScope.MODEL

FAULTS = [
    ("408", ATTEMPT, "408 DEADLINE_EXCEEDED", ""),
    ("409", ATTEMPT, "409 ABORTED", ""),
    ("429", ATTEMPT, "429 RESOURCE_EXHAUSTED", ""),
    ("429_quota_a_day", MODEL, "429 RESOURCE_EXHAUSTED", "run again tomorrow"),
    ("500", ATTEMPT, "500 INTERNAL", ""),
    ("503", ATTEMPT, "503 UNAVAILABLE", ""),
    ("401", MODEL, "401 UNAUTHENTICATED", "check the key in GOOGLE_API_KEY"),
    ("403", MODEL, "403 PERMISSION_DENIED", "what it may use"),
    ("404", MODEL, "404 NOT_FOUND", "check the name of the model"),
    ("400_api_key_invalid", MODEL, "400 API_KEY_INVALID", "check the key in GOOGLE_API_KEY"),
    ("400_image", ITEM, "400 INVALID_ARGUMENT", ""),
    ("400_request", MODEL, "400 INVALID_ARGUMENT", "change it with --set"),
    ("413", ITEM, "413 INVALID_ARGUMENT", ""),
    ("422", ITEM, "422 INVALID_ARGUMENT", ""),
    ("204", ATTEMPT, "204", ""),
    ("malformed_response", ATTEMPT, "MALFORMED_RESPONSE", ""),
    ("account_limited", MODEL, "PUP_LIMITED_DISABLED", "ask the provider about the account"),
    *FAULTS_OF_BODIES,
]
ENDINGS = [
    ("safety_block", Status.BLOCKED, "SAFETY", "HARM_CATEGORY_HARASSMENT HIGH blocked"),
    ("prompt_block", Status.BLOCKED, "PROHIBITED_CONTENT", "prompt blocked: PROHIBITED_CONTENT; HARM_CATEGORY"),
    ("recitation", Status.BLOCKED, "RECITATION", "The model stopped: recitation."),
    ("max_tokens_without_parts", Status.TRUNCATED, "MAX_TOKENS", "tokens ran out"),
    ("unknown_finish_reason", Status.OK, "COSMIC_RAY", "unknown reason: COSMIC_RAY"),
]


def clip(n_bytes: int = 16_000_000, fill: bytes = b"\x00") -> Part:
    """Return a clip that is too large for a request; the server looks only at its size."""
    return part_of(b"\x00\x00\x00\x20ftypisom" + fill * n_bytes, "video/mp4")


@pytest.mark.parametrize("thinking", [None, 0, 128, "low"])
def test_a_reply_keeps_all_that_the_provider_says(thinking: int | str | None) -> None:
    settings = GEMINI.model_copy(update={"temperature": 0.5, "seed": 7, "max_tokens": 200, "thinking": thinking})
    with VlmServer(Script(lambda _: Generated("A smile.", thinking_tokens=30))) as server:
        reply = ask(server, settings)
        assert server.violations == []
    usage = json.loads(reply.body)["usageMetadata"]
    assert (reply.status, reply.text, reply.detail, reply.finish_reason) == (Status.OK, "A smile.", "", "STOP")
    assert (reply.served_model, reply.request_id) == ("gemini-2.5-flash", "resp-1")
    assert (reply.input_tokens, reply.output_tokens) == (usage["promptTokenCount"], usage["candidatesTokenCount"])
    assert reply.thinking_tokens == 30


def test_one_call_is_one_request_with_the_media_first() -> None:
    bodies: list[dict[str, Any]] = []

    def see(request: ModelRequest) -> str:
        bodies.append(request.body)
        return "A smile."

    with VlmServer(Script(see)) as server:
        ask(server, GEMINI, Call(PROMPT, (picture("red"), picture("blue"))))
        assert server.counts.n_requests == 1
    content = bodies[0]["contents"][0]
    assert [next(iter(part)) for part in content["parts"]] == ["inlineData", "inlineData", "text"]
    assert content["role"] == "user"
    assert "tools" not in bodies[0]


@pytest.mark.parametrize(("fault", "scope", "code", "advice"), FAULTS, ids=[case[0] for case in FAULTS])
def test_a_fault_ends_what_it_should(fault: str, scope: FaultScope, code: str, advice: str) -> None:
    with VlmServer(Script(faults=(FaultRule(fault),))) as server:
        error = fault_of(server, GEMINI)
    assert (error.scope, error.code) == (scope, code)
    assert str(error).startswith(code)
    assert advice in error.advice


@pytest.mark.parametrize(("fault", "status", "finish", "detail"), ENDINGS, ids=[case[0] for case in ENDINGS])
def test_what_was_paid_for_is_a_reply_with_one_status(fault: str, status: Status, finish: str, detail: str) -> None:
    with VlmServer(Script(faults=(FaultRule(fault),))) as server:
        reply = ask(server, GEMINI)
    assert (reply.status, reply.finish_reason) == (status, finish)
    assert detail in reply.detail
    assert reply.input_tokens
    assert reply.output_tokens is not None


def test_a_stop_without_parts_is_worth_another_attempt_and_keeps_its_reply() -> None:
    with VlmServer(Script(faults=(FaultRule("stop_without_parts"),))) as server:
        error = fault_of(server, GEMINI)
    assert (error.scope, error.code) == (ATTEMPT, "no_parts")
    assert error.reply is not None
    assert error.reply.status is Status.EMPTY
    assert error.reply.input_tokens


def test_the_delay_of_google_is_read() -> None:
    with VlmServer(Script(faults=(FaultRule("429_retry_info"),))) as server:
        assert fault_of(server, GEMINI).delay_s == 0.06


def test_bytes_that_are_not_utf8_cost_no_reply() -> None:
    with VlmServer(Script(faults=(FaultRule("non_utf8"),))) as server:
        reply = ask(server, GEMINI)
    assert reply.status is Status.OK
    assert b"\xff\xfe" in reply.body


def test_a_server_that_is_not_there_is_named_as_unreachable() -> None:
    with VlmServer() as server:
        error = fault_of(server, GEMINI.model_copy(update={"base_url": "http://127.0.0.1:9"}))
    assert (error.scope, error.code) == (ATTEMPT, "connect")


def test_neither_the_key_nor_the_prompt_is_in_a_message_or_a_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    def echo(request: ModelRequest) -> str:
        raise ValueError(f"{GEMINI_KEY} {request.prompt}")

    with VlmServer(Script(echo)) as server:
        error = fault_of(server, GEMINI)
    for text in (str(error), caplog.text):
        assert GEMINI_KEY not in text
        assert PROMPT not in text
    assert "[key] [prompt]" in str(error)


def test_a_small_clip_goes_inside_the_request() -> None:
    with VlmServer(has_checks=False) as server:
        reply = ask(server, GEMINI, Call(PROMPT, (clip(1000),)))
        assert server.counts.n_uploads == 0
    assert reply.status is Status.OK


def test_a_large_clip_is_uploaded_once_for_all_calls_and_models() -> None:
    async def run(server: VlmServer) -> list[Reply]:
        models = [GEMINI, GEMINI.model_copy(update={"model": "gemini-2.5-pro"})]
        call = Call(PROMPT, (clip(),))
        async with Providers(models, environ_of(server)) as providers:
            first = await asyncio.gather(*(providers.get(model).ask(call, model) for model in models))
            again = await providers.get(GEMINI).ask(call, GEMINI)
        return [*first, again]

    with VlmServer(has_checks=False) as server:
        replies = asyncio.run(run(server))
        assert (server.counts.n_uploads, server.counts.n_deleted) == (1, 1)
    assert [reply.status for reply in replies] == [Status.OK] * 3


def test_clips_beyond_what_the_service_should_hold_are_deleted_though_the_run_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gemini_files, "MAX_KEPT_BYTES", 20_000_000)

    async def run(server: VlmServer) -> None:
        async with open_provider(server, GEMINI) as provider:
            for number in range(2):
                await provider.ask(Call(PROMPT, (clip(fill=bytes([number])),)), GEMINI)
            while not server.counts.n_deleted:
                await asyncio.sleep(0.01)
            assert server.counts.n_deleted == 1

    with VlmServer(has_checks=False) as server:
        asyncio.run(run(server))
        assert (server.counts.n_uploads, server.counts.n_deleted) == (2, 2)


def test_a_clip_that_cannot_be_processed_fails_for_its_item() -> None:
    with VlmServer(Script(faults=(FaultRule("upload_failed"),)), has_checks=False) as server:
        error = fault_of(server, GEMINI, Call(PROMPT, (clip(),)))
    assert (error.scope, error.code) == (ITEM, "file_failed")


def test_a_clip_that_the_server_has_lost_is_uploaded_once_more() -> None:
    rule = FaultRule("upload_expired", n_attempts=1)
    with VlmServer(Script(faults=(rule,)), has_checks=False) as server:
        reply = ask(server, GEMINI, Call(PROMPT, (clip(),)))
        assert server.counts.n_uploads == 2
    assert reply.status is Status.OK


def test_a_clip_that_is_always_lost_is_not_uploaded_for_ever() -> None:
    with VlmServer(Script(faults=(FaultRule("upload_expired"),)), has_checks=False) as server:
        error = fault_of(server, GEMINI, Call(PROMPT, (clip(),)))
        assert server.counts.n_uploads == 2
    assert error.scope is ATTEMPT


def test_an_attempt_that_is_given_up_leaves_the_upload_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("descan.collect.providers.gemini_files._FIRST_POLL_S", 0.05)

    async def run(server: VlmServer) -> Reply:
        call = Call(PROMPT, (clip(),))
        async with open_provider(server, GEMINI) as provider:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01):
                    await provider.ask(call, GEMINI)
            return await provider.ask(call, GEMINI)

    with VlmServer(has_checks=False, n_file_polls=5) as server:
        assert asyncio.run(run(server)).status is Status.OK
        assert server.counts.n_uploads == 1


@pytest.mark.parametrize(
    ("changes", "kind", "problem"),
    [
        ({}, SetupError, "gemini-2.5-flash needs a key, and GOOGLE_API_KEY or GEMINI_API_KEY is not set"),
        ({"thinking": "lots"}, InputError, "thinking 'lots' of gemini-2.5-flash is unknown; use one of minimal, low"),
        ({"stream": True}, InputError, "stream True of gemini-2.5-flash is for OpenAI; drop it"),
        ({"detail": "high"}, InputError, "detail high of gemini-2.5-flash is for OpenAI; drop it"),
        ({"api": "responses"}, InputError, "api responses of gemini-2.5-flash is for OpenAI; drop it"),
    ],
)
def test_settings_that_cannot_work_are_refused_before_anything_is_sent(
    changes: dict[str, object], kind: type[Exception], problem: str
) -> None:
    async def make() -> None:
        settings = GEMINI.model_copy(update=changes)
        async with Providers([settings], {}) as providers:
            providers.get(settings)

    with pytest.raises(kind, match=problem):
        asyncio.run(make())


def test_a_request_is_the_one_that_the_sdk_would_send() -> None:
    changes = {"temperature": 0.5, "top_p": 0.9, "seed": 7, "max_tokens": 99, "thinking": "low", "fps": 2.0}
    changes |= {"media_resolution": "high", "service_tier": "flex", "system": "Be brief."}
    settings = GEMINI.model_copy(update=changes)
    parts = (picture(), part_of(b"\xfb\xff\xfe clip", "video/mp4"))
    config = types.GenerateContentConfig(
        temperature=0.5,
        top_p=0.9,
        seed=7,
        max_output_tokens=99,
        thinking_config=types.ThinkingConfig(thinking_level=types.ThinkingLevel.LOW),
        media_resolution=types.MediaResolution.MEDIA_RESOLUTION_HIGH,
        service_tier=types.ServiceTier.FLEX,
        system_instruction="Be brief.",
    )
    shown = [types.Part(inline_data=types.Blob(data=part.data, mime_type=part.mime_type)) for part in parts]
    shown[1].media_processing = types.MediaProcessing.STATIC
    shown[1].video_metadata = types.VideoMetadata(fps=2.0)
    content = types.Content(role="user", parts=[*shown, types.Part(text=PROMPT)])
    bodies: list[dict[str, Any]] = []

    def answer(request: ModelRequest) -> str:
        bodies.append(camelize(request.body))
        return "A smile."

    with VlmServer(Script(answer), has_checks=False) as server:
        options = types.HttpOptions(base_url=server.gemini_base_url, api_version="v1beta")
        client = genai.Client(api_key=GEMINI_KEY, vertexai=False, http_options=options)
        client.models.generate_content(model=settings.model, contents=[content], config=config)
        client.close()
        ask(server, settings, Call(PROMPT, parts))
    by_sdk, ours = bodies
    for part in by_sdk["contents"][0]["parts"][:2]:  # The SDK writes base64 as in URLs; the API takes both.
        part["inlineData"]["data"] = part["inlineData"]["data"].translate({ord("-"): "+", ord("_"): "/"})
    assert ours == by_sdk
