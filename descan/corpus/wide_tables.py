"""Wide tables, with columns for every model, as long ones with a row for every item and model."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from descan.corpus.column_names import FIXED_COLUMNS, is_named, name_columns
from descan.corpus.formats import ColumnNames, Row
from descan.corpus.formats.nested import root_of
from descan.corpus.formats.rows import TEXT_COLUMNS
from descan.corpus.tables import Table, add_nested
from descan.errors import InputError, quote

MODEL = "{model}"
"""Stands for the name of a model in the name of a column or of a file."""

_N_NAMED = 12


def unfold(table: Table, columns: ColumnNames) -> tuple[Table, ColumnNames]:
    """Turn a wide table into a long one.

    Args:
        table: With columns such as `gpt_description`.
        columns: With `{model}` in the text column, the label column or both, such as `{model}_description`.

    Returns:
        The long table, and the names of its columns. A table whose columns have no `{model}` is returned as it is.

    Raises:
        InputError: If no column fits, or a column has the models, too.
    """
    wide = _wide_fields(columns)
    if not wide:
        return table, columns
    names = _wide_columns([*table.columns, *table.paths], columns)
    asked = " or ".join(quote(getattr(columns, field)) for field in wide)
    if not names:
        raise InputError(table.path, f"no column fits {asked}; the columns are {name_columns(table)}")
    long = replace(columns, **{field: getattr(ColumnNames(), field) for field in wide})
    taken = [*(getattr(long, field) for field in wide), long.model]
    used = {column for fields in names.values() for column in fields.values()}
    nested = [path for path in table.paths if path in used]
    kept = [column for column in table.columns if column not in used]
    for column in taken:
        if column in kept:
            raise InputError(table.path, f"has column {quote(column)} beside {asked}; rename it, or ask for no {MODEL}")
    is_numbered = long.item_id == ColumnNames().item_id and not any(is_named(column, long.item_id) for column in kept)

    table = add_nested(table, nested)

    def stream(wanted: Collection[str]) -> Iterator[Row]:
        made = {*taken, long.item_id} if is_numbered else {*taken}
        rows = table.stream([*(name for name in wanted if name not in made), *used])
        for n, (line, cells) in enumerate(rows, start=1):
            shared = {name: value for name, value in cells.items() if name not in used}
            if is_numbered:
                shared[long.item_id] = f"row-{n}"
            for model, fields in names.items():
                own = {field: cells.get(column) for field, column in fields.items()}
                yield Row(line, {**shared, **own, long.model: model})

    ids = [long.item_id] if is_numbered else []
    models = (
        f"{len(names)} model{'s' * (len(names) > 1)} by their columns: {', '.join(map(quote, list(names)[:_N_NAMED]))}"
    )
    read_as = ", ".join(filter(None, (table.read_as, models)))
    unfolded = replace(
        table,
        columns=[*kept, *ids, *taken],
        stream=stream,
        paths=[path for path in table.paths if path not in used and root_of(path, table.columns) in kept],
        roots_read=[root_of(path, table.columns) for path in nested],
        read_as=read_as,
        is_plain=False,
        columns_of_file=table.columns,
    )
    return unfolded, long


def _wide_fields(columns: ColumnNames) -> list[str]:
    """Return which of the columns stand for one of every model; the one with the longest name comes first."""
    wide = [field for field in ("text", "label") if MODEL in getattr(columns, field)]
    return sorted(wide, key=lambda field: -len(getattr(columns, field)))


def _wide_columns(present: Sequence[str], columns: ColumnNames) -> dict[str, dict[str, str]]:
    """Return model -> field -> column."""
    others = (columns.item_id, columns.gold, columns.model, *TEXT_COLUMNS, *FIXED_COLUMNS)
    found = dict[str, dict[str, str]]()
    for column in present:
        if any(is_named(column, other) for other in others):
            continue
        for field in _wide_fields(columns):
            before, _, after = getattr(columns, field).partition(MODEL)
            match = re.fullmatch(f"{re.escape(before)}(.+){re.escape(after)}", column, re.IGNORECASE)
            if match:
                found.setdefault(match[1], {})[field] = column
                break
    return found
