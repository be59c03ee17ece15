"""Every case of an analysis, a page at a time: filtered and read by DuckDB."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from threading import Lock

import numpy as np
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from descan.emotions import UNDECIDED, CategorySet
from descan.report.cases import CASE_COLUMNS, MAX_CHARACTERS, Case, read_cases
from descan.storage.safe_csv import format_rows
from descan.terminal import plain

FIELDS = ("model", "gold", "label", "described", "verdict", "detail", "evidence", "item")
"""Filters by a column of the pairs; `item` is `item_id`."""

MENTIONED = {
    "action": ("action", "name"),
    "region": ("action", "region"),
    "term": ("emotion", "name"),
    "category": ("emotion", "category"),
}
"""Filters by what a description mentions: the kind of mention, and the column of `marks`."""

ASSERTIONS = {
    "asserted": "NOT negated AND target <> 'scene'",
    "negated": "negated",
    "hedged": "hedged AND NOT negated",
    "scene": "target = 'scene'",
    "any": "true",
}
"""How it mentions it; the first is the default."""

FILTERS = (*FIELDS, *MENTIONED, "assertion", "words")

NO_CATEGORY = "none"
"""As a filter of gold, label or described: whatever is no category and not Undecided."""

_CSV_ROWS = 5_000
_KEPT_FILTERS = 8


@dataclass(slots=True)
class CasePages:
    """The cases of an analysis, by filter and page. Threads wait for each other.

    Attributes:
        connection: From `record_pairs.open_records`.
        categories: The category set of the analysis.
    """

    connection: DuckDBPyConnection
    categories: CategorySet
    _lock: Lock = field(default_factory=Lock, repr=False)
    _places: dict[tuple[tuple[str, str], ...], NDArray[np.int64]] = field(default_factory=dict, repr=False)
    _shown: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Make the tables that pages are read from."""
        self.connection.execute("SET VARIABLE max_characters = ?", [MAX_CHARACTERS])
        self._run("cases")
        for column in ("item_id", "model"):
            # Names that a page may show otherwise than they are.
            query = f"SELECT DISTINCT {column} FROM pairs WHERE regexp_matches({column}, '[^ -~]')"
            for (name,) in self.connection.execute(query).fetchall():
                self._shown[column, plain(name)] = name

    def read_page(self, filters: Mapping[str, str], start: int, size: int) -> tuple[int, list[Case]]:
        """Return how many cases there are, and some of them as the page shows them, each with its `place`.

        Args:
            filters: By the names in `FILTERS`; an empty value, or another name, filters nothing.
            start: How many cases come before those that are returned.
            size: How many are returned.
        """
        with self._lock:
            places = self._find_places(filters)
            chosen = places[start : start + size]
            self._choose(chosen)
            self._run("page")
            cases = []
            for place, (_, media, case) in zip(chosen.tolist(), read_cases(self.connection), strict=True):
                cases.append({**case, "place": place, "has_media": bool(media)})
            return len(places), cases

    def find_media(self, place: int) -> str | None:
        """Return the path of the picture or clip of a case as the corpus gives it, or None."""
        with self._lock:
            found = self.connection.execute("SELECT media FROM pairs WHERE place = ?", [place]).fetchone()
        return str(found[0]) if found and found[0] else None

    def list_names(self) -> dict[str, list[str]]:
        """Return what is mentioned of each kind, the most frequent first."""
        found = {}
        with self._lock:
            for name, (kind, column) in MENTIONED.items():
                query = (
                    f"SELECT {column} FROM marks WHERE kind = ? AND {column} <> '' GROUP BY 1 ORDER BY count(*) DESC, 1"
                )
                found[name] = [str(value) for (value,) in self.connection.execute(query, [kind]).fetchall()]
        return found

    def write_csv(self, filters: Mapping[str, str]) -> Iterator[str]:
        """Yield the cases of a filter as a CSV file with their whole texts, in cells that are safe to open."""
        columns = [name for name in CASE_COLUMNS if name != "media"]
        yield format_rows([[*columns, "text"]])
        with self._lock:
            places = self._find_places(filters)
        query = (
            f"SELECT {', '.join(map(_quote, columns))}, coalesce(text, '') "
            "FROM page JOIN pairs USING (place) LEFT JOIN texts USING (place) ORDER BY number"
        )
        for start in range(0, len(places), _CSV_ROWS):
            with self._lock:
                self._choose(places[start : start + _CSV_ROWS])
                rows = self.connection.execute(query).fetchall()
            yield format_rows(rows)

    def _find_places(self, filters: Mapping[str, str]) -> NDArray[np.int64]:
        """Return the places of the cases of a filter, in order; those of the last filters are kept."""
        key = tuple((name, filters[name]) for name in FILTERS if filters.get(name))
        if key not in self._places:
            conditions, values = self._conditions(dict(key))
            query = f"SELECT place FROM pairs WHERE {' AND '.join(conditions)} ORDER BY place"
            found = self.connection.execute(query, values).fetchnumpy()["place"]
            while len(self._places) >= _KEPT_FILTERS:
                self._places.pop(next(iter(self._places)))
            self._places[key] = np.asarray(found, dtype=np.int64)
        return self._places[key]

    def _conditions(self, filters: Mapping[str, str]) -> tuple[list[str], list[object]]:
        conditions, values = ["true"], list[object]()
        how = ASSERTIONS.get(filters.get("assertion", ""), next(iter(ASSERTIONS.values())))
        for name, value in filters.items():
            if name in MENTIONED:
                kind, column = MENTIONED[name]
                is_named = f"spell({column}) = spell(?)"
                conditions.append(f"place IN (SELECT place FROM marks WHERE kind = ? AND {is_named} AND {how})")
                values += [kind, value]
            elif name == "words":
                conditions.append("place IN (SELECT place FROM texts WHERE contains(words, lower(?)))")
                values.append(value)
            elif name == "assertion" and not MENTIONED.keys() & filters.keys():
                conditions.append(f"place IN (SELECT place FROM marks WHERE {how})")
            elif name in FIELDS:
                column = "item_id" if name == "item" else name
                is_none = value == NO_CATEGORY and name in ("gold", "label", "described")
                conditions.append(f"NOT list_contains(?, {column})" if is_none else f"{column} = ?")
                values.append(
                    [*self.categories.names, UNDECIDED] if is_none else self._shown.get((column, value), value)
                )
        return conditions, values

    def _choose(self, places: NDArray[np.int64]) -> None:
        self.connection.execute(
            "CREATE OR REPLACE TABLE page AS "
            "SELECT unnest(range(len(?::BIGINT[]))) AS number, unnest(?::BIGINT[]) AS place",
            [places.tolist()] * 2,
        )

    def _run(self, name: str) -> None:
        self.connection.execute(files("descan.review").joinpath(f"sql/{name}.sql").read_text("utf-8"))


def _quote(column: str) -> str:
    return f'"{column}"'
