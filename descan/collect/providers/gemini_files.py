"""Clips that are too large for a request: uploaded once, used by all calls and models."""

import asyncio
import io
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import httpx2
from google import genai
from google.genai import errors, types

from descan.collect.providers.protocol import CallError, FaultScope
from descan.media.media_files import Part

USABLE_S = 47 * 3600.0
"""The service deletes a file after 48 hours."""

PROCESSING_S = 600.0
"""Longest wait for a clip to be processed."""

MAX_KEPT_BYTES = 10_000_000_000
"""Of clips at the service, which holds 20 GB for a project; beyond it those that were used longest ago are deleted."""

_FIRST_POLL_S, _LAST_POLL_S = 0.5, 10.0
_DELETING_S = 20.0
_N_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class _Place:
    """The service's names for a file: one to use it by, one to delete it by."""

    uri: str
    name: str


@dataclass(slots=True)
class _Upload:
    task: asyncio.Task[_Place]
    since_s: float
    n_bytes: int
    n_users: int = 0


class GeminiFiles:
    """Uploads clips by their content hash, hands out their URIs, and deletes what is no longer needed."""

    def __init__(self, client: genai.Client, call_error: Callable[[Exception], CallError]) -> None:
        """Start with nothing uploaded.

        Args:
            client: The SDK's.
            call_error: Turns an exception of the SDK or of httpx2 into a CallError.
        """
        self._files = client.aio.files
        self._call_error = call_error
        self._uploads: dict[str, _Upload] = {}
        self._deletions: set[asyncio.Task[None]] = set()
        self._turns = asyncio.Semaphore(_N_AT_ONCE)

    @asynccontextmanager
    async def lend(self, parts: Sequence[Part]) -> AsyncIterator[dict[str, str]]:
        """Give the URIs of clips by their hashes; none of them is deleted during the block.

        Raises:
            CallError: If the upload or the processing of a clip failed.
        """
        uploads = [self._find(part) for part in parts]
        for upload in uploads:
            upload.n_users += 1
        try:
            places = [await asyncio.shield(upload.task) for upload in uploads]
            yield {part.sha256: place.uri for part, place in zip(parts, places, strict=True)}
        finally:
            for upload in uploads:
                upload.n_users -= 1
            self._make_room()

    def _find(self, part: Part) -> _Upload:
        """Return the upload of a clip, which is begun if necessary.

        It continues if the caller stops waiting, so that the next attempt finds it done.
        """
        upload = self._uploads.pop(part.sha256, None)
        if upload is None or time.monotonic() - upload.since_s > USABLE_S or _has_failed(upload.task):
            upload = _Upload(asyncio.create_task(self._upload(part)), time.monotonic(), len(part.data))
        self._uploads[part.sha256] = upload  # The last one is the one that was used last.
        return upload

    def forget(self, parts: Iterable[Part]) -> None:
        """Forget the uploads of clips that the server has lost."""
        for part in parts:
            self._uploads.pop(part.sha256, None)

    def discard(self, sha256s: Iterable[str]) -> None:
        """Begin to delete clips that are no longer needed, except those in use, which are left to `close`."""
        for sha256 in sha256s:
            upload = self._uploads.get(sha256)
            if upload is not None and not upload.n_users and upload.task.done():
                self._begin_deletion(sha256, upload)

    async def close(self) -> None:
        """Stop the uploads under way, and delete what was uploaded; what cannot be deleted in time ends by itself."""
        uploads, self._uploads = [*self._uploads.values()], {}
        for upload in uploads:
            upload.task.cancel()
        await asyncio.gather(*(upload.task for upload in uploads), *self._deletions, return_exceptions=True)
        try:
            async with asyncio.timeout(_DELETING_S):
                await asyncio.gather(*(self._delete(upload) for upload in uploads))
        except TimeoutError:
            return

    def _make_room(self) -> None:
        """Delete those that were used longest ago, until the others fit."""
        n_bytes = sum(upload.n_bytes for upload in self._uploads.values())
        for sha256, upload in list(self._uploads.items()):
            if n_bytes <= MAX_KEPT_BYTES:
                return
            if not upload.n_users and upload.task.done():
                n_bytes -= upload.n_bytes
                self._begin_deletion(sha256, upload)

    def _begin_deletion(self, sha256: str, upload: _Upload) -> None:
        del self._uploads[sha256]
        deletion = asyncio.create_task(self._delete(upload))
        self._deletions.add(deletion)
        deletion.add_done_callback(self._deletions.discard)

    async def _delete(self, upload: _Upload) -> None:
        if not _has_failed(upload.task):
            async with self._turns:
                with suppress(errors.APIError, httpx2.HTTPError):
                    await self._files.delete(name=upload.task.result().name)

    async def _upload(self, part: Part) -> _Place:
        try:
            file = await self._files.upload(
                file=io.BytesIO(part.data), config=types.UploadFileConfig(mime_type=part.mime_type)
            )
            return await self._wait_until_active(file)
        except (errors.APIError, httpx2.HTTPError, httpx2.InvalidURL, ValueError, KeyError) as error:
            raise self._call_error(error) from None

    async def _wait_until_active(self, file: types.File) -> _Place:
        pause_s, until_s = _FIRST_POLL_S, time.monotonic() + PROCESSING_S
        while file.state is types.FileState.PROCESSING or file.state is None:
            if time.monotonic() > until_s or not file.name:
                raise CallError(FaultScope.ATTEMPT, "file_processing", "file_processing: the clip is not ready in time")
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _LAST_POLL_S)
            file = await self._files.get(name=file.name)
        if file.state is types.FileState.ACTIVE and file.uri:
            return _Place(file.uri, file.name or "")
        problem = (file.error and file.error.message) or "the provider does not say why"
        raise CallError(FaultScope.ITEM, "file_failed", f"file_failed: the clip cannot be processed: {problem}")


def _has_failed(task: asyncio.Task[_Place]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
