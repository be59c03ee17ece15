"""Does the language of a description move the verdict? The verdicts of each language, where there are several."""

from collections.abc import Iterator

import numpy as np
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import FloatMatrix
from descan.compare.compare_options import CompareOptions
from descan.compare.database import read_sql
from descan.compare.strata import count_shares
from descan.records import SCORED_VERDICTS, Verdict
from descan.storage.safe_csv import Cell

LANGUAGE_COLUMNS = (
    *("model", "language", "measure", "n_scored", "n", "share", "share_low", "share_high", "interval", "n_groups"),
)

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
