"""The bodies of OpenAI's two protocols: what is sent, online or in a batch, and what comes back."""

import re

import openai

from descan.collect.providers.access import is_own_server
from descan.collect.providers.bodies import Body
from descan.collect.providers.faults import FaultReader, not_a_reply
from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.protocol import Call, CallError, FaultScope, Reply
from descan.records import Status

PATHS = {"chat": "/chat/completions", "responses": "/responses"}
"""Of each protocol, below the base URL."""

_ENDED_WELL = frozenset({"stop", "completed"})
_ITEM_CODES = re.compile(r"image|invalid_base64|vector_store_timeout")
_BLOCK_CODES = re.compile(r"content_policy|content_filter")


def request_body(call: Call, settings: ModelSettings) -> dict[str, object]:
    """Return the body of a request by the model's protocol; it is the same online and in a batch."""
    return _responses_request(call, settings) if settings.api == "responses" else _chat_request(call, settings)


def parse_reply(body: Body, settings: ModelSettings, raw: bytes, request_id: str = "") -> Reply:
    """Parse a reply by the model's protocol.

    Raises:
        CallError: If it is not a reply.
    """
    parse = _parse_response if settings.api == "responses" else _parse_completion
    return parse(body, raw, request_id or body.text("id"))


def classify_error(error: openai.APIError, faults: FaultReader, prompt: str = "") -> CallError:
    """Turn an exception of the SDK into a CallError."""
    if isinstance(error, openai.APIStatusError):
        response = error.response
        request_id = response.headers.get("x-request-id", "")
        return faults.from_response(
            response.status_code, response.headers, response.content, prompt=prompt, request_id=request_id
        )
    if isinstance(error, openai.APIConnectionError):
        return faults.from_transport(error.__cause__ or error)
    return faults.from_sdk(error)


def _chat_request(call: Call, settings: ModelSettings) -> dict[str, object]:
    detail = {"detail": settings.detail} if settings.detail else {}
    content: list[dict[str, object]] = [
        {"type": "image_url", "image_url": {"url": part.data_url(), **detail}} for part in call.parts
    ]
    content.append({"type": "text", "text": call.prompt})
    body: dict[str, object] = {"model": settings.model, "messages": [{"role": "user", "content": content}]}
    if is_own_server(settings):
        # Other servers may refuse a field that they do not know, and store nothing anyway.
        body["store"] = False
    wishes = {
        "temperature": settings.temperature,
        "seed": settings.seed,
        settings.token_field: settings.max_tokens,
        "reasoning_effort": settings.thinking,
    }
    return body | {name: wish for name, wish in wishes.items() if wish is not None}


def _responses_request(call: Call, settings: ModelSettings) -> dict[str, object]:
    content: list[dict[str, object]] = [
        {"type": "input_image", "image_url": part.data_url(), "detail": settings.detail or "auto"}
        for part in call.parts
    ]
    content.append({"type": "input_text", "text": call.prompt})
    wishes = {
        "temperature": settings.temperature,
        "max_output_tokens": settings.max_tokens,
        "reasoning": None if settings.thinking is None else {"effort": settings.thinking},
    }
    body: dict[str, object] = {
        "model": settings.model,
        "input": [{"role": "user", "content": content}],
        "store": False,
    }
    return body | {name: wish for name, wish in wishes.items() if wish is not None}


def _parse_completion(body: Body, raw: bytes, request_id: str) -> Reply:
    choice = body.at("choices", 0)
    if choice.at("message").value is None:
        raise not_a_reply("it has no choices with a message", raw, request_id)
    message = choice.at("message")
    text = message.text("content") or "".join(part.text("text") for part in message.each("content"))
    finish, refusal = choice.text("finish_reason"), message.text("refusal")
    status, detail = _judge(text, finish, refusal, is_cut=finish == "length", is_blocked=finish == "content_filter")
    output, thinking = _split_output(body, "completion_tokens", "completion_tokens_details")
    return Reply(
        status,
        text,
        finish_reason=finish,
        detail=detail,
        served_model=body.text("model"),
        input_tokens=body.count("usage", "prompt_tokens"),
        output_tokens=output,
        thinking_tokens=thinking,
        cached_tokens=body.count("usage", "prompt_tokens_details", "cached_tokens"),
        request_id=request_id,
        body=raw,
    )


def _parse_response(body: Body, raw: bytes, request_id: str) -> Reply:
    if body.text("status") == "failed":
        raise _failed_response(body, raw, request_id)
    if not isinstance(body.at("output").value, list):
        raise not_a_reply("it has no output", raw, request_id)
    parts = [part for message in body.each("output") for part in message.each("content")]
    text = "".join(part.text("text") for part in parts if part.text("type") == "output_text")
    refusal = "".join(part.text("refusal") for part in parts)
    why = body.text("incomplete_details", "reason")
    finish = why or body.text("status")
    status, detail = _judge(
        text, finish, refusal, is_cut=why == "max_output_tokens", is_blocked=why == "content_filter"
    )
    output, thinking = _split_output(body, "output_tokens", "output_tokens_details")
    return Reply(
        status,
        text,
        finish_reason=finish,
        detail=detail,
        served_model=body.text("model"),
        input_tokens=body.count("usage", "input_tokens"),
        output_tokens=output,
        thinking_tokens=thinking,
        cached_tokens=body.count("usage", "input_tokens_details", "cached_tokens"),
        request_id=request_id,
        body=raw,
    )


def _judge(text: str, finish: str, refusal: str, *, is_cut: bool, is_blocked: bool) -> tuple[Status, str]:
    if refusal:
        return Status.REFUSED, refusal
    if is_blocked:
        return Status.BLOCKED, "the content filter of the provider"
    if is_cut:
        return Status.TRUNCATED, "" if text.strip() else "no text: the tokens ran out before the answer"
    detail = "" if finish in _ENDED_WELL else f"ended for an unknown reason: {finish or 'none given'}"
    return Status.OK if text.strip() else Status.EMPTY, detail


def _split_output(body: Body, total_name: str, details_name: str) -> tuple[int | None, int | None]:
    """Return the tokens of the answer and those of thinking; the API adds them up."""
    total = body.count("usage", total_name)
    thinking = body.count("usage", details_name, "reasoning_tokens")
    if total is None or thinking is None:
        return total, thinking
    return max(0, total - thinking), thinking


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
