"""An analysis folder, built row by row."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from descan.compare import CompareOptions, compare
from descan.emotions import UNDECIDED
from descan.lexicon import load_category_set
from descan.storage.schemas import ANSWERS, ITEMS, LABELS, MENTIONS, WITNESSES, readings_schema

BASIC7 = load_category_set()

Row = dict[str, Any]


class Analysis:
    """Rows of the input files; `compare` writes them and runs the comparison."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.items: list[Row] = []
        self.answers: list[Row] = []
        self.readings: list[Row] = []
        self.labels: list[Row] = []
        self.mentions: list[Row] = []
        self.witnesses: list[Row] = []

    def item(
        self,
        item_id: str,
        gold: str | None = None,
        group: str | None = None,
        *,
        annotated: Mapping[str, float] | None = None,
    ) -> None:
        votes = None if annotated is None else list(annotated.items())
        self.items.append({"item_id": item_id, "gold": gold, "group": group, "gold_distribution": votes})

    def answer(self, item_id: str, mode: str, *, model: str = "m", repeat: int = 0, **more: object) -> None:
        row = {"item_id": item_id, "model": model, "repeat": repeat, "mode": mode, "status": "ok", "text": ""}
        self.answers.append(row | more)

    def describe(
        self,
        item_id: str,
        described: str,
        *,
        model: str = "m",
        repeat: int = 0,
        scores: dict[str, float] | None = None,
        status: str = "ok",
        **more: object,
    ) -> None:
        """Add a describe answer and its reading; all evidence is for `described` unless `scores` says otherwise."""
        self.answer(item_id, "describe", model=model, repeat=repeat, status=status)
        if scores is None:
            scores = {} if described == UNDECIDED else {described: 1.0}
        row = {
            "item_id": item_id,
            "model": model,
            "repeat": repeat,
            "described": described,
            "valence": 0.0,
            "actions_described": described,
            "terms_described": UNDECIDED,
            "actions_share": 1.0 if scores else 0.0,
            "terms_share": 0.0,
            "refused": False,
            "named": [],
            "described_without_embedding": described,
            "described_by_embedding": described,
        }
        row |= {
            column: scores.get(emotion, 0.0) for column, emotion in zip(BASIC7.score_columns, BASIC7.names, strict=True)
        }
        row |= dict.fromkeys(("n_words", "n_actions", "n_regions", "n_emotions", "n_hedged", "n_negated"), 0)
        self.readings.append(row | more)

    def label(
        self,
        item_id: str,
        label: str | None,
        reason: str = "",
        *,
        model: str = "m",
        mode: str = "classify",
        repeat: int = 0,
    ) -> None:
        self.answer(item_id, mode, model=model, repeat=repeat)
        row = {"item_id": item_id, "model": model, "mode": mode, "repeat": repeat, "label": label, "reason": reason}
        self.labels.append(row)

    def mention(self, item_id: str, kind: str, name: str, *, model: str = "m", repeat: int = 0, **more: object) -> None:
        """Add a mention; `name` is the action or the term."""
        row: Row = dict.fromkeys(MENTIONS.names, "")
        row |= {"item_id": item_id, "model": model, "repeat": repeat, "kind": kind, "start": 0, "end": 1}
        row |= {"similarity": 1.0, "negated": False, "hedged": False, "target": "person", "is_conclusion": False}
        row |= {"action": name, "region": "mouth", "aus": "12"} if kind == "action" else {"term": name}
        self.mentions.append(row | more)

    def witness(self, item_id: str, unit: int, present: float | None, *, name: str = "w", **more: object) -> None:
        """Add what a witness says of a unit; another value than `present` is given by name."""
        row: Row = {"item_id": item_id, "witness": name, "action_unit": unit, "side": "", "present": present}
        self.witnesses.append(row | {"intensity": None, "probability": None} | more)

    def write(self) -> None:
        _write(self.folder / "items.parquet", ITEMS, self.items)
        _write(self.folder / "answers.parquet", ANSWERS, self.answers)
        _write(self.folder / "readings.parquet", readings_schema(BASIC7), self.readings)
        _write(self.folder / "labels.parquet", LABELS, self.labels)
        _write(self.folder / "mentions.parquet", MENTIONS, self.mentions)
        if self.witnesses:
            _write(self.folder / "witnesses.parquet", WITNESSES, self.witnesses)

    def compare(self, options: CompareOptions | None = None) -> None:
        self.write()
        compare(self.folder, options or CompareOptions(n_resamples=500))

    def verdicts(self) -> list[Row]:
        rows: list[Row] = pq.read_table(self.folder / "verdicts.parquet").to_pylist()
        return rows

    def verdict(self) -> Row:
        """Return the verdict of an analysis of one item and one model."""
        [row] = self.verdicts()
        return row

    def table(self, name: str, **where: str) -> list[dict[str, str]]:
        """Return the rows of a table in which every column of `where` has its value."""
        with (self.folder / "tables" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return [row for row in csv.DictReader(file) if all(row[key] == value for key, value in where.items())]


@pytest.fixture
def analysis(tmp_path: Path) -> Analysis:
    return Analysis(tmp_path)


def _write(path: Path, schema: pa.Schema, rows: list[Row]) -> None:
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
