"""OpenAI's provider: the real SDK against a server that speaks both of its protocols."""

import asyncio
import base64
import json
import logging

import pytest

from descan.collect.providers import Providers
from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.openai_bodies import request_body
from descan.collect.providers.protocol import Call, FaultScope
from descan.errors import InputError, SetupError
from descan.records import Status
from tests.collect.provider_cases import (
    CHAT,
    FAULTS_OF_BODIES,
    OPENAI_KEY,
    PROMPT,
    RESPONSES,
    ask,
    fault_of,
    picture,
    question,
)
from tests.vlm_server import FaultRule, Generated, ModelRequest, Script, VlmServer

APIS = pytest.mark.parametrize("settings", [CHAT, RESPONSES], ids=["chat", "responses"])
ATTEMPT, ITEM, MODEL = FaultScope.ATTEMPT, FaultScope.ITEM, FaultScope.MODEL

FAULTS = [
    ("408", ATTEMPT, "408 timeout", ""),
    ("409", ATTEMPT, "409 conflict_error", ""),
    ("429", ATTEMPT, "429 rate_limit_exceeded", ""),
    ("429_insufficient_quota", MODEL, "429 insufficient_quota", "add credit"),
    ("500", ATTEMPT, "500 server_error", ""),
    ("503", ATTEMPT, "503 server_error", ""),
    ("401", MODEL, "401 invalid_api_key", "check the key in OPENAI_API_KEY"),
    ("403", MODEL, "403 unsupported_country_region_territory", "does not serve this account"),
    ("404", MODEL, "404 model_not_found", "check the name of the model"),
    ("400_image", ITEM, "400 image_parse_error", ""),
    ("400_request", MODEL, "400 unsupported_value", "change it with --set"),
    ("413", ITEM, "413 invalid_request_error", ""),
    ("422", ITEM, "422 invalid_request_error", ""),
    ("400_wrong_key_without_database", MODEL, "400 no_db_connection", "check the key in OPENAI_API_KEY"),
    ("400_wrong_name", MODEL, "400 invalid_request_error", "check the name of the model"),
    ("400_gateway_parameter", MODEL, "400", "change it with --set"),
    ("400_text_only", MODEL, "400 BadRequestError", "the model takes no pictures"),
    ("400_stream_only", MODEL, "400 invalid_request_error", "only to requests for a stream"),
    ("200_unexpected_endpoint", MODEL, "500", "check the base URL"),
    ("200_error_in_digits", ATTEMPT, "503", ""),
    ("200_error_of_its_own", ATTEMPT, "500 1210", ""),
    ("200_error_in_choice", ATTEMPT, "502", ""),
    ("204", ATTEMPT, "empty_body", ""),
    ("cut_stream", ATTEMPT, "truncated_body", ""),
    *FAULTS_OF_BODIES,
]
ENDINGS = [
    ("refusal", Status.REFUSED, "can't help"),
    ("content_filter", Status.BLOCKED, "content filter"),
    ("length_without_text", Status.TRUNCATED, "tokens ran out"),
    ("stop_without_parts", Status.EMPTY, ""),
    ("unknown_finish_reason", Status.OK, "unknown reason: cosmic_ray"),
]


@APIS
def test_a_reply_keeps_all_that_the_provider_says(settings: ModelSettings) -> None:
    rich = settings.model_copy(
        update={"temperature": 0.5, "max_tokens": 200, "thinking": "low", "detail": "high"}
        | ({"seed": 7} if settings.api == "chat" else {})
    )
    script = Script(lambda _: Generated("A smile.", thinking_tokens=30))
    with VlmServer(script) as server:
        reply = ask(server, rich)
        assert server.violations == []
    assert (reply.status, reply.text, reply.detail) == (Status.OK, "A smile.", "")
    assert reply.finish_reason == ("stop" if settings.api == "chat" else "completed")
    assert (reply.served_model, reply.request_id) == ("gpt-4o-2024-11-20", "req_1")
    usage = json.loads(reply.body)["usage"]
    total = usage.get("completion_tokens", usage.get("output_tokens"))
    assert (reply.output_tokens, reply.thinking_tokens) == (total - 30, 30)
    assert reply.input_tokens == usage.get("prompt_tokens", usage.get("input_tokens"))


