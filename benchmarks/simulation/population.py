"""The truth: what the shares and scores of a describer are in the population that studies are drawn from."""

import numpy as np

from benchmarks.emotions import Emotion
from benchmarks.simulation.design import Describer, Design, Shares

_N = len(Emotion)


def population(describer: Describer, design: Design, *, is_misread: bool) -> Shares:
    """Return the probability of each gold, description and label.

    Args:
        describer: Who describes.
        design: Of the study.
        is_misread: With the description as the reader of the design reads it, instead of as it is meant.

    Returns:
        Axes: `Emotion` for gold, `READS`, `LABELS`. Shape: (7, 8, 8); sums to 1.
    """
    joint = np.stack([_of_gold(describer, gold) for gold in Emotion]) * design.gold_shares[:, None, None]
    return np.einsum("gml,gmr->grl", joint, design.readers) if is_misread else joint


def verdict_shares(joint: Shares, gold: Emotion | None = None) -> dict[str, float]:
    """Return the share of each verdict among the scored items, of all or of one gold category."""
    shares = dict.fromkeys(("right", "lucky", "labeling_failure", "seeing_failure"), 0.0)
    for place, category in enumerate(Emotion):
        if gold not in (None, category):
            continue
        scored = joint[place, :, :_N]
        right_label = scored[:, place].sum()
        shares["right"] += scored[place, place]
        shares["lucky"] += right_label - scored[place, place]
        shares["labeling_failure"] += scored[place].sum() - scored[place, place]
        shares["seeing_failure"] += scored.sum() - scored[place].sum() - right_label + scored[place, place]
    total = sum(shares.values())
    return {verdict: float(share / total) for verdict, share in shares.items()}


def support_share(joint: Shares) -> float:
    """Return the share of the descriptions that support gold."""
    return float(np.trace(joint.sum(axis=2)[:, :_N]))


def chance_share(joint: Shares) -> float:
    """Return the share that would support gold if descriptions and items were put together at random."""
    table = joint.sum(axis=2)
    return float(table.sum(axis=1) @ table.sum(axis=0)[:_N])


def beyond_chance(joint: Shares) -> float:
    """Return what the support rate is beyond chance, as a share of what it could be."""
    return (support_share(joint) - chance_share(joint)) / (1 - chance_share(joint))


def mode_difference(joint: Shares) -> float:
    """Return the share of right descriptions minus that of right labels, of items that get a category from both."""
    both = joint[:, :_N, :_N]
    places = np.arange(_N)
    return float((both[places, places].sum() - both[places, :, places].sum()) / both.sum())


def category_shares(joint: Shares, mode: str) -> Shares:
    """Return the probability of gold and category, of items that get one.

    Args:
        joint: What `population` gives.
        mode: `describe` for the description's category, else the label's.

    Returns:
        Shape: (7, 7); what is missing to 1 gets no category.
    """
    return np.asarray(joint.sum(axis=2 if mode == "describe" else 1)[:, :_N])


def shared_shares(first: Shares, second: Shares, golds: Shares) -> tuple[Shares, Shares]:
    """Return `category_shares` of two describers over the items that get a category from both."""
    n_first, n_second = first.sum(axis=1), second.sum(axis=1)
    return first * (n_second / golds)[:, None], second * (n_first / golds)[:, None]


def scores(table: Shares) -> dict[str, float]:
    """Return accuracy, mean recall, macro-F1 and kappa of `category_shares`."""
    table = table / table.sum()
    hits, golds, given = np.diag(table), table.sum(axis=1), table.sum(axis=0)
    chance = golds @ given
    return {
        "accuracy": float(hits.sum()),
        "uar": float(np.mean(hits / golds)),
        "macro_f1": float(np.mean(2 * hits / (golds + given))),
        "kappa": float((hits.sum() - chance) / (1 - chance)),
    }


def _of_gold(describer: Describer, gold: Emotion) -> Shares:
    seen = np.zeros(_N + 1)
    seen[list(Emotion).index(gold)] = describer.see[gold]
    unseen = (1 - describer.see[gold]) * describer.guess_shares
    return np.outer(seen, describer.label_shares(gold, is_seen=True)) + np.outer(
        unseen, describer.label_shares(gold, is_seen=False)
    )
