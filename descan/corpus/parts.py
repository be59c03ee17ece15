"""What a file of answers consists of: columns, rows, and blocks of rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from descan.errors import without_credentials

SUFFIXES = (".csv", ".jsonl", ".ndjson", ".parquet")
COUNT_COLUMNS = ("repeat", "input_tokens", "output_tokens", "thinking_tokens")
AMOUNT_COLUMNS = ("latency_s", "cost_usd")
TEXT_COLUMNS = ("item_id", "model", "mode", "status", "text")
ANSWER_COLUMNS = (*TEXT_COLUMNS, *COUNT_COLUMNS, *AMOUNT_COLUMNS)


@dataclass(frozen=True, slots=True)
class ColumnNames:
    """The columns of a bare file; a column that is named otherwise than here must be there."""

    text: str = "text"
    item_id: str = "item_id"
    gold: str = "gold"
    label: str = "label"
    model: str = "model"


class Row(NamedTuple):
    """One row of a file.

    Attributes:
        line: Where the row begins: a line of a CSV or JSONL file, a row of a Parquet file (1-based).
        cells: Value by column; None where a cell is empty.
    """

    line: int
    cells: Mapping[str, object]


class Block(NamedTuple):
    """A part of a file that any process can read by itself.

    Attributes:
        path: The file.
        start: Where the block begins: a byte of a CSV or JSONL file, a row of the row group of a Parquet file.
        end: Behind its end, counted alike.
        first_line: Line of a CSV or JSONL file, row of a Parquet file (1-based) where it begins.
        last_line: That where it ends.
        first_row: How many rows of the file come before; lines that are blank are none.
        n_bytes: Bytes of the corpus's files up to its end, in reading order.
        row_group: Of a Parquet file.
        header: Of a CSV file: its columns.
    """

    path: Path
    start: int
    end: int
    first_line: int
    last_line: int
    first_row: int
    n_bytes: int
    row_group: int | None = None
    header: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Give the place."""
        return self.place

    @property
    def place(self) -> str:
        """Where it is, for messages: `answers.jsonl, lines 1001-2000`."""
        unit = "lines" if self.row_group is None else "rows"
        return f"{without_credentials(self.path)}, {unit} {self.first_line}-{self.last_line}"
