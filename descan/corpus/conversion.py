"""Tables that cannot be read block by block where they are, converted into one that can."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from descan.corpus.answers import UNNAMED_MODEL, AnswerParser
from descan.corpus.blocks import answer_key, repeated_error
from descan.corpus.column_names import FoundColumns
from descan.corpus.tables import Table
from descan.errors import without_credentials
from descan.records import Answer, Status

_FIELDS = (
    *("latency_s", "waited_s", "retries", "input_tokens", "output_tokens", "thinking_tokens", "cost_usd"),
    *("language", "prompt"),
)


@dataclass(frozen=True, slots=True)
class AnswerTable:
    """A table with answers.

    Attributes:
        table: Its rows.
        found: Its columns.
        model: The model of the rows that name none.
    """

    table: Table
    found: FoundColumns
    model: str = UNNAMED_MODEL

    def stream(self, left_out: Counter[str]) -> Iterator[Answer]:
        """Yield its answers; `left_out` counts repaired texts.

        Raises:
            InputError: If a row is not allowed.
        """
        parser = AnswerParser(self.table.path, self.found.names, left_out, self.model)
        return parser.parse_rows(self.table.stream(self.found.wanted), 0)


def convert(tables: Sequence[AnswerTable], target: Path, left_out: Counter[str]) -> None:
    """Write the answers of tables as an answers file of a corpus folder.

    `left_out` counts repaired texts.

    Raises:
        InputError: If a row is not allowed, or an answer occurs twice; the error names the line of the table.
    """
    seen = set[bytes]()
    with target.open("wb") as file:
        for number, table in enumerate(tables):
            for answer in table.stream(left_out):
                key = answer_key(answer) + (answer.prompt or "").encode()
                if key in seen:
                    place = _find_place(key, tables[:number])
                    raise repeated_error(answer, table.table.path, first=place)
                seen.add(key)
                file.write(orjson.dumps(answer_cells(answer), option=orjson.OPT_APPEND_NEWLINE))


def _find_place(key: bytes, tables: Sequence[AnswerTable]) -> str:
    """Return where tables have an answer with this key; empty if they have none."""
    for table in tables:
        for answer in table.stream(Counter()):
            if answer_key(answer) + (answer.prompt or "").encode() == key:
                return f"{without_credentials(table.table.path)}:{answer.line}"
    return ""


def answer_cells(answer: Answer) -> dict[str, object]:
    """Return an answer as a line of an answers file."""
    cells: dict[str, object] = {
        "item_id": answer.item_id,
        "model": answer.model,
        "mode": answer.mode.value,
        "text": answer.text,
        "repeat": answer.repeat,
    }
    if answer.status is not Status.OK:
        cells["status"] = answer.status.value
    cells.update({name: value for name in _FIELDS if (value := getattr(answer, name)) is not None})
    return cells
