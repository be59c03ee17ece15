"""OpenAI's batches: a file of requests goes in, files of replies come out within a day, for half the price."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import openai

from descan.collect.asking.retrying import Outcome, Patience, is_answer, retry
from descan.collect.asking.served import ServedModels
from descan.collect.batches.batch_files import ENDPOINTS, check_batch, read_lines
from descan.collect.providers.bodies import Body, BodyError
from descan.collect.providers.faults import not_a_reply
from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.openai import OpenAIProvider, read_error
from descan.collect.providers.openai_bodies import read_reply
from descan.collect.providers.protocol import CallError, FaultScope, Provider, Reply

_OVER = frozenset({"completed", "failed", "expired", "cancelled"})
_KNOWN = _OVER | {"validating", "in_progress", "finalizing", "cancelling"}
_TOKEN_NAME = "descan"
_PAGE = 100
_TRANSFER_S = 900.0
_CHUNK_BYTES = 1 << 20
_MAX_PROBLEMS = 3

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class BatchState:
    """What the provider says of a batch.

    Attributes:
        batch_id: Its name there.
        token: Our name for it.
        status: One of validating, in_progress, finalizing, completed, failed, expired, cancelling, cancelled.
        n_requests: 0 until it is validated.
        n_completed: Of those.
        n_failed: Of those.
        input_file_id: The file of requests.
        output_file_id: The file of replies, or empty.
        error_file_id: The file of requests without one, or empty.
        problem: Why a failed one failed, else empty.
    """

    batch_id: str
    token: str
    status: str
    n_requests: int
    n_completed: int
    n_failed: int
    input_file_id: str
    output_file_id: str
    error_file_id: str
    problem: str

    @property
    def is_over(self) -> bool:
        """Whether its results, if any, can be fetched."""
        return self.status in _OVER


class OpenAIBatches:
    """Submits, finds and fetches the batches of one model."""

    def __init__(
        self, provider: Provider, settings: ModelSettings, served: ServedModels, patience: Patience | None = None
    ) -> None:
        """Use the provider that also asks online.

        Raises:
            InputError: If the model cannot be asked in batches.
        """
        check_batch(settings)
        if not isinstance(provider, OpenAIProvider):
            raise TypeError(f"the provider of {settings.label} is {type(provider).__name__}, not OpenAIProvider")
        self._client, self._faults = provider.client, provider.faults
        self._settings, self._served, self._patience = settings, served, patience

    async def submit(self, path: Path, token: str) -> BatchState:
        """Submit a file of requests, unless that was done before.

        The token goes into the metadata of the batch, and a batch that has it already is taken for this one. So it can
        be called again after a crash, or when the reply to the first call was lost, and nothing is paid for twice.

        Args:
            path: The file that a BatchInput wrote.
            token: A name for the batch that nothing else has, recorded before this is called.

        Raises:
            CallError: If the provider does not take it.
        """

        async def attempt() -> BatchState:
            found = await self._find_once(token)
            return found or await self._submit_once(path, token)

        return await self._patiently(attempt)

    async def find(self, token: str) -> BatchState | None:
        """Find the batch with a token, or None if there is none.

        Raises:
            CallError: If the provider does not say.
        """
        return await self._patiently(partial(self._find_once, token))

    async def look(self, batch_id: str) -> BatchState:
        """Ask how a batch is getting on.

        Raises:
            CallError: If the provider does not say.
        """
        return await self._patiently(partial(self._look_once, batch_id))

    async def results(self, state: BatchState, folder: Path) -> AsyncIterator[tuple[str, Outcome]]:
        """Give the results of a batch that is over, by custom_id and in any order.

        A request that has no result was not executed and not paid for.

        Args:
            state: Of the batch.
            folder: Where its files are put while they are read.

        Raises:
            CallError: If a file cannot be fetched.
        """
        for file_id in filter(None, (state.output_file_id, state.error_file_id)):
            path = folder / f"{state.token}.{'output' if file_id == state.output_file_id else 'errors'}.jsonl"
            await self._patiently(partial(self._download_once, file_id, path))
            for line in read_lines(path):
                yield line.text("custom_id"), self._read_line(line)
            path.unlink()

    async def discard(self, state: BatchState) -> None:
        """Delete the files of a batch at the provider; what is gone already is as good.

        Raises:
            CallError: If the provider does not do it.
        """
        for file_id in filter(None, (state.input_file_id, state.output_file_id, state.error_file_id)):
            try:
                await self._patiently(partial(self._send, self._client.files.with_raw_response.delete, file_id))
            except CallError as error:
                if not error.code.startswith("404"):
                    raise

    async def _patiently(self, attempt: Callable[[], Awaitable[_Result]]) -> _Result:
        return await retry(attempt, max_attempts=self._settings.max_attempts, patience=self._patience)

    async def _find_once(self, token: str) -> BatchState | None:
        last_id = ""
        while True:
            after = {"after": last_id} if last_id else {}
            page = await self._send(self._client.batches.with_raw_response.list, limit=_PAGE, **after)
            for batch in page.each("data"):
                if batch.text("metadata", _TOKEN_NAME) == token:
                    return _read_state(batch)
            last_id = page.text("last_id") or page.text("data", -1, "id")
            if not page.is_true("has_more") or not last_id:
                return None

    async def _submit_once(self, path: Path, token: str) -> BatchState:
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
            endpoint=ENDPOINTS[self._settings.api],
            completion_window="24h",
            metadata={_TOKEN_NAME: token},
        )
        return _read_state(created)

    async def _look_once(self, batch_id: str) -> BatchState:
        return _read_state(await self._send(self._client.batches.with_raw_response.retrieve, batch_id))

    async def _download_once(self, file_id: str, path: Path) -> None:
        try:
            async with self._client.files.with_streaming_response.content(file_id, timeout=_TRANSFER_S) as response:
                with path.open("wb") as file:
                    async for chunk in response.iter_bytes(_CHUNK_BYTES):
                        file.write(chunk)
        except openai.APIError as error:
            raise read_error(error, self._faults) from None
        except httpx2.HTTPError as error:
            raise self._faults.from_transport(error) from None

    async def _send(self, method: Callable[..., Awaitable[Any]], *args: object, **fields: object) -> Body:
        try:
            response = await method(*args, **fields)
        except openai.APIError as error:
            raise read_error(error, self._faults) from None
        try:
            return Body.parse(response.content)
        except BodyError as error:
            raise self._faults.from_body(error, response.content) from None

    def _read_line(self, line: Body) -> Outcome:
        try:
            reply = self._read_reply(line)
            self._served.check(self._settings, reply)
        except CallError as error:
            return Outcome(error.reply, None if is_answer(error) else error, 1, None)
        return Outcome(reply, None, 1, None)

    def _read_reply(self, line: Body) -> Reply:
        body = line.at("response", "body")
        raw = json.dumps(body.value).encode()
        request_id = line.text("response", "request_id")
        if line.at("response").value is None:
            code = line.text("error", "code") or "batch_error"
            raise CallError(FaultScope.ATTEMPT, code, f"{code}: the batch did not come to this request")
        status = line.count("response", "status_code") or 500
        if status != HTTPStatus.OK:
            raise self._faults.from_response(status, {}, raw, request_id=request_id)
        return read_reply(body, self._settings, raw, request_id)


def _read_state(batch: Body) -> BatchState:
    raw = json.dumps(batch.value).encode()
    if not batch.text("id") or batch.text("status") not in _KNOWN:
        raise not_a_reply("it is not a batch in a known state", raw)
    return BatchState(
        batch_id=batch.text("id"),
        token=batch.text("metadata", _TOKEN_NAME),
        status=batch.text("status"),
        n_requests=batch.count("request_counts", "total") or 0,
        n_completed=batch.count("request_counts", "completed") or 0,
        n_failed=batch.count("request_counts", "failed") or 0,
        input_file_id=batch.text("input_file_id"),
        output_file_id=batch.text("output_file_id"),
        error_file_id=batch.text("error_file_id"),
        problem="; ".join(_problem_of(error) for error in batch.each("errors", "data")[:_MAX_PROBLEMS]),
    )


def _problem_of(error: Body) -> str:
    line = error.count("line")
    where = "" if line is None else f"line {line}: "
    return f"{where}{error.text('code')}: {error.text('message')}"
