"""Where the rows of a table go: into one file of this process, or into parts that workers write themselves."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from descan.analysis.block_work import Extracted, ReadBlock, Setup, WeighedBlock, read, weigh
from descan.corpus import Block
from descan.storage import schemas
from descan.storage.parquet import ROW_GROUP, BatchWriter

_SCHEMAS = {
    "answers": schemas.ANSWERS,
    "labels": schemas.LABELS,
    "mentions": schemas.MENTIONS,
    "readings": schemas.READINGS,
}


class NumberedBlock(NamedTuple):
    """A block of answers and how many come before it."""

    number: int
    block: Block

    def __str__(self) -> str:
        """Give the place of the block."""
        return str(self.block)


class NumberedExtraction(NamedTuple):
    """Descriptions to be weighed, and how many blocks come before them."""

    number: int
    extracted: Extracted

    def __str__(self) -> str:
        """Give the place of the block."""
        return str(self.extracted)


class Place(Protocol):
    """What the workers do with a block, and what becomes of its rows."""

    def reading(self, setup: Setup) -> Callable[[NumberedBlock], ReadBlock]:
        """Give what a worker does with a block first."""
        ...

    def weighing(self, setup: Setup) -> Callable[[NumberedExtraction], WeighedBlock]:
        """Give what a worker does with its descriptions then."""
        ...

    def add(self, number: int, rows: ReadBlock | WeighedBlock) -> None:
        """Put away rows that are not yet where they belong; blocks come in order."""
        ...


class Files:
    """One file for each table, written here."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        """Open the files, until the stack is left."""
        self._writers = {
            name: stack.enter_context(BatchWriter(folder / f"{name}.parquet", schema))
            for name, schema in _SCHEMAS.items()
        }

    def reading(self, setup: Setup) -> Callable[[NumberedBlock], ReadBlock]:
        """Give what a worker does with a block first."""
        return partial(_read, setup)

    def weighing(self, setup: Setup) -> Callable[[NumberedExtraction], WeighedBlock]:
        """Give what a worker does with its descriptions then."""
        return partial(_weigh, setup)

    def add(self, number: int, rows: ReadBlock | WeighedBlock) -> None:  # noqa: ARG002 (files know no numbers)
        """Write the rows."""
        for name, batch in _tables(rows).items():
            self._writers[name].write(batch)


class Parts:
    """A folder for each table, with one file for each block, written by the worker that has the block."""

    def __init__(self, folder: Path) -> None:
        """Write into a folder that all workers can write to; no worker makes it, for it may be gone on purpose."""
        self._folder = folder
        for name in _SCHEMAS:
            _part_folder(folder, name).mkdir(exist_ok=True)

    def reading(self, setup: Setup) -> Callable[[NumberedBlock], ReadBlock]:
        """Give what a worker does with a block first."""
        return partial(_read_into, self._folder, setup)

    def weighing(self, setup: Setup) -> Callable[[NumberedExtraction], WeighedBlock]:
        """Give what a worker does with its descriptions then."""
        return partial(_weigh_into, self._folder, setup)

    def add(self, number: int, rows: ReadBlock | WeighedBlock) -> None:
        """Write the rows, if there are any left."""
        if rows.has_rows:
            _write_parts(self._folder, number, rows)


def _read(setup: Setup, task: NumberedBlock) -> ReadBlock:
    return read(setup, task.block)


def _weigh(setup: Setup, task: NumberedExtraction) -> WeighedBlock:
    return weigh(setup, task.extracted)


def _read_into(folder: Path, setup: Setup, task: NumberedBlock) -> ReadBlock:
    rows = _read(setup, task)
    _write_parts(folder, task.number, rows)
    return rows._replace(answers=None, labels=None)


def _weigh_into(folder: Path, setup: Setup, task: NumberedExtraction) -> WeighedBlock:
    rows = _weigh(setup, task)
    _write_parts(folder, task.number, rows)
    return rows._replace(mentions=None, readings=None)


def _write_parts(folder: Path, number: int, rows: ReadBlock | WeighedBlock) -> None:
    for name, batch in _tables(rows).items():
        path = _part_folder(folder, name) / f"part-{number:06}.parquet"
        with path.open("wb") as file:
            pq.write_table(pa.Table.from_batches([batch]), file, compression="zstd", row_group_size=ROW_GROUP)


def _part_folder(folder: Path, name: str) -> Path:
    return folder / f"{name}.parquet"


def _tables(rows: ReadBlock | WeighedBlock) -> dict[str, pa.RecordBatch]:
    if isinstance(rows, ReadBlock):
        return {"answers": rows.answers, "labels": rows.labels}
    return {"mentions": rows.mentions, "readings": rows.readings}