@APIS
@pytest.mark.parametrize(("fault", "scope", "code", "advice"), FAULTS, ids=[case[0] for case in FAULTS])
def test_a_fault_ends_what_it_should(
    settings: ModelSettings, fault: str, scope: FaultScope, code: str, advice: str
) -> None:
    with VlmServer(Script(faults=(FaultRule(fault),))) as server:
        error = fault_of(server, settings)
    assert (error.scope, error.code) == (scope, code)
    assert str(error).startswith(code)
    assert advice in error.advice
    assert "\n" not in str(error)


@APIS
@pytest.mark.parametrize(("fault", "status", "detail"), ENDINGS, ids=[case[0] for case in ENDINGS])
def test_what_was_paid_for_is_a_reply_with_one_status(
    settings: ModelSettings, fault: str, status: Status, detail: str
) -> None:
    with VlmServer(Script(faults=(FaultRule(fault),))) as server:
        reply = ask(server, settings)
    assert reply.status is status
    assert detail in reply.detail
    assert reply.input_tokens
    assert reply.body


@pytest.mark.parametrize(
    ("fault", "low", "high"), [("429_seconds", 1, 1), ("429_milliseconds", 0.06, 0.06), ("429_date", 0, 2)]
)
def test_the_delay_that_the_server_wants_is_read(fault: str, low: float, high: float) -> None:
    with VlmServer(Script(faults=(FaultRule(fault),))) as server:
        error = fault_of(server, CHAT)
    assert error.delay_s is not None
    assert low <= error.delay_s <= high


@APIS
def test_bytes_that_are_not_utf8_cost_no_reply(settings: ModelSettings) -> None:
    with VlmServer(Script(faults=(FaultRule("non_utf8"),))) as server:
        reply = ask(server, settings)
    assert reply.status is Status.OK
    assert b"\xff\xfe" in reply.body


@APIS
def test_a_reply_that_comes_as_a_stream_is_the_same_reply(settings: ModelSettings) -> None:
    with VlmServer() as server:
        plain = ask(server, settings)
        server.script = Script(faults=(FaultRule("stream"),))
        streamed = ask(server, settings)
    assert streamed.body.startswith(b": waiting")
    assert (streamed.text, streamed.status, streamed.finish_reason) == (plain.text, plain.status, plain.finish_reason)
    assert (streamed.input_tokens, streamed.output_tokens) == (plain.input_tokens, plain.output_tokens)
    assert streamed.served_model == plain.served_model


@APIS
def test_a_stream_that_is_asked_for_is_the_same_reply_with_the_same_recipe(settings: ModelSettings) -> None:
    sent: list[dict[str, object]] = []

    def answer(request: ModelRequest) -> str:
        sent.append(request.body)
        return "Happy"

    streaming = settings.model_copy(update={"stream": True})
    with VlmServer(Script(answer)) as server:
        plain, streamed = ask(server, settings), ask(server, streaming)
        assert server.violations == []
    assert "stream" not in sent[0]
    assert sent[1]["stream"] is True
    assert sent[1].get("stream_options") == ({"include_usage": True} if settings.api == "chat" else None)
    assert streamed.body.startswith(b": waiting")
    for name in ("text", "status", "finish_reason", "input_tokens", "output_tokens", "served_model", "service_tier"):
        assert getattr(streamed, name) == getattr(plain, name)
    assert streaming.params_sha256(None) == settings.params_sha256(None)


@pytest.mark.parametrize(("path", "is_doubted"), [("", True), ("/", True), ("/v1", False), ("/api/v3/", False)])
def test_an_address_without_v1_is_doubted_where_nothing_is_found(path: str, is_doubted: bool) -> None:
    with VlmServer(Script(faults=(FaultRule("404"),))) as server:
        error = fault_of(server, CHAT.model_copy(update={"base_url": server.root + path}))
    assert (error.scope, error.code[:3]) == (MODEL, "404")
    assert error.advice.startswith("the base URL has no /v1, which most servers have at its end; else") is is_doubted


def test_neither_the_key_nor_the_prompt_nor_the_picture_is_in_a_message_or_a_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    picture_text = base64.b64encode(picture().data).decode()

    def echo(request: ModelRequest) -> str:
        raise ValueError(f"{OPENAI_KEY} {request.prompt} data:image/png;base64,{picture_text} {picture_text * 2}")

    with VlmServer(Script(echo)) as server:
        error = fault_of(server, CHAT)
    for text in (str(error), error.advice, caplog.text):
        assert OPENAI_KEY not in text
        assert PROMPT not in text
        assert picture_text not in text
    assert "[key]" in str(error)
    assert "[prompt]" in str(error)


