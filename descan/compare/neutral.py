"""Neutral: how much a model leans to it, what it hides, and answers in two stages, neutral or not and then which.

A category set without a neutral category has no rows here.
"""

from collections.abc import Iterator

import numpy as np
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import FloatMatrix, Resampling, Statistic, resample
from descan.compare.database import read_sql
from descan.compare.intervals import as_count, divide
from descan.compare.scores import mean_known
from descan.compare.strata import count_shares, gold_rows, golds_of
from descan.emotions import CategorySet, spell_number
from descan.storage.safe_csv import Cell

NEUTRAL_COLUMNS = (
    *("model", "mode", "n_gold", "n_used", "n_left_out"),
    *("n_neutral", "share", "share_low", "share_high"),
    *("n_gold_neutral", "gold_share", "gold_share_low", "gold_share_high"),
    *("bias", "bias_low", "bias_high", "n_groups"),
)
SOURCE_COLUMNS = (
    *("model", "mode", "gold", "n_labelled", "n_neutral", "share", "share_low", "share_high"),
    *("n_described", "n_described_gold", "share_described_gold", "share_described_gold_low"),
    *("share_described_gold_high", "n_described_neutral", "n_described_other", "n_undecided", "interval", "n_groups"),
)
STAGE_COLUMNS = (
    *("model", "stage", "n_gold", "n_used", "n_left_out", "accuracy", "accuracy_low", "accuracy_high"),
    *("uar", "uar_low", "uar_high", "recall_neutral", "recall_neutral_low", "recall_neutral_high"),
    *("recall_emotion", "recall_emotion_low", "recall_emotion_high", "n_groups"),
)

_UNDEFINED = (np.nan, np.nan, np.nan)


def neutral_rows(
    connection: DuckDBPyConnection, categories: CategorySet, resampling: Resampling
) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `neutral.csv`: the share of Neutral in what was said and in gold, over the same items."""
    if categories.neutral is None:
        return
    above, below = np.array([[0, 1, 0, 1, 0], [0, 0, 1, 1, 0]]), np.array([[1, 1, 1, 1, 0]])
    for stratum, shares in count_shares(connection, read_sql("strata/neutral"), above, below, resampling.confidence):
        groups = stratum.groups
        (n_said, n_used, *said, _, _), (n_gold_neutral, _, *gold, _, _) = shares.rows()
        bias = resample(groups, _neutral_bias, resampling).columns(0)
        n_gold = as_count(groups.totals.sum())
        counts = (n_gold, n_used, as_count(n_gold - n_used))
        yield *stratum.key, *counts, n_said, *said, n_gold_neutral, *gold, *bias, groups.n_groups


def neutral_source_rows(
    connection: DuckDBPyConnection, categories: CategorySet, resampling: Resampling
) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `neutral_sources.csv`: where a wrong Neutral comes from, and whether gold was described."""
    if categories.neutral is None:
        return
    golds = [gold for gold in golds_of(categories) if gold != categories.neutral]
    of_gold = np.delete(gold_rows(len(categories)), golds_of(categories).index(categories.neutral), axis=0)
    above = np.kron(of_gold, [0, 1, 1, 1, 1, 1]), np.kron(of_gold, [0, 1, 0, 0, 0, 0])
    below = np.kron(of_gold, [1, 1, 1, 1, 1, 1]), np.kron(of_gold, [0, 1, 1, 1, 1, 0])
    other = np.kron(of_gold, np.eye(6)[2:5])
    query, confidence = read_sql("strata/neutral_sources"), resampling.confidence
    for stratum, shares in count_shares(connection, query, np.vstack(above), np.vstack(below), confidence):
        rows = list(shares.rows())
        n_other = (other @ stratum.groups.totals).reshape(len(golds), -1)
        for gold, neutral, seen, n_others in zip(golds, rows[: len(golds)], rows[len(golds) :], n_other, strict=True):
            n_neutral, n_labelled, *share, method, n_groups = neutral
            n_seen, n_described, *share_seen, _, _ = seen
            counts = (n_described, n_seen, *share_seen, *map(as_count, n_others.tolist()))
            yield *stratum.key, gold, n_labelled, n_neutral, *share, *counts, method, n_groups


