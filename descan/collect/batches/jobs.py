"""Batches that are not over, as a corpus stores them: what is in each is on the disk before it is submitted."""

import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.protocol import Batches, Call, CallError, FaultScope
from descan.collect.store.answers_file import encode_line
from descan.corpus.formats import ColumnNames, stream_rows
from descan.errors import InputError, quote
from descan.storage.atomic import write_file

FOLDER = "batches"
CUSTOM_ID = "custom_id"

Report = Callable[[str], object]
"""Called with a line on what happened to a batch."""

_INPUT, _CELLS, _HEADER = ".input.jsonl", ".questions.jsonl", ".json"


class BatchJob(BaseModel):
    """One batch of a corpus."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: Path = Field(default=Path(), exclude=True)
    """Where its files are."""

    token: str
    """Our name for it, by which the provider finds it."""

    name: str
    """What the corpus calls the model."""

    settings: ModelSettings
    n_questions: int

    batch_id: str = ""
    """The provider's name for it; empty until that is known."""

    is_fetched: bool = False
    """Whether its results are in the corpus."""

    @property
    def input_path(self) -> Path:
        """The file of requests, which exists until the provider has it."""
        return self.folder / f"{self.token}{_INPUT}"

    @property
    def header_path(self) -> Path:
        """The file that makes it a batch of the corpus."""
        return self.folder / f"{self.token}{_HEADER}"

    def questions(self) -> Iterator[Mapping[str, object]]:
        """Yield what is asked in it: the known cells of each future answer, and `custom_id`.

        Raises:
            InputError: If the file is not what descan has written.
        """
        return (row.cells for row in stream_rows(self.folder / f"{self.token}{_CELLS}", ColumnNames()))

    def mark_submitted(self, batch_id: str) -> "BatchJob":
        """Store the provider's name for it, and delete the requests, which are no longer needed."""
        job = self.model_copy(update={"batch_id": batch_id})
        job.write()
        job.input_path.unlink(missing_ok=True)
        return job

    def mark_fetched(self) -> "BatchJob":
        """Store that its results are in the corpus."""
        job = self.model_copy(update={"is_fetched": True})
        job.write()
        return job

    def write(self) -> None:
        """Write the header, which makes it a batch of the corpus."""
        write_file(self.header_path, self.model_dump_json(exclude_none=True, indent=1))

    def remove(self) -> None:
        """Delete it: the header first, so that an interrupted delete leaves no batch."""
        for suffix in (_HEADER, _CELLS, _INPUT):
            (self.folder / f"{self.token}{suffix}").unlink(missing_ok=True)


class JobWriter:
    """Writes the files of one batch; `commit` makes it a batch of the corpus."""

    def __init__(self, corpus: Path, name: str, settings: ModelSettings, batches: Batches) -> None:
        """Open the files.

        Args:
            corpus: Its folder.
            name: What it calls the model.
            settings: Of the model.
            batches: Of its provider.
        """
        folder = corpus / FOLDER
        folder.mkdir(exist_ok=True)
        token = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(8)}"
        self.n_questions = 0
        self._batches = batches
        self._job = BatchJob(folder=folder, token=token, name=name, settings=settings, n_questions=0)
        self._requests = self._job.input_path.open("wb")
        self._cells = (folder / f"{token}{_CELLS}").open("wb")

    def __enter__(self) -> Self:
        """Return the writer itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close the files, and delete them if they were not committed."""
        self._requests.close()
        self._cells.close()
        if not self._job.header_path.exists():
            self._job.remove()

    def add(self, call: Call, cells: Mapping[str, object]) -> bool:
        """Add a question, or return False if this batch is full and the question belongs to the next one.

        Args:
            call: What to ask.
            cells: Of the future answer, as far as they are known.

        Raises:
            CallError: If the request alone is too large.
        """
        custom_id = str(self.n_questions)
        line = self._batches.encode(custom_id, call, self._job.settings)
        if len(line) > self._batches.max_bytes:
            raise CallError(FaultScope.ITEM, "too_large", f"too_large: the request has {len(line)} bytes")
        n_bytes = self._requests.tell() + len(line)
        if self.n_questions == self._batches.max_requests or n_bytes > self._batches.max_bytes:
            return False
        self._requests.write(line)
        known = {name: value for name, value in cells.items() if value is not None}
        self._cells.write(encode_line({**known, CUSTOM_ID: custom_id}))
        self.n_questions += 1
        return True

    def commit(self) -> BatchJob:
        """Make the batch one of the corpus; from now on it may be submitted."""
        for file in (self._requests, self._cells):
            file.flush()
            os.fsync(file.fileno())
        job = self._job.model_copy(update={"n_questions": self.n_questions})
        job.write()
        return job


def load_jobs(corpus: Path) -> list[BatchJob]:
    """Load the batches of a corpus that are not over, in the order in which they were made.

    Raises:
        InputError: If a file is not what descan has written.
    """
    folder = corpus / FOLDER
    return [_load_header(path) for path in sorted(folder.glob(f"[!.]*{_HEADER}"))] if folder.is_dir() else []


def remove_unsubmitted(corpus: Path) -> None:
    """Delete what a kill left of batches that are not of the corpus; its lock must be held."""
    folder = corpus / FOLDER
    if not folder.is_dir():
        return
    tokens = {job.token for job in load_jobs(corpus)}
    for path in folder.iterdir():
        if path.name.partition(".")[0] not in tokens or path.suffix == ".part":
            path.unlink()


def _load_header(path: Path) -> BatchJob:
    try:
        job = BatchJob.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        first = error.errors(include_url=False)[0]["msg"] if isinstance(error, ValidationError) else error.strerror
        problem = f"is not a batch of descan ({first}); move it away if its answers do not matter"
        raise InputError(path, problem) from error
    if job.token != path.name.removesuffix(_HEADER):
        raise InputError(path, f"is the batch {quote(job.token)}; give the file its name back")
    return job.model_copy(update={"folder": path.parent})
