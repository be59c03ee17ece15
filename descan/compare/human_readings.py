"""Human readings of descriptions: what a person says that a text of this corpus says."""

from collections.abc import Iterator
from dataclasses import astuple, dataclass
from pathlib import Path

from duckdb import DuckDBPyConnection

from descan.corpus.formats import ColumnNames, stream_rows
from descan.corpus.values import parse_count, parse_name
from descan.emotions import UNDECIDED, Emotion
from descan.errors import InputError, quote

_SUFFIXES = (".csv", ".jsonl", ".ndjson")
_CHOICES = {choice.casefold(): choice for choice in (*map(str, Emotion), UNDECIDED)}


@dataclass(frozen=True, slots=True)
class HumanReading:
    """What a person read in one description.

    Attributes:
        read: One of the seven categories, or Undecided.
        line: Where it stands in its file (1-based).
    """

    item_id: str
    model: str
    repeat: int
    read: str
    line: int


def load_human_readings(path: Path) -> list[HumanReading]:
    """Read a file of human readings, one description a row.

    Args:
        path: A .csv, .jsonl or .ndjson file with `item_id`, `model`, `read` and, where models were asked more than
            once, `repeat` (0 where it is missing).

    Raises:
        InputError: If a row is not allowed, a description is read twice, or there is no row.
    """
    if path.suffix.lower() not in _SUFFIXES:
        raise InputError(path, f"human readings cannot be {quote(path.suffix)}; use one of {', '.join(_SUFFIXES)}")
    found: dict[tuple[str, str, int], HumanReading] = {}
    for reading in _readings(path):
        key = (reading.item_id, reading.model, reading.repeat)
        if key in found:
            where = f"{quote(reading.item_id)} by {quote(reading.model)}, repeat {reading.repeat},"
            raise InputError(path, f"{where} is read in line {found[key].line} already; give one reading", reading.line)
        found[key] = reading
    if not found:
        raise InputError(path, "no readings; give at least one")
    return list(found.values())


def insert_human_readings(connection: DuckDBPyConnection, path: Path | None) -> None:
    """Create the table `human_readings` (item_id, model, repeat, read), empty where there is no file.

    Args:
        connection: A database in which pairs.sql has run.
        path: The file, or None.

    Raises:
        InputError: If the file is not as `load_human_readings` says, or names what is no description of this corpus.
    """
    readings = [] if path is None else load_human_readings(path)
    columns = [list(column) for column in zip(*map(astuple, readings), strict=True)] or [[], [], [], [], []]
    connection.execute(
        """
        CREATE TABLE human_readings AS
        SELECT
            unnest(?::VARCHAR[]) AS item_id, unnest(?::VARCHAR[]) AS model, unnest(?::INTEGER[]) AS repeat,
            unnest(?::VARCHAR[]) AS read, unnest(?::BIGINT[]) AS line
        """,
        columns,
    )
    if path is not None:
        _check_descriptions(connection, path)


def _readings(path: Path) -> Iterator[HumanReading]:
    for row in stream_rows(path, ColumnNames()):
        item_id, model = (parse_name(row.cells, column, path, row.line) for column in ("item_id", "model"))
        repeat = parse_count(row.cells, "repeat", path, row.line) or 0
        given = row.cells.get("read")
        read = _CHOICES.get(given.strip().casefold()) if isinstance(given, str) else None
        if read is None:
            problem = f"read {quote(given)} is unknown; use one of {', '.join(_CHOICES.values())}"
            raise InputError(path, problem, row.line)
        yield HumanReading(item_id, model, repeat, read, row.line)


def _check_descriptions(connection: DuckDBPyConnection, path: Path) -> None:
    query = """
        SELECT item_id, model, repeat, line
        FROM human_readings ANTI JOIN (FROM answers WHERE mode = 'describe') AS answers USING (item_id, model, repeat)
        ORDER BY line LIMIT 1
    """
    for item_id, model, repeat, line in connection.execute(query).fetchall():
        what = f"{quote(item_id)} by {quote(model)}, repeat {repeat},"
        raise InputError(path, f"{what} is no description of this corpus; name those that it has", line)
