"""`actions_witnessed.csv` and its like: how often descriptions say what a witness sees, and what is not there."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np
from duckdb import DuckDBPyConnection

from descan.compare.action_marks import reading_errors
from descan.compare.bootstrap import (
    FloatMatrix,
    resample,
)
from descan.compare.compare_options import CompareOptions
from descan.compare.corrected_rates import KnownErrors, estimate_rates
from descan.compare.database import read_sql
from descan.compare.families import DECISION_COLUMNS, FamilyTest, decide, test_difference
from descan.compare.hypothesis_tests import floor_p, holm
from descan.compare.intervals import ShareIntervals, as_count, divide, share_intervals
from descan.compare.paired import MAX_PAIRED_MODELS
from descan.compare.strata import count_shares, count_strata, gold_or_none_rows, golds_of
from descan.compare.witness_errors import known_errors
from descan.storage.safe_csv import Cell

ALL = "all"
"""Region and action of the row that sums up all of them."""

_N_CELLS = 8
"""Of a gold category: shown or not * 4 + how surely it is said, 0 (not at all) to 3 (asserted)."""

_NO, _NEGATED, _HEDGED, _ASSERTED = np.eye(4)
_ABSENT, _PRESENT = np.eye(2)
_SAID = _HEDGED + _ASSERTED
_ANY, _EITHER = np.ones(4), np.ones(2)
_BELOW = np.stack([np.kron(_PRESENT, _ANY), np.kron(_ABSENT, _ANY), np.kron(_EITHER, _SAID), np.ones(_N_CELLS)])
"""Shown; not shown; said; any."""

_SHARES = {
    "sensitivity": (_PRESENT, _SAID),
    "omission": (_PRESENT, _NO),
    "denial": (_PRESENT, _NEGATED),
    "hallucination": (_ABSENT, _SAID),
    "rightly_denied": (_ABSENT, _NEGATED),
    "_absent": (_ABSENT, _ANY),
    "hallucinated_mentions": (_ABSENT, _SAID),
    "hedged": (_EITHER, _HEDGED),
    "_said": (_EITHER, _SAID),
    "mention_rate": (_EITHER, _SAID),
    "prevalence": (_PRESENT, _ANY),
    "_items": (_EITHER, _ANY),
}
"""Three shares of each of `_BELOW`: what is on the face, and what is said."""

_ABOVE = np.stack([np.kron(shown, said) for shown, said in _SHARES.values()])
_RATE_CELLS = np.stack(
    [np.kron(_PRESENT, _SAID), np.kron(_PRESENT, _ANY), np.kron(_ABSENT, _SAID), np.kron(_EITHER, _ANY)]
)
"""What `estimate_rates` needs."""


def _ends(*names: str) -> tuple[str, ...]:
    return tuple(f"{name}{end}" for name in names for end in ("", "_low", "_high"))


_COUNTS = ("n_items", "n_present", "n_hit", "n_omitted", "n_denied", "n_hallucinated")
_RATES = _ends("sensitivity", "hallucination")
WITNESSED_COLUMNS = (
    *("model", "witness", "action", *_COUNTS, *_RATES),
    *_ends("corrected_sensitivity", "corrected_hallucination"),
    *("region", "n_hedged", "n_rightly_denied", *_ends("omission", "denial", "hallucinated_mentions", "prevalence")),
    *("mention_rate", *_ends("difference"), "p", "p_holm", "family_size", "n_groups", "interval"),
    *("witness_sensitivity", "witness_specificity", "n_errors"),
    *("reading_sensitivity", "reading_specificity", "n_marks"),
    *(f"corrected_{rate}_{end}" for rate in ("sensitivity", "hallucination") for end in ("least", "most")),
)
"""Of `actions_witnessed.csv`: per model, witness and action; of all actions, region and action are `all`.

Shares of described items. Of those where the witness sees the action: `sensitivity` says it, `omission` does not,
`denial` says that it is not there. Of those where the witness does not: `hallucination` says it.
`hallucinated_mentions` is the part of all that is said which is not there. `mention_rate` is what both sensitivity and
hallucination are by chance; `difference` is sensitivity less hallucination. Corrected rates are as they would be
without the errors of the witness and of descan's reading, as far as these are known (`witness_sensitivity` and so on);
`least` and `most` are their ends where witness and description may err together, or apart, by `DEPENDENCE`.
"""

WITNESSED_BY_GOLD_COLUMNS = (
    *("model", "witness", "gold", "action", *_COUNTS, *_RATES, "region", "n_groups", "interval"),
)

CAUSE_COLUMNS = (
    *("model", "witness", "verdict", "gold", "cause", "n", "n_items", "share", "share_low", "share_high"),
    *("interval", "n_groups"),
)
"""Of `causes_witnessed.csv`: why descriptions do not support gold, by the witness.

