"""How often descan reads an action otherwise than people, from the actions that people marked in descriptions."""

from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
from duckdb import DuckDBPyConnection

from descan.compare.database import read_sql
from descan.compare.witness_errors import TellingError
from descan.corpus.formats import Row, stream_rows
from descan.corpus.values import parse_count, parse_name
from descan.errors import InputError, quote

MARK_COLUMNS = ("item_id", "model", "repeat", "action", "said")
_REQUIRED = ("item_id", "model", "action", "said")
_LISTS = ("present", "denied")
"""What `descan review` writes of a text in place of action and said: the actions that a reader marked in it."""

_SAID = {"present": True, "denied": False, "absent": False}
"""What a person says of an action in a text -> whether the text says it."""

_SCHEMA = pa.schema(
    [
        ("item_id", pa.string()),
        ("model", pa.string()),
        ("repeat", pa.int64()),
        ("action", pa.string()),
        ("is_said", pa.bool_()),
    ]
)


_Key = tuple[str, str, int, str]


class ActionMark(NamedTuple):
    """What a person says of one action in one description.

    Attributes:
        is_said: Whether the text says that the face shows it, surely or not.
    """

    item_id: str
    model: str
    repeat: int
    action: str
    is_said: bool


def load_action_marks(path: Path, actions: Collection[str] = ()) -> list[ActionMark]:
    """Load what people mark: `item_id, model, repeat, action, said`, where said is present, denied or absent.

    Without a column `repeat` all marks are of repeat 0. A file of readings of `descan review` is taken as well: readers
    mark all actions of a text or none, so that in a text with marks every other action is absent. Where readers of a
    text differ in an action, most of them decide; on a tie it has no mark.

    Args:
        path: The file.
        actions: All that can be marked.

    Raises:
        InputError: If a column is missing, a value is not allowed, or marks contradict each other.
    """
    found: dict[_Key, bool] = {}
    votes: Counter[_Key] = Counter()
    for row in stream_rows(path, None, also=MARK_COLUMNS):
        if "described" in row.cells:
            votes.update(_votes(path, row, actions))
            continue
        missing = [name for name in _REQUIRED if name not in row.cells]
        if missing:
            raise InputError(path, f"no column {', '.join(missing)}; use {', '.join(MARK_COLUMNS)}", 1)
        item_id, model, action, said = (parse_name(row.cells, name, path, row.line) for name in _REQUIRED)
        if said not in _SAID:
            raise InputError(path, f"said {quote(said)} is not allowed; use {', '.join(_SAID)}", row.line)
        key = item_id, model, parse_count(row.cells, "repeat", path, row.line) or 0, action
        if found.setdefault(key, _SAID[said]) != _SAID[said]:
            raise InputError(
                path, f"action {quote(action)} of {quote(item_id)} is marked twice; mark it once", row.line
            )
    found.update({key: n_more > 0 for key, n_more in votes.items() if n_more})
    return [ActionMark(*key, is_said) for key, is_said in found.items()]


def _votes(path: Path, row: Row, actions: Collection[str]) -> dict[_Key, int]:
    """Return 1 for each action that a reader's text says, by the reader, and -1 for each other one."""
    present, denied = (_named(path, row, column) for column in _LISTS)
    if not present | denied:
        return {}
    item_id, model = (parse_name(row.cells, name, path, row.line) for name in ("item_id", "model"))
    repeat = parse_count(row.cells, "repeat", path, row.line) or 0
    return {
        (item_id, model, repeat, action): 1 if action in present else -1 for action in {*present, *denied, *actions}
    }


def _named(path: Path, row: Row, column: str) -> set[str]:
    named = row.cells.get(column) or []
    if not isinstance(named, list) or not all(isinstance(action, str) for action in named):
        raise InputError(path, f'{column} must be a list of actions, as in ["smile"]', row.line)
    return set(named)


def reading_errors(connection: DuckDBPyConnection, path: Path) -> dict[str, TellingError]:
    """Return how often descan errs about each action in marked texts; actions of the same units share it.

    Args:
        connection: A database in which witnesses.sql has run.
        path: Of the marks.

    Raises:
        InputError: If the file is not what is allowed, or none of its marks is of an action of a description.
    """
    known = [name for (name,) in connection.execute("SELECT action FROM witness_actions ORDER BY number").fetchall()]
    marks = load_action_marks(path, known)
    for mark in marks:
        if mark.action not in known:
            raise InputError(path, f"action {quote(mark.action)} is unknown; use one of {', '.join(known)}")
    table = pa.Table.from_pylist([mark._asdict() for mark in marks], schema=_SCHEMA)
    connection.from_arrow(table).create("action_marks")
    counts = connection.execute(read_sql("action_marks")).fetchall()
    if not counts:
        raise InputError(path, "no mark is of a description of this corpus; the marks name item_id, model and repeat")
    return dict(_errors(counts))


def _errors(counts: list[tuple[str, int, int, int, int]]) -> Iterator[tuple[str, TellingError]]:
    for action, n_said, n_read, n_unsaid, n_unread in counts:
        if n_said and n_unsaid:
            yield action, TellingError(n_read / n_said, n_unread / n_unsaid, n_said, n_unsaid)
