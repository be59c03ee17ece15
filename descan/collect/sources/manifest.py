"""A manifest: a table that lists media files with their gold, group and face box."""

from collections.abc import Mapping
from pathlib import Path

from descan.collect.sources.source_items import MediaRoot, SourceItem
from descan.corpus.formats import ColumnNames, stream_rows
from descan.corpus.spellings import parse_gold
from descan.corpus.values import parse_name
from descan.errors import InputError, quote
from descan.media.face_boxes import FaceBox, parse_face_box

_COLUMNS = ("media", "group", "face_box")


def load_manifest(path: Path, class_names: Mapping[str, str], root: MediaRoot) -> list[SourceItem]:
    """Load the items of a manifest, in the order of its rows.

    Args:
        path: A .csv, .jsonl, .ndjson or .parquet file with the column `media`, and any of `item_id` (else the
            media's path is the id), `gold`, `group` and `face_box`.
        class_names: Folded spelling of a gold label -> category, besides the seven.
        root: The folder that the media paths are relative to.

    Raises:
        InputError: If a row is not allowed, an item occurs twice, or there is none.
    """
    items: dict[str, SourceItem] = {}
    lines: dict[str, int] = {}
    for row in stream_rows(path, ColumnNames(), also=_COLUMNS):
        cells, line = row.cells, row.line
        if "media" not in cells:
            columns = ", ".join(map(quote, cells)) or "none"
            raise InputError(path, f"no column media; the columns are {columns}", line)
        media = parse_name(cells, "media", path, line)
        item_id = media if cells.get("item_id") is None else parse_name(cells, "item_id", path, line)
        if item_id in items:
            found = f"item_id {quote(item_id)} occurs twice, first on line {lines[item_id]}"
            raise InputError(path, f"{found}; give every row its own in a column item_id", line)
        lines[item_id] = line
        items[item_id] = SourceItem(
            item_id=item_id,
            path=root.find(media, path, line),
            gold=parse_gold(cells, "gold", class_names, path, line),
            group=None if cells.get("group") is None else parse_name(cells, "group", path, line),
            face_box=_parse_face_box(cells, path, line),
        )
    if not items:
        raise InputError(path, "no items; list at least one")
    return list(items.values())


def _parse_face_box(cells: Mapping[str, object], path: Path, line: int) -> FaceBox | None:
    value = cells.get("face_box")
    if value is None:
        return None
    try:
        return parse_face_box(value)
    except ValueError as error:
        raise InputError(path, f"face_box {error}", line) from error
