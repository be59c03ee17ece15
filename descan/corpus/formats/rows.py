"""Rows, blocks of rows, and the columns that descan knows."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from descan.errors import without_credentials

COUNT_COLUMNS = ("repeat", "retries", "input_tokens", "output_tokens", "thinking_tokens")
AMOUNT_COLUMNS = ("latency_s", "waited_s", "cost_usd")
TEXT_COLUMNS = ("item_id", "model", "mode", "status", "text", "language")
PROMPT_COLUMNS = ("prompt", "prompt_sha256")
PARAMS_COLUMN = "params_sha256"
ANSWER_COLUMNS = (*TEXT_COLUMNS, *COUNT_COLUMNS, *AMOUNT_COLUMNS, *PROMPT_COLUMNS, PARAMS_COLUMN)


@dataclass(frozen=True, slots=True)
class ColumnNames:
    """The column names of a bare table; the table must have every column that is renamed here.

    Attributes:
        annotators: Columns with what one annotator chose as gold: names with commas between them, in which `#` stands
            for a number and `*` for anything.
    """

    text: str = "text"
    item_id: str = "item_id"
    gold: str = "gold"
    label: str = "label"
    model: str = "model"
    annotators: str = "gold_#"


class Row(NamedTuple):
    """One row of a table.

    Attributes:
        line: Where the row begins: a line of a CSV or JSON Lines file, a row of a Parquet file (1-based).
        cells: Values by column; None for an empty cell.
    """

    line: int
    cells: Mapping[str, object]


class Block(NamedTuple):
    """A part of a table that any process can load by itself.

    Attributes:
        path: The file.
        start: First byte of the block in a CSV or JSON Lines file, first row within the row group of a Parquet file.
        end: The byte or row after its last one.
        first_line: Its first line in a CSV or JSON Lines file, its first row in a Parquet file (1-based).
        last_line: Its last line or row.
        first_row: Number of rows of the file before the block; blank lines do not count.
        n_bytes: Bytes of the corpus up to the end of the block, in file order.
        row_group: The row group of a Parquet file.
        header: The columns of a CSV file.
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
        """Return where the block is, for messages: `answers.jsonl, lines 1001-2000`."""
        unit = "lines" if self.row_group is None else "rows"
        return f"{without_credentials(self.path)}, {unit} {self.first_line}-{self.last_line}"
