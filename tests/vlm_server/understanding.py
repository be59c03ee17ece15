"""The model, prompt and media of a request, out of the three protocols."""

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from tests.vlm_server.exchange import Json, Media, ModelRequest, Protocol


class RuleError(Exception):
    """A request breaks a rule of its protocol."""


FindFile = Callable[[str], Media]


def parse_object(body: bytes) -> Json:
    """Parse a JSON object."""
    try:
        value = json.loads(body)
    except ValueError as error:
        raise RuleError(f"the body is no JSON: {error}") from error
    if not isinstance(value, dict):
        raise RuleError("the body is no JSON object")
    return value


def understand(protocol: Protocol, model: str, body: Json, find_file: FindFile) -> ModelRequest:
    """Parse a request.

    Args:
        model: From the URL, where the protocol has it there.
        find_file: Gives a file that was uploaded before, by its URI.

    Raises:
        RuleError: If it is not of the protocol's form.
    """
    texts: list[str] = []
    media: list[Media] = []
    try:
        for piece in _PIECES[protocol](body, find_file):
            (media if isinstance(piece, Media) else texts).append(piece)  # type: ignore[arg-type]
        return ModelRequest(protocol, model or _bare(body["model"]), "\n".join(texts), tuple(media), body)
    except (KeyError, TypeError, AttributeError) as error:
        raise RuleError(f"{protocol}: not of the protocol's form: {error!r}") from error


def _bare(model: str) -> str:
    return model.removeprefix("models/")


def camelize(node: Any) -> Any:
    """Write all names as Gemini's JSON does; its SDK sends some in snake case, which the service takes too."""
    if isinstance(node, dict):
        return {re.sub(r"_([a-z])", lambda match: match[1].upper(), key): camelize(node[key]) for key in node}
    return [camelize(value) for value in node] if isinstance(node, list) else node


def _chat_pieces(body: Json, _find_file: FindFile) -> Iterator[str | Media]:
    for message in body["messages"]:
        content = message["content"]
        if isinstance(content, str):
            yield content
            continue
        for part in content:
            if part["type"] == "text":
                yield _text(part["text"])
            elif part["type"] == "image_url":
                yield _read_data_url(part["image_url"]["url"])
            else:
                raise RuleError(f"chat: a part of type '{part['type']}'")


def _responses_pieces(body: Json, _find_file: FindFile) -> Iterator[str | Media]:
    if body.get("instructions"):
        yield _text(body["instructions"])
    if isinstance(body["input"], str):
        yield body["input"]
        return
    for message in body["input"]:
        content = message["content"]
        for part in [{"type": "input_text", "text": content}] if isinstance(content, str) else content:
            if part["type"] == "input_text":
                yield _text(part["text"])
            elif part["type"] == "input_image":
                yield _read_data_url(part["image_url"])
            else:
                raise RuleError(f"responses: a part of type '{part['type']}'")


def _gemini_pieces(body: Json, find_file: FindFile) -> Iterator[str | Media]:
    body = camelize(body)
    for content in [*([body["systemInstruction"]] if "systemInstruction" in body else []), *body["contents"]]:
        for part in content["parts"]:
            if "text" in part:
                yield _text(part["text"])
            elif "inlineData" in part:
                yield _decode(part["inlineData"]["mimeType"], part["inlineData"]["data"])
            elif "fileData" in part:
                yield find_file(part["fileData"]["fileUri"])
            else:
                raise RuleError(f"gemini: a part with {', '.join(part)}")


def _gemini_decision_pieces(body: Json, find_file: FindFile) -> Iterator[str | Media]:
    for content in body["input"]:
        if content["type"] == "text":
            yield _text(content["text"])
        elif content["type"] in ("image", "video"):
            yield find_file(content["uri"]) if "uri" in content else _decode(content["mime_type"], content["data"])
        else:
            raise RuleError(f"gemini_decisions: a part of type '{content['type']}'")


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise RuleError(f"a text is {value!r}")
    return value


def _read_data_url(url: str) -> Media:
    head, comma, data = url.partition(",")
    if not comma or not head.startswith("data:") or not head.endswith(";base64"):
        raise RuleError(f"a picture is no base64 data URL: {url[:40]!r}")
    return _decode(head.removeprefix("data:").removesuffix(";base64"), data)


def _decode(mime_type: str, data: str) -> Media:
    try:
        return Media.of(mime_type, base64.b64decode(data, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError) as error:
        raise RuleError(f"a picture is no base64: {error}") from error


_PIECES: dict[str, Callable[[Json, FindFile], Iterator[str | Media]]] = {
    "chat": _chat_pieces,
    "responses": _responses_pieces,
    "decisions": _responses_pieces,
    "gemini_decisions": _gemini_decision_pieces,
    "gemini": _gemini_pieces,
}
