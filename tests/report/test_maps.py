"""Where words and descriptions lie."""

import os
import subprocess
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from descan.lexicon import load_category_set
from descan.report import maps as maps
from descan.report import places
from descan.report.maps import SCHEMA, Maps, lay_out_maps, write_points
from descan.report.places import MIN_DISTINCT, FloatMatrix, nearest_neighbors
from descan.report.record_pairs import open_records
from descan.storage.cache import Cache
from tests.report.analyses import Pair, write_records

pytestmark = pytest.mark.slow

CATEGORIES = ("Happy", "Sad", "Fear")


class TopicEmbedder:
    """Terms that begin alike lie near each other; counts how many terms it was asked for."""

    name = identity = "topics"

    def __init__(self) -> None:
        self.n_asked = 0

    def embed(self, terms: Sequence[str]) -> np.ndarray:
        self.n_asked += len(terms)
        vectors = np.zeros((len(terms), 8), dtype=np.float32)
        for row, term in enumerate(terms):
            generator = np.random.default_rng(list(term.encode()))
            vectors[row] = generator.normal(scale=0.1, size=8)
            vectors[row, ord(term[0]) % 8] += 1
        unit: np.ndarray = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit


def lay_out(vectors: FloatMatrix, seed: int, cache_folder: Path) -> FloatMatrix:
    [found] = places.lay_out([vectors], seed, Cache(cache_folder))
    return found


def pairs(n_pairs: int, n_terms: int) -> list[Pair]:
    """Give each pair three of the terms, all of one category."""
    made = []
    for number in range(n_pairs):
        category = CATEGORIES[number % 3]
        terms = (f"{category.lower()}{(number * step) % n_terms}" for step in (1, 2, 3))
        text = " and ".join(f"[{category}:{term}|{term}]" for term in terms)
        made.append(Pair(f"i{number:03}", gold=category, label=category, described=category, text=text))
    return made


def mapped(folder: Path, cache: Path, *, seed: int = 0, threads: int | None = None) -> Maps:
    records = open_records(folder, load_category_set(), label_mode="classify", seed=seed, threads=threads)
    with records as connection:
        return lay_out_maps(connection, TopicEmbedder(), Cache(cache), seed=seed)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_records(tmp_path_factory.mktemp("map"), pairs(60, 20))


