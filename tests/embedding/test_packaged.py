"""The vectors of lexicon terms that come with descan."""

import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from descan.embedding import (
    DEFAULT_EMBEDDER,
    FloatMatrix,
    MiniLmEmbedder,
    PackagedVectors,
    load_embedder,
    model_folder,
    write_packaged_vectors,
)
from descan.embedding.packaged import PATH
from descan.errors import SetupError
from descan.lexicon import load_lexicon, readable_languages

pytestmark = pytest.mark.slow

WARNING = "the lexicon is embedded again, once: its vectors are of another release of "


class Behind:
    """Stands where the cache does: gives every term the same vector, and remembers what it was asked."""

    name = "behind"
    identity = "1" * 64

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed(self, terms: Sequence[str]) -> FloatMatrix:
        self.asked += terms
        return np.ones((len(terms), 384), dtype=np.float32)


@pytest.fixture(scope="module")
def model() -> MiniLmEmbedder:
    return MiniLmEmbedder(DEFAULT_EMBEDDER, model_folder(DEFAULT_EMBEDDER))


def test_every_term_of_every_lexicon_is_there() -> None:
    terms = pq.read_table(PATH)["term"].to_pylist()
    lexicons = [load_lexicon(language) for language in readable_languages()]
    needed = {lexicon.glosses.get(term, term) for lexicon in lexicons for term in (*lexicon.terms, *lexicon.anchors)}
    missing = needed - set(terms)
    assert not missing, "run python -m benchmarks.lexicon_vectors"
    assert len(set(terms)) == len(terms)


def test_they_are_those_that_the_model_gives(model: MiniLmEmbedder) -> None:
    terms = random.Random(0).sample(sorted(load_lexicon().terms), 40)
    behind = Behind()
    at_hand = PackagedVectors(behind, model).embed(terms)
    assert behind.asked == []
    assert at_hand.dtype == np.float32
    assert at_hand.tobytes() == model.embed(terms).tobytes()


def test_other_terms_are_embedded_each_once_and_stand_in_their_places(model: MiniLmEmbedder) -> None:
    behind = Behind()
    vectors = PackagedVectors(behind, model).embed(["saudade", "joy", "hygge", "saudade"])
    assert behind.asked == ["hygge", "saudade"]
    assert (vectors[[0, 2, 3]] == 1).all()
    assert np.array_equal(vectors[1], model.embed(["joy"])[0])


def test_it_has_the_name_and_identity_of_the_embedder_and_needs_nothing_for_no_term(tmp_path: Path) -> None:
    embedder = PackagedVectors(Behind(), MiniLmEmbedder("x", tmp_path), tmp_path / "missing")
    assert (embedder.name, embedder.identity) == ("behind", "1" * 64)
    assert embedder.embed([]).shape == (0, 0)


def test_a_model_with_other_files_does_not_use_them_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.copytree(model_folder(DEFAULT_EMBEDDER), tmp_path / "model")
    with (tmp_path / "model" / "config.json").open("a") as config:
        config.write(" ")
    behind = Behind()
    assert (PackagedVectors(behind, MiniLmEmbedder("other", tmp_path / "model")).embed(["joy"]) == 1).all()
    assert behind.asked == ["joy"]
    assert caplog.messages == [f"{WARNING}behind"]


def test_a_model_that_the_user_names_does_not_use_them(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "model"
    shutil.copytree(model_folder(DEFAULT_EMBEDDER), folder)
    (folder / "model.safetensors").unlink()
    with pytest.raises(SetupError, match="cannot be loaded"):
        load_embedder(str(folder), tmp_path).embed(["joy"])
    assert not caplog.messages


def test_no_torch_is_imported_for_terms_of_the_lexicon(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from descan.embedding import load_embedder\n"
        "load_embedder(cache_folder=Path(sys.argv[1])).embed(sys.argv[2:])\n"
        "print({'torch', 'transformers', 'sentence_transformers'} & sys.modules.keys())"
    )
    terms = list(load_lexicon().terms)
    ran = subprocess.run([sys.executable, "-c", script, tmp_path, *terms], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda _: None, "No such file or directory"),
        (lambda _: b"", "Parquet file size is 0 bytes"),
        (lambda content: content[:-20], "Parquet magic bytes not found in footer"),
        (lambda content: content[:2000] + bytes([content[2000] ^ 1]) + content[2001:], "could not verify page"),
    ],
    ids=["missing", "empty", "cut short", "one byte"],
)
def test_a_missing_or_damaged_file_is_refused_in_one_line(
    damage: Callable[[bytes], bytes | None], reason: str, model: MiniLmEmbedder, tmp_path: Path
) -> None:
    path = tmp_path / "vectors.parquet"
    content = damage(PATH.read_bytes())
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SetupError) as caught:
        PackagedVectors(Behind(), model, path).embed(["joy"])
    message = str(caught.value)
    assert message.startswith("vectors of the lexicon cannot be read: ")
    assert reason in message
    assert message.endswith("; install descan again, or make them in its source: python -m benchmarks.lexicon_vectors")
    assert "\n" not in message


def test_making_the_file_again_gives_the_same_bytes(model: MiniLmEmbedder, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    write_packaged_vectors(["joy", "anger", "joy"], model, one)
    write_packaged_vectors(["anger", "joy"], model, two)
    assert one.read_bytes() == two.read_bytes()
    assert pq.read_table(one)["term"].to_pylist() == ["anger", "joy"]


def test_a_component_that_the_file_cannot_hold_is_refused(tmp_path: Path) -> None:
    class Narrow(MiniLmEmbedder):
        def embed(self, terms: Sequence[str]) -> FloatMatrix:
            return np.array([[1.0, 0.0]] * len(terms), dtype=np.float32)

    with pytest.raises(ValueError, match=r"^components reach from 0\.0 to 1\.0; use a wider type$"):
        write_packaged_vectors(["joy"], Narrow("narrow", tmp_path), tmp_path / "vectors.parquet")
    assert not list(tmp_path.iterdir())
