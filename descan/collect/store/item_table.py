"""The `items.csv` of a corpus: new, or extended by the missing items."""

import csv
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from descan.collect.sources.source_items import SourceItem, relative_name
from descan.corpus.items import load_items
from descan.corpus.spellings import fold_aliases
from descan.corpus.values import parse_name
from descan.errors import InputError, quote
from descan.media.face_boxes import FaceBox, parse_face_box
from descan.records import Item

_COLUMNS = ("item_id", "media", "gold", "group", "face_box")


def extend_items(path: Path, items: Sequence[SourceItem], labels: Mapping[str, str]) -> bytes | None:
    """Return the content of an `items.csv` that lists all items, or None if the existing one does.

    Existing lines stay as they are, including columns that descan does not know. Only a blank gold, group or face box
    is filled in. A media path that differs stays: the content tells whether it is the same picture.

    Args:
        path: The file, which need not exist.
        items: With unique ids.
        labels: Spelled gold label -> category, of the corpus.

    Raises:
        InputError: If the file is not an `items.csv`, an item has another gold, group or face box in it, or a path
            cannot be written as text.
    """
    folder = os.path.realpath(path.parent)
    known = load_items(path, fold_aliases(labels)) if path.exists() else {}
    new_rows = [_make_row(item, path, folder) for item in items if item.item_id not in known]
    if not known:
        return _encode_rows(new_rows, _COLUMNS, with_header=True)
    blanks: dict[str, dict[str, str]] = {}
    for item in items:
        if item.item_id in known and (missing := _missing_values(item, known[item.item_id], path)):
            row = _make_row(item, path, folder)
            blanks[item.item_id] = {column: row[column] for column in missing}
    if not new_rows and not blanks:
        return None
    old = path.read_bytes()
    header, rows = _parse_table(old)
    added = [*new_rows, *blanks.values()]
    columns = (*header, *(c for c in _COLUMNS if c not in header and any(row.get(c) for row in added)))
    if not blanks and columns == header:
        end = b"" if old.endswith(b"\n") else b"\n"
        return old + end + _encode_rows(new_rows, columns, with_header=False)
    filled = [row | blanks.get(row["item_id"], {}) for row in rows]
    return _encode_rows([*filled, *new_rows], columns, with_header=True)


def _make_row(item: SourceItem, path: Path, folder: str) -> dict[str, str]:
    media = relative_name(item.path, folder)
    return {
        "item_id": parse_name({"item_id": item.item_id}, "item_id", path, None),
        "media": parse_name({"media": media}, "media", path, None),
        "gold": item.gold or "",
        "group": item.group or "",
        "face_box": "" if item.face_box is None else str(item.face_box),
    }


def _missing_values(item: SourceItem, known: Item, path: Path) -> list[str]:
    """List the columns that are blank for an item in the file and known now.

    Raises:
        InputError: If the file has another value in one.
    """
    missing = []
    found: tuple[tuple[str, object, object], ...] = (
        ("gold", known.gold, item.gold),
        ("group", known.group, item.group),
        ("face_box", _parse_known_box(known, path), item.face_box),
    )
    for column, old, new in found:
        if old is None and new is not None:
            missing.append(column)
        elif new not in (None, old):
            problem = f"item {quote(item.item_id)} has {column} {quote(str(old))} here and {quote(str(new))} in the"
            raise InputError(path, f"{problem} source; correct one, or collect into another folder")
    return missing


def _parse_known_box(known: Item, path: Path) -> FaceBox | None:
    if known.face_box is None:
        return None
    try:
        return parse_face_box(known.face_box)
    except ValueError as error:
        raise InputError(path, f"item {quote(known.item_id)}: face_box {error}") from error


def _parse_table(content: bytes) -> tuple[tuple[str, ...], list[dict[str, str]]]:
    header, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    return tuple(header), [dict(zip(header, row, strict=True)) for row in rows if row]


def _encode_rows(rows: Iterable[Mapping[str, str]], columns: Sequence[str], *, with_header: bool) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, columns, restval="", extrasaction="ignore", lineterminator="\n")
    if with_header:
        writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode()
