"""Parquet files written batch by batch, with the same bytes however rows come in, and found again as parts."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from descan.errors import InputError

ROW_GROUP = 50_000
"""Rows of a group; fixed, so that the file does not depend on how the work was cut into blocks."""


def parquet_files(path: Path) -> list[Path]:
    """Return the files of a record: one, or the parts that the workers of a cluster wrote, in order.

    Args:
        path: A Parquet file, or a folder of that name with `part-000000.parquet`, `part-000001.parquet`, ...

    Raises:
        InputError: If there is neither.
    """
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise InputError(path, "there is no such file; `descan analyze` writes it")
    parts = sorted(part for part in path.glob("part-*.parquet") if part.is_file())
    if not parts:
        raise InputError(path, "there is no part-*.parquet in this folder; `descan analyze` writes it")
    return parts


class BatchWriter:
    """Writes batches of rows as they come."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        """Open the file."""
        self._writer = pq.ParquetWriter(path, schema, compression="zstd")
        self._waiting: list[pa.RecordBatch] = []

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows, in the order of the schema's columns."""
        self._waiting.append(batch)
        n_rows = sum(map(len, self._waiting))
        self._write_rows(n_rows - n_rows % ROW_GROUP)

    def __enter__(self) -> "BatchWriter":
        """Return the writer itself."""
        return self

    def __exit__(self, *raised: object) -> None:
        """Write what is left; a file without rows still has its columns."""
        self._write_rows(sum(map(len, self._waiting)))
        self._writer.close()

    def _write_rows(self, n_rows: int) -> None:
        if not n_rows:
            return
        table = pa.Table.from_batches(self._waiting)
        self._writer.write_table(table.slice(0, n_rows).combine_chunks(), row_group_size=ROW_GROUP)
        self._waiting = table.slice(n_rows).to_batches()