def stage_rows(
    connection: DuckDBPyConnection, categories: CategorySet, resampling: Resampling
) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `two_stage.csv`: neutral or not, then which of the others where gold and the first are not."""
    neutral, n = categories.neutral_place, len(categories)
    if neutral is None:
        return
    others = _others(neutral, n)
    above, below = _stage_cells(neutral, n)
    second_stage = f"which of {spell_number(n - 1)}"
    for stratum, shares in count_shares(connection, read_sql("strata/two_stage"), above, below, resampling.confidence):
        groups = stratum.groups
        means = resample(groups, _mean_recalls(neutral, n), resampling)
        labels = groups.totals.reshape(n, n + 1)
        n_gold, n_emotion = as_count(labels.sum()), as_count(labels[others].sum())
        (_, n_first, *first, _, _), *recalls, (_, n_second, *second, _, _) = shares.rows()
        scores = (*first, *means.columns(0), *(cell for recall in recalls for cell in recall[2:5]))
        yield (*stratum.key, "neutral or not", n_gold, n_first, as_count(n_gold - n_first), *scores, groups.n_groups)
        scores = (*second, *means.columns(1), *_UNDEFINED, *_UNDEFINED)
        yield (
            *stratum.key,
            second_stage,
            n_emotion,
            n_second,
            as_count(n_emotion - n_second),
            *scores,
            groups.n_groups,
        )


def _neutral_bias(totals: FloatMatrix) -> FloatMatrix:
    """Return the share predicted Neutral less the share gold Neutral. Shape: (n, 5) to (n, 1)."""
    return divide(totals[:, [1]] - totals[:, [2]], totals[:, :4].sum(axis=1, keepdims=True))


def _others(neutral: int, n_categories: int) -> list[int]:
    return [place for place in range(n_categories) if place != neutral]


def _stage_cells(neutral: int, n_categories: int) -> tuple[FloatMatrix, FloatMatrix]:
    """Return the cells above and below of accuracy and recalls of the first stage, and of accuracy of the second.

    Returns:
        Accuracy, recall of Neutral, recall of the others, accuracy of the second. Shape of each: (4, n * (n + 1)).
    """
    gold, label = np.indices((n_categories, n_categories + 1)).reshape(2, -1)
    is_used, is_neutral, says_neutral = label < n_categories, gold == neutral, label == neutral
    is_passed = is_used & ~is_neutral & ~says_neutral
    below = np.stack([is_used, is_used & is_neutral, is_used & ~is_neutral, is_passed])
    right = is_neutral == says_neutral
    return np.asarray(below * np.stack([right, right, right, gold == label]), dtype=np.float64), below.astype(
        np.float64
    )


def _mean_recalls(neutral: int, n_categories: int) -> Statistic:
    """Return the statistic "mean recall of the first stage and of the second"; cells are gold by label, none last."""
    others = _others(neutral, n_categories)

    def statistic(totals: FloatMatrix) -> FloatMatrix:
        labels = totals.reshape(-1, n_categories, n_categories + 1)[:, :, :-1]
        n_neutral, n_emotion = labels[:, neutral].sum(axis=1), labels[:, others].sum(axis=(1, 2))
        said_neutral = labels[:, others, neutral].sum(axis=1)
        right = labels[:, neutral, neutral]
        first = np.column_stack([divide(right, n_neutral), divide(n_emotion - said_neutral, n_emotion)])
        passed = labels[:, others][:, :, others]
        second = divide(np.diagonal(passed, axis1=1, axis2=2), passed.sum(axis=2))
        return np.column_stack([mean_known(first), mean_known(second)])

    return statistic