@pytest.fixture(scope="module")
def drawn(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Maps:
    return mapped(folder, tmp_path_factory.mktemp("cache"))


def test_the_same_analysis_has_the_same_bytes_with_and_without_a_cache(
    folder: Path, drawn: Maps, tmp_path: Path
) -> None:
    write_points(drawn.points, tmp_path / "first")
    for name, threads in (("computed", 1), ("kept", 4)):
        write_points(mapped(folder, tmp_path / "cache", threads=threads).points, tmp_path / name)
        assert (tmp_path / name).read_bytes() == (tmp_path / "first").read_bytes()
    assert len(list((tmp_path / "cache").glob("map/*.entry"))) == 2


def test_every_term_and_description_has_a_place_beside_those_of_its_kind(drawn: Maps) -> None:
    points = drawn.points
    assert drawn.reasons == {}
    assert points["map"].value_counts().drop("words").to_dict() == {"terms": 60, "descriptions": 60}
    assert points.query("map == 'terms'")["n"].sum() == 180
    for name, what in (("terms", "category"), ("descriptions", "described")):
        rows = points[points["map"] == name]
        places = rows[["x", "y"]].to_numpy()
        nearest = np.argsort(((places[:, None] - places) ** 2).sum(axis=2), axis=1)[:, 1]
        kinds = rows[what].to_numpy()
        assert (kinds == kinds[nearest]).mean() > 0.9


def test_the_words_of_a_neighbourhood_are_said_there_more_than_elsewhere(drawn: Maps, folder: Path) -> None:
    points, mentions = drawn.points, pd.read_parquet(folder / "mentions.parquet")
    words, descriptions = points.query("map == 'words'"), points.query("map == 'descriptions'")
    assert len(words) >= 3
    assert words["term"].is_unique
    said = set(zip(mentions["item_id"], mentions["term"], strict=True))
    for word in words.itertuples():
        gaps = np.hypot(descriptions["x"] - word.x, descriptions["y"] - word.y).to_numpy().argsort()
        says = np.array([(item_id, word.term) in said for item_id in descriptions["item_id"]])
        assert says[gaps[:10]].mean() > says.mean()
        assert says.sum() >= word.n >= 3


def test_a_description_lies_where_others_with_the_same_mentions_lie(tmp_path: Path) -> None:
    twins = [*pairs(40, 20), *(Pair(f"twin{number}", text=pairs(40, 20)[7].text) for number in range(3))]
    points = mapped(write_records(tmp_path / "a", twins), tmp_path).points.query("map == 'descriptions'")
    places = points.set_index("item_id")[["x", "y"]]
    assert (places.loc[["twin0", "twin1", "twin2"]].to_numpy() == places.loc["i007"].to_numpy()).all()


def test_negated_mentions_and_those_of_the_scene_are_on_no_map(tmp_path: Path) -> None:
    folder = write_records(tmp_path / "a", pairs(40, 20))
    mentions = pd.read_parquet(folder / "mentions.parquet")
    mentions.loc[mentions["term"] == "happy3", "negated"] = True
    mentions.loc[mentions["term"] == "sad4", "target"] = "scene"
    mentions.to_parquet(folder / "mentions.parquet")
    terms = set(mapped(folder, tmp_path).points["term"])
    assert {"happy6", "sad7"} <= terms
    assert not {"happy3", "sad4"} & terms


@pytest.mark.parametrize(
    ("n_pairs", "n_terms", "reasons"),
    [
        (0, 1, dict.fromkeys(("terms", "descriptions"), "0 different words and phrases are too few")),
        (14, 4, dict.fromkeys(("terms", "descriptions"), "different words and phrases are too few")),
        (10, 40, {"descriptions": "10 different descriptions are too few"}),
    ],
)
def test_fewer_than_fifteen_points_are_no_map(
    tmp_path: Path, n_pairs: int, n_terms: int, reasons: dict[str, str]
) -> None:
    found = mapped(write_records(tmp_path / "a", pairs(n_pairs, n_terms)), tmp_path)
    assert found.reasons.keys() == reasons.keys()
    for name, reason in reasons.items():
        assert reason in found.reasons[name]
        assert not (found.points["map"] == name).any()
    assert list(found.points.columns) == SCHEMA.names


def test_few_phrases_ask_no_embedder(tmp_path: Path) -> None:
    folder = write_records(tmp_path / "a", pairs(14, 4))
    embedder = TopicEmbedder()
    records = open_records(folder, load_category_set(), label_mode="classify", seed=0)
    with records as connection:
        lay_out_maps(connection, embedder, Cache(tmp_path), seed=0)
    assert embedder.n_asked == 0


def test_beyond_the_limit_every_stratum_keeps_its_share_and_it_is_said(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maps, "MAX_POINTS", 30)
    monkeypatch.setattr(maps, "MAX_PHRASES", 50)
    found = mapped(folder, tmp_path)
    drawn = found.points.query("map == 'descriptions'")
    assert drawn["gold"].value_counts().to_dict() == {"Happy": 10, "Sad": 10, "Fear": 10}
    assert found.notes == (
        "The maps are made from the 50 words and phrases that are said most, of 60.",
        "The map of descriptions shows 30 of 60, drawn from every model, gold and described category by its share.",
    )


@pytest.mark.parametrize("shape", ["few", "apart", "line"])
def test_awkward_vectors_are_laid_out_without_a_warning(tmp_path: Path, shape: str) -> None:
    generator = np.random.default_rng(0)
    vectors = generator.normal(size=(MIN_DISTINCT, 8))
    if shape == "apart":  # Three groups without a neighbour in common.
        vectors = np.repeat(np.eye(3, 8), 20, axis=0) + generator.normal(scale=1e-3, size=(60, 8))
    elif shape == "line":
        vectors = np.outer(np.linspace(1, 2, 40), np.ones(8)) + np.eye(40, 8) * 1e-3
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        places = lay_out(vectors.astype(np.float32), 0, tmp_path)
    assert places.shape == (len(vectors), 2)
    assert np.isfinite(places).all()
    assert len(np.unique(places, axis=0)) > 5


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 160])
def test_an_entry_that_holds_no_places_of_the_vectors_is_replaced(tmp_path: Path, content: bytes) -> None:
    vectors = np.random.default_rng(0).normal(size=(20, 8)).astype(np.float32)
    first = lay_out(vectors, 0, tmp_path)
    cache, key = Cache(tmp_path), places._key(np.unique(vectors, axis=0), 0)
    cache.save("map", key, content)
    assert (lay_out(vectors, 0, tmp_path) == first).all()
    assert cache.load("map", key) not in (None, content)


