"""What the reader of a format yields, and what it could not take."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple


class LogRow(NamedTuple):
    """One answer of a log.

    Attributes:
        path: The file that it is in.
        line: Its line, or its number in the file (1-based).
        cells: What the format says of item and answer, by descan's columns: `item_id`, `model`, `mode`, `text`,
            `status`, `finish_reason`, `repeat`, `gold`, `group`, `media` and so on; None or missing where it does not.
        prompt: What the model was asked, or empty where the log does not say.
        fields: All that the log has of this answer, by the log's own names, for the options that name a column.
    """

    path: Path
    line: int
    cells: Mapping[str, object]
    prompt: str = ""
    fields: Mapping[str, object] = {}


@dataclass(slots=True)
class Remark:
    """Something to say of one or more rows.

    Attributes:
        n: How many.
        first: Where the first is, as `log.jsonl:7`.
    """

    n: int
    first: str


class Remarks:
    """What is to be said of logs, with counts and first places.

    Attributes:
        losses: Reason -> what was not taken for it.
        warnings: Warning -> what was taken and needs care.
    """

    def __init__(self) -> None:
        """Start with nothing."""
        self.losses: dict[str, Remark] = {}
        self.warnings: dict[str, Remark] = {}

    def lose(self, reason: str, path: Path, line: int | None = None) -> None:
        """Count something that is not taken."""
        _count(self.losses, reason, path, line)

    def warn(self, warning: str, path: Path, line: int | None = None) -> None:
        """Count something that is taken and needs care."""
        _count(self.warnings, warning, path, line)


def fill_models(rows: Iterable[LogRow]) -> Iterator[LogRow]:
    """Yield rows; those of a failed request, which name no model, come last and have the model if there is only one."""
    unnamed = []
    models: dict[object, None] = {}
    for row in rows:
        if row.cells.get("model"):
            models[row.cells["model"]] = None
            yield row
        else:
            unnamed.append(row)
    only = next(iter(models)) if len(models) == 1 else None
    for row in unnamed:
        yield row._replace(cells={**row.cells, "model": only})


def find_field(fields: Mapping[str, object], name: str) -> object:
    """Return the value of a field, whose name may be a dotted path and be written in another case; None if missing."""
    if name in fields:
        return fields[name]
    folded = name.casefold()
    for key, value in fields.items():
        if key.casefold() == folded:
            return value
    first, dot, rest = name.partition(".")
    inner = fields.get(first) if dot else None
    return find_field(inner, rest) if isinstance(inner, Mapping) else None


def _count(remarks: dict[str, Remark], text: str, path: Path, line: int | None) -> None:
    remark = remarks.get(text)
    if remark is None:
        remarks[text] = Remark(1, path.name if line is None else f"{path.name}:{line}")
    else:
        remark.n += 1
