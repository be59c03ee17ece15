"""What descriptions say of each action, beside the action units that witnesses see on the face."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from descan.compare.database import run_script
from descan.errors import InputError, quote
from descan.lexicon import load_lexicon
from descan.lexicon.witnessed_actions import load_witnessed_actions
from descan.storage.schemas import WITNESSED

_BLOCK_ROWS = 100_000
_BLOCK_DESCRIPTIONS = 10_000
_BLOCK_ITEMS = 10_000

_ACTIONS = pa.schema(
    [("number", pa.int32()), ("action", pa.string()), ("region", pa.string()), ("aus", pa.string())]
    + [(name, pa.bool_()) for name in ("needs_all", "only_absent", "is_first")]
    + [("not_beside", pa.int32())]
)
_UNITS = pa.schema([("number", pa.int32()), ("unit", pa.int32()), ("needs", pa.int32()), ("is_one_sided", pa.bool_())])
_SPEAKING = pa.schema([("number", pa.int32()), ("category", pa.string())])
_NAMES = pa.schema([("number", pa.int32()), ("said", pa.int32()), ("only_one_sided", pa.bool_())])


class _Action(NamedTuple):
    action: str
    region: str
    aus: str


def create_witnessed(connection: DuckDBPyConnection, language: str, speaking: Mapping[str, Sequence[str]]) -> None:
    """Create the table `witnessed`: what each description says of each action that a witness can tell of its item.

    And the table `causes`: why a description does not support gold.

    Args:
        connection: A database with the view `witnesses`, in which the scripts up to pairs.sql have run.
        language: The language whose inventory of actions counts.
        speaking: Action -> the categories that it speaks for.

    Raises:
        InputError: If a witness contradicts itself.
    """
    _check_consistent(connection)
    inventory = _inventory(connection, language)
    for name, rows, schema in (
        ("witness_actions", _action_rows(inventory), _ACTIONS),
        ("witness_units", _unit_rows(inventory), _UNITS),
        ("mention_names", _name_rows(inventory), _NAMES),
        ("speaking_actions", _speaking_rows(inventory, speaking), _SPEAKING),
    ):
        records = [dict(zip(schema.names, row, strict=True)) for row in rows]
        connection.from_arrow(pa.Table.from_pylist(records, schema=schema)).create(name)
    run_script(connection, "witnesses")
    [(n_items,)] = connection.execute("SELECT count(*) FROM witness_items").fetchall()
    for first in range(0, n_items, _BLOCK_ITEMS):
        connection.execute("SET VARIABLE first_item = ?", [first])
        connection.execute("SET VARIABLE end_item = ?", [first + _BLOCK_ITEMS])
        run_script(connection, "told_actions")
    run_script(connection, "witnessed")


def write_witnessed(connection: DuckDBPyConnection, path: Path) -> None:
    """Write `witnessed.parquet`, in the order of item, model, repeat, witness and action."""
    query = """
        SELECT item_id, model, repeat, action, witness, present, mentioned, outcome, side, said_side, aus
        FROM witnessed JOIN witness_actions USING (number)
        JOIN (SELECT description, item_id, model, repeat FROM descriptions) AS descriptions USING (description)
        WHERE description > ? AND description <= ?
        ORDER BY description, witness, number
    """
    [(n_descriptions,)] = connection.execute("SELECT count(*) FROM descriptions").fetchall()
    with pq.ParquetWriter(path, WITNESSED, compression="zstd") as writer:
        # Descriptions are numbered in that order; to sort all rows at once would take gigabytes.
        for start in range(0, n_descriptions, _BLOCK_DESCRIPTIONS):
            table = connection.sql(query, params=[start, start + _BLOCK_DESCRIPTIONS]).to_arrow_table()
            writer.write_table(table.cast(WITNESSED), row_group_size=_BLOCK_ROWS)


def _check_consistent(connection: DuckDBPyConnection) -> None:
    query = """
        SELECT item_id, witness, action_unit, count(DISTINCT (present, intensity, probability)) AS n
        FROM witnesses
        GROUP BY item_id, witness, action_unit, side
        HAVING n > 1
        ORDER BY ALL LIMIT 1
    """
    for item_id, witness, unit, n in connection.execute(query).fetchall():
        raise InputError(
            "witnesses",
            f"witness {quote(witness)} gives {n} values for unit {unit} of item {quote(item_id)}; give one, such as "
            "that of the frame where it is strongest",
        )


def _inventory(connection: DuckDBPyConnection, language: str) -> list[_Action]:
    """Return every action that has units: of the lexicon, and of a project's own words."""
    entries = load_lexicon(language).actions.actions
    query = "SELECT DISTINCT action, region, aus FROM mentions WHERE kind = 'action' ORDER BY ALL"
    known = {action: (entry.region, entry.aus) for action, entry in entries.items()}
    for action, region, aus in connection.execute(query).fetchall():
        known.setdefault(action, (region, aus))
    return [_Action(action, *place) for action, place in known.items() if place[1]]


def _action_rows(inventory: Sequence[_Action]) -> Iterator[tuple[object, ...]]:
    rules = load_witnessed_actions()
    before = set[str]()
    for number, (action, region, aus) in enumerate(inventory):
        kinds = "+" in aus, action in rules.only_absent, aus not in before
        yield number, action, region, aus, *kinds, rules.not_beside.get(action)
        before.add(aus)


def _unit_rows(inventory: Sequence[_Action]) -> Iterator[tuple[int, int, int | None, bool]]:
    rules = load_witnessed_actions()
    for number, one in enumerate(inventory):
        for unit in map(int, one.aus.replace("+", "/").split("/")):
            yield number, unit, rules.needs.get(unit), False
        if one.action in rules.one_sided:
            yield number, rules.one_sided[one.action], None, True


def _name_rows(inventory: Sequence[_Action]) -> Iterator[tuple[int, int, bool]]:
    """Yield under which actions a text may say each: those of the same units, and what one side alone is called."""
    one_sided = {(action, str(unit)) for action, unit in load_witnessed_actions().one_sided.items()}
    for number, one in enumerate(inventory):
        for said, other in enumerate(inventory):
            if one.aus == other.aus:
                yield number, said, False
            elif (one.action, other.aus) in one_sided or (other.action, one.aus) in one_sided:
                yield number, said, True


def _speaking_rows(inventory: Sequence[_Action], speaking: Mapping[str, Sequence[str]]) -> Iterator[tuple[int, str]]:
    for number, one in enumerate(inventory):
        yield from ((number, category) for category in speaking.get(one.action, ()))