LAYING_OUT = """
import hashlib, sys
from pathlib import Path
import numpy as np
from descan.report.places import lay_out
from descan.storage.cache import Cache

vectors = np.random.default_rng(0).normal(size=(700, 384)).astype(np.float32)
[places] = lay_out([vectors], 0, Cache(None))
print(hashlib.sha256(places.tobytes()).hexdigest())
"""


def test_places_do_not_depend_on_processors_or_threads() -> None:
    processors = sorted(os.sched_getaffinity(0))
    found = set()
    for n_threads, allowed in (("1", processors[:1]), ("4", processors)):
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), n_threads)
        done = subprocess.run(
            [sys.executable, "-c", LAYING_OUT],
            env=os.environ | threads,
            preexec_fn=lambda: os.sched_setaffinity(0, allowed),  # noqa: B023 (runs at once)
            capture_output=True,
            text=True,
            check=True,
        )
        found.add(done.stdout)
    assert len(found) == 1


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    vectors = np.random.default_rng(0).normal(size=(20, 8)).astype(np.float32)
    assert lay_out(vectors, 0, tmp_path / "file").shape == (20, 2)


_WITHOUT_FOLDERS = """
import sys
from pathlib import Path
from descan.report.places import import_umap

import_umap(Path(sys.argv[1]))
from umap import UMAP

UMAP(n_neighbors=2)
"""


def test_where_numba_finds_no_folder_for_machine_code_the_maps_are_laid_out_all_the_same(tmp_path: Path) -> None:
    environment = {**os.environ, "NUMBA_CACHE_LOCATOR_CLASSES": "UserProvidedCacheLocator", "NUMBA_CACHE_DIR": ""}
    command = [sys.executable, "-c", _WITHOUT_FOLDERS, str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_another_seed_has_another_map(tmp_path: Path) -> None:
    vectors = np.random.default_rng(0).normal(size=(20, 8)).astype(np.float32)
    assert (lay_out(vectors, 0, tmp_path) != lay_out(vectors, 1, tmp_path)).any()
    assert places.N_NEIGHBORS < MIN_DISTINCT


@pytest.mark.parametrize("block_values", [1, 90, 10_000_000])
def test_the_nearest_vectors_are_those_of_least_angle_and_of_equals_the_first(
    monkeypatch: pytest.MonkeyPatch, block_values: int
) -> None:
    monkeypatch.setattr(places, "_BLOCK_VALUES", block_values)
    vectors = np.array([[1, 0], [3, 1], [9, -3], [0, 2], [-5, 0]], dtype=np.float32)
    rows, distances = nearest_neighbors(vectors, 3)
    assert rows.tolist() == [[0, 1, 2], [1, 0, 2], [2, 0, 1], [3, 1, 0], [4, 3, 1]]
    # The cosine of (3, 1) to (1, 0) is 3 / sqrt(10), to (9, -3) 24 / (10 * 3) and to (0, 2) 1 / sqrt(10).
    steep, flat = 1 / 10**0.5, 3 / 10**0.5
    cosines = [[1, flat, flat], [1, flat, 0.8], [1, flat, 0.8], [1, steep, 0], [1, 0, -flat]]
    assert distances == pytest.approx(1 - np.array(cosines), abs=1e-6)
