"""Items: from `items.csv`, or gathered from the rows of a bare table."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from descan.corpus.annotators import AnnotatorParser, is_annotator
from descan.corpus.answers import bare_item_id
from descan.corpus.column_names import FoundColumns, bare_cells
from descan.corpus.formats import ColumnNames, stream_rows
from descan.corpus.gold import DROPPED, GoldParser
from descan.corpus.spellings import CategoryNames
from descan.corpus.tables import Table
from descan.corpus.values import parse_name
from descan.errors import InputError, quote, without_credentials
from descan.records import Item

_SINGLE = {
    "gold": "give an item one gold label",
    "group": "give an item one group",
    "gold_distribution": "give all rows of an item the same",
}
"""What an item has once, and what to do where it has two."""


def load_items(path: Path, names: CategoryNames, drop: Sequence[str] = ()) -> dict[str, Item]:
    """Load an `items.csv`.

    Args:
        path: A CSV file with the column `item_id`, and any of `gold, group, media, face_box, gold_distribution` and
            `gold_1, gold_2` and so on for annotators.
        names: What names a category.
        drop: Golds to drop, as `GoldParser` has them; their items have the gold `DROPPED`.

    Raises:
        InputError: If a row is not allowed, an item occurs twice, or there is none.
    """
    items: dict[str, Item] = {}
    lines: dict[str, int] = {}
    golds = GoldParser(path, "gold", names, drop)
    annotators: AnnotatorParser | None = None
    for row in stream_rows(path, ColumnNames()):
        if annotators is None:
            columns = [name for name in row.cells if is_annotator(name, ColumnNames().annotators)]
            annotators = AnnotatorParser(path, columns, names, drop)
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
            gold_distribution=annotators.parse(row.cells, row.line),
        )
    if annotators is None:
        raise InputError(path, "no items; list at least one")
    golds.check()
    annotators.check()
    return items


class ItemGatherer:
    """Gathers the items of bare tables, whose rows are answers."""

    def __init__(self, names: CategoryNames, drop: Sequence[str] = ()) -> None:
        """Start before the first table, with what names a category and the golds to drop."""
        self._drop = drop
        self.items: dict[str, Item] = {}
        self._names = names
        self._tables: list[tuple[Table, FoundColumns]] = []

    def add(self, table: Table, found: FoundColumns) -> None:
        """Gather the items of a table.

        Raises:
            InputError: If only some rows have an item, gold is unknown, an item has two gold labels or two groups, or
                there are no rows.
        """
        golds, annotators = self._parsers(table, found)
        is_empty = True
        for line, item in _stream_items(table, found, golds, annotators):
            is_empty = False
            before = self.items.get(item.item_id)
            self.items[item.item_id] = item if before is None else self._join(before, item, table.path, line)
        if is_empty:
            raise InputError(table.path, "no answers; a corpus needs at least one")
        golds.check()
        annotators.check()
        self._tables.append((table, found))

    def _join(self, before: Item, item: Item, path: Path, line: int) -> Item:
        for field, advice in _SINGLE.items():
            first, second = getattr(before, field), getattr(item, field)
            if None not in (first, second) and first != second:
                place = self._find_place(item.item_id, field)
                problem = f"item {quote(item.item_id)} has {field} {{}}; {advice}"
                shown = [_show(value) for value in (first, second)]
                if place:
                    raise InputError(path, problem.format(f"{shown[1]}, but {shown[0]} in {place}"), line)
                raise InputError(path, problem.format(" and ".join(shown)), line)
        if (item.gold, item.group, item.media, item.gold_distribution) == (None, None, None, None):
            return before
        return Item(
            item.item_id,
            gold=before.gold or item.gold,
            group=before.group or item.group,
            media=before.media or item.media,
            gold_distribution=before.gold_distribution or item.gold_distribution,
        )

    def _parsers(self, table: Table, found: FoundColumns) -> tuple[GoldParser, AnnotatorParser]:
        return (
            GoldParser(table.path, found.names.gold, self._names, self._drop),
            AnnotatorParser(table.path, found.annotators, self._names, self._drop),
        )

    def _find_place(self, item_id: str, field: str) -> str:
        """Return the first place in the tables before this one that gives the item such a value."""
        for table, found in self._tables:
            for line, item in _stream_items(table, found, *self._parsers(table, found)):
                if item.item_id == item_id and getattr(item, field) is not None:
                    return f"{without_credentials(table.path)}:{line}"
        return ""


def _stream_items(
    table: Table, found: FoundColumns, golds: GoldParser, annotators: AnnotatorParser
) -> Iterator[tuple[int, Item]]:
    """Yield line and item of each row."""
    columns, path = found.names, table.path
    has_id: bool | None = None
    for n, (line, cells) in enumerate(table.stream(found.wanted), start=1):
        cells = bare_cells(cells, columns, found.annotators)
        if has_id is None:
            has_id = columns.item_id in cells
        elif has_id != (columns.item_id in cells):
            raise InputError(path, f"only some rows have {columns.item_id}; give it to all or to none", line)
        item_id = bare_item_id(cells, columns, n, path, line)
        yield (
            line,
            Item(
                item_id,
                gold=golds.parse(cells, line),
                group=_text(cells, "group"),
                media=_text(cells, "media"),
                gold_distribution=annotators.parse(cells, line),
            ),
        )


def part_dropped(items: Mapping[str, Item]) -> tuple[dict[str, Item], frozenset[str]]:
    """Return the items that are kept, and the ids of those whose gold is dropped."""
    kept = {item_id: item for item_id, item in items.items() if item.gold != DROPPED}
    return kept, frozenset(items.keys() - kept.keys())


def count_dropped(dropped: Collection[str]) -> dict[str, int]:
    """Return how many items are left out with their gold, as a reason and a number."""
    return {"items_with_dropped_gold": len(dropped)} if dropped else {}


def note_undropped(drop: Sequence[str], dropped: Collection[str]) -> tuple[str, ...]:
    """Return a note if the user named golds to drop and no item has one: most likely a word is misspelled."""
    if not drop or dropped:
        return ()
    return (f"no item has the gold {' or '.join(map(quote, drop))}, so none is dropped",)


def _list_columns(columns: Iterable[str]) -> str:
    return ", ".join(map(quote, columns))


def _show(value: object) -> str:
    return ", ".join(f"{name} {number:g}" for name, number in value) if isinstance(value, tuple) else str(value)


def _text(cells: Mapping[str, object], column: str) -> str | None:
    value = cells.get(column)
    return value if isinstance(value, str) else None
