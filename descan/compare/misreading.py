"""How often descan reads otherwise than people, and what that does to counts of readings."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from descan.compare.bootstrap import FloatMatrix, GroupCounts, count_groups
from descan.corpus.readings import choices_of
from descan.emotions import CategorySet
from descan.errors import InputError
from descan.lexicon import lexicon_path, load_category_set

_FILE = "misreading.csv"
"""What a lexicon has of how often descan misreads its language."""

PRIOR_READINGS = 2.0
"""Human readings that the pooled row weighs as much as.

It keeps a category that was read a few times, or never, from claiming to be always read right, and its interval from
being narrow; docs/statistics.md has the coverage in simulated studies.
"""


@dataclass(frozen=True, slots=True)
class Confusion:
    """Descriptions by what a person and what descan reads in them.

    Attributes:
        choices: What may be read; n are the categories and Undecided.
        readings: The descriptions by group, where every one of the shipped ones is a group of its own. Cells: human
            reading times n and described category, both in the order of `choices`.
        source: Where they come from, in a word or two for the tables.
        is_shipped: They come with descan and are of other descriptions than those of the corpus.
        language: Of the descriptions; empty for all.
    """

    choices: tuple[str, ...]
    readings: GroupCounts
    source: str
    is_shipped: bool
    language: str = ""

    @property
    def n(self) -> int:
        """Number of descriptions that a person has read."""
        return int(self.readings.totals.sum())

    @property
    def counts(self) -> FloatMatrix:
        """Human reading by described category. Shape: (n, n)."""
        return self.readings.totals.reshape(len(self.choices), -1)

    @property
    def kind(self) -> str:
        """What can be made of it: a correction, or no more than a sensitivity analysis."""
        return "sensitivity analysis" if self.is_shipped else "correction"


def prior_counts(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return `PRIOR_READINGS` for each human reading, spread as the errors of all readings together.

    Right readings have the share (right + 1) / (n + 2) of them, and described category c of the rest as much as it has
    of all errors, with half an error more each.

    Args:
        counts: Human reading by described category. Shape: (..., n, n), as that of the result.
    """
    eye = np.eye(counts.shape[-1])
    right = (np.trace(counts, axis1=-2, axis2=-1) + 1) / (counts.sum(axis=(-2, -1)) + 2)
    errors = (1 - eye) * ((counts * (1 - eye)).sum(axis=-2, keepdims=True) + 0.5)
    share = right[..., np.newaxis, np.newaxis]
    return np.asarray(PRIOR_READINGS * (share * eye + (1 - share) * errors / errors.sum(axis=-1, keepdims=True)))


def reading_probabilities(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return P(described | human) of counts of both. Shape: (..., n, n), rows sum to 1."""
    return _normalize(counts + prior_counts(counts))


def draw_probabilities(counts: NDArray[np.float64], generator: np.random.Generator) -> NDArray[np.float64]:
    """Return P(described | human) of resampled counts, each with prior counts that are drawn as well.

    A resample alone never varies a row in which all descriptions are read alike, however few they are. With prior
    counts from gamma distributions it does; of resamples of independent readings the rows then scatter as their
    Dirichlet distributions do, and of grouped ones as much more as their groups do (Rubin 1981).
    """
    return _normalize(counts + generator.standard_gamma(prior_counts(counts)))


def find_confusions(connection: DuckDBPyConnection, language: str, categories: CategorySet) -> list[Confusion]:
    """Count the human readings of this corpus, or else give what descan ships for its languages and category set.

    Args:
        connection: A database with the table `human_readings`.
        language: The main language of the corpus, an ISO 639-1 code.
        categories: The category set; the shipped counts are of the default one.

    Returns:
        One of the human readings, or one of each language for which descan ships any, the main language first; none if
        it ships none for that, or for the category set.

    Raises:
        InputError: If there are human readings, but none of them is of a description that could be read.
    """
    [(n_human,)] = connection.execute("SELECT count(*) FROM human_readings").fetchall()
    if n_human:
        query = "SELECT unit, read, described FROM descriptions JOIN human_readings USING (item_id, model, repeat)"
        rows = connection.execute(query).fetchall()
        if not rows:
            raise InputError(None, "the human readings are all of refused or failed descriptions; read others")
        return [_confusion(rows, choices_of(categories), "human readings", is_shipped=False)]
    if categories.categories != load_category_set().categories or not lexicon_path(language, _FILE).is_file():
        return []
    found = connection.execute("SELECT DISTINCT language FROM readings ORDER BY language").fetchall()
    languages = dict.fromkeys((language, *(code for (code,) in found if code)))
    paths = {code: path for code in languages if (path := lexicon_path(code, _FILE)).is_file()}
    return [
        replace(load_confusion(path, f"descan ({code})", categories), language=code) for code, path in paths.items()
    ]


def load_confusion(path: Path, source: str, categories: CategorySet) -> Confusion:
    """Read counts from a CSV file with the columns `human, described, n`; lines with # are comments.

    Raises:
        InputError: If a line is not as it must be.
    """
    choices = choices_of(categories)
    found: list[tuple[str, str]] = []
    for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if text.startswith("#") or text == "human,described,n":
            continue
        row = next(csv.reader([text]), [])
        if len(row) != 3 or not {row[0], row[1]} <= set(choices) or not row[2].isdecimal():
            raise InputError(path, f"{text!r} is not a human reading, a described category and a count", line)
        found += [(row[0], row[1])] * int(row[2])
    rows = [(group, human, described) for group, (human, described) in enumerate(found)]
    return _confusion(rows, choices, source, is_shipped=True)


def load_counted_readings(path: Path, choices: tuple[str, ...]) -> Confusion | None:
    """Read `misreading.csv` of an analysis: what people, or the readings that descan ships, and descan have read.

    Args:
        path: The table.
        choices: What may be read.

    Returns:
        None where the table has no readings. Every reading is a group of its own.

    Raises:
        InputError: If a line is not as it must be.
    """
    found: list[tuple[str, str]] = []
    source = ""
    with path.open(encoding="utf-8", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            human, described, n, source = (row.get(name) or "" for name in ("human", "described", "n", "confusion"))
            if not {human, described} <= set(choices) or not n.isdecimal():
                raise InputError(path, "is not a human reading, a described category and a count", line)
            found += [(human, described)] * int(n)
    rows = [(group, human, described) for group, (human, described) in enumerate(found)]
    return _confusion(rows, choices, source, is_shipped=False) if rows else None


def _confusion(
    rows: Sequence[tuple[int, str, str]], choices: tuple[str, ...], source: str, *, is_shipped: bool
) -> Confusion:
    """Count rows of group, human reading and described category."""
    place = {name: index for index, name in enumerate(choices)}
    cells = [place[human] * len(choices) + place[described] for _, human, described in rows]
    return Confusion(choices, count_groups([row[0] for row in rows], cells, len(choices) ** 2), source, is_shipped)


def _normalize(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(counts / counts.sum(axis=-1, keepdims=True))
