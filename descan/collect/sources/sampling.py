"""A random sample of the items: the same in every run, and balanced by class if wanted."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from descan.collect.sources.source_items import SourceItem
from descan.emotions import CategorySet


@dataclass(frozen=True, slots=True)
class Sample:
    """The items that were drawn.

    Attributes:
        items: In the order of the source.
        short: Of a balanced sample: category -> how many items are missing; complete categories are left out.
        n_without_gold: Of a balanced sample: items that could not be drawn because their class is unknown.
    """

    items: tuple[SourceItem, ...]
    short: Mapping[str, int]
    n_without_gold: int


def draw_sample(
    items: Sequence[SourceItem], categories: CategorySet, *, limit: int | None, per_class: bool, seed: int
) -> Sample:
    """Draw items at random.

    The sample depends only on the seed and the ids, not on the order of the items. A larger limit with the same
    seed draws the same items and more.

    Args:
        items: With unique ids.
        categories: The category set of their golds.
        limit: How many items to draw, of each category if `per_class`; None draws all.
        per_class: Draw as many items of each category, and none without gold.
        seed: Any whole number.

    Raises:
        ValueError: If `limit` is less than 1.
    """
    if limit is not None and limit < 1:
        raise ValueError(f"limit is {limit}; use 1 or more")
    if not per_class:
        drawn = {item.item_id for item in _first(items, limit, seed)}
        return Sample(tuple(item for item in items if item.item_id in drawn), {}, 0)
    by_class = defaultdict(list)
    for item in items:
        by_class[item.gold].append(item)
    n_without_gold = len(by_class.pop(None, []))
    size = max(map(len, by_class.values()), default=0) if limit is None else limit
    drawn = {item.item_id for members in by_class.values() for item in _first(members, limit, seed)}
    short = {name: size - len(by_class[name]) for name in categories.names if len(by_class[name]) < size}
    return Sample(tuple(item for item in items if item.item_id in drawn), short, n_without_gold)


def _first(items: Sequence[SourceItem], limit: int | None, seed: int) -> list[SourceItem]:
    """Return the items whose hashes come first; the order of hashes is random."""
    return sorted(items, key=lambda item: _rank(item.item_id, seed))[:limit]


def _rank(item_id: str, seed: int) -> tuple[bytes, str]:
    return blake2b(f"{seed}\0{item_id}".encode(), digest_size=16).digest(), item_id
