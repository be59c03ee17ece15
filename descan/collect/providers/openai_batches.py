"""OpenAI's batches: a file of requests goes in, files of replies come out within a day."""

import json
from collections.abc import Awaitable, Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx2
import openai
import orjson

from descan.collect.providers.bodies import Body
from descan.collect.providers.faults import FaultReader, not_a_reply
from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.openai_bodies import PATHS, classify_error, parse_reply, request_body
from descan.collect.providers.protocol import Batches, BatchState, Call, CallError, FaultScope, Reply
from descan.collect.providers.refused_settings import name_refused_setting

_OVER = frozenset({"completed", "failed", "expired", "cancelled"})
_KNOWN = _OVER | {"validating", "in_progress", "finalizing", "cancelling"}
_TOKEN_NAME = "descan"
_PAGE = 100
_TRANSFER_S = 900.0
_CHUNK_BYTES = 1 << 20
_MAX_PROBLEMS = 3


class OpenAIBatches(Batches):
    """Submits, finds and fetches batches; our token is in the metadata of each."""

    max_requests = 50_000
    max_bytes = 200_000_000

    def __init__(self, client: openai.AsyncOpenAI, faults: FaultReader, *, is_service: bool) -> None:
        """Use the client of the provider that also asks online."""
        self._client, self._faults, self._is_service = client, faults, is_service

    def encode(self, custom_id: str, call: Call, settings: ModelSettings) -> bytes:
        """Write one line of a file of requests; the body is that of an online request."""
        url = f"/v1{PATHS[settings.api]}"
        body = request_body(call, settings, is_service=self._is_service)
        request = {"custom_id": custom_id, "method": "POST", "url": url, "body": body}
        return orjson.dumps(request, option=orjson.OPT_APPEND_NEWLINE)

    async def submit(self, path: Path, token: str, settings: ModelSettings) -> BatchState:
        """Upload a file of requests and start a batch that carries our token.

        Raises:
            CallError: If the provider does not take it.
        """
        with path.open("rb") as file:
            uploaded = await self._send(
                self._client.files.with_raw_response.create,
                file=(f"{token}.jsonl", file, "application/jsonl"),
                purpose="batch",
                timeout=_TRANSFER_S,
            )
        created = await self._send(
            self._client.batches.with_raw_response.create,
            input_file_id=uploaded.text("id"),
            endpoint=f"/v1{PATHS[settings.api]}",
            completion_window="24h",
            metadata={_TOKEN_NAME: token},
        )
        return _parse_state(created)

    async def find(self, token: str) -> BatchState | None:
        """Return the batch that carries a token, or None if there is none.

        Raises:
            CallError: If the provider does not say.
        """
        last_id = ""
        while True:
            after = {"after": last_id} if last_id else {}
            page = await self._send(self._client.batches.with_raw_response.list, limit=_PAGE, **after)
            for batch in page.each("data"):
                if batch.text("metadata", _TOKEN_NAME) == token:
                    return _parse_state(batch)
            last_id = page.text("last_id") or page.text("data", -1, "id")
            if not page.is_true("has_more") or not last_id:
                return None

    async def look_up(self, batch_id: str) -> BatchState:
        """Return the state of a batch.

        Raises:
            CallError: If the provider does not say.
        """
        return _parse_state(await self._send(self._client.batches.with_raw_response.retrieve, batch_id))

    async def download(self, file_id: str, path: Path) -> None:
        """Download a file of results.

        Raises:
            CallError: If it cannot be fetched.
        """
        try:
            async with self._client.files.with_streaming_response.content(file_id, timeout=_TRANSFER_S) as response:
                with path.open("wb") as file:
                    async for chunk in response.iter_bytes(_CHUNK_BYTES):
                        file.write(chunk)
        except openai.APIError as error:
            raise classify_error(error, self._faults) from None
        except httpx2.HTTPError as error:
            raise self._faults.from_transport(error) from None

    async def delete(self, file_id: str) -> None:
        """Delete a file at the provider.

        Raises:
            CallError: If the provider does not do it.
        """
        await self._send(self._client.files.with_raw_response.delete, file_id)

    def parse_results(self, path: Path, settings: ModelSettings) -> Iterator[tuple[str, Reply | CallError]]:
        """Yield `custom_id` and result of each request; lines that are not JSON objects are skipped."""
        with path.open("rb") as file:
            for raw in file:
                try:
                    line = Body.parse(raw)
                except CallError:
                    continue
                try:
                    yield line.text("custom_id"), self._parse_result(line, settings)
                except CallError as error:
                    yield line.text("custom_id"), error

    async def _send(self, method: Callable[..., Awaitable[Any]], *args: object, **fields: object) -> Body:
        try:
            response = await method(*args, **fields)
        except openai.APIError as error:
            raise classify_error(error, self._faults) from None
        return self._faults.parse_body(response.content, response.headers)

    def _parse_result(self, line: Body, settings: ModelSettings) -> Reply:
        body = line.at("response", "body")
        raw = json.dumps(body.value).encode()
        request_id = line.text("response", "request_id")
        if line.at("response").value is None:
            code = line.text("error", "code") or "batch_error"
            raise CallError(FaultScope.ATTEMPT, code, f"{code}: the batch did not come to this request")
        status = line.count("response", "status_code") or 500
        if status != HTTPStatus.OK:
            raise name_refused_setting(self._faults.from_response(status, {}, raw, request_id=request_id), settings)
        return parse_reply(body, settings, raw, request_id)


def _parse_state(batch: Body) -> BatchState:
    status = batch.text("status")
    if not batch.text("id") or status not in _KNOWN:
        raise not_a_reply("it is not a batch in a known state", json.dumps(batch.value).encode())
    result_ids = tuple(filter(None, (batch.text("output_file_id"), batch.text("error_file_id"))))
    return BatchState(
        batch_id=batch.text("id"),
        token=batch.text("metadata", _TOKEN_NAME),
        status=status,
        is_over=status in _OVER,
        has_failed=status == "failed",
        n_done=(batch.count("request_counts", "completed") or 0) + (batch.count("request_counts", "failed") or 0),
        result_ids=result_ids,
        file_ids=(*filter(None, [batch.text("input_file_id")]), *result_ids),
        problem="; ".join(_describe_problem(error) for error in batch.each("errors", "data")[:_MAX_PROBLEMS]),
    )


def _describe_problem(error: Body) -> str:
    line = error.count("line")
    where = "" if line is None else f"line {line}: "
    return f"{where}{error.text('code')}: {error.text('message')}"
