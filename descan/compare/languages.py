"""Does the language of a description move the verdict? The verdicts of each language, and tests of every two."""

from collections import Counter
from collections.abc import Iterator

import numpy as np
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import FloatMatrix, resample
from descan.compare.compare_options import CompareOptions
from descan.compare.database import read_sql
from descan.compare.families import DECISION_COLUMNS, decide, test_difference
from descan.compare.intervals import as_count, divide
from descan.compare.strata import count_shares, count_strata
from descan.records import SCORED_VERDICTS, Verdict
from descan.storage.safe_csv import Cell

LANGUAGE_COLUMNS = (
    *("model", "language", "measure", "n_scored", "n", "share", "share_low", "share_high", "interval", "n_groups"),
)

LANGUAGE_TEST_COLUMNS = (
    *("model", "measure", "language_a", "language_b", "n_a", "n_b", "n_groups", "share_a", "share_b"),
    *("difference", "low", "high", *DECISION_COLUMNS),
)
"""Of `language_tests.csv`. `share_a` less `share_b` is `difference`."""

_MEASURES = {
    "label_right": (Verdict.RIGHT, Verdict.LUCKY),
    "description_right": (Verdict.RIGHT, Verdict.LABELING_FAILURE),
    **{str(verdict): (verdict,) for verdict in SCORED_VERDICTS},
}
"""What is told of each language, and the verdicts that count for it."""


def language_rows(connection: DuckDBPyConnection, options: CompareOptions) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `languages.csv`: shares of the scored pairs of a model whose description is in a language.

    There are none where all descriptions are in one language.
    """
    [(n_languages,)] = connection.execute("SELECT count(DISTINCT language) FROM readings").fetchall()
    if n_languages < 2:
        return
    above: FloatMatrix = np.array(
        [[float(verdict in counted) for verdict in SCORED_VERDICTS] for counted in _MEASURES.values()]
    )
    strata = count_shares(
        connection,
        read_sql("strata/languages"),
        above,
        np.ones_like(above),
        options.confidence,
        {"support": str(options.support)},
    )
    for stratum, shares in strata:
        for measure, (n, n_scored, *share, method, n_groups) in zip(_MEASURES, shares.rows(), strict=True):
            yield *stratum.key, measure, n_scored, n, *share, method, n_groups


def language_test_rows(connection: DuckDBPyConnection, options: CompareOptions) -> list[list[Cell]]:
    """Return the rows of `language_tests.csv`: how far labels and descriptions differ between two languages of a model.

    Groups are drawn with what they have in both languages, so that the same items asked in two languages count as
    such. A measure is a family of tests.
    """
    strata = count_strata(connection, read_sql("strata/language_pairs"), 4, {"support": str(options.support)})
    n_tests = Counter(measure for _, measure, *_ in (stratum.key for stratum in strata))
    rows: list[dict[str, Cell]] = []
    tests = []
    for stratum in strata:
        groups = stratum.groups
        measure = stratum.key[1]
        found = resample(groups, _language_shares, options.resampling, n_tests[measure])
        n_a, n_b = (as_count(n) for n in groups.totals.reshape(2, 2).sum(axis=1))
        share_a, share_b = (float(value) for value in found.values[:2])
        shown = (*stratum.key, n_a, n_b, groups.n_groups, share_a, share_b, *found.columns(2))
        rows.append(dict(zip(LANGUAGE_TEST_COLUMNS, shown, strict=False)))
        tests.append(test_difference(groups, found, 2, None, f"languages: {measure}"))
    decisions = decide(tests, options.margin)
    told = [row | decision.cells() for row, decision in zip(rows, decisions, strict=True)]
    return [[row[name] for name in LANGUAGE_TEST_COLUMNS] for row in told]


def _language_shares(totals: FloatMatrix) -> FloatMatrix:
    """Return the share in each of two languages, and their difference. Shape: (n, 4) to (n, 3)."""
    shares = [divide(totals[:, first], totals[:, first] + totals[:, first + 1]) for first in (0, 2)]
    return np.column_stack([*shares, shares[0] - shares[1]])
