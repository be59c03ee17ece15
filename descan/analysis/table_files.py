"""The tables that an analysis fills block by block: a file each, or parts that the workers of a cluster write."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from descan.storage import schemas
from descan.storage.parquet import ROW_GROUP, BatchWriter

Rows = Mapping[str, pa.RecordBatch]
"""Table -> rows of it."""

_SCHEMAS = {
    "answers": schemas.ANSWERS,
    "labels": schemas.LABELS,
    "mentions": schemas.MENTIONS,
    "readings": schemas.READINGS,
}


class TableFiles:
    """Writes each table to one file."""

    def __init__(self, writers: Mapping[str, BatchWriter]) -> None:
        """Use open writers; `open_table_files` opens them."""
        self._writers = writers

    def write(self, rows: Rows) -> None:
        """Append rows; those of one table must come in order."""
        for name, batch in rows.items():
            self._writers[name].write(batch)


@contextmanager
def open_table_files(folder: Path) -> Iterator[TableFiles]:
    """Open the file of each table in `folder`."""
    with ExitStack() as stack:
        yield TableFiles(
            {
                name: stack.enter_context(BatchWriter(folder / f"{name}.parquet", schema))
                for name, schema in _SCHEMAS.items()
            }
        )


def make_part_folders(folder: Path) -> None:
    """Create a folder for the parts of each table. No worker does that: the run may be over, and they removed."""
    for name in _SCHEMAS:
        _part_folder(folder, name).mkdir(exist_ok=True)


def write_parts(folder: Path, number: int, rows: Rows) -> None:
    """Write the rows of a block as one part of each table.

    Args:
        folder: Where `make_part_folders` created the folders; local or behind a URL.
        number: How many blocks come before.
        rows: Of the block.
    """
    for name, batch in rows.items():
        with (_part_folder(folder, name) / f"part-{number:06}.parquet").open("wb") as file:
            pq.write_table(pa.Table.from_batches([batch]), file, compression="zstd", row_group_size=ROW_GROUP)


def _part_folder(folder: Path, name: str) -> Path:
    return folder / f"{name}.parquet"