def test_a_server_that_is_not_there_is_named_as_unreachable() -> None:
    settings = CHAT.model_copy(update={"base_url": "http://127.0.0.1:9/v1"})
    with VlmServer() as server:
        error = fault_of(server, settings)
    assert (error.scope, error.code) == (ATTEMPT, "connect")


@pytest.mark.parametrize(
    ("base_url", "has_store"),
    [(None, True), ("https://eu.api.openai.com/v1", True), ("http://localhost:11434/v1", False)],
)
@pytest.mark.parametrize("api", ["chat", "responses"])
@pytest.mark.parametrize("by", ["setting", "environment"])
def test_only_openai_is_told_to_store_nothing(base_url: str | None, has_store: bool, api: str, by: str) -> None:
    async def encode() -> bytes:
        settings = CHAT.model_copy(update={"api": api, "base_url": base_url if by == "setting" else None})
        environ = {"OPENAI_API_KEY": OPENAI_KEY, "OPENAI_BASE_URL": base_url if by != "setting" else None}
        async with Providers([settings], {name: value for name, value in environ.items() if value}) as providers:
            batches = providers.get(settings).batches
            assert batches is not None
            return batches.encode("1", question(), settings)

    body = json.loads(asyncio.run(encode()))["body"]
    assert body.get("store") is (False if has_store else None)


def test_the_pictures_come_in_order_and_before_the_prompt() -> None:
    call = Call(PROMPT, (picture("red"), picture("blue")))
    settings = CHAT.model_copy(update={"token_field": "max_tokens", "max_tokens": 9})
    body = request_body(call, settings, is_service=False)
    content = json.loads(json.dumps(body))["messages"][0]["content"]
    kinds = [part["type"] for part in content]
    sent = [base64.b64decode(part["image_url"]["url"].partition(",")[2]) for part in content[:2]]
    assert kinds == ["image_url", "image_url", "text"]
    assert sent == [part.data for part in call.parts]
    assert body["max_tokens"] == 9
    assert "max_completion_tokens" not in body


@pytest.mark.parametrize(
    ("changes", "environ", "key"),
    [
        ({}, {"OPENAI_API_KEY": "sk-mine"}, "sk-mine"),
        ({"base_url": "http://localhost:8000/v1"}, {"OPENAI_API_KEY": "sk-mine"}, "no-key-needed"),
        ({"base_url": "http://localhost:8000/v1", "api_key_env": "VLLM_KEY"}, {"VLLM_KEY": "abc"}, "abc"),
        ({"base_url": "https://eu.api.openai.com/v1"}, {"OPENAI_API_KEY": "sk-mine"}, "sk-mine"),
        ({}, {"OPENAI_BASE_URL": "http://localhost:8000/v1"}, "no-key-needed"),
        ({"base_url": "https://openai.com.evil.example/v1"}, {"OPENAI_API_KEY": "sk-mine"}, "no-key-needed"),
    ],
)
def test_the_key_goes_only_where_it_belongs(changes: dict[str, str], environ: dict[str, str], key: str) -> None:
    async def key_of() -> str:
        settings = CHAT.model_copy(update=changes)
        async with Providers([settings], environ) as providers:
            return providers.get(settings)._client.api_key  # type: ignore[attr-defined, no-any-return]

    assert asyncio.run(key_of()) == key


@pytest.mark.parametrize(
    ("changes", "kind", "problem"),
    [
        ({}, SetupError, "gpt-4o-2024-11-20 needs a key, and OPENAI_API_KEY is not set; export OPENAI_API_KEY=..."),
        ({"api_key_env": "MY_KEY"}, SetupError, "MY_KEY is not set"),
        ({"thinking": 100}, InputError, "thinking 100 of gpt-4o-2024-11-20 is a budget; OpenAI takes a level"),
        ({"api": "responses", "seed": 1}, InputError, "Responses takes none; drop it or use api chat"),
    ],
)
def test_settings_that_cannot_work_are_refused_before_anything_is_sent(
    changes: dict[str, object], kind: type[Exception], problem: str
) -> None:
    async def make() -> None:
        settings = CHAT.model_copy(update=changes)
        async with Providers([settings], {}) as providers:
            providers.get(settings)

    with pytest.raises(kind, match=problem.replace(".", r"\.")):
        asyncio.run(make())
