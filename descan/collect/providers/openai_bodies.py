"""The bodies of OpenAI's two protocols: what is sent, online or in a batch, and what comes back."""

import re

import openai

from descan.collect.providers.bodies import Body, judge_text
from descan.collect.providers.decisions import Decide, Token, Way, read_stated, read_tokens
from descan.collect.providers.faults import FaultReader, not_a_reply
from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.openai_decisions import DECISIONS_PATH, decisions_request, read_decisions
from descan.collect.providers.protocol import Call, CallError, FaultScope, Reply
from descan.corpus.stop_reasons import find_status
from descan.records import Status

PATHS = {"chat": "/chat/completions", "responses": "/responses"}
"""Of each protocol, below the base URL."""

SCHEMA_NAME = "decisions"
"""What the schema of a reply of mode `decide` is called."""

_N_LOGPROBS = 20
"""Tokens at each place of a reply whose probabilities come back: the most that the API gives."""

_COMPLETE = ("stop", "completed")
_ITEM_CODES = re.compile(r"image|invalid_base64|vector_store_timeout")
_BLOCK_CODES = re.compile(r"content_policy|content_filter")


def request_body(call: Call, settings: ModelSettings, *, is_service: bool) -> dict[str, object]:
    """Return the body of a request by the model's protocol; it is the same online and in a batch.

    Args:
        call: What to ask.
        settings: Of the model.
        is_service: Whether it goes to OpenAI itself, which is told to store nothing. Other servers may refuse a field
            that they do not know.
    """
    if call.decide is not None and call.decide.way is Way.DECISIONS:
        return decisions_request(call, call.decide, settings)
    body = _responses_request(call, settings) if settings.api == "responses" else _chat_request(call, settings)
    return body | {"store": False} if is_service else body


def request_path(call: Call, settings: ModelSettings) -> str:
    """Return where a request goes, below the base URL."""
    has_own = call.decide is not None and call.decide.way is Way.DECISIONS
    return DECISIONS_PATH if has_own else PATHS[settings.api]


def parse_reply(
    body: Body, settings: ModelSettings, raw: bytes, request_id: str = "", decide: Decide | None = None
) -> Reply:
    """Parse a reply by the model's protocol; `decide` are the questions that it answers, if the mode is that.

    Raises:
        CallError: If it is not a reply.
    """
    request_id = request_id or body.text("id")
    is_chat = settings.api == "chat"
    if decide is not None and decide.way is Way.DECISIONS:
        is_chat = False  # Decisions count tokens as Responses do.
        text, finish, status, detail = read_decisions(body, decide.questions, raw, request_id)
    else:
        text, finish, refusal = (_read_completion if is_chat else _read_response)(body, raw, request_id)
        status, detail = _judge(text, finish, refusal)
        if decide is not None:
            text = _read_decided(body, text, decide)
    input_name, output_name = ("prompt_tokens", "completion_tokens") if is_chat else ("input_tokens", "output_tokens")
    usage = body.at("usage")
    output_tokens = usage.count(output_name)
    thinking_tokens = usage.count(f"{output_name}_details", "reasoning_tokens")
    if output_tokens is not None and thinking_tokens is not None:
        output_tokens = max(0, output_tokens - thinking_tokens)  # The API adds them up.
    return Reply(
        status,
        text,
        finish_reason=finish,
        detail=detail,
        served_model=body.text("model"),
        input_tokens=usage.count(input_name),
        output_tokens=output_tokens,
        thinking_tokens=thinking_tokens,
        cached_tokens=usage.count(f"{input_name}_details", "cached_tokens"),
        cache_write_tokens=usage.count(f"{input_name}_details", "cache_write_tokens"),
        service_tier=body.text("service_tier"),
        request_id=request_id,
        body=raw,
    )


def classify_error(error: openai.APIError, faults: FaultReader, prompt: str = "") -> CallError:
    """Turn an exception of the SDK into a CallError."""
    if isinstance(error, openai.APIStatusError):
        response = error.response
        return faults.from_response(response.status_code, response.headers, response.content, prompt=prompt)
    if isinstance(error, openai.APIConnectionError):
        return faults.from_transport(error.__cause__ or error)
    return faults.from_sdk(error)


