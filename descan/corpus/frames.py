"""Frames of pandas, and of what can be turned into one, as tables."""

from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from numpy import generic, ndarray

from descan.corpus.formats import N_FIRST, Row
from descan.corpus.formats.csv_files import check_header
from descan.corpus.formats.nested import list_row_paths
from descan.corpus.tables import Table

if TYPE_CHECKING:
    from pandas import DataFrame

STEP = "."
"""Parts the levels of a column's name."""


def is_frame(source: object) -> bool:
    """Return whether something is a frame: of pandas, or of polars, Arrow or datasets, which have `to_pandas`."""
    return hasattr(source, "itertuples") or hasattr(source, "to_pandas")


def open_frame(frame: "DataFrame", name: str) -> Table:
    """Open a frame; cells that pandas counts as missing are empty.

    The levels of its index are columns where they have names. Columns of several levels are named `upper.lower`.

    Args:
        frame: As `is_frame` tells.
        name: For messages.

    Raises:
        InputError: If two columns have one name.
    """
    if not hasattr(frame, "itertuples"):
        frame = frame.to_pandas()
    names = frame.index.names
    levels = [n for n, level in enumerate(names) if level is not None and level not in frame.columns]
    if levels:
        frame = frame.reset_index(level=levels)
    columns = [_name(column) for column in frame.columns]
    path = Path(name)
    check_header(columns, path)

    def stream(wanted: Collection[str]) -> Iterator[Row]:
        places = [place for place, column in enumerate(columns) if column in wanted]
        names = [columns[place] for place in places]
        part = frame.iloc[:, places]
        cells = part.astype(object).where(~part.isna(), None)
        for line, values in enumerate(cells.itertuples(index=False, name=None), start=1):
            yield Row(line, dict(zip(names, map(_plain, values), strict=True)))

    return Table(path, columns, stream, list_row_paths(islice(stream(columns), N_FIRST)), is_frame=True)


def _name(column: object) -> str:
    return STEP.join(str(level) for level in column if str(level)) if isinstance(column, tuple) else str(column)


def _plain(value: object) -> object:
    """Return a number of numpy as one of Python, and an array as a list."""
    return value.tolist() if isinstance(value, generic | ndarray) else value
