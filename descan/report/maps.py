"""The maps: emotion terms and action phrases by what they mean, and descriptions by what they mention."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection
from scipy.sparse import csr_array

from descan.embedding import Embedder, FloatMatrix
from descan.lexicon import load_lexicon, readable_languages
from descan.report.places import MIN_DISTINCT, lay_out
from descan.report.record_pairs import run_script
from descan.storage.cache import Cache
from descan.terminal import plain

MAX_POINTS = 20_000
MAX_PHRASES = 2_000
"""Phrases that have a vector: those that are said most."""

SCHEMA = pa.schema(
    [
        ("map", pa.string()),
        ("x", pa.float32()),
        ("y", pa.float32()),
        ("model", pa.string()),
        ("kind", pa.string()),
        ("term", pa.string()),
        ("action", pa.string()),
        ("category", pa.string()),
        ("n", pa.int32()),
        ("item_id", pa.string()),
        ("gold", pa.string()),
        ("described", pa.string()),
        ("label", pa.string()),
        ("verdict", pa.string()),
    ]
)
"""Columns of `map.parquet`. A text that does not apply is empty."""

WORDS = "words"
"""The `map` of rows that say what the descriptions of a neighbourhood have in common."""

_GRID = 2.0**-12

_N_NEIGHBORHOODS = 7
"""Neighbourhoods of the map of descriptions, across and down."""

_MIN_SAYING = 3
"""Descriptions of a neighbourhood that must say its word."""


@dataclass(frozen=True, slots=True)
class Maps:
    """The points of both maps.

    Attributes:
        points: Columns of `SCHEMA`; `map` is terms, descriptions, or words: what is written on the map of descriptions.
        reasons: Map -> why it is not drawn, for those that are not.
        notes: What the maps leave out, in sentences.
    """

    points: pd.DataFrame
    reasons: dict[str, str]
    notes: tuple[str, ...]


def lay_out_maps(connection: DuckDBPyConnection, embedder: Embedder, cache: Cache, *, seed: int) -> Maps:
    """Return places for terms and descriptions.

    The vector of a description is the mean over the mentions that it asserts of the person.

    Args:
        connection: From `record_pairs.open_records`; the tables of map.sql are created in it.
        embedder: Returns the vector of a term or phrase.
        cache: Where places are kept.
        seed: Of the layout.

    Raises:
        SetupError: If the embedder cannot be loaded.
        WorkerError: If a process ended before it was done.
    """
    connection.execute("SET VARIABLE max_phrases = ?", [MAX_PHRASES])
    connection.execute("SET VARIABLE max_points = ?", [MAX_POINTS])
    run_script(connection, "map")
    phrases = connection.execute("FROM phrases ORDER BY phrase").df()
    if len(phrases) < MIN_DISTINCT:  # Checked before an embedder is loaded.
        return no_maps(f"{len(phrases)} different words and phrases are too few for a map; it takes {MIN_DISTINCT}.")
    glosses = _glosses(connection)
    vectors = embedder.embed([glosses.get(term, term) for term in phrases["term"]])
    found = {"terms": _terms(connection, phrases, vectors), "descriptions": _descriptions(connection, vectors)}
    n_distinct = {name: len(np.unique(rows, axis=0)) for name, (_, rows) in found.items()}
    reasons = {
        name: f"{n} different {name} are too few for a map; it takes {MIN_DISTINCT}."
        for name, n in n_distinct.items()
        if n < MIN_DISTINCT
    }
    drawn = [name for name in found if name not in reasons]
    places = lay_out([found[name][1] for name in drawn], seed, cache) if drawn else []
    frames = {
        name: found[name][0].assign(map=name, x=place[:, 0], y=place[:, 1])
        for name, place in zip(drawn, places, strict=True)
    }
    words = [_find_words(connection, frames["descriptions"])] if "descriptions" in frames else []
    return Maps(_join_points([*frames.values(), *words]), reasons, _notes(connection))


def _glosses(connection: DuckDBPyConnection) -> dict[str, str]:
    """Return what is embedded in the place of terms of other languages."""
    rows = connection.execute("SELECT DISTINCT language FROM readings ORDER BY language").fetchall()
    languages = [language for (language,) in rows if language in readable_languages()]
    return {term: gloss for language in languages for term, gloss in load_lexicon(language).glosses.items()}


def no_maps(reason: str) -> Maps:
    """Return maps that are not drawn, for one reason."""
    return Maps(_join_points([]), {"terms": reason, "descriptions": reason}, ())


def write_points(points: pd.DataFrame, path: Path) -> None:
    """Write `map.parquet`."""
    table = pa.Table.from_pandas(points, schema=SCHEMA, preserve_index=False).replace_schema_metadata(None)
    pq.write_table(table, path, compression="zstd")


def _terms(
    connection: DuckDBPyConnection, phrases: pd.DataFrame, vectors: FloatMatrix
) -> tuple[pd.DataFrame, FloatMatrix]:
    points = connection.execute("FROM term_points ORDER BY n DESC, phrase, model").df()
    return points.merge(phrases, on="phrase", how="left"), vectors[points["phrase"].to_numpy()]


def _descriptions(connection: DuckDBPyConnection, vectors: FloatMatrix) -> tuple[pd.DataFrame, FloatMatrix]:
    columns = "point, item_id, model, gold, described, label, verdict"
    points = connection.execute(
        f"SELECT {columns} FROM description_points JOIN pairs USING (place) ORDER BY point"
    ).df()
    said = connection.execute(
        "SELECT point, phrase, n FROM said JOIN description_points USING (place) ORDER BY point, phrase"
    ).fetchnumpy()
    counts = csr_array((said["n"].astype(float), (said["point"], said["phrase"])), shape=(len(points), len(vectors)))
    means = counts @ vectors.astype(float) / counts.sum(axis=1).reshape(-1, 1)
    # On a grid, so that two descriptions with the same mentions have one vector whatever the order of the sum.
    rows: FloatMatrix = (np.rint(means / _GRID) * _GRID).astype(np.float32)
    return points.assign(n=1), rows


def _find_words(connection: DuckDBPyConnection, points: pd.DataFrame) -> pd.DataFrame:
    """Return the word or phrase that stands out in each neighbourhood of the descriptions, in its middle.

    It is the one of the most descriptions times the logarithm of how much rarer it is elsewhere (tf-idf; Manning,
    Raghavan & Schuetze 2008, ch. 6.2), each in one neighbourhood.
    """
    connection.execute("CREATE VIEW said_points AS FROM said JOIN description_points USING (place)")
    query = "SELECT point, phrase, term, category FROM said_points JOIN phrases USING (phrase)"
    said = connection.execute(query).df().merge(points[["point", "x", "y"]], on="point")
    column, row = (
        np.minimum((said[axis] - low) / (high - low or 1) * _N_NEIGHBORHOODS, _N_NEIGHBORHOODS - 1).astype(int)
        for axis, low, high in ((axis, points[axis].min(), points[axis].max()) for axis in ("x", "y"))
    )
    said["cell"] = column * _N_NEIGHBORHOODS + row
    n_saying = said.groupby("phrase")["point"].transform("nunique")
    said["rarity"] = np.log((1 + len(points)) / n_saying)
    words = said.groupby(["cell", "phrase"], as_index=False).agg(
        n=("point", "nunique"),
        x=("x", "median"),
        y=("y", "median"),
        rarity=("rarity", "first"),
        term=("term", "first"),
        category=("category", "first"),
    )
    words = words[words["n"] >= _MIN_SAYING]
    words = words.assign(weight=(words["n"] * words["rarity"]).round(9))
    words = words.sort_values(["weight", "n", "phrase", "cell"], ascending=[False, False, True, True])
    words = words.drop_duplicates("phrase").drop_duplicates("cell")
    return words.assign(map=WORDS)[["map", "x", "y", "term", "category", "n"]]


def _join_points(frames: list[pd.DataFrame]) -> pd.DataFrame:
    texts = [field.name for field in SCHEMA if field.type == pa.string()]
    points = pd.concat([pd.DataFrame(columns=SCHEMA.names), *frames])[SCHEMA.names]
    points[texts] = points[texts].astype(object).fillna("")
    for column in ("model", "item_id"):
        points[column] = points[column].map(plain)
    return points.astype({"x": "float32", "y": "float32", "n": "int32"}).reset_index(drop=True)


def _notes(connection: DuckDBPyConnection) -> tuple[str, ...]:
    [(n_all, n_drawn)] = connection.execute(
        "SELECT (SELECT count(DISTINCT place) FROM said), (SELECT count(*) FROM description_points)"
    ).fetchall()
    [(n_spoken, n_kept)] = connection.execute(
        "SELECT (SELECT count(DISTINCT (kind, term)) FROM spoken WHERE term <> ''), (SELECT count(*) FROM phrases)"
    ).fetchall()
    notes = []
    if n_kept < n_spoken:
        notes.append(f"The maps are made from the {n_kept:,} words and phrases that are said most, of {n_spoken:,}.")
    if n_drawn < n_all:
        notes.append(
            f"The map of descriptions shows {n_drawn:,} of {n_all:,}, drawn from every model, gold and described "
            "category by its share."
        )
    return tuple(notes)
