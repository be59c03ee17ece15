"""Replies that come as a stream of events: by the setting `stream`, or unasked, as some gateways always send them."""

import json
from collections.abc import Iterator

from descan.collect.providers.bodies import Body
from descan.collect.providers.protocol import CallError, FaultScope

_DATA = "data:"
_DONE = "[DONE]"


def join_stream(raw: bytes) -> bytes:
    """Return the reply that a stream of events adds up to; any other body as it is.

    Raises:
        CallError: If the stream ends before the reply does.
    """
    text = raw.decode("utf-8-sig", errors="replace").lstrip()
    if not text.startswith((_DATA, "event:", ":")):
        return raw
    lines = [line.removeprefix(_DATA).strip() for line in text.splitlines() if line.startswith(_DATA)]
    events = [event for line in lines if (event := _parse(line)) is not None]
    for event in events:
        if event.at("error").value is not None:
            return json.dumps({"error": event.at("error").value}).encode()
        if event.text("type") in ("response.completed", "response.incomplete", "response.failed"):
            return json.dumps(event.at("response").value).encode()
    finishes = [finish for event in events if (finish := event.text("choices", 0, "finish_reason"))]
    if not finishes and _DONE not in lines:
        raise CallError(FaultScope.ATTEMPT, "truncated_body", "truncated_body: the stream ends too early", body=raw)
    message = {name: "".join(_deltas(events, name)) or None for name in ("content", "refusal")}
    reply: dict[str, object] = {
        name: next((event.text(name) for event in events if event.text(name)), "")
        for name in ("id", "model", "service_tier")
    }
    usages = [event.at("usage").value for event in events if event.at("usage").value is not None]
    choice = {"index": 0, "message": message, "finish_reason": finishes[-1] if finishes else None}
    return json.dumps(reply | {"choices": [choice], "usage": usages[-1] if usages else None}).encode()


def _deltas(events: list[Body], name: str) -> Iterator[str]:
    return (event.text("choices", 0, "delta", name) for event in events)


def _parse(line: str) -> Body | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return Body(value) if isinstance(value, dict) else None
