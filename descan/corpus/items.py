"""Items: from `items.csv`, or gathered from the rows of a bare table."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from descan.corpus.answers import bare_item_id
from descan.corpus.column_names import bare_cells
from descan.corpus.formats import ColumnNames, Row, stream_rows
from descan.corpus.gold import GoldParser
from descan.corpus.values import parse_name
from descan.errors import InputError, quote
from descan.records import Item


def load_items(path: Path, folded_aliases: Mapping[str, str]) -> dict[str, Item]:
    """Load an `items.csv`.

    Args:
        path: A CSV file with the column `item_id`, and any of `gold, group, media, face_box`.
        folded_aliases: Other spellings of gold labels, as `fold_aliases` returns them.

    Raises:
        InputError: If a row is not allowed, an item occurs twice, or there is none.
    """
    items: dict[str, Item] = {}
    lines: dict[str, int] = {}
    golds = GoldParser(path, "gold", folded_aliases)
    for row in stream_rows(path, ColumnNames()):
        if "item_id" not in row.cells:
            raise InputError(path, f"no column item_id; the columns are {_list_columns(row.cells)}", 1)
        item_id = parse_name(row.cells, "item_id", path, row.line)
        if item_id in items:
            problem = f"item_id {quote(item_id)} occurs twice, first on line {lines[item_id]}; list every item once"
            raise InputError(path, problem, row.line)
        lines[item_id] = row.line
        items[item_id] = Item(
            item_id=item_id,
            gold=golds.parse(row.cells, row.line),
            group=_text(row.cells, "group"),
            media=_text(row.cells, "media"),
            face_box=_text(row.cells, "face_box"),
        )
    if not items:
        raise InputError(path, "no items; list at least one")
    golds.check()
    return items


def gather_items(
    rows: Iterable[Row], columns: ColumnNames, path: Path, folded_aliases: Mapping[str, str]
) -> dict[str, Item]:
    """Gather the items of a bare table, whose rows are answers.

    Args:
        rows: Its rows.
        columns: Its column names.
        path: The table, for error messages.
        folded_aliases: Other spellings of gold labels, as `fold_aliases` returns them.

    Raises:
        InputError: If only some rows have an item, gold is unknown, an item has two gold labels, or there are no rows.
    """
    golds = GoldParser(path, columns.gold, folded_aliases)
    items: dict[str, Item] = {}
    first_row: Row | None = None
    for n, (line, cells) in enumerate(rows, start=1):
        row = Row(line, bare_cells(cells, columns))
        if first_row is None:
            first_row = row
        elif (columns.item_id in row.cells) != (columns.item_id in first_row.cells):
            raise InputError(path, f"only some rows have {columns.item_id}; give it to all or to none", row.line)
        item_id = bare_item_id(row.cells, columns, n, path, row.line)
        gold = golds.parse(row.cells, row.line)
        item = items.get(item_id)
        if item is None:
            items[item_id] = Item(item_id, gold=gold, group=_text(row.cells, "group"), media=_text(row.cells, "media"))
        elif item.gold is None and gold is not None:
            items[item_id] = Item(item_id, gold=gold, group=item.group, media=item.media)
        elif gold not in (None, item.gold):
            found = f"item {quote(item_id)} has gold {item.gold} and {gold}"
            raise InputError(path, f"{found}; give an item one gold label", row.line)
    if not items:
        raise InputError(path, "no answers; a corpus needs at least one")
    golds.check()
    return items


def _list_columns(columns: Iterable[str]) -> str:
    return ", ".join(map(quote, columns))


def _text(cells: Mapping[str, object], column: str) -> str | None:
    value = cells.get(column)
    return value if isinstance(value, str) else None