def _chat_request(call: Call, settings: ModelSettings) -> dict[str, object]:
    detail = {"detail": settings.detail} if settings.detail else {}
    content: list[dict[str, object]] = [
        {"type": "image_url", "image_url": {"url": part.data_url(), **detail}} for part in call.parts
    ]
    content.append({"type": "text", "text": call.prompt})
    system = [{"role": "system", "content": settings.system}] if settings.system else []
    body: dict[str, object] = {"model": settings.model, "messages": [*system, {"role": "user", "content": content}]}
    wishes: dict[str, object] = {
        "temperature": settings.temperature,
        "top_p": settings.top_p,
        "seed": settings.seed,
        settings.token_field: settings.max_tokens,
        "reasoning_effort": settings.thinking,
        "verbosity": settings.verbosity,
        "service_tier": settings.service_tier,
    }
    if call.decide is not None:
        schema = {"name": SCHEMA_NAME, "strict": True, "schema": call.decide.schema}
        wishes["response_format"] = {"type": "json_schema", "json_schema": schema}
        if call.decide.way is Way.LOGPROBS:
            wishes |= {"logprobs": True, "top_logprobs": _N_LOGPROBS}
    return body | {name: wish for name, wish in wishes.items() if wish is not None}


def _responses_request(call: Call, settings: ModelSettings) -> dict[str, object]:
    content: list[dict[str, object]] = [
        {"type": "input_image", "image_url": part.data_url(), "detail": settings.detail or "auto"}
        for part in call.parts
    ]
    content.append({"type": "input_text", "text": call.prompt})
    style: dict[str, object] = {} if settings.verbosity is None else {"verbosity": settings.verbosity}
    if call.decide is not None:
        schema = {"type": "json_schema", "name": SCHEMA_NAME, "strict": True, "schema": call.decide.schema}
        style["format"] = schema
    wishes = {
        "instructions": settings.system,
        "temperature": settings.temperature,
        "top_p": settings.top_p,
        "max_output_tokens": settings.max_tokens,
        "reasoning": None if settings.thinking is None else {"effort": settings.thinking},
        "text": style or None,
        "service_tier": settings.service_tier,
    }
    messages = [{"role": "user", "content": content}]
    body: dict[str, object] = {"model": settings.model, "input": messages}
    return body | {name: wish for name, wish in wishes.items() if wish is not None}


def _read_decided(body: Body, text: str, decide: Decide) -> str:
    """Return the probabilities of a reply in JSON; the reply itself if it is not what was asked for."""
    if decide.way is Way.SCHEMA:
        return read_stated(text, decide.questions) or text
    tokens = [
        Token(
            token.text("token"),
            token.number("logprob"),
            tuple((other.text("token"), other.number("logprob")) for other in token.each("top_logprobs")),
        )
        for token in body.each("choices", 0, "logprobs", "content")
    ]
    return read_tokens(tokens, decide.questions) or text


def _read_completion(body: Body, raw: bytes, request_id: str) -> tuple[str, str, str]:
    """Return the text, why the model stopped, and its refusal."""
    choice = body.at("choices", 0)
    message = choice.at("message")
    if message.value is None:
        raise not_a_reply("it has no choices with a message", raw, request_id)
    text = message.text("content") or "".join(part.text("text") for part in message.each("content"))
    return text, choice.text("finish_reason"), message.text("refusal")


def _read_response(body: Body, raw: bytes, request_id: str) -> tuple[str, str, str]:
    if body.text("status") == "failed":
        raise _failed_response(body, raw, request_id)
    if not isinstance(body.at("output").value, list):
        raise not_a_reply("it has no output", raw, request_id)
    parts = [part for message in body.each("output") for part in message.each("content")]
    text = "".join(part.text("text") for part in parts if part.text("type") == "output_text")
    refusal = "".join(part.text("refusal") for part in parts)
    return text, body.text("incomplete_details", "reason") or body.text("status"), refusal


def _judge(text: str, finish: str, refusal: str) -> tuple[Status, str]:
    if refusal:
        return Status.REFUSED, refusal
    status = find_status(finish)
    if status is Status.BLOCKED:
        return status, "the content filter of the provider"
    return judge_text(text, finish, is_cut=status is not None, is_complete=finish in _COMPLETE)


def _failed_response(body: Body, raw: bytes, request_id: str) -> CallError:
    code = body.text("error", "code") or "failed"
    reply = None
    if _BLOCK_CODES.search(code):
        reply = Reply(
            Status.BLOCKED,
            "",
            finish_reason=code,
            detail=code,
            served_model=body.text("model"),
            request_id=request_id,
            body=raw,
        )
    scope = FaultScope.ITEM if reply or _ITEM_CODES.search(code) else FaultScope.ATTEMPT
    return CallError(scope, code, f"{code}: the response failed", body=raw, request_id=request_id, reply=reply)
