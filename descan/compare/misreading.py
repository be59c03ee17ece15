"""What people read in descriptions, how often descan reads otherwise, and what that does to counts of readings."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from descan.compare.bootstrap import FloatMatrix
from descan.corpus.formats import ColumnNames, stream_rows
from descan.corpus.spellings import CategoryNames, spell_cell
from descan.corpus.values import parse_count, parse_name
from descan.emotions import UNDECIDED, CategorySet
from descan.errors import InputError, quote
from descan.lexicon import fold_spelling, lexicon_path, load_category_set

PRIOR_READINGS = 2.0
"""Human readings that the pooled row weighs as much as.

It keeps a category that was read a few times, or never, from claiming to be always read right, and the inverse from
exploding; docs/statistics.md has the error that is left in simulated studies.
"""

_MIN_DETERMINANT = 1e-6
_SUFFIXES = (".csv", ".jsonl", ".ndjson")


@dataclass(frozen=True, slots=True)
class HumanReading:
    """What a person read in one description.

    Attributes:
        read: A category, or Undecided.
        line: Its line in the file (1-based).
    """

    item_id: str
    model: str
    repeat: int
    read: str
    line: int


def choices_of(categories: CategorySet) -> tuple[str, ...]:
    """Return what a description may be read as, by a person and by descan."""
    return (*categories.names, UNDECIDED)


def load_human_readings(path: Path, names: CategoryNames) -> list[HumanReading]:
    """Read a file of human readings, one description a row.

    Args:
        path: A .csv, .jsonl or .ndjson file with `item_id`, `model`, `read` and, where models were asked more than
            once, `repeat` (0 where it is missing).
        names: What names a category in `read`.

    Raises:
        InputError: If a row is not allowed, a description is read twice, or there is no row.
    """
    if path.suffix.lower() not in _SUFFIXES:
        raise InputError(path, f"human readings cannot be {quote(path.suffix)}; use one of {', '.join(_SUFFIXES)}")
    found: dict[tuple[str, str, int], HumanReading] = {}
    for reading in _readings(path, names):
        key = (reading.item_id, reading.model, reading.repeat)
        if key in found:
            where = f"{quote(reading.item_id)} by {quote(reading.model)}, repeat {reading.repeat},"
            raise InputError(path, f"{where} is on line {found[key].line} already; give one reading", reading.line)
        found[key] = reading
    if not found:
        raise InputError(path, "no readings; give at least one")
    return list(found.values())


def insert_human_readings(connection: DuckDBPyConnection, path: Path | None, names: CategoryNames) -> None:
    """Create the table `human_readings` (item_id, model, repeat, read), empty where there is no file.

    Args:
        connection: A database in which pairs.sql has run.
        path: The file, or None.
        names: What names a category.

    Raises:
        InputError: If the file is not as `load_human_readings` says, or names a description
            that this corpus does not have.
    """
    readings = [] if path is None else load_human_readings(path, names)
    columns = [list(column) for column in zip(*map(astuple, readings), strict=True)] or [[], [], [], [], []]
    connection.execute(
        """
        CREATE TABLE human_readings AS
        SELECT
            unnest(?::VARCHAR[]) AS item_id, unnest(?::VARCHAR[]) AS model, unnest(?::INTEGER[]) AS repeat,
            unnest(?::VARCHAR[]) AS read, unnest(?::BIGINT[]) AS line
        """,
        columns,
    )
    if path is not None:
        _check_descriptions(connection, path)


@dataclass(frozen=True, slots=True)
class Confusion:
    """Descriptions by what a person and what descan reads in them.

    Attributes:
        choices: What may be read; n are the categories and Undecided.
        counts: Human reading by described category, both in the order of `choices`. Shape: (n, n).
        source: Where the counts come from, in a word or two for the tables.
    """

    choices: tuple[str, ...]
    counts: FloatMatrix
    source: str

    @property
    def n(self) -> int:
        """Number of descriptions that a person has read."""
        return int(self.counts.sum())

    def pseudo_counts(self) -> FloatMatrix:
        """Return the counts with `PRIOR_READINGS` more in each row, spread as the errors of all rows together.

        Right readings have the share (right + 1) / (n + 2) of them, and described category c of the rest as much as
        it has of all errors, with half an error more each.

        Returns:
            Shape: (n, n).
        """
        right = (np.trace(self.counts) + 1) / (self.counts.sum() + 2)
        is_error = 1 - np.eye(len(self.choices))
        errors = is_error * ((self.counts * is_error).sum(axis=0) + 0.5)
        prior = right * np.eye(len(self.choices)) + (1 - right) * errors / errors.sum(axis=1, keepdims=True)
        return np.asarray(self.counts + PRIOR_READINGS * prior)

    def probabilities(self) -> FloatMatrix:
        """Return P(described | human). Shape: (n, n), rows sum to 1."""
        counts = self.pseudo_counts()
        return np.asarray(counts / counts.sum(axis=1, keepdims=True))

    def draw(self, generator: np.random.Generator, n_draws: int) -> NDArray[np.float64]:
        """Draw P(described | human) as far as the counts leave it open: each row from its Dirichlet distribution.

        Returns:
            Shape: (n_draws, n, n).
        """
        counts = self.pseudo_counts()
        drawn = generator.standard_gamma(counts, size=(n_draws, *counts.shape))
        return np.asarray(drawn / drawn.sum(axis=2, keepdims=True))


def invert_confusion(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what an item described as d adds to the estimated number of items that a person would read as h.

    With P = P(described | human), the expected counts of described categories are P' times the counts of human
    readings, so these are estimated by the inverse of P' times the described counts: the matrix method of Barron
    (1977), which for two categories is that of Rogan & Gladen (1978). The estimate is not biased, but a single
    category's may be negative.

    Args:
        probabilities: Rows sum to 1. Shape: (..., n, n).

    Returns:
        Described category by human reading; NaN where P cannot be inverted, as when descan reads the same in every
        text. Shape: (..., n, n).
    """
    is_regular = np.abs(np.linalg.det(probabilities)) > _MIN_DETERMINANT
    regular = np.where(is_regular[..., np.newaxis, np.newaxis], probabilities, np.eye(probabilities.shape[-1]))
    return np.where(is_regular[..., np.newaxis, np.newaxis], np.linalg.inv(regular), np.nan)


