"""Two analyses side by side, as the report reads them: what was compared, and the tables of what changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from descan.report.analysis_tables import Row
from descan.report.wording import points, points_interval
from descan.terminal import plain

_MANY_ITEMS = 1_000
"""From so many items on, tenths of a point are more than noise."""


@dataclass(frozen=True, slots=True)
class ComparisonTables:
    """What a comparison found.

    Attributes:
        about: What `compare.json` holds.
        tables: Name of a table -> its rows as values: models, transitions, differences, tests, mentions.
    """

    about: Mapping[str, Any]
    tables: Mapping[str, Sequence[Row]]

    def rows(self, name: str, pair: Mapping[str, Any] | None = None, **where: object) -> list[Row]:
        """Return the rows of a table.

        Args:
            name: Of the table.
            pair: A row of `models`: only its rows.
            where: Values that columns must have.
        """
        wanted = {**where, **({key: pair[key] for key in ("model_a", "model_b")} if pair else {})}
        return [row for row in self.tables[name] if all(row[key] == value for key, value in wanted.items())]

    def total(self, column: str) -> int:
        """Return the sum of a column of counts over all models."""
        return sum(row[column] for row in self.tables["models"])

    def choose_models(self, limit: int) -> Sequence[Row]:
        """Return the models in order; of more than `limit` those with the most scored items, then the most items."""
        rows = self.tables["models"]
        places = sorted(range(len(rows)), key=lambda place: (-rows[place]["n_scored"], -rows[place]["n_compared"]))
        return [rows[place] for place in sorted(places[:limit])]

    @property
    def label_modes(self) -> tuple[str, str]:
        """The modes of the labels in A and in B."""
        return (str(self.about["a"]["label_mode"]), str(self.about["b"]["label_mode"]))

    @property
    def margin(self) -> float:
        """Changes below this share are of no importance."""
        return float(self.about["options"]["margin"])

    @property
    def confidence(self) -> float:
        """What intervals aim to cover."""
        return float(self.about["options"]["confidence"])


def pair_name(row: Row) -> str:
    """Return what a pair of models is called: one name, or both where it changed; control characters as escapes."""
    a, b = plain(str(row["model_a"])), plain(str(row["model_b"]))
    return a if a == b else f"{a} → {b}"


def change_points(row: Row, bounds: str = "") -> tuple[str, str]:
    """Return the change of a row of differences or tests, and its interval, in points.

    Args:
        row: Of either table.
        bounds: What the names of the ends begin with: `adjusted_` for the interval at the level of the test.
    """
    digits = 1 if row["n_items"] >= _MANY_ITEMS else 0
    return points(row["change"], digits), points_interval(row[f"{bounds}low"], row[f"{bounds}high"], digits)
