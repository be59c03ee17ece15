"""What goes in and out of the server: requests as a provider understands them, and replies before they are bytes."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

Protocol = Literal["chat", "responses", "gemini", "decisions", "gemini_decisions", "upload"]
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One HTTP request, whole.

    Attributes:
        path: Without the query.
        headers: Names in lower case.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


class Delivery(StrEnum):
    """How the bytes of a response reach the client, or fail to."""

    WHOLE = "whole"
    RESET_BEFORE_BODY = "reset_before_body"
    RESET_IN_BODY = "reset_in_body"
    TRUNCATED = "truncated"
    STALLED = "stalled"


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP response."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    delivery: Delivery = Delivery.WHOLE


@dataclass(frozen=True, slots=True)
class Media:
    """A picture or clip as it was sent."""

    mime_type: str
    data: bytes = field(repr=False)
    sha256: str

    @classmethod
    def of(cls, mime_type: str, data: bytes) -> "Media":
        return cls(mime_type, data, hashlib.sha256(data).hexdigest())


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """What a model is asked, whatever the protocol.

    Attributes:
        protocol: `upload` is a file that comes ahead of the requests that use it.
        prompt: All text, joined by newlines.
        body: The request as it was sent.
        number: 1 for the first request of the server, and so on.
        attempt: 1 for the first request with this model, media and prompt, and so on.
        is_batch: It came in a batch.
    """

    protocol: Protocol
    model: str
    prompt: str
    media: tuple[Media, ...]
    body: Json = field(repr=False)
    number: int = 0
    attempt: int = 0
    is_batch: bool = False

    @property
    def key(self) -> str:
        """Name the item: a hash of the media and the prompt."""
        return hashlib.sha256("\0".join([*(medium.sha256 for medium in self.media), self.prompt]).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Generated:
    """What a model generated: it is paid for, whether or not it arrives.

    Attributes:
        text: What it wrote; of a refusal, its words.
        ending: stop, length, refusal, content_filter, safety, prompt_block, recitation, no_parts, malformed,
            account_limited or unknown.
        served_model: The model that answers, if not the one that was asked.
        thinking_tokens: Spent before the text.
        usage: Counts that are not to be worked out: `input`, `output` (without thinking), `cached`, `cache_write`.
        has_usage: Whether an OpenAI-compatible server says what was used.
        retires_at: When the model ends, as Gemini's replies say it; nothing if empty.
        decided: Of a reply of words in mode `decide`: the probabilities of its tokens, by category and by action.
        delivery: Whether the client gets it.
        mangling: What happens to the bytes on the way: nothing, cut_json, non_utf8, or they come as a stream of events,
            whole (stream) or not (cut_stream).
    """

    text: str = ""
    ending: str = "stop"
    served_model: str | None = None
    thinking_tokens: int = 0
    usage: Mapping[str, int] = field(default_factory=dict)
    has_usage: bool = True
    retires_at: str = ""
    decided: Mapping[str, Any] = field(default_factory=dict)
    delivery: Delivery = Delivery.WHOLE
    mangling: str = ""


def json_response(status: int, value: object, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    """Return a response with `value` as JSON."""
    return Response(status, json.dumps(value, ensure_ascii=False).encode(), headers=headers)
