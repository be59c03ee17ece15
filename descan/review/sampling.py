"""Which descriptions people read: drawn by model, verdict and gold, if wished more of them where descan is unsure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import islice

from duckdb import DuckDBPyConnection

_LEAST_ERROR, _MOST_ERROR = 0.05, 0.5
"""What is assumed of how often descan misreads: with no other category in sight, and with two that score alike."""

_EVEN_PART = 0.25
"""This part of a model's readings in a weighted sample is spread evenly over its strata, so that each has some."""


@dataclass(frozen=True, slots=True)
class Description:
    """A description to be read.

    Attributes:
        language: ISO 639-1 code, or empty.
    """

    item_id: str
    model: str
    repeat: int
    text: str
    language: str

    @property
    def key(self) -> tuple[str, str, int]:
        """What names it in the answers."""
        return self.item_id, self.model, self.repeat


@dataclass(frozen=True, slots=True)
class Stratum:
    """Descriptions of a model with one verdict.

    Attributes:
        weight: Its part of the readings of its model.
        golds: Gold -> how many descriptions it has, and the places of those that may be drawn, in random order.
    """

    weight: float
    golds: Mapping[str, tuple[int, Sequence[int]]]


def draw_descriptions(connection: DuckDBPyConnection, n: int, *, is_weighted: bool = False) -> list[Description]:
    """Return the descriptions that people read, in the order in which they read them.

    Every model has the same number of readings, as far as it has so many descriptions. Within a model each verdict has
    its share, and within a verdict each gold category; which of its descriptions are read is random. In a weighted
    sample verdicts have as many as by Neyman's (1934) rule, with how often descan is likely to misread them, and a
    quarter is spread evenly: an estimate must weigh readings by verdict then. A smaller sample is the beginning of a
    larger one.

    Args:
        connection: From `record_pairs.open_records`; the tables of descriptions.sql are made in it.
        n: How many; fewer if there are no more.
        is_weighted: More of the verdicts whose descriptions descan is likely to misread.
    """
    connection.execute(files("descan.review").joinpath("sql/descriptions.sql").read_text("utf-8"))
    chosen = list(islice(take_turns(_find_strata(connection, n, is_weighted)), n))
    rows = connection.execute(
        "SELECT item_id, model, repeat, text, coalesce(language, '') "
        "FROM (SELECT unnest(range(len(?::BIGINT[]))) AS number, unnest(?::BIGINT[]) AS place) "
        "JOIN descriptions USING (place) JOIN told USING (item_id, model, repeat) ORDER BY number",
        [chosen, chosen],
    ).fetchall()
    return [Description(*row) for row in rows]


def _find_strata(connection: DuckDBPyConnection, n: int, is_weighted: bool) -> list[Stratum]:
    counted = connection.execute(
        "SELECT model, stratum, gold, count(*), avg(least(greatest(doubt / 2, ?), ?)) FROM descriptions "
        "GROUP BY ALL ORDER BY ALL",
        [_LEAST_ERROR, _MOST_ERROR],
    ).fetchall()
    drawn: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    rows = connection.execute(
        "SELECT model, stratum, gold, place FROM descriptions "
        "QUALIFY row_number() OVER (PARTITION BY model, stratum, gold ORDER BY draw, place) <= ? "
        "ORDER BY model, stratum, gold, draw, place",
        [n],
    ).fetchall()
    for *stratum, place in rows:
        drawn[tuple(stratum)].append(place)
    models: dict[str, dict[str, dict[str, tuple[int, float]]]] = defaultdict(lambda: defaultdict(dict))
    for model, stratum, gold, size, error in counted:
        models[model][stratum][gold] = (size, error)
    return [
        Stratum(weight, {gold: (size, drawn[model, stratum, gold]) for gold, (size, _) in golds.items()})
        for model, of_model in models.items()
        for (stratum, golds), weight in zip(
            of_model.items(), weigh_strata(of_model, is_weighted=is_weighted), strict=True
        )
    ]


def weigh_strata(strata: Mapping[str, Mapping[str, tuple[int, float]]], *, is_weighted: bool) -> list[float]:
    """Return the part of each stratum of a model; they sum to 1.

    Args:
        strata: Stratum -> gold -> how many descriptions it has, and the share that descan is likely to misread.
        is_weighted: By Neyman's rule and evenly; else by the number of descriptions.
    """
    sizes = [sum(n for n, _ in golds.values()) for golds in strata.values()]
    if not is_weighted:
        return [size / sum(sizes) for size in sizes]
    spreads = []
    for golds, size in zip(strata.values(), sizes, strict=True):
        error = sum(n * share for n, share in golds.values()) / size
        spreads.append(size * (error * (1 - error)) ** 0.5)
    return [(1 - _EVEN_PART) * spread / sum(spreads) + _EVEN_PART / len(spreads) for spread in spreads]


def take_turns(strata: Sequence[Stratum]) -> Iterator[int]:
    """Yield places so that at every moment each stratum, and in it each gold, has had its part as nearly as can be."""
    of_strata = []
    for stratum in strata:
        sizes, places = zip(*stratum.golds.values(), strict=True)
        of_strata.append(_draw_in_turn(sizes, [iter(drawn) for drawn in places]))
    yield from _draw_in_turn([stratum.weight for stratum in strata], of_strata)


def _draw_in_turn(weights: Sequence[float], sources: Sequence[Iterator[int]]) -> Iterator[int]:
    """Yield from the source that is furthest behind its part of what has been taken; an empty one drops out."""
    open_places = list(range(len(sources)))
    taken = [0] * len(sources)
    while open_places:
        total = sum(weights[place] for place in open_places)
        n_taken = sum(taken[place] for place in open_places) + 1
        place = max(open_places, key=lambda place: (weights[place] / total * n_taken - taken[place], -place))
        found = next(sources[place], None)
        if found is None:
            open_places.remove(place)
        else:
            taken[place] += 1
            yield found
