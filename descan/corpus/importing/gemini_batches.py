"""Batch files of Gemini: results (JSON Lines with `response`), and the requests they answer.

The Gemini API gives `key` and `response`; Vertex AI gives `request`, `response` and `status`. Sources:
https://ai.google.dev/gemini-api/docs/batch-api and
https://cloud.google.com/vertex-ai/generative-ai/docs/multimodal/batch-prediction-from-cloud-storage
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from descan.corpus.formats.json_lines import stream_json
from descan.corpus.importing.json_fields import look_up, objects_at, text_at
from descan.corpus.importing.log_files import Peek
from descan.corpus.importing.log_options import LogOptions
from descan.corpus.importing.log_rows import LogRow, Remarks, fill_models
from descan.records import Status

_RESPONSE = ("candidates", "promptFeedback", "usageMetadata")


class _Request(NamedTuple):
    prompt: str = ""
    media: str = ""
    media_sha256: str = ""


def recognizes(seen: Peek) -> bool:
    """Tell whether a file holds requests or results of a batch of Gemini."""
    first = seen.first
    if "custom_id" in first:
        return False
    if isinstance(look_up(first, "request", "contents"), list):
        return True
    is_result = any(look_up(first, "response", name) is not None for name in _RESPONSE)
    return is_result or ("key" in first and ("response" in first or "error" in first))


def read(paths: Sequence[Path], _: LogOptions, remarks: Remarks) -> Iterator[LogRow]:
    """Yield the results; files of requests among the paths tell prompts and pictures by their keys."""
    requests: dict[str, _Request] = {}
    results = []
    for path in paths:
        for _line, cells in stream_json(path):
            if _is_result(cells):
                results.append(path)
                break
            requests[str(cells.get("key"))] = _parse_request(cells.get("request"))
    answered = set[str]()
    yield from fill_models(_read_results(results, requests, answered))
    for _key in requests.keys() - answered if results else ():
        remarks.lose("the request has no result", paths[0])


def _read_results(paths: Sequence[Path], requests: Mapping[str, _Request], answered: set[str]) -> Iterator[LogRow]:
    for path in paths:
        for line, cells in stream_json(path):
            key = cells.get("key")
            answered.add(str(key))
            request = _parse_request(cells["request"]) if "request" in cells else requests.get(str(key), _Request())
            fields = {"key": key, "media": request.media, "media_sha256": request.media_sha256}
            known = _parse_result(cells, request)
            yield LogRow(path, line, known, request.prompt, {name: value for name, value in fields.items() if value})


def _is_result(cells: Mapping[str, object]) -> bool:
    return any(name in cells for name in ("response", "error", "status"))


def _parse_request(request: object) -> _Request:
    parts = objects_at(request, "systemInstruction", "parts") + objects_at(request, "system_instruction", "parts")
    for content in objects_at(request, "contents"):
        if content.get("role") != "model":
            parts += objects_at(content, "parts")
    prompt = "\n\n".join(filter(None, (text_at(part, "text") for part in parts)))
    for part in parts:
        for name, uri in (("fileData", "fileUri"), ("file_data", "file_uri")):
            if place := text_at(part, name, uri):
                return _Request(prompt, place)
        for name in ("inlineData", "inline_data"):
            if held := text_at(part, name, "data"):
                return _Request(prompt, "", sha256(held.encode()).hexdigest())
    return _Request(prompt)


def _parse_result(cells: Mapping[str, object], request: _Request) -> dict[str, object]:
    response = cells.get("response")
    model = text_at(response, "modelVersion")
    known = {
        "item_id": cells.get("key") or request.media,
        "model": model,
        "served_model": model,
        "request_id": text_at(response, "responseId"),
        "media": request.media,
        "media_sha256": request.media_sha256,
    }
    candidate = look_up(response, "candidates", 0)
    blocked = text_at(response, "promptFeedback", "blockReason")
    if candidate is None and blocked:
        return known | {"text": "", "status": Status.BLOCKED, "finish_reason": blocked} | _tokens_of(response)
    if candidate is None:
        problem = text_at(cells, "error", "message") or text_at(cells, "status") or "no candidates"
        return known | {"text": "", "status": Status.FAILED, "finish_reason": problem}
    parts = [part for part in objects_at(candidate, "content", "parts") if part.get("thought") is not True]
    text = "".join(text_at(part, "text") for part in parts)
    return known | {"text": text, "finish_reason": text_at(candidate, "finishReason")} | _tokens_of(response)


def _tokens_of(response: object) -> dict[str, object]:
    return {
        "input_tokens": look_up(response, "usageMetadata", "promptTokenCount"),
        "output_tokens": look_up(response, "usageMetadata", "candidatesTokenCount"),
        "thinking_tokens": look_up(response, "usageMetadata", "thoughtsTokenCount"),
    }
