"""Batches that are on their way, as a corpus keeps them: what is in each is safe before it is submitted."""

import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from descan.collect.batches.batch_files import BatchInput
from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.protocol import Call
from descan.collect.store.answers_file import encode_line
from descan.collect.store.line_files import sync_folder
from descan.corpus.formats import ColumnNames, stream_rows
from descan.errors import InputError, quoted

FOLDER = "batches"
CUSTOM_ID = "custom_id"

_INPUT, _CELLS, _HEADER = ".input.jsonl", ".questions.jsonl", ".json"


class _Header(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    token: str
    name: str
    settings: ModelSettings
    n_questions: int
    batch_id: str = ""
    is_fetched: bool = False


@dataclass(frozen=True, slots=True)
class BatchJob:
    """One batch of a corpus.

    Attributes:
        folder: Where its files are.
        token: Our name for it, by which the provider finds it.
        name: What the corpus calls the model.
        settings: With which the model is asked.
        n_questions: Requests in it.
        batch_id: The provider's name for it; empty until that is known.
        is_fetched: Whether its results are safe in the corpus.
    """

    folder: Path
    token: str
    name: str
    settings: ModelSettings
    n_questions: int
    batch_id: str = ""
    is_fetched: bool = False

    @property
    def input_path(self) -> Path:
        """The file of requests; it is there until the provider has it."""
        return self.folder / f"{self.token}{_INPUT}"

    def questions(self) -> Iterator[Mapping[str, object]]:
        """Stream what is asked in it: the cells of the answers to be, and `custom_id`.

        Raises:
            InputError: If the file is not what descan has written.
        """
        return (row.cells for row in stream_rows(self.folder / f"{self.token}{_CELLS}", ColumnNames()))

    def submitted(self, batch_id: str) -> "BatchJob":
        """Keep the provider's name for it; the requests are not needed any more."""
        job = replace(self, batch_id=batch_id)
        job.write()
        job.input_path.unlink(missing_ok=True)
        return job

    def fetched(self) -> "BatchJob":
        """Keep that its results are safe in the corpus."""
        job = replace(self, is_fetched=True)
        job.write()
        return job

    def write(self) -> None:
        """Make the header safe, which makes it a batch of the corpus."""
        header = _Header(
            token=self.token,
            name=self.name,
            settings=self.settings,
            n_questions=self.n_questions,
            batch_id=self.batch_id,
            is_fetched=self.is_fetched,
        )
        path = self.folder / f"{self.token}{_HEADER}"
        staged = path.with_suffix(".part")
        with staged.open("w", encoding="utf-8") as file:
            file.write(header.model_dump_json(exclude_none=True, indent=1))
            _make_safe(file)
        staged.replace(path)
        sync_folder(self.folder)

    def remove(self) -> None:
        """Forget it: the header goes first, so that what a kill leaves is no batch any more."""
        for suffix in (_HEADER, _CELLS, _INPUT):
            (self.folder / f"{self.token}{suffix}").unlink(missing_ok=True)


class JobWriter:
    """Writes the files of one batch; it becomes one of the corpus by `commit`."""

    def __init__(self, corpus: Path, name: str, settings: ModelSettings) -> None:
        """Open the files.

        Args:
            corpus: Its folder.
            name: What it calls the model.
            settings: Of the model.
        """
        folder = corpus / FOLDER
        folder.mkdir(exist_ok=True)
        token = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(8)}"
        self._job = BatchJob(folder, token, name, settings, 0)
        self._requests = self._job.input_path.open("wb")
        self._cells = (folder / f"{token}{_CELLS}").open("wb")
        self._input = BatchInput(self._requests, settings)

    def __enter__(self) -> Self:
        """Give the writer itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close the files; what was not committed goes."""
        self._requests.close()
        self._cells.close()
        if not (self._job.folder / f"{self._job.token}{_HEADER}").exists():
            self._job.remove()

    @property
    def n_questions(self) -> int:
        """Requests in it so far."""
        return self._input.n_requests

    def add(self, call: Call, cells: Mapping[str, object]) -> bool:
        """Add a question, or tell by False that it belongs into the next batch since this one is full.

        Args:
            call: What to ask.
            cells: Of the answer to be, so far as they are known.

        Raises:
            CallError: If the request alone is too large.
        """
        custom_id = str(self._input.n_requests)
        if not self._input.add(custom_id, call):
            return False
        known = {name: value for name, value in cells.items() if value is not None}
        self._cells.write(encode_line({**known, CUSTOM_ID: custom_id}))
        return True

    def commit(self) -> BatchJob:
        """Make the batch one of the corpus; from now on it may be submitted."""
        for file in (self._requests, self._cells):
            _make_safe(file)
        job = replace(self._job, n_questions=self._input.n_requests)
        job.write()
        return job


def read_jobs(corpus: Path) -> list[BatchJob]:
    """Read the batches that a corpus has on their way, in the order in which they were made.

    Raises:
        InputError: If a file is not what descan has written.
    """
    folder = corpus / FOLDER
    return [_read_header(path) for path in sorted(folder.glob(f"*{_HEADER}"))] if folder.is_dir() else []


def clear_leftovers(corpus: Path) -> None:
    """Delete what a kill left of batches that are none of the corpus; its lock must be held."""
    folder = corpus / FOLDER
    if not folder.is_dir():
        return
    tokens = {job.token for job in read_jobs(corpus)}
    for path in folder.iterdir():
        if path.name.partition(".")[0] not in tokens or path.suffix == ".part":
            path.unlink()


def _read_header(path: Path) -> BatchJob:
    try:
        header = _Header.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        first = error.errors(include_url=False)[0]["msg"] if isinstance(error, ValidationError) else error.strerror
        raise InputError(path, f"is no batch of descan ({first}); move it away if its answers do not matter") from error
    if header.token != path.name.removesuffix(_HEADER):
        raise InputError(path, f"is the batch {quoted(header.token)}; give the file its name back")
    return BatchJob(
        path.parent,
        header.token,
        header.name,
        header.settings,
        header.n_questions,
        header.batch_id,
        header.is_fetched,
    )


def _make_safe(file: IO[bytes] | IO[str]) -> None:
    file.flush()
    os.fsync(file.fileno())
