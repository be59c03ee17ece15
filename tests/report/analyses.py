"""Analyses of invented pairs, straight into Parquet: what the report reads, without the stages before it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from descan.lexicon import load_category_set
from descan.storage.schemas import ANSWERS, ITEMS, LABELS, MENTIONS, VERDICTS, readings_schema

ROW_GROUP = 1_000


@dataclass(frozen=True, slots=True)
class Pair:
    """One item and model; the text has its mentions marked as `[action|words]` or `[Category:term|words]`."""

    item_id: str
    model: str = "m"
    gold: str | None = "Happy"
    label: str | None = "Happy"
    reason: str = ""
    described: str | None = "Happy"
    verdict: str = "right"
    detail: str = ""
    text: str = "A [smile|smile]."
    status: str = "ok"
    repeat: int = 0
    media: str = ""
    is_classified: bool = True


def write_records(folder: Path, pairs: Iterable[Pair]) -> Path:
    """Write the six Parquet files; pairs of one item and model are its repeats, of which the first has the verdict."""
    folder.mkdir(parents=True, exist_ok=True)
    rows: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("items", "answers", "mentions", "readings", "labels", "verdicts")
    }
    items: set[str] = set()
    judged: dict[tuple[str, str], list[Pair]] = {}
    for pair in pairs:
        key = {"item_id": pair.item_id, "model": pair.model, "repeat": pair.repeat}
        if pair.item_id not in items:
            items.add(pair.item_id)
            rows["items"].append({"item_id": pair.item_id, "gold": pair.gold, "media": pair.media or None})
        text, mentions = _parsed(pair.text)
        rows["answers"].append(key | {"mode": "describe", "status": pair.status, "text": text})
        if pair.is_classified:
            rows["answers"].append(key | {"mode": "classify", "status": "ok", "text": pair.label or "?"})
            rows["labels"].append(key | {"mode": "classify", "label": pair.label, "reason": pair.reason})
        if pair.status == "ok":
            rows["readings"].append(key | {"described": pair.described, "refused": False})
            rows["mentions"] += [key | mention for mention in mentions]
        judged.setdefault((pair.item_id, pair.model), []).append(pair)
    for repeats in judged.values():
        usable = [pair for pair in repeats if pair.status == "ok"] or repeats[:1]
        rows["verdicts"] += [_judgement(pair, 1 / len(usable)) for pair in usable]
    schemas = {"items": ITEMS, "answers": ANSWERS, "mentions": MENTIONS}
    for name, schema in (
        schemas | {"readings": readings_schema(load_category_set()), "labels": LABELS, "verdicts": VERDICTS}
    ).items():
        pq.write_table(
            pa.Table.from_pylist([_filled(row, schema) for row in rows[name]], schema=schema),
            folder / f"{name}.parquet",
            row_group_size=ROW_GROUP,
        )
    return folder


def _judgement(pair: Pair, weight: float) -> dict[str, Any]:
    names = ("item_id", "model", "gold", "label", "described", "verdict", "detail", "repeat")
    return {name: getattr(pair, name) for name in names} | {
        "evidence": "none",
        "label_repeat": pair.repeat,
        "weight": weight,
    }


_MARK = re.compile(r"\[(?:(?P<category>\w+):)?(?P<name>[^|\]]+)\|(?P<words>[^]]+)\]")


def _parsed(marked: str) -> tuple[str, list[dict[str, Any]]]:
    text, mentions, end = "", [], 0
    for mark in _MARK.finditer(marked):
        text += marked[end : mark.start()]
        mentions.append(_mention(mark, len(text)))
        text += mark["words"]
        end = mark.end()
    return text + marked[end:], mentions


def _mention(mark: re.Match[str], start: int) -> dict[str, Any]:
    place = {"start": start, "end": start + len(mark["words"]), "text": mark["words"], "target": "person"}
    if mark["category"]:
        return place | {"kind": "emotion", "term": mark["name"], "category": mark["category"]}
    return place | {"kind": "action", "action": mark["name"]}


def _filled(row: Mapping[str, Any], schema: pa.Schema) -> dict[str, Any]:
    empty = {pa.string(): "", pa.bool_(): False}
    blank = {field.name: empty.get(field.type) for field in schema}
    return {name: row.get(name, blank[name]) for name in schema.names}
