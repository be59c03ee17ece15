"""The items on the page whose verdict changed, with their texts in A and in B."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow as pa
from duckdb import DuckDBPyConnection

from descan.records import DESCAN
from descan.report.cases import MAX_CHARACTERS, Case, count_json_bytes, fetch_rows, pack_mention
from descan.report.record_pairs import create_read_by_people, run_script
from descan.storage.parquet_database import find_records, open_database
from descan.storage.schemas import ANSWERS, FLIPS, ITEMS, LABELS, MENTIONS, OWN_READINGS, READINGS
from descan.terminal import plain

MAX_REPLY = 500
"""Characters of a reply with a label that are shown."""

_SHOWN = ("item_id", "model_a", "model_b", "gold", "group", "verdict_a", "verdict_b", "media")
_TEXTS = ("label", "described", "detail", "repeat", "n_repeats", "reply", "text", "n_characters", "read_by")
_ITEMS = pa.schema([ITEMS.field(name) for name in ("item_id", "media")])
_READINGS = pa.schema([READINGS.field(name) for name in ("item_id", "model", "repeat", "described", "refused")])
_OVERRIDDEN = _READINGS.append(pa.field("read_by", pa.string()))
_ANSWERS = pa.schema([ANSWERS.field(name) for name in ("item_id", "model", "repeat", "mode", "status", "text")])


@dataclass(frozen=True, slots=True)
class ChosenFlips:
    """The flips of a page.

    Attributes:
        flips: As the page reads them.
        media: Of each flip, the path of its item's picture or clip as the corpus gives it, or "".
        n_flips: In all.
        per_cell: How many each pair of verdicts of each model has, or all that belong to it, whichever is less.
        n_cut: Texts that are not whole.
    """

    flips: list[Case]
    media: list[str]
    n_flips: int
    per_cell: int
    n_cut: int


@contextmanager
def open_flips(
    a: Path, b: Path, flips: Path, label_modes: Sequence[str], seed: int, memory_gb: float
) -> Iterator[DuckDBPyConnection]:
    """Open a database with the flips and what both analyses hold about them.

    Args:
        a: The folder of an analysis.
        b: That of the other.
        flips: The folder with `flips.parquet`.
        label_modes: The modes of the labels in A and in B.
        seed: Of the order in which flips are drawn.
        memory_gb: What queries may hold in memory.

    Raises:
        InputError: If a file is missing, damaged or lacks a column.
    """
    folders = {"a": a, "b": b}
    overridden = {run: (folder / f"{OWN_READINGS}.parquet").exists() for run, folder in folders.items()}
    inputs = {"items": _ITEMS, "answers": _ANSWERS, "labels": LABELS, "mentions": MENTIONS}
    records = {
        f"{run}_{name}": record
        for run, folder in folders.items()
        for name, record in find_records(
            folder, inputs | {"readings": _OVERRIDDEN if overridden[run] else _READINGS}
        ).items()
    }
    records |= find_records(flips, {"flips": FLIPS})
    with open_database(records, memory_gb=memory_gb) as connection:
        for run, mode in zip("ab", label_modes, strict=True):
            connection.execute(f"SET VARIABLE label_mode_{run} = ?", [mode])
            create_read_by_people(connection, f"{run}_", is_overridden=overridden[run])
        connection.execute("SET VARIABLE seed = ?", [str(seed)])
        yield connection


def choose_flips(
    connection: DuckDBPyConnection, models: Mapping[str, str], *, per_cell: int, max_bytes: int
) -> ChosenFlips:
    """Take at most `per_cell` flips from each verdict to each other of a model, fewer where they take too many bytes.

    Args:
        connection: From `open_flips`; the tables of flips.sql are made in it.
        models: The models that are shown: name in A -> what the page calls it.
        per_cell: Flips of a cell.
        max_bytes: Of all flips as JSON.
    """
    connection.execute("SET VARIABLE cases_per_cell = ?", [per_cell])
    connection.execute("SET VARIABLE max_characters = ?", [MAX_CHARACTERS])
    connection.execute("SET VARIABLE max_reply = ?", [MAX_REPLY])
    connection.execute("SET VARIABLE models = ?", [list(models)])
    run_script(connection, "flips")
    flips: list[Case] = []
    media: list[str] = []
    n_bytes = n_cut = 0
    for rank, path, flip in _stream(connection, models):
        n_bytes += count_json_bytes(flip)
        if n_bytes > max_bytes:
            per_cell = rank - 1
            break
        flips.append(flip)
        media.append(path)
        n_cut += sum(len(side["text"]) != side["n_characters"] for side in (flip["a"], flip["b"]))  # type: ignore[index]
    [(n_flips,)] = connection.execute("SELECT count(*) FROM flips").fetchall()
    return ChosenFlips(flips, media, n_flips, per_cell, n_cut)


def _stream(connection: DuckDBPyConnection, models: Mapping[str, str]) -> Iterator[tuple[int, str, Case]]:
    columns = ", ".join(f'"{column}"' for column in _SHOWN)
    rows = fetch_rows(connection.cursor(), f"SELECT number, rank, {columns} FROM shown ORDER BY number")
    sides = _sides(connection)
    for _, rank, *values in rows:
        found = dict(zip(_SHOWN, values, strict=True))
        both = {run: side for _, run, side in islice(sides, 2)}
        flip: Case = {
            "item_id": plain(str(found["item_id"])),
            "model": models[str(found["model_a"])],
            "gold": found["gold"] or "",
            "group": plain(str(found["group"] or "")),
            "from": found["verdict_a"],
            "to": found["verdict_b"],
            "thumbnail": None,
            **both,
        }
        yield rank, str(found["media"]), flip


def _sides(connection: DuckDBPyConnection) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Yield of each flip, in order, what A has and then what B has."""
    rows = fetch_rows(connection.cursor(), f"SELECT number, run, {', '.join(_TEXTS)} FROM side_texts")
    mentions = groupby(fetch_rows(connection.cursor(), "FROM side_mentions"), key=itemgetter(0, 1))
    told, group = next(mentions, (None, iter(())))
    for number, run, *values in rows:
        side = {**dict(zip(_TEXTS, values, strict=True)), "mentions": []}
        if side["read_by"] == DESCAN:
            del side["read_by"]
        if told == (number, run):
            side["mentions"] = [pack_mention(row[2:]) for row in group]
            told, group = next(mentions, (None, iter(())))
        yield number, run, side
