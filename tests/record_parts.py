"""Records in parts, as the workers of a cluster write them."""

from pathlib import Path

import pyarrow.parquet as pq


def split_record(path: Path, n_rows: int) -> None:
    """Replace a file by a folder of parts of so many rows; one without rows has one part."""
    table = pq.read_table(path)
    path.unlink()
    path.mkdir()
    for number, start in enumerate(range(0, max(1, len(table)), n_rows)):
        pq.write_table(table.slice(start, n_rows), path / f"part-{number:06}.parquet")
