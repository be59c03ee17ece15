"""The rules that every request is held to."""

import io
import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
from PIL import Image

from tests.vlm_server.exchange import HttpRequest, Json, Media, ModelRequest
from tests.vlm_server.understanding import RuleError, camelize

MAX_GEMINI_REQUEST = 20 * 2**20
THINKING_LEVELS = ("MINIMAL", "LOW", "MEDIUM", "HIGH")
"""Newer than the published protocol buffers, so they are checked here."""

_SCHEMAS = {"chat": "CreateChatCompletionRequest", "responses": "CreateResponse"}
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


def check_model_request(request: ModelRequest, n_bytes: int, spec_path: Path | None) -> None:
    """Check the body and the media of a request to a model.

    Args:
        n_bytes: Length of the body.
        spec_path: OpenAI's OpenAPI description, or None to do without.

    Raises:
        RuleError: If they break a rule.
    """
    if request.protocol == "gemini":
        _check_gemini(request, n_bytes)
    elif spec_path:
        _check_schema(request.body, _SCHEMAS[request.protocol], spec_path)
    if not request.prompt.strip():
        raise RuleError(f"{request.protocol}: no prompt")
    if request.body.get("stream"):
        raise RuleError(f"{request.protocol}: a stream is asked for")
    for medium in request.media:
        _check_media(medium, takes_video=request.protocol == "gemini")


def _check_schema(body: Json, name: str, spec_path: Path) -> None:
    error = jsonschema.exceptions.best_match(_validator(spec_path, name).iter_errors(body))
    if error is not None:
        raise RuleError(f"{name}: {error.json_path}: {error.message[:_MAX_MESSAGE]}")
    unknown = sorted(body.keys() - _property_names(spec_path, name))
    if unknown:
        raise RuleError(f"{name}: unknown fields {', '.join(unknown)}")


@cache
def _load_spec(spec_path: Path) -> Json:
    """Load the description; a union is "any of", since its variants overlap in valid requests."""

    def relax(node: Any) -> Any:
        if isinstance(node, dict):
            return {"anyOf" if key == "oneOf" else key: relax(value) for key, value in node.items()}
        return [relax(value) for value in node] if isinstance(node, list) else node

    spec: Json = relax(json.loads(spec_path.read_bytes()))
    return spec


@cache
def _validator(spec_path: Path, name: str) -> jsonschema.Draft202012Validator:
    components = _load_spec(spec_path)["components"]
    return jsonschema.Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": components})


@cache
def _property_names(spec_path: Path, name: str) -> frozenset[str]:
    schemas = _load_spec(spec_path)["components"]["schemas"]

    def gather(schema: Json) -> set[str]:
        names = set(schema.get("properties", ()))
        if "$ref" in schema:
            names |= gather(schemas[schema["$ref"].rsplit("/", 1)[1]])
        for part in (*schema.get("allOf", ()), *schema.get("anyOf", ())):
            names |= gather(part)
        return names

    return frozenset(gather(schemas[name]))


def _check_gemini(request: ModelRequest, n_bytes: int) -> None:
    from google.ai.generativelanguage_v1beta.types import GenerateContentRequest
    from google.protobuf.json_format import ParseDict, ParseError  # type: ignore[import-untyped]

    if n_bytes > MAX_GEMINI_REQUEST:
        raise RuleError(f"gemini: {n_bytes} bytes inline; more than 20 MB go by the Files API")
    body = camelize(request.body) | {"model": f"models/{request.model}"}
    thinking = body.get("generationConfig", {}).get("thinkingConfig", {})
    level = thinking.pop("thinkingLevel", None)
    if level is not None and str(level).upper() not in THINKING_LEVELS:
        raise RuleError(f"gemini: thinkingLevel {level!r}; use one of {', '.join(THINKING_LEVELS)}")
    try:
        ParseDict(body, GenerateContentRequest.pb()())
    except ParseError as error:
        raise RuleError(f"gemini: {str(error)[:_MAX_MESSAGE]}") from error


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