Of the scored items with the verdict of whose face the witness can tell an action that speaks for gold. `not_shown`:
none of these is on the face, so that gold may be contested; `seen_otherwise`: one is on the face and in the text, which
draws another conclusion; `invented`: the text has none that is there, but another action that is not; `not_seen`: it
has none.
"""

WITNESS_AGREEMENT_COLUMNS = (
    *("witness_a", "witness_b", "action", "n_items", "n_both", "n_a_only", "n_b_only", "n_neither"),
    *_ends("agreement", "kappa"),
    "n_groups",
)
"""Of `witness_agreement.csv`: two witnesses on the items of which both tell an action; `all` sums up the actions."""

WITNESSED_TEST_COLUMNS = (
    *("model_a", "model_b", "witness", "rate", "n_items", "value_a", "value_b", "difference", "low", "high"),
    *DECISION_COLUMNS,
)
"""Of `witnessed_tests.csv`: two models on the same faces and actions; `rate` is sensitivity or hallucination."""

_CAUSES = ("not_shown", "seen_otherwise", "invented", "not_seen")

_Row = dict[str, Cell]


def witnessed_rows(
    connection: DuckDBPyConnection, options: CompareOptions
) -> tuple[list[Sequence[Cell]], list[Sequence[Cell]]]:
    """Return the rows of `actions_witnessed.csv` and of `actions_witnessed_by_gold.csv`.

    Of each model and witness: all actions, then each region, then each action in the order of the inventory.

    Args:
        connection: A database in which witnesses.sql has run.
        options: How to compare.

    Raises:
        InputError: If the errors of witnesses are not what is allowed, or the coder is no witness.
    """
    errors = known_errors(connection, options)
    readings = {} if options.action_marks is None else reading_errors(connection, options.action_marks)
    golds, of_gold = golds_of(options.categories), gold_or_none_rows(len(options.categories))
    n_golds = of_gold.shape[1]
    strata = list(
        chain.from_iterable(
            count_strata(connection, read_sql("strata/witnessed"), _N_CELLS * n_golds, {"level": level})
            for level in ("all", "regions", "actions")
        )
    )
    numbers = dict(connection.execute("SELECT action, number FROM witness_actions").fetchall())
    strata.sort(key=lambda stratum: (*stratum.key[:2], stratum.key[2] != ALL, numbers.get(stratum.key[3], -1)))
    found = share_intervals(
        [stratum.groups for stratum in strata], np.kron(of_gold, _ABOVE), np.kron(of_gold, _BELOW), options.confidence
    )
    rows: list[_Row] = []
    by_gold: list[_Row] = []
    for stratum, shares in zip(strata, found, strict=True):
        named: _Row = dict(zip(("model", "witness", "region", "action"), stratum.key, strict=True))
        of_golds = list(_share_rows(shares, len(golds)))
        sums = stratum.groups.combine(np.tile(_RATE_CELLS, n_golds)).merge()
        known = KnownErrors(errors.get((stratum.key[1], stratum.key[3])), readings.get(str(stratum.key[3])))
        rows.append(named | of_golds[0] | estimate_rates(sums, known, options))
        by_gold += [named | {"gold": gold} | row for gold, row in zip(golds, of_golds, strict=True) if row["n_items"]]
    _correct_p(rows)
    return _cells(rows, WITNESSED_COLUMNS), _cells(by_gold, WITNESSED_BY_GOLD_COLUMNS)


def cause_rows(connection: DuckDBPyConnection, options: CompareOptions) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `causes_witnessed.csv`.

    Args:
        connection: A database in which witnesses.sql has run.
        options: How to compare.
    """
    golds, of_gold = golds_of(options.categories), gold_or_none_rows(len(options.categories))
    n_causes = len(_CAUSES)
    above, below = np.kron(of_gold, np.eye(n_causes)), np.kron(of_gold, np.ones((1, n_causes)))
    parameters = {"causes": [*_CAUSES]}
    strata = count_shares(connection, read_sql("strata/causes"), above, below, options.confidence, parameters)
    for stratum, shares in strata:
        kinds = [(gold, cause) for gold in golds for cause in _CAUSES]
        for kind, row in zip(kinds, shares.rows(), strict=True):
            if row[1]:
                yield *stratum.key, *kind, *row


