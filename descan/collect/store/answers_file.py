"""Answers on their way into a corpus: on the disk before they count as done."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Self

from descan.collect.providers.protocol import CallError, FaultScope
from descan.collect.store.line_files import LineFile, TornLine, mend_last_line
from descan.collect.store.raw_bodies import BodyWriter
from descan.errors import explain_os_error

QuestionKey = tuple[object, object, object, object, object]


class Kind(StrEnum):
    """What a line is, and which file has it."""

    ANSWER = "answers.jsonl"
    """A reply, good or not."""

    FAILURE = "failures.jsonl"
    """A request without a reply; one key may have several."""

    STAGE = "stages.jsonl"
    """The first of two replies that make one answer; it need not be asked for again if the second is missing."""


@dataclass(frozen=True, slots=True)
class Line:
    """What a question became.

    Attributes:
        kind: An answer, or a failure.
        bodies: Raw bodies that are not on the disk yet.
        error: Of a failure of a request: what went wrong.
        is_paid: Whether something came back, so that money was spent.
    """

    kind: Kind
    cells: Mapping[str, object]
    bodies: tuple[bytes, ...]
    error: CallError | None = None
    is_paid: bool = False

    @property
    def is_about_item(self) -> bool:
        """Whether it says something about the item, and not only why the model was stopped."""
        return self.is_paid or self.error is None or self.error.scope is not FaultScope.MODEL

    @property
    def cost_usd(self) -> float | None:
        """What it cost: None where unknown, 0 where nothing came back."""
        cost = self.cells.get("cost_usd")
        return cost if isinstance(cost, float | int) else None if self.is_paid else 0.0


def mend_files(folder: Path) -> list[TornLine]:
    """Repair the last line of every file that a collector writes, and return the torn ones."""
    return [torn for kind in Kind if (torn := mend_last_line(folder / kind)) is not None]


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: Kind
    cells: Mapping[str, object]
    bodies: Sequence[bytes]
    done: asyncio.Future[None]


class AnswersFile:
    """Appends lines in groups: lines that arrive while one group is being synced form the next group.

    Use it as an asynchronous context manager, in a folder whose files were repaired and whose lock is held.
    """

    def __init__(self, folder: Path, *, n_raw: int, keeps_raw: bool = True) -> None:
        """Open the files.

        Args:
            folder: The corpus.
            n_raw: Bytes of the raw bodies that answers refer to.
            keeps_raw: Whether raw bodies are stored.
        """
        self._files = {Kind.ANSWER: LineFile(folder / Kind.ANSWER)}
        self._folder = folder
        self._bodies = BodyWriter(folder, n_raw) if keeps_raw else None
        self._waiting: list[_Entry] = []
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="answers")
        self._committing: asyncio.Task[None] | None = None

    async def append(self, kind: Kind, cells: Mapping[str, object], bodies: Sequence[bytes] = ()) -> None:
        """Append a line; when this returns, it is on the disk.

        The caller may be cancelled while waiting; the line is written nevertheless.

        Args:
            kind: What the line is.
            cells: Its columns; those that are None are left out.
            bodies: Raw bodies that came with it.

        Raises:
            InputError: If the line cannot be written, as on a full disk.
        """
        done = asyncio.get_running_loop().create_future()
        self._waiting.append(_Entry(kind, cells, bodies, done))
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit_all())
        await asyncio.shield(done)

    async def __aenter__(self) -> Self:
        """Return the file itself."""
        return self

    async def __aexit__(self, *error: object) -> None:
        """Finish writing, and close."""
        if self._committing is not None:
            await self._committing
        self._thread.shutdown()
        for file in self._files.values():
            file.close()
        if self._bodies is not None:
            self._bodies.close()

    async def _commit_all(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                group, self._waiting = self._waiting, []
                try:
                    await loop.run_in_executor(self._thread, self._commit, group)
                except OSError as error:
                    failure = explain_os_error(error, "cannot be written", self._folder)
                    for entry in group:
                        entry.done.set_exception(failure)
                        entry.done.exception()  # Retrieved, because the caller may have stopped waiting.
                else:
                    for entry in group:
                        entry.done.set_result(None)
        finally:
            self._committing = None

    def _commit(self, group: Sequence[_Entry]) -> None:
        """Write a group: first the bodies, then the lines that refer to them."""
        rows = [{name: value for name, value in entry.cells.items() if value is not None} for entry in group]
        if self._bodies is not None:
            places = iter(self._bodies.write([body for entry in group for body in entry.bodies]))
            for row, entry in zip(rows, group, strict=True):
                if entry.bodies:
                    row["raw"] = [next(places) for _ in entry.bodies]
        for kind in Kind:
            lines = [encode_line(row) for row, entry in zip(rows, group, strict=True) if entry.kind is kind]
            if lines:
                self._file(kind).write(b"".join(lines))

    def _file(self, kind: Kind) -> LineFile:
        if kind not in self._files:
            self._files[kind] = LineFile(self._folder / kind)
        return self._files[kind]


def question_key(cells: Mapping[str, object]) -> QuestionKey:
    """Return the cells that identify a question: item_id, model, mode, the name of its prompt, and repeat."""
    get = cells.get
    return get("item_id"), get("model"), get("mode"), get("prompt"), get("repeat")


def known_cost(cells: Mapping[str, object]) -> float:
    """Return what a line says that it cost in US dollars; 0 if it does not say."""
    cost = cells.get("cost_usd")
    return float(cost) if isinstance(cost, int | float) else 0.0


def encode_line(cells: Mapping[str, object]) -> bytes:
    """Encode cells as one line of JSON; lone surrogates, which UTF-8 cannot hold, stay escaped."""
    try:
        return json.dumps(cells, ensure_ascii=False, allow_nan=False).encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(cells, allow_nan=False).encode() + b"\n"