def find_confusion(connection: DuckDBPyConnection, language: str, categories: CategorySet) -> Confusion | None:
    """Count the human readings of this corpus, or else give what descan ships for the language and category set.

    Args:
        connection: A database with the table `human_readings`.
        language: ISO 639-1 code.
        categories: The category set; the shipped counts are of the default one.

    Returns:
        None where there is neither.

    Raises:
        InputError: If there are human readings, but none of them is of a description that could be read.
    """
    [(n_human,)] = connection.execute("SELECT count(*) FROM human_readings").fetchall()
    if n_human:
        query = "SELECT read, described, count(*) FROM descriptions JOIN human_readings USING (item_id, model, repeat)"
        cells = connection.execute(f"{query} GROUP BY ALL").fetchall()
        if not cells:
            raise InputError(None, "the human readings are all of refused or failed descriptions; read others")
        return _confusion(cells, choices_of(categories), "human readings")
    path = lexicon_path(language, "misreading.csv")
    if categories.categories != load_category_set().categories or not path.is_file():
        return None
    return load_confusion(path, f"descan ({language})", categories)


def load_confusion(path: Path, source: str, categories: CategorySet) -> Confusion:
    """Read counts from a CSV file with the columns `human, described, n`; lines with # are comments.

    Raises:
        InputError: If a line is not as it must be.
    """
    choices = choices_of(categories)
    cells: list[tuple[str, str, int]] = []
    for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if text.startswith("#") or text == "human,described,n":
            continue
        row = next(csv.reader([text]), [])
        if len(row) != 3 or not {row[0], row[1]} <= set(choices) or not row[2].isdecimal():
            raise InputError(path, f"{text!r} is not a human reading, a described category and a count", line)
        cells.append((row[0], row[1], int(row[2])))
    return _confusion(cells, choices, source)


def _readings(path: Path, names: CategoryNames) -> Iterator[HumanReading]:
    for row in stream_rows(path, ColumnNames()):
        item_id, model = (parse_name(row.cells, column, path, row.line) for column in ("item_id", "model"))
        repeat = parse_count(row.cells, "repeat", path, row.line) or 0
        given = row.cells.get("read")
        word = spell_cell(given)
        read = None if word is None else _parse_choice(word, names)
        if read is None:
            allowed = f"use one of {', '.join(choices_of(names.categories))}, or --alias WORD=CATEGORY"
            raise InputError(path, f"read {quote(given)} is unknown; {allowed}", row.line)
        yield HumanReading(item_id, model, repeat, read, row.line)


def _parse_choice(word: str, names: CategoryNames) -> str | None:
    return UNDECIDED if fold_spelling(word) == fold_spelling(UNDECIDED) else names.find(word)


def _check_descriptions(connection: DuckDBPyConnection, path: Path) -> None:
    query = """
        SELECT item_id, model, repeat, line
        FROM human_readings ANTI JOIN (FROM answers WHERE mode = 'describe') AS answers USING (item_id, model, repeat)
        ORDER BY line LIMIT 1
    """
    for item_id, model, repeat, line in connection.execute(query).fetchall():
        what = f"{quote(item_id)} by {quote(model)}, repeat {repeat},"
        raise InputError(path, f"{what} is not a description of this corpus; name those that it has", line)


def _confusion(cells: Iterable[tuple[str, str, int]], choices: tuple[str, ...], source: str) -> Confusion:
    counts = np.zeros((len(choices), len(choices)))
    for human, described, n in cells:
        counts[choices.index(human), choices.index(described)] += n
    return Confusion(choices, counts, source)