def witness_agreement_rows(connection: DuckDBPyConnection, options: CompareOptions) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `witness_agreement.csv`: of each pair of witnesses all actions, then each.

    Args:
        connection: A database in which witnesses.sql has run.
        options: How to compare.
    """
    strata = count_strata(connection, read_sql("strata/witness_agreement"), 4)
    for stratum in sorted(strata, key=lambda stratum: (*stratum.key[:2], stratum.key[2] != ALL)):
        groups = stratum.groups
        neither, only_b, only_a, both = map(as_count, groups.totals.tolist())
        found = resample(groups, _agreement, options.resampling)
        counts = (as_count(groups.totals.sum()), both, only_a, only_b, neither)
        yield *stratum.key, *counts, *found.columns(0, 1), groups.n_groups


def witnessed_test_rows(connection: DuckDBPyConnection, options: CompareOptions) -> list[Sequence[Cell]]:
    """Return the rows of `witnessed_tests.csv`: each pair of models on the same faces, by Holm over the pairs.

    None with more than `MAX_PAIRED_MODELS` models.

    Args:
        connection: A database in which witnesses.sql has run.
        options: How to compare.
    """
    [(n_models,)] = connection.execute("SELECT count(DISTINCT model) FROM descriptions").fetchall()
    if n_models > MAX_PAIRED_MODELS:
        return []
    strata = count_strata(connection, read_sql("strata/witnessed_models"), 8)
    n_tests = max(Counter(stratum.key[2] for stratum in strata).values(), default=1)
    rows: list[_Row] = []
    tests: list[FamilyTest] = []
    for stratum in strata:
        model_a, model_b, witness = stratum.key
        found = resample(stratum.groups, _rates_of_both, options.resampling, n_tests)
        for place, rate in enumerate(("sensitivity", "hallucination")):
            of_rate = slice(4, 8) if rate == "sensitivity" else slice(0, 4)
            rows.append(
                {
                    "model_a": model_a,
                    "model_b": model_b,
                    "witness": witness,
                    "rate": rate,
                    "n_items": as_count(stratum.groups.totals[of_rate].sum()),
                    "value_a": float(found.values[3 * place]),
                    "value_b": float(found.values[3 * place + 1]),
                    **dict(zip(("difference", "low", "high"), found.columns(3 * place + 2), strict=True)),
                }
            )
            family = f"witnessed, {witness}: {rate}"
            tests.append(test_difference(stratum.groups, found, 3 * place + 2, None, family))
    decided = zip(rows, decide(tests, options.margin), strict=True)
    return _cells([row | decision.cells() for row, decision in decided], WITNESSED_TEST_COLUMNS)


def _agreement(totals: FloatMatrix) -> FloatMatrix:
    """Return agreement and Cohen's kappa. Shape: (n, 4) to (n, 2)."""
    neither, only_b, only_a, both = totals.T
    n = totals.sum(axis=1)
    share_a, share_b = divide(only_a + both, n), divide(only_b + both, n)
    agreement = divide(neither + both, n)
    chance = share_a * share_b + (1 - share_a) * (1 - share_b)
    return np.column_stack([agreement, divide(agreement - chance, 1 - chance)])


def _rates_of_both(totals: FloatMatrix) -> FloatMatrix:
    """Return of sensitivity and of hallucination that of both models and the difference. Shape: (n, 8) to (n, 6)."""
    rates = []
    for cells in (totals[:, 4:], totals[:, :4]):
        n = cells.sum(axis=1)
        first, second = divide(cells[:, 2] + cells[:, 3], n), divide(cells[:, 1] + cells[:, 3], n)
        rates += [first, second, first - second]
    return np.column_stack(rates)


def _share_rows(shares: ShareIntervals, n_golds: int) -> Iterator[_Row]:
    """Yield counts and shares of all golds and of each."""
    cells = list(shares.rows())
    for place in range(n_golds):
        found = dict(zip(_SHARES, cells[place * len(_SHARES) :], strict=False))
        row: _Row = {
            f"{name}{end}": share[2 + index]
            for name, share in found.items()
            for index, end in enumerate(("", "_low", "_high"))
        }
        counted = {
            "n_items": "_items",
            "n_present": "prevalence",
            "n_hit": "sensitivity",
            "n_omitted": "omission",
            "n_denied": "denial",
            "n_hallucinated": "hallucination",
            "n_hedged": "hedged",
            "n_rightly_denied": "rightly_denied",
        }
        row |= {name: found[share][0] for name, share in counted.items()}
        *_, interval, n_groups = found["_items"]
        yield row | {"interval": interval, "n_groups": n_groups}


def _correct_p(rows: Sequence[_Row]) -> None:
    """Correct p by Holm within the actions of a model and witness, and within its regions."""
    families: dict[tuple[Cell, ...], list[_Row]] = {}
    for row in rows:
        level = ALL if row["region"] == ALL else "regions" if row["action"] == ALL else "actions"
        if row["p"] == row["p"]:
            families.setdefault((row["model"], row["witness"], level), []).append(row)
    for family in families.values():
        p_values = [float(row["p"] or 0) for row in family]
        for row, p, corrected in zip(family, p_values, holm(p_values), strict=True):
            row |= {"p": floor_p(p), "p_holm": floor_p(corrected), "family_size": len(family)}


def _cells(rows: Sequence[_Row], columns: Sequence[str]) -> list[Sequence[Cell]]:
    return [[row.get(name) for name in columns] for row in rows]
