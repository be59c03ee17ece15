"""What a model generated, worded in the protocol in which it was asked."""

import json
import time
from typing import Any

from tests.vlm_server.decisions import decisions_body, gemini_decisions_body, word_tokens
from tests.vlm_server.exchange import Generated, Json, ModelRequest, Response

TOKENS_PER_MEDIUM = 258

_FINISH_REASONS = {
    "chat": {"length": "length", "content_filter": "content_filter", "unknown": "cosmic_ray"},
    "gemini": {
        "length": "MAX_TOKENS",
        "safety": "SAFETY",
        "recitation": "RECITATION",
        "malformed": "MALFORMED_RESPONSE",
        "account_limited": "PUP_LIMITED_DISABLED",
        "unknown": "COSMIC_RAY",
    },
    "responses": {"length": "max_output_tokens", "content_filter": "content_filter", "unknown": "cosmic_ray"},
}
_SAFETY_RATING = {"category": "HARM_CATEGORY_HARASSMENT", "probability": "HIGH", "blocked": True}


def word_reply(request: ModelRequest, generated: Generated) -> Response:
    """Make the response; its request id is made of its number, so that a test can foretell it."""
    body = _BODIES[request.protocol](request, generated)
    data = json.dumps(body, ensure_ascii=False).encode()
    if generated.mangling == "cut_json":
        data = data[: len(data) * 2 // 3]
    elif generated.mangling == "non_utf8":
        text = json.dumps(generated.text, ensure_ascii=False).encode()
        data = data.replace(text, b'"caf\xff\xfe ' + text[1:], 1)
    elif generated.mangling in ("stream", "cut_stream") or request.body.get("stream"):
        data = _stream(body, request.protocol, is_whole=generated.mangling != "cut_stream")
    headers = () if request.protocol.startswith("gemini") else (("x-request-id", f"req_{request.number}"),)
    return Response(200, data, headers=headers, delivery=generated.delivery)


def _stream(body: Json, protocol: str, *, is_whole: bool) -> bytes:
    """Word a reply as the events of a stream."""
    if protocol == "responses":
        events = [{"type": "response.created"}, {"type": "response.completed", "response": body}]
    else:
        text = body["choices"][0]["message"]["content"]
        head = {key: body[key] for key in ("id", "model", "service_tier")} | {"object": "chat.completion.chunk"}
        deltas = [{"role": "assistant", "content": ""}, {"content": text[:5]}, {"content": text[5:]}]
        events = [head | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
        events += [
            head | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
            head | {"choices": [], "usage": body["usage"]},
        ]
    lines = [f"data: {json.dumps(event)}\n\n" for event in events]
    whole = [": waiting for the model\n\n", *lines, "data: [DONE]\n\n"]
    return "".join(whole if is_whole else lines[:1]).encode()


def count_tokens(text: str) -> int:
    """Count tokens as this server counts them: four characters each, rounded up."""
    return -(-len(text) // 4)


def _n_input(request: ModelRequest, generated: Generated) -> int:
    counted = count_tokens(request.prompt) + TOKENS_PER_MEDIUM * len(request.media)
    return generated.usage.get("input", counted)


def _n_output(generated: Generated) -> int:
    return generated.usage.get("output", count_tokens(generated.text))


def _cache(generated: Generated) -> Json:
    return {
        "cached_tokens": generated.usage.get("cached", 0),
        "cache_write_tokens": generated.usage.get("cache_write", 0),
    }


def _chat_body(request: ModelRequest, generated: Generated) -> Json:
    is_refusal = generated.ending == "refusal"
    has_text = generated.ending in {"stop", "unknown"} or (generated.ending == "length" and generated.text)
    message = {
        "role": "assistant",
        "content": generated.text if has_text else None,
        "refusal": generated.text if is_refusal else None,
    }
    finish_reason = _FINISH_REASONS["chat"].get(generated.ending, "stop")
    logprobs = {"content": word_tokens(generated), "refusal": None} if generated.decided else None
    n_input, n_output = _n_input(request, generated), _n_output(generated) + generated.thinking_tokens
    usage = {
        "prompt_tokens": n_input,
        "completion_tokens": n_output,
        "total_tokens": n_input + n_output,
        "prompt_tokens_details": {**_cache(generated), "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": generated.thinking_tokens,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }
    return {
        "id": f"chatcmpl-{request.number}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": generated.served_model or request.model,
        "choices": [{"index": 0, "message": message, "logprobs": logprobs, "finish_reason": finish_reason}],
        **({"usage": usage} if generated.has_usage else {}),
        "service_tier": request.body.get("service_tier", "default"),
    }


def _responses_body(request: ModelRequest, generated: Generated) -> Json:
    reason = _FINISH_REASONS["responses"].get(generated.ending)
    if generated.ending == "refusal":
        content: list[Json] = [{"type": "refusal", "refusal": generated.text}]
    else:
        content = [{"type": "output_text", "text": generated.text, "annotations": [], "logprobs": []}]
    status = "incomplete" if reason else "completed"
    message = {
        "type": "message",
        "id": f"msg_{request.number}",
        "status": status,
        "role": "assistant",
        "content": content,
    }
    n_input, n_output = _n_input(request, generated), _n_output(generated) + generated.thinking_tokens
    return {
        "id": f"resp_{request.number}",
        "object": "response",
        "created_at": time.time(),
        "status": status,
        "error": None,
        "incomplete_details": {"reason": reason} if reason else None,
        "instructions": None,
        "metadata": {},
        "model": generated.served_model or request.model,
        "output": [message] if generated.text and generated.ending != "content_filter" else [],
        "parallel_tool_calls": True,
        "temperature": request.body.get("temperature", 1.0),
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": {
            "input_tokens": n_input,
            "input_tokens_details": _cache(generated),
            "output_tokens": n_output,
            "output_tokens_details": {"reasoning_tokens": generated.thinking_tokens},
            "total_tokens": n_input + n_output,
        },
    }


def _gemini_body(request: ModelRequest, generated: Generated) -> Json:
    n_input, n_output = _n_input(request, generated), _n_output(generated)
    usage: dict[str, Any] = {"promptTokenCount": n_input, "totalTokenCount": n_input + n_output}
    body: Json = {
        "usageMetadata": usage,
        "modelVersion": generated.served_model or request.model,
        "responseId": f"resp-{request.number}",
    }
    if generated.retires_at:
        body["modelStatus"] = {"modelStage": "DEPRECATED", "retirementTime": generated.retires_at}
    if generated.ending == "prompt_block":
        body["promptFeedback"] = {"blockReason": "PROHIBITED_CONTENT", "safetyRatings": [_SAFETY_RATING]}
        return body
    if generated.text:
        usage["candidatesTokenCount"] = n_output
    if cached := generated.usage.get("cached"):
        usage["cachedContentTokenCount"] = cached
    if generated.thinking_tokens:
        usage["thoughtsTokenCount"] = generated.thinking_tokens
        usage["totalTokenCount"] += generated.thinking_tokens
    candidate: Json = {"finishReason": _FINISH_REASONS["gemini"].get(generated.ending, "STOP"), "index": 0}
    if generated.ending in {"safety", "recitation"}:
        candidate["safetyRatings"] = [_SAFETY_RATING]
        candidate["finishMessage"] = f"The model stopped: {generated.ending}."
    else:
        candidate["content"] = {"role": "model"}
        if generated.text:
            candidate["content"]["parts"] = [{"text": generated.text}]
    return body | {"candidates": [candidate]}


def _decisions_body(request: ModelRequest, generated: Generated) -> Json:
    n_input, n_output = _n_input(request, generated), generated.usage.get("output", 0)
    usage = {
        "input_tokens": n_input,
        "input_tokens_details": _cache(generated),
        "output_tokens": n_output,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": n_input + n_output,
    }
    return decisions_body(request, generated) | {"usage": usage}


def _gemini_decisions_body(request: ModelRequest, generated: Generated) -> Json:
    n_input = _n_input(request, generated)
    return gemini_decisions_body(generated) | {"usage": {"total_input_tokens": n_input, "total_tokens": n_input}}


_BODIES = {
    "decisions": _decisions_body,
    "gemini_decisions": _gemini_decisions_body,
    "chat": _chat_body,
    "responses": _responses_body,
    "gemini": _gemini_body,
}
