"""Tables that cannot be read block by block where they are, converted into one that can."""

from collections import Counter
from pathlib import Path

import orjson

from descan.corpus.answers import AnswerParser
from descan.corpus.blocks import answer_key, repeated_error
from descan.corpus.formats import ColumnNames
from descan.corpus.tables import Table
from descan.records import Answer, Status

_FIELDS = ("latency_s", "input_tokens", "output_tokens", "thinking_tokens", "cost_usd")


def convert(table: Table, columns: ColumnNames, target: Path, left_out: Counter[str]) -> None:
    """Write the answers of a table as an answers file of a corpus folder.

    `left_out` counts repaired texts.

    Raises:
        InputError: If a row is not allowed, or an answer occurs twice; the error names the line of the table.
    """
    seen = set[bytes]()
    with target.open("wb") as file:
        for answer in AnswerParser(table.path, columns, left_out).parse_rows(table.stream(columns), 0):
            key = answer_key(answer)
            if key in seen:
                raise repeated_error(answer, table.path)
            seen.add(key)
            file.write(orjson.dumps(_cells(answer), option=orjson.OPT_APPEND_NEWLINE))


def _cells(answer: Answer) -> dict[str, object]:
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
