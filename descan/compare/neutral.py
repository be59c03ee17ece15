"""Neutral: how much a model leans to it, what it hides, and answers in two stages, neutral or not and then which."""

from collections.abc import Iterator

import numpy as np
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import FloatMatrix, Resampling, resample
from descan.compare.database import read_sql
from descan.compare.intervals import divide
from descan.compare.safe_csv import Cell
from descan.compare.scores import mean_known
from descan.compare.strata import GOLDS, OF_GOLD, count_shares
from descan.emotions import Emotion

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

_NEUTRAL = list(Emotion).index(Emotion.NEUTRAL)
_EMOTIONS = [place for place in range(len(Emotion)) if place != _NEUTRAL]
_N_LABELS = len(Emotion) + 1
_UNDEFINED = (np.nan, np.nan, np.nan)


def neutral_rows(connection: DuckDBPyConnection, resampling: Resampling) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `neutral.csv`: the share of Neutral in what was said and in gold, over the same items."""
    above, below = np.array([[0, 1, 0, 1, 0], [0, 0, 1, 1, 0]]), np.array([[1, 1, 1, 1, 0]])
    for stratum, shares in count_shares(connection, read_sql("strata/neutral"), above, below, resampling.confidence):
        groups = stratum.groups
        (n_said, n_used, *said, _, _), (n_gold_neutral, _, *gold, _, _) = shares.rows()
        bias = resample(groups, _neutral_bias, resampling).columns(0)
        n_gold = int(groups.totals.sum())
        counts = (n_gold, n_used, n_gold - n_used)
        yield *stratum.key, *counts, n_said, *said, n_gold_neutral, *gold, *bias, groups.n_groups


def neutral_source_rows(connection: DuckDBPyConnection, resampling: Resampling) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `neutral_sources.csv`: where a wrong Neutral comes from, and whether gold was described."""
    golds = [gold for gold in GOLDS if gold != Emotion.NEUTRAL]
    of_gold = np.delete(OF_GOLD, GOLDS.index(Emotion.NEUTRAL), axis=0)
    above = np.kron(of_gold, [0, 1, 1, 1, 1, 1]), np.kron(of_gold, [0, 1, 0, 0, 0, 0])
    below = np.kron(of_gold, [1, 1, 1, 1, 1, 1]), np.kron(of_gold, [0, 1, 1, 1, 1, 0])
    other = np.kron(of_gold, np.eye(6)[2:5])
    query, confidence = read_sql("strata/neutral_sources"), resampling.confidence
    for stratum, shares in count_shares(connection, query, np.vstack(above), np.vstack(below), confidence):
        rows = list(shares.rows())
        n_other = (other @ stratum.groups.totals).astype(int).reshape(len(golds), -1).tolist()
        for gold, neutral, seen, n_others in zip(golds, rows[: len(golds)], rows[len(golds) :], n_other, strict=True):
            n_neutral, n_labelled, *share, method, n_groups = neutral
            n_seen, n_described, *share_seen, _, _ = seen
            counts = (n_described, n_seen, *share_seen, *n_others)
            yield *stratum.key, gold, n_labelled, n_neutral, *share, *counts, method, n_groups


def stage_rows(connection: DuckDBPyConnection, resampling: Resampling) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `two_stage.csv`: neutral or not, then which of six where gold and the first answer are not."""
    above, below = _stage_cells()
    for stratum, shares in count_shares(connection, read_sql("strata/two_stage"), above, below, resampling.confidence):
        groups = stratum.groups
        means = resample(groups, _mean_recalls, resampling)
        labels = groups.totals.reshape(len(Emotion), _N_LABELS)
        n_gold, n_emotion = int(labels.sum()), int(labels[_EMOTIONS].sum())
        (_, n_first, *first, _, _), *recalls, (_, n_second, *second, _, _) = shares.rows()
        scores = (*first, *means.columns(0), *(cell for recall in recalls for cell in recall[2:5]))
        yield (*stratum.key, "neutral or not", n_gold, n_first, n_gold - n_first, *scores, groups.n_groups)
        scores = (*second, *means.columns(1), *_UNDEFINED, *_UNDEFINED)
        yield (*stratum.key, "which of six", n_emotion, n_second, n_emotion - n_second, *scores, groups.n_groups)


def _neutral_bias(totals: FloatMatrix) -> FloatMatrix:
    """Return the share predicted Neutral less the share gold Neutral. Shape: (n, 5) to (n, 1)."""
    return divide(totals[:, [1]] - totals[:, [2]], totals[:, :4].sum(axis=1, keepdims=True))


def _stage_cells() -> tuple[FloatMatrix, FloatMatrix]:
    """Return the cells above and below of accuracy and recalls of the first stage, and of accuracy of the second.

    Returns:
        Accuracy, recall of Neutral, recall of the others, accuracy of the second. Shape of each: (4, 56).
    """
    gold, label = np.indices((len(Emotion), _N_LABELS)).reshape(2, -1)
    is_used, is_neutral, says_neutral = label < len(Emotion), gold == _NEUTRAL, label == _NEUTRAL
    is_passed = is_used & ~is_neutral & ~says_neutral
    below = np.stack([is_used, is_used & is_neutral, is_used & ~is_neutral, is_passed])
    right = is_neutral == says_neutral
    return np.asarray(below * np.stack([right, right, right, gold == label]), dtype=np.float64), below.astype(
        np.float64
    )


def _mean_recalls(totals: FloatMatrix) -> FloatMatrix:
    """Return the mean recall of the first stage and of the second. Shape: (n, 56) to (n, 2)."""
    labels = totals.reshape(-1, len(Emotion), _N_LABELS)[:, :, :-1]
    n_neutral, n_emotion = labels[:, _NEUTRAL].sum(axis=1), labels[:, _EMOTIONS].sum(axis=(1, 2))
    said_neutral = labels[:, _EMOTIONS, _NEUTRAL].sum(axis=1)
    first = np.column_stack(
        [divide(labels[:, _NEUTRAL, _NEUTRAL], n_neutral), divide(n_emotion - said_neutral, n_emotion)]
    )
    passed = labels[:, _EMOTIONS][:, :, _EMOTIONS]
    second = divide(np.diagonal(passed, axis1=1, axis2=2), passed.sum(axis=2))
    return np.column_stack([mean_known(first), mean_known(second)])
