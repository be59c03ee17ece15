"""The cases that a person asks for: items and models with what was said of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from duckdb import DuckDBPyConnection

from descan.errors import InputError, quote
from descan.records import DESCAN, Mention, Verdict
from descan.report.analysis_tables import AnalysisTables
from descan.report.cases import CASE_COLUMNS
from descan.report.notebook import cases_html
from descan.report.record_pairs import MEMORY_GB, open_records
from descan.report.wording import count, join_some
from descan.storage.parquet_database import run_with_enough_memory
from descan.terminal import plain

if TYPE_CHECKING:
    import pandas as pd

_N_SHOWN = 20
"""A notebook shows no more cases than this."""

_N_NAMED = 12
"""An error names no more values than this."""

_KINDS = {"action": "action", "term": "emotion"}
"""The columns of mentions that cases are asked for by, with the kind of mention that has them."""

_KEYS = ["item_id", "model", "repeat"]

_TOLD = ("item_id", "model", "gold", "label", "described", "verdict", "detail", "evidence", "shares", "read_by")


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Cases:
    """Items and models with what was said of them. A notebook shows the descriptions, with their mentions marked.

    Attributes:
        frame: A row for each case, shape (n_cases, 15): item_id, model, gold, label, described, verdict, detail,
            evidence, group, media, repeat, n_repeats, shares, read_by and text. `text` is the description, one of
            `n_repeats`: the first that reads as the verdict has it. Where there is no label or reading, the reason is
            in its place. Where repeats differ, the verdict is the one that most of them have, and `shares` tells how
            many have each. `read_by` is descan, or people where their reading counts instead.
        mentions: What these descriptions mention: rows of `mentions.parquet`.
    """

    frame: "pd.DataFrame"
    mentions: "pd.DataFrame"

    def __len__(self) -> int:
        """Return the number of cases."""
        return len(self.frame)

    def head(self, n: int = 5) -> "Cases":
        """Return the first cases."""
        return self._keep(self.frame.head(n))

    def sample(self, n: int = 5, seed: int = 0) -> "Cases":
        """Return some cases that are drawn at random, the same ones for a seed; all of them if there are fewer."""
        return self._keep(self.frame.sample(min(n, len(self)), random_state=seed))

    def __repr__(self) -> str:
        """Say how many there are, and show the first as a frame."""
        return f"{count(len(self), 'case')}\n{self.frame.head(_N_SHOWN)}"

    def _repr_html_(self) -> str:
        """Return the first descriptions with their mentions marked."""
        shown = self.head(_N_SHOWN)
        rest = f"; shown are the first {len(shown)}" if len(shown) < len(self) else ""
        of_cases = {key: list(map(_mention, rows.to_dict("records"))) for key, rows in shown.mentions.groupby(_KEYS)}
        cases = shown.frame.to_dict("records")
        return cases_html(
            f"{count(len(self), 'case')}{rest}",
            [{name: case[name] for name in _TOLD if case[name] not in ("", DESCAN)} for case in cases],
            [case["text"] for case in cases],
            [of_cases.get(tuple(case[key] for key in _KEYS), []) for case in cases],
        )

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:  # noqa: ARG002
        """Return the same for every front end; a notebook shows the richest form that it can."""
        return {"text/plain": repr(self), "text/html": self._repr_html_()}

    def _keep(self, frame: "pd.DataFrame") -> "Cases":
        return replace(self, frame=frame, mentions=self.mentions.merge(frame[_KEYS], on=_KEYS))


def find_cases(tables: AnalysisTables, wanted: Mapping[str, str | Iterable[str] | None]) -> Cases:
    """Find the cases that are as wanted, in the order of `verdicts.parquet`.

    Args:
        tables: The analysis.
        wanted: Values that are accepted, by columns of `Cases.frame`, or actions or terms that the description asserts
            of the person (`action`, `term`). None accepts all.

    Raises:
        InputError: If a value is not one that the analysis has.
    """
    return run_with_enough_memory(partial(_find, tables, wanted))


def _find(tables: AnalysisTables, wanted: Mapping[str, str | Iterable[str] | None], times: int) -> Cases:
    records = open_records(
        tables.folder,
        tables.categories,
        label_mode=tables.label_mode,
        seed=int(tables.run.get("seed", 0)),
        memory_gb=times * MEMORY_GB,
    )
    with records as connection:
        conditions, values = ["true"], list[list[str]]()
        for name, value in wanted.items():
            if value is not None:
                values.append(_choose(connection, tables, name, [value] if isinstance(value, str) else list(value)))
                chosen = "list_contains(?, {})"
                conditions.append(
                    f"place IN (SELECT place FROM asserted WHERE kind = '{_KINDS[name]}' AND {chosen.format(name)})"
                    if name in _KINDS
                    else chosen.format(f'pairs."{name}"')
                )
        columns = ", ".join(f'pairs."{name}"' for name in CASE_COLUMNS)
        connection.execute(
            f"CREATE TABLE chosen AS SELECT place, {columns}, coalesce(text, '') AS text FROM pairs "
            "LEFT JOIN (FROM answers WHERE mode = 'describe') AS answers USING (item_id, model, repeat) "
            f"WHERE {' AND '.join(conditions)}",
            values,
        )
        frame = connection.execute("SELECT * EXCLUDE (place) FROM chosen ORDER BY place").df()
        mentions = connection.execute(
            "SELECT mentions.* EXCLUDE (part, file_row) FROM mentions JOIN chosen USING (item_id, model, repeat) "
            'ORDER BY place, start, "end", kind, part, file_row'
        ).df()
    return Cases(frame, mentions)


def _choose(connection: DuckDBPyConnection, tables: AnalysisTables, name: str, asked: Sequence[str]) -> list[str]:
    """Return the values of a column that are meant: a name may be asked for as the analysis has it, or as it is shown.

    Raises:
        InputError: If there is no such value.
    """
    rows = f"asserted WHERE kind = '{_KINDS[name]}'" if name in _KINDS else "pairs"
    found = connection.execute(f'SELECT "{name}" FROM {rows} GROUP BY ALL ORDER BY count(*) DESC, 1').fetchall()
    known = [str(value) for (value,) in found if value]
    allowed = {"verdict": list(Verdict), "gold": tables.categories.names}.get(name, ())
    for value in asked:
        if value not in known and value not in allowed and value not in map(plain, known):
            named = join_some([plain(one) for one in dict.fromkeys((*allowed, *known))], _N_NAMED, separator=", ")
            whose = f"is asserted of no person; {name}s are" if name in _KINDS else "is unknown; use one of"
            raise InputError(None, f"{name} {quote(value)} {whose} {named or 'none'}")
    return [value for value in known if value in asked or plain(value) in asked]


def _mention(row: Mapping[str, Any]) -> Mention:
    return Mention(**{name: row[name] for name in Mention._fields})
