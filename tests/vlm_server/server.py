"""The server in a thread of its own."""

import asyncio
import threading
from contextlib import suppress
from typing import Self

from tests.vlm_server.batches import BatchCourse
from tests.vlm_server.checks import load_schemas
from tests.vlm_server.connection import serve_connection
from tests.vlm_server.counts import Counts
from tests.vlm_server.gemini_files import GeminiFiles
from tests.vlm_server.script import Script
from tests.vlm_server.service import Service

HOST = "127.0.0.1"
STREAM_LIMIT = 1 << 20


class VlmServer:
    """A server of both providers, up within a `with` block.

    Args:
        script: What it answers.
        latency_s: How long a model takes for an answer.
        has_checks: Whether every request is held to the rules.
        port: 0 for any that is free.
        n_file_polls: How often a file at Gemini is seen PROCESSING.
        course: How batches go.
    """

    def __init__(
        self,
        script: Script | None = None,
        *,
        latency_s: float = 0,
        has_checks: bool = True,
        port: int = 0,
        n_file_polls: int = 1,
        course: BatchCourse | None = None,
    ) -> None:
        self._service = Service(
            script or Script(),
            latency_s=latency_s,
            has_checks=has_checks,
            n_file_polls=n_file_polls,
            course=course or BatchCourse(),
        )
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="vlm-server", daemon=True)
        self._is_up = threading.Event()
        self._failure: OSError | None = None

    def __enter__(self) -> Self:
        if self._service.has_checks:
            load_schemas()
        self._thread.start()
        self._is_up.wait()
        if self._failure:
            raise self._failure
        return self

    def __exit__(self, *_error: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    @property
    def root(self) -> str:
        """The address without a path."""
        return f"http://{HOST}:{self._port}"

    @property
    def openai_base_url(self) -> str:
        """For `OPENAI_BASE_URL`."""
        return f"{self.root}/v1"

    @property
    def gemini_base_url(self) -> str:
        """For `GOOGLE_GEMINI_BASE_URL`."""
        return self.root

    @property
    def counts(self) -> Counts:
        """What has been asked and paid so far."""
        return self._service.counts

    @property
    def violations(self) -> list[str]:
        """The rules that requests broke, in words."""
        return self._service.violations

    @property
    def files(self) -> GeminiFiles:
        """The files at Gemini."""
        return self._service.files

    @property
    def script(self) -> Script:
        """What is answered; may be replaced at any time."""
        return self._service.script

    @script.setter
    def script(self, script: Script) -> None:
        self._service.script = script

    @property
    def course(self) -> BatchCourse:
        """How the batches that are created from now on go."""
        return self._service.batches.course

    @course.setter
    def course(self, course: BatchCourse) -> None:
        self._service.batches.course = course

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        tasks: set[asyncio.Task[None]] = set()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            tasks.add(task)
            with suppress(asyncio.CancelledError):  # the end of the server, which asyncio would report as an error
                await serve_connection(reader, writer, self._service.respond)
            tasks.discard(task)

        try:
            server = await asyncio.start_server(serve, HOST, self._port, limit=STREAM_LIMIT, backlog=1024)
        except OSError as error:
            self._failure = error
            self._is_up.set()
            return
        self._port = server.sockets[0].getsockname()[1]
        self._is_up.set()
        await self._stop.wait()
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
