"""Clips that are too large for a request: uploaded once, used by all calls and models."""

import asyncio
import io
import time
from collections.abc import Callable, Iterable
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

_FIRST_POLL_S, _LAST_POLL_S = 0.5, 10.0


@dataclass(frozen=True, slots=True)
class _Upload:
    task: asyncio.Task[str]
    since_s: float


class GeminiFiles:
    """Uploads clips by their content hash and hands out their URIs."""

    def __init__(self, client: genai.Client, call_error: Callable[[Exception], CallError]) -> None:
        """Start with nothing uploaded.

        Args:
            client: The SDK's.
            call_error: Turns an exception of the SDK or of httpx2 into a CallError.
        """
        self._files = client.aio.files
        self._call_error = call_error
        self._uploads: dict[str, _Upload] = {}

    async def find_uri(self, part: Part) -> str:
        """Return the URI of a clip, which is uploaded first if necessary.

        The upload continues if the caller stops waiting, so that the next attempt finds it done.

        Raises:
            CallError: If the upload or the processing of the clip failed.
        """
        upload = self._uploads.get(part.sha256)
        if upload is None or time.monotonic() - upload.since_s > USABLE_S or _has_failed(upload.task):
            upload = _Upload(asyncio.create_task(self._upload(part)), time.monotonic())
            self._uploads[part.sha256] = upload
        return await asyncio.shield(upload.task)

    def forget(self, parts: Iterable[Part]) -> None:
        """Forget the uploads of clips that the server has lost."""
        for part in parts:
            self._uploads.pop(part.sha256, None)

    async def close(self) -> None:
        """Stop the uploads under way."""
        tasks = [upload.task for upload in self._uploads.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._uploads.clear()

    async def _upload(self, part: Part) -> str:
        try:
            file = await self._files.upload(
                file=io.BytesIO(part.data), config=types.UploadFileConfig(mime_type=part.mime_type)
            )
            return await self._wait_until_active(file)
        except (errors.APIError, httpx2.HTTPError, httpx2.InvalidURL, ValueError, KeyError) as error:
            raise self._call_error(error) from None

    async def _wait_until_active(self, file: types.File) -> str:
        pause_s, until_s = _FIRST_POLL_S, time.monotonic() + PROCESSING_S
        while file.state is types.FileState.PROCESSING or file.state is None:
            if time.monotonic() > until_s or not file.name:
                raise CallError(FaultScope.ATTEMPT, "file_processing", "file_processing: the clip is not ready in time")
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _LAST_POLL_S)
            file = await self._files.get(name=file.name)
        if file.state is types.FileState.ACTIVE and file.uri:
            return file.uri
        problem = (file.error and file.error.message) or "the provider does not say why"
        raise CallError(FaultScope.ITEM, "file_failed", f"file_failed: the clip cannot be processed: {problem}")


def _has_failed(task: asyncio.Task[str]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
