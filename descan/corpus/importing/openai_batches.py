"""Batch files of OpenAI: results (JSON Lines with `custom_id` and `response`), and the requests they answer.

Both protocols are read, Chat Completions and Responses. Source: https://platform.openai.com/docs/guides/batch
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

from descan.corpus.formats.json_lines import stream_json
from descan.corpus.importing.json_fields import difference, look_up, objects_at, text_at
from descan.corpus.importing.log_files import Peek
from descan.corpus.importing.log_options import LogOptions
from descan.corpus.importing.log_rows import LogRow, Remarks, fill_models
from descan.records import Status


class Request(NamedTuple):
    """What a request asked.

    Attributes:
        prompt: Its words.
        media: The address of its picture, if it has one.
        media_sha256: Of a picture that it holds itself: the hash of its base64, which tells pictures apart.
        metadata: What the user has attached.
        model: The model that was asked.
    """

    prompt: str
    media: str = ""
    media_sha256: str = ""
    metadata: Mapping[str, object] = {}
    model: str = ""


def recognizes(seen: Peek) -> bool:
    """Tell whether a file holds requests or results of a batch of OpenAI."""
    return "custom_id" in seen.first and ("body" in seen.first or "response" in seen.first)


def read(paths: Sequence[Path], _: LogOptions, remarks: Remarks) -> Iterator[LogRow]:
    """Yield the results; files of requests among the paths tell prompts, pictures and metadata."""
    requests: dict[str, Request] = {}
    results = []
    for path in paths:
        for _line, cells in stream_json(path):
            if "response" in cells or "body" not in cells:
                results.append(path)
                break
            requests[str(cells.get("custom_id"))] = _parse_request(cells.get("body"))
    answered = set[str]()
    yield from fill_models(_read_results(results, requests, answered))
    for _id in requests.keys() - answered if results else ():
        remarks.lose("the request has no result", paths[0])


def _read_results(paths: Sequence[Path], requests: Mapping[str, Request], answered: set[str]) -> Iterator[LogRow]:
    for path in paths:
        for line, cells in stream_json(path):
            custom_id = cells.get("custom_id")
            answered.add(str(custom_id))
            request = requests.get(str(custom_id), Request(""))
            yield LogRow(path, line, _parse_result(cells, request), request.prompt, _fields_of(custom_id, request))


def _fields_of(custom_id: object, request: Request) -> Mapping[str, object]:
    own = {"custom_id": custom_id, "media": request.media, "media_sha256": request.media_sha256}
    return {**request.metadata, **{name: value for name, value in own.items() if value}}


def _parse_request(body: object) -> Request:
    texts, urls = [], []
    for message in objects_at(body, "messages") + objects_at(body, "input"):
        if message.get("role") == "assistant":
            continue
        texts.append(text_at(message, "content"))
        for part in objects_at(message, "content"):
            texts.append(text_at(part, "text"))
            urls += [text_at(part, "image_url", "url"), text_at(part, "image_url")]
    texts += [text_at(body, "instructions"), text_at(body, "input")]
    url = next(filter(None, urls), "")
    held = sha256(url.partition(",")[2].encode()).hexdigest() if url.startswith("data:") else ""
    metadata = look_up(body, "metadata")
    return Request(
        "\n\n".join(filter(None, texts)),
        "" if held else url,
        held,
        metadata if isinstance(metadata, Mapping) else {},
        text_at(body, "model"),
    )


def _parse_result(cells: Mapping[str, object], request: Request) -> dict[str, object]:
    body = look_up(cells, "response", "body")
    known = {
        "item_id": cells.get("custom_id"),
        "model": request.model or text_at(body, "model"),
        "served_model": text_at(body, "model"),
        "request_id": text_at(cells, "response", "request_id"),
        "media": request.media,
        "media_sha256": request.media_sha256,
    }
    error = text_at(cells, "error", "code") or text_at(body, "error", "code") or text_at(body, "error", "type")
    status_code = look_up(cells, "response", "status_code")
    if body is None or status_code not in (None, HTTPStatus.OK) or text_at(body, "status") == "failed":
        status = Status.BLOCKED if error == "content_filter" else Status.FAILED
        return known | {"text": "", "status": status, "finish_reason": error or f"status {status_code}"}
    return known | (_parse_response(body) if objects_at(body, "output") else _parse_completion(body))


def _parse_completion(body: object) -> dict[str, object]:
    message = look_up(body, "choices", 0, "message")
    text = text_at(message, "content") or "".join(text_at(part, "text") for part in objects_at(message, "content"))
    thinking = look_up(body, "usage", "completion_tokens_details", "reasoning_tokens")
    return {
        **_judge(text, text_at(message, "refusal"), text_at(body, "choices", 0, "finish_reason")),
        "input_tokens": look_up(body, "usage", "prompt_tokens"),
        "output_tokens": difference(look_up(body, "usage", "completion_tokens"), thinking),
        "thinking_tokens": thinking,
    }


def _parse_response(body: object) -> dict[str, object]:
    parts = [part for message in objects_at(body, "output") for part in objects_at(message, "content")]
    text = "".join(text_at(part, "text") for part in parts if part.get("type") == "output_text")
    refusal = "".join(text_at(part, "refusal") for part in parts)
    thinking = look_up(body, "usage", "output_tokens_details", "reasoning_tokens")
    return {
        **_judge(text, refusal, text_at(body, "incomplete_details", "reason") or text_at(body, "status")),
        "input_tokens": look_up(body, "usage", "input_tokens"),
        "output_tokens": difference(look_up(body, "usage", "output_tokens"), thinking),
        "thinking_tokens": thinking,
    }


def _judge(text: str, refusal: str, reason: str) -> dict[str, object]:
    if refusal:
        return {"text": refusal, "status": Status.REFUSED, "finish_reason": reason}
    return {"text": text, "finish_reason": reason}
