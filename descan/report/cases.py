"""Which descriptions a page holds: some of every cell, the same ones for a seed, within a number of bytes."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from duckdb import DuckDBPyConnection

from descan.lexicon import UNDETERMINED
from descan.records import DEFAULT_LANGUAGE, DESCAN
from descan.report.record_pairs import run_script
from descan.terminal import plain

Case = dict[str, object]

MAX_CHARACTERS = 5_000
"""Characters of a description that are shown; a longer one is cut."""

COUNTED = ("model", "gold", "label", "described", "verdict", "detail", "evidence")

CASE_COLUMNS = ("item_id", *COUNTED, "group", "repeat", "n_repeats", "shares", "read_by", "media")
_FETCH_ROWS = 500
_ESCAPED = "<>&"
_ESCAPED_BYTES = 6  # As \u003c.


@dataclass(frozen=True, slots=True)
class ChosenCases:
    """The cases of a page.

    Attributes:
        cases: As the page reads them. Those that come first are the first drawn in their cells.
        media: Of each case, the path of its item's picture or clip as the corpus gives it, or "". Length: n_cases.
        n_pairs: Items and models in all.
        per_cell: How many each cell has, or all that belong to it, whichever is less.
        n_cut: Cases whose text is not whole.
    """

    cases: list[Case]
    media: list[str]
    n_pairs: int
    per_cell: int
    n_cut: int


def choose_cases(connection: DuckDBPyConnection, *, per_cell: int, max_bytes: int) -> ChosenCases:
    """Take at most `per_cell` cases of every cell, evenly fewer where they would take more than `max_bytes`.

    A cell is a model with a label and gold, with what was described and gold, with a verdict, its detail and gold, or
    with an action that a description asserts. The draw of `record_pairs.open_records` decides which cases are taken.

    Args:
        connection: From `record_pairs.open_records`; the tables of cases.sql are made in it.
        per_cell: Cases of a cell.
        max_bytes: Of all cases as JSON.
    """
    connection.execute("SET VARIABLE cases_per_cell = ?", [per_cell])
    connection.execute("SET VARIABLE max_characters = ?", [MAX_CHARACTERS])
    run_script(connection, "cases")
    cases: list[Case] = []
    media: list[str] = []
    n_bytes = 0
    for rank, path, case in read_cases(connection):
        n_bytes += count_json_bytes(case)
        if n_bytes > max_bytes:
            per_cell = rank - 1
            break
        cases.append(case)
        media.append(path)
    [(n_pairs,)] = connection.execute("SELECT count(*) FROM pairs").fetchall()
    n_cut = sum(len(str(case["text"])) != case["n_characters"] for case in cases)
    return ChosenCases(cases, media, n_pairs, per_cell, n_cut)


def count_pairs(connection: DuckDBPyConnection) -> dict[str, object]:
    """Count the pairs of item and model by all that a page filters by: `columns`, and `rows` that end in the count."""
    columns = ", ".join(COUNTED)
    rows = connection.execute(f"SELECT {columns}, count(*) FROM pairs GROUP BY ALL ORDER BY ALL").fetchall()
    return {"columns": list(COUNTED), "rows": [[plain(row[0]), *row[1:]] for row in rows]}


def read_cases(connection: DuckDBPyConnection) -> Iterator[tuple[int, str, Case]]:
    """Yield the cases of a page: the rank of each, the path of its item's picture or clip, and what the page reads.

    Args:
        connection: A database with `cases`, `case_texts`, `case_mentions` and `case_witnessed` as in cases.sql.
    """
    columns = ", ".join(f'"{column}"' for column in CASE_COLUMNS)
    query = (
        f"SELECT number, rank, {columns}, text, n_characters, language FROM cases LEFT JOIN case_texts USING (number)"
    )
    rows = fetch_rows(connection.cursor(), f"{query} ORDER BY number")
    mentions = _Beside(connection, "case_mentions")
    witnessed = _Beside(connection, "case_witnessed")
    for number, rank, *values, text, n_characters, language in rows:
        case: Case = dict(zip(CASE_COLUMNS, values, strict=True))
        case |= {"item_id": plain(str(case["item_id"])), "model": plain(str(case["model"]))}
        path = str(case.pop("media"))
        if case["read_by"] == DESCAN:
            del case["read_by"]
        case |= {"text": text or "", "n_characters": n_characters or 0, "thumbnail": None, "mentions": []}
        if language and language not in (DEFAULT_LANGUAGE, UNDETERMINED):  # That of the page is English.
            case["language"] = language
        case["mentions"] = [_pack_witnessed_mention(row) for row in mentions.take(number)]
        if seen := _pack_witnessed(witnessed.take(number)):
            case["witnessed"] = seen
        yield rank, path, case


class _Beside:
    """The rows of a table that begin with the number of a case, taken case by case."""

    def __init__(self, connection: DuckDBPyConnection, table: str) -> None:
        self._groups = groupby(fetch_rows(connection.cursor(), f"FROM {table}"), key=itemgetter(0))
        self._next: tuple[object, Iterator[tuple[Any, ...]]] = next(self._groups, (None, iter(())))

    def take(self, number: int) -> list[tuple[Any, ...]]:
        """Return the rows of a case, without its number; none may be asked for before an earlier one."""
        if self._next[0] != number:
            return []
        rows = [row[1:] for row in self._next[1]]
        self._next = next(self._groups, (None, iter(())))
        return rows


def _pack_witnessed_mention(row: tuple[Any, ...]) -> list[object]:
    """Return a mention with who tells of its action: `[[witness, 1 or 0], ...]`, where there are witnesses."""
    *mention, witnesses = row
    told = [[plain(witness), int(present)] for witness, present in witnesses or ()]
    return [*pack_mention(tuple(mention)), *([told] if told else [])]


def _pack_witnessed(rows: list[tuple[Any, ...]]) -> list[list[object]]:
    """Return what each witness tells: `[witness, n_told, [[outcome, units, action, ...], ...]]`.

    An action that is neither shown nor mentioned is only counted.
    """
    packed = []
    for witness, of_witness in groupby(sorted(rows, key=itemgetter(0)), key=itemgetter(0)):
        told = list(of_witness)
        outcomes = [[outcome, aus, *actions] for _, outcome, aus, actions, _ in told if outcome != "correct_rejection"]
        packed.append([plain(witness), len(told), outcomes])
    return packed


def fetch_rows(cursor: DuckDBPyConnection, query: str) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query, few of them in memory at a time."""
    result = cursor.execute(query)
    while rows := result.fetchmany(_FETCH_ROWS):
        yield from rows


def pack_mention(row: tuple[Any, ...]) -> list[object]:
    """Return a mention as marks.js reads it, from the columns of `case_mentions` (see cases.sql) after the first."""
    start, end, kind, name, category, negated, hedged, target, is_conclusion, *cues = row
    flags = bool(negated) + 2 * bool(hedged) + 4 * (target == "scene") + 8 * bool(is_conclusion)
    return [start, end, str(kind)[0], name, category, flags, *cues]


def count_json_bytes(case: Case) -> int:
    """Return how many bytes a case takes in a page."""
    text = json.dumps(case, ensure_ascii=False, separators=(",", ":"))
    n_escaped = sum(map(text.count, _ESCAPED))
    return len(text.encode(errors="replace")) + n_escaped * (_ESCAPED_BYTES - 1) + 1
