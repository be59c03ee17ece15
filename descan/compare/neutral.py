"""Neutral: how much a model leans to it, what it hides, and answers in two stages, neutral or not and then which."""

from collections.abc import Iterator

import numpy as np
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import FloatMatrix, Resampling, resample
from descan.compare.database import read_sql
from descan.compare.intervals import divide, share_intervals
from descan.compare.safe_csv import Cell
from descan.compare.scores import mean_known
from descan.compare.strata import GOLDS, cells_of_gold, count_strata, with_interval
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
_N_SOURCES = 6
_UNDEFINED = (np.nan, np.nan, np.nan)


def neutral_rows(connection: DuckDBPyConnection, resampling: Resampling) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `neutral.csv`: the share of Neutral in what was said and in gold, over the same items.

    Args:
        connection: A database in which counts.sql has run.
        resampling: How intervals are made.
    """
    said, gold, used = [0, 1, 0, 1, 0], [0, 0, 1, 1, 0], [1, 1, 1, 1, 0]
    for stratum in count_strata(connection, read_sql("strata/neutral"), len(used)):
        groups = stratum.groups
        found = share_intervals(groups, [said, gold], [used, used], resampling.confidence)
        bias = resample(groups, _neutral_bias, resampling)
        n_gold, n_used = int(groups.totals.sum()), int(groups.totals @ used)
        yield (
            *stratum.key,
            n_gold,
            n_used,
            n_gold - n_used,
            int(groups.totals @ said),
            *with_interval(found, 0),
            int(groups.totals @ gold),
            *with_interval(found, 1),
            *with_interval(bias, 0),
            groups.n_groups,
        )


def neutral_source_rows(connection: DuckDBPyConnection, resampling: Resampling) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `neutral_sources.csv`: where a wrong Neutral comes from, and whether gold was described.

    Args:
        connection: A database in which counts.sql has run.
        resampling: How intervals are made.
    """
    golds = [gold for gold in GOLDS if gold != Emotion.NEUTRAL]
    labelled, neutral, described = (
        [cells_of_gold(gold, states, _N_SOURCES) for gold in golds] for states in (range(6), range(1, 6), range(1, 5))
    )
    seen, as_neutral, as_other, undecided = (
        [cells_of_gold(gold, [state], _N_SOURCES) for gold in golds] for state in range(1, 5)
    )
    for stratum in count_strata(connection, read_sql("strata/neutral_sources"), len(Emotion) * _N_SOURCES):
        totals = stratum.groups.totals
        found = share_intervals(stratum.groups, neutral + seen, labelled + described, resampling.confidence)
        for index, gold in enumerate(golds):
            n_labelled, n_neutral, n_described, n_seen, *n_others = (
                int(totals @ cells[index])
                for cells in (labelled, neutral, described, seen, as_neutral, as_other, undecided)
            )
            yield (
                *stratum.key,
                gold,
                n_labelled,
                n_neutral,
                *with_interval(found, index),
                n_described,
                n_seen,
                *with_interval(found, len(golds) + index),
                *n_others,
                found.methods[index],
                int(found.n_groups[index]),
            )


def stage_rows(connection: DuckDBPyConnection, resampling: Resampling) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `two_stage.csv`: neutral or not, then which of six where gold and the first answer are not.

    Args:
        connection: A database in which counts.sql has run.
        resampling: How intervals are made.
    """
    above, below = _stage_cells()
    for stratum in count_strata(connection, read_sql("strata/two_stage"), len(Emotion) * _N_LABELS):
        groups = stratum.groups
        means = resample(groups, _mean_recalls, resampling)
        shares = share_intervals(groups, above, below, resampling.confidence)
        accuracy, neutral, emotion, second = (with_interval(shares, index) for index in range(len(above)))
        labels = groups.totals.reshape(len(Emotion), _N_LABELS)
        n_gold, n_first = int(labels.sum()), int(labels[:, :-1].sum())
        n_emotion, n_second = int(labels[_EMOTIONS].sum()), int(labels[np.ix_(_EMOTIONS, _EMOTIONS)].sum())
        scores = (*accuracy, *with_interval(means, 0), *neutral, *emotion)
        yield (*stratum.key, "neutral or not", n_gold, n_first, n_gold - n_first, *scores, groups.n_groups)
        scores = (*second, *with_interval(means, 1), *_UNDEFINED, *_UNDEFINED)
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
