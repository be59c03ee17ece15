"""Parquet files written row by row, with the same bytes however the rows come in, and found again as parts."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.parquet as pq

from descan.errors import InputError

ROW_GROUP = 50_000
"""Rows of a group; fixed, so that the file does not depend on how the work was cut into blocks."""


def parquet_files(path: Path) -> list[Path]:
    """Give the files that a record is in: one, or the parts that the workers of a cluster wrote, in order.

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


class RowWriter:
    """Writes tuples in the order of a schema's columns."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        """Open the file."""
        self._schema = schema
        self._writer = pq.ParquetWriter(path, schema, compression="zstd")
        self._rows: list[Sequence[object]] = []
        self.n_rows = 0

    def extend(self, rows: Iterable[Sequence[object]]) -> None:
        """Add rows."""
        self._rows.extend(rows)
        while len(self._rows) >= ROW_GROUP:
            self._write(self._rows[:ROW_GROUP])
            self._rows = self._rows[ROW_GROUP:]

    def close(self) -> None:
        """Write what is left; a file without rows still has its columns."""
        if self._rows:
            self._write(self._rows)
            self._rows = []
        self._writer.close()

    def __enter__(self) -> "RowWriter":
        """Give the writer itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()

    def _write(self, rows: Sequence[Sequence[object]]) -> None:
        columns = list(zip(*rows, strict=True))
        arrays = [pa.array(column, type=field.type) for column, field in zip(columns, self._schema, strict=True)]
        self._writer.write_table(pa.table(arrays, schema=self._schema), row_group_size=ROW_GROUP)
        self.n_rows += len(rows)
