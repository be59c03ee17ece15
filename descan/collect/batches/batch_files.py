"""The files of a batch: JSON Lines of requests, and of results."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import orjson

from descan.collect.providers.bodies import Body, BodyError
from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.openai_bodies import request_body
from descan.collect.providers.protocol import Call, CallError, FaultScope
from descan.errors import InputError

MAX_REQUESTS = 50_000
MAX_BYTES = 200_000_000
ENDPOINTS = {"chat": "/v1/chat/completions", "responses": "/v1/responses"}


def check_batch(settings: ModelSettings) -> None:
    """Check that a model can be asked in batches.

    Raises:
        InputError: If not; it says why.
    """
    if settings.provider != "openai":
        problem = (
            f"--batch is not for {settings.label}: Gemini's batch is reported to return answers under the wrong key "
            "(googleapis/python-genai#1909), which an evaluation cannot use; collect it without --batch"
        )
        raise InputError(None, problem)


class BatchInput:
    """The file of requests of one batch, as it is written."""

    def __init__(self, file: BinaryIO, settings: ModelSettings) -> None:
        """Write to a file that is open for it."""
        self._file = file
        self._settings = settings
        self.n_requests = 0
        self.n_bytes = 0

    def add(self, custom_id: str, call: Call) -> bool:
        """Add a request, or tell by False that it belongs into the next file since this one is full.

        Args:
            custom_id: Comes back with the reply; unique in the batch.
            call: What to ask; the body is that of an online request.

        Raises:
            CallError: If the request alone is larger than a file may be.
        """
        request = {
            "custom_id": custom_id,
            "method": "POST",
            "url": ENDPOINTS[self._settings.api],
            "body": request_body(call, self._settings),
        }
        line = orjson.dumps(request, option=orjson.OPT_APPEND_NEWLINE)
        if len(line) > MAX_BYTES:
            raise CallError(FaultScope.ITEM, "too_large", f"too_large: the request has {len(line)} bytes")
        if self.n_requests == MAX_REQUESTS or self.n_bytes + len(line) > MAX_BYTES:
            return False
        self._file.write(line)
        self.n_requests += 1
        self.n_bytes += len(line)
        return True


def read_lines(path: Path) -> Iterator[Body]:
    """Read the results in a file; a line that is no JSON object is left out, so its request counts as not answered."""
    with path.open("rb") as file:
        for line in file:
            try:
                yield Body.parse(line)
            except BodyError:
                continue
