"""The rules that every request is held to."""

import io
from collections.abc import Mapping
from functools import cache
from typing import Any

import jsonschema  # type: ignore[import-untyped]
from google.genai.decisions import CreateDecisionRequest
from openai.types.chat.completion_create_params import (
    CompletionCreateParamsNonStreaming,
    CompletionCreateParamsStreaming,
)
from openai.types.decision_create_params import DecisionCreateParams
from openai.types.responses.response_create_params import (
    ResponseCreateParamsNonStreaming,
    ResponseCreateParamsStreaming,
)
from PIL import Image
from pydantic import TypeAdapter

from tests.vlm_server.exchange import HttpRequest, Json, Media, ModelRequest
from tests.vlm_server.understanding import RuleError, camelize

MAX_GEMINI_REQUEST = 20 * 2**20
NEW_IN_REQUEST = {"store": (False,), "serviceTier": ("standard", "flex", "priority")}
NEW_IN_CLIP = {"mediaProcessing": ("STATIC",)}
NEW_IN_THINKING = {"thinkingLevel": ("MINIMAL", "LOW", "MEDIUM", "HIGH")}
"""Newer than the published protocol buffers, so they are checked here: fields and their values."""

_REQUESTS: dict[str, Any] = {
    "chat": CompletionCreateParamsNonStreaming,
    "responses": ResponseCreateParamsNonStreaming,
    "decisions": DecisionCreateParams,
    "gemini_decisions": CreateDecisionRequest,
}
_STREAMED: dict[str, Any] = {"chat": CompletionCreateParamsStreaming, "responses": ResponseCreateParamsStreaming}
_MEDIA_FIELDS = ("inlineData", "fileData")
_MIME_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_MAX_MESSAGE = 300


def check_key(request: HttpRequest, *, is_gemini: bool) -> None:
    """Check that a key is in its header and nowhere else.

    Raises:
        RuleError: If it is not.
    """
    bearer = request.headers.get("authorization", "")
    google = request.headers.get("x-goog-api-key", "")
    key = google if is_gemini else bearer.removeprefix("Bearer ")
    if not key or (bearer if is_gemini else google):
        raise RuleError(f"{request.path}: the key is not in the one right header")
    if "key=" in request.query.lower() or key in request.path or key in request.query:
        raise RuleError(f"{request.path}: a key in the URL")
    if key.encode() in request.body:
        raise RuleError(f"{request.path}: a key in the body")


def check_model_request(request: ModelRequest, n_bytes: int) -> None:
    """Check the body and the media of a request to a model.

    Args:
        n_bytes: Length of the body.

    Raises:
        RuleError: If they break a rule.
    """
    if request.protocol == "gemini":
        _check_gemini(request, n_bytes)
    else:
        _check_schema(request.body, request.protocol)
    if not request.prompt.strip():
        raise RuleError(f"{request.protocol}: no prompt")
    for medium in request.media:
        _check_media(medium, takes_video=request.protocol.startswith("gemini"))


def load_schemas() -> None:
    """Make the schemas ahead, which takes a second."""
    for protocol in _REQUESTS:
        _validator(protocol, False)


def _check_schema(body: Json, protocol: str) -> None:
    error = jsonschema.exceptions.best_match(_validator(protocol, body.get("stream") is True).iter_errors(body))
    if error is not None:
        raise RuleError(f"{protocol}: {error.json_path}: {error.message[:_MAX_MESSAGE]}")


@cache
def _validator(protocol: str, is_streamed: bool) -> jsonschema.Draft202012Validator:
    """Make the schema of requests from the types of OpenAI's SDK, which are generated from its API description."""
    schema = _forbid_others(TypeAdapter((_STREAMED if is_streamed else _REQUESTS)[protocol]).json_schema())
    if protocol == "chat":
        schema["properties"]["messages"]["minItems"] = 1  # In the API description, but in no type.
    return jsonschema.Draft202012Validator(schema)


def _forbid_others(node: Any) -> Any:
    """Allow only the listed properties; a union is "any of", since its variants overlap in valid requests."""
    if isinstance(node, dict):
        changed = {"anyOf" if key == "oneOf" else key: _forbid_others(value) for key, value in node.items()}
        if "properties" in node and changed.get("additionalProperties", True) is True:
            changed["additionalProperties"] = False
        return changed
    return [_forbid_others(value) for value in node] if isinstance(node, list) else node


def _check_gemini(request: ModelRequest, n_bytes: int) -> None:
    from google.ai.generativelanguage_v1beta.types import GenerateContentRequest
    from google.protobuf.json_format import ParseDict, ParseError  # type: ignore[import-untyped]

    if n_bytes > MAX_GEMINI_REQUEST:
        raise RuleError(f"gemini: {n_bytes} bytes inline; more than 20 MB go by the Files API")
    body = camelize(request.body) | {"model": f"models/{request.model}"}
    _take_new(body, NEW_IN_REQUEST)
    _take_new(body.get("generationConfig", {}).get("thinkingConfig", {}), NEW_IN_THINKING)
    for part in [part for content in body["contents"] for part in content["parts"]]:
        is_clip = any(str(part.get(kind, {}).get("mimeType", "")).startswith("video/") for kind in _MEDIA_FIELDS)
        _take_new(part, NEW_IN_CLIP if is_clip else {})
    try:
        ParseDict(body, GenerateContentRequest.pb()())
    except ParseError as error:
        raise RuleError(f"gemini: {str(error)[:_MAX_MESSAGE]}") from error


def _take_new(body: Json, fields: Mapping[str, tuple[object, ...]]) -> None:
    """Remove the fields that the protocol buffers lack, if their values are allowed."""
    for name, allowed in fields.items():
        value = body.pop(name, None)
        if value is not None and value not in allowed:
            raise RuleError(f"gemini: {name} {value!r}; use one of {', '.join(map(str, allowed))}")


def _check_media(medium: Media, *, takes_video: bool) -> None:
    if medium.mime_type.startswith("video/"):
        if not takes_video or not medium.data:
            raise RuleError(f"{medium.mime_type} of {len(medium.data)} bytes where no video is taken")
        return
    try:
        with Image.open(io.BytesIO(medium.data)) as image:
            image.load()
            found = _MIME_TYPES.get(image.format or "")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise RuleError(f"a picture cannot be decoded: {error}") from error
    if found != medium.mime_type:
        raise RuleError(f"a picture is {found} and said to be {medium.mime_type}")
