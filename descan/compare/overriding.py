"""What people read in the place of what descan reads."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from descan.compare.compare_options import CompareOptions
from descan.compare.database import open_comparison, run_script
from descan.compare.reader_readings import insert_readings
from descan.corpus import CategoryNames
from descan.corpus.readings import ReaderKind, ReaderReading, ReadingStatus
from descan.errors import OptionError
from descan.storage.schemas import OWN_READINGS, overridden_schema

_OVERRIDING = (ReadingStatus.READ, ReadingStatus.REFUSAL)
_BLOCK_ROWS = 100_000


def check_readings_override(readings: Sequence[ReaderReading]) -> None:
    """Check that a person has read anything that can stand in the place of what descan reads.

    Raises:
        OptionError: If nobody has.
    """
    if not any(reading.kind is ReaderKind.PERSON and reading.status in _OVERRIDING for reading in readings):
        raise OptionError("override", "needs what people read; the files have judges alone, or nobody could tell")


def override_readings(folder: Path, options: CompareOptions, memory_factor: int = 1) -> None:
    """Put what people read into `readings.parquet`; what descan reads goes to `descan_readings.parquet`.

    Of several people, the scores are the shares of their readings. What mentions say apart stays as descan has it.

    Args:
        folder: Of the analysis.
        options: Where the readings of people are, and the categories.
        memory_factor: Multiplies the memory that DuckDB may use.

    Raises:
        InputError: If a file is missing, or not as it has to be.
    """
    readings, own = folder / "readings.parquet", folder / f"{OWN_READINGS}.parquet"
    if not own.exists():
        readings.rename(own)
    schema = overridden_schema(options.categories)
    columns = {name: f'own."{name}"' for name in schema.names}
    for name, of_people in (
        ("described", "described"),
        ("described_without_embedding", "described"),
        ("described_by_embedding", "described"),
        ("refused", "refused"),
        ("valence", "valence"),
        *((name, f"scores[{place}]") for place, name in enumerate(options.categories.score_columns, start=1)),
    ):
        columns[name] = f"CASE WHEN people.refused IS NULL THEN {columns[name]} ELSE people.{of_people} END"
    columns["read_by"] = "CASE WHEN people.refused IS NULL THEN 'descan' ELSE 'people' END"
    selected = ", ".join(f'{value} AS "{name}"' for name, value in columns.items())
    query = (
        f"SELECT {selected} FROM readings AS own LEFT JOIN overriding AS people USING (item_id, model, repeat) "
        "ORDER BY own.part, own.file_row"
    )
    with open_comparison(folder, options, memory_factor, readings=OWN_READINGS) as connection:
        insert_readings(connection, options.human_readings, CategoryNames(options.categories, options.aliases))
        run_script(connection, "overriding")
        with pq.ParquetWriter(readings, schema, compression="zstd") as writer:
            for batch in connection.sql(query).to_arrow_reader(_BLOCK_ROWS):
                writer.write_table(pa.Table.from_batches([batch]).cast(schema), row_group_size=_BLOCK_ROWS)
