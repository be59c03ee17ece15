import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from upath import UPath

from descan.corpus import Corpus, load_block, read_corpus
from descan.errors import InputError, SetupError
from tests.corpus.elsewhere import read_elsewhere
from tests.loading import load_answers, load_counted


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "faces"
    (folder / "answers").mkdir(parents=True)
    (folder / "corpus.toml").write_text('[labels]\nJoy = "Happy"\n')
    (folder / "items.csv").write_text("item_id,gold\na,Joy\nb,\n")
    rows = [{"item_id": "a", "model": "m", "mode": "describe", "text": "x", "repeat": n} for n in range(20)]
    (folder / "answers.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (folder / "answers" / "x.jsonl").write_text(json.dumps(rows[0] | {"model": "from x"}))
    pq.write_table(pa.Table.from_pylist([row | {"item_id": "b"} for row in rows]), folder / "answers" / "b.parquet")
    (folder / "failures.jsonl").write_text(json.dumps(rows[0] | {"item_id": "b", "model": "n", "status": "failed"}))
    return folder


@pytest.fixture(params=["file", "memory"])
def url(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    if request.param == "file":
        yield folder.as_uri()
        return
    store = UPath("memory://store/faces")
    for path in folder.rglob("*.*"):
        put(path.read_bytes(), store / path.relative_to(folder).as_posix())
    yield str(store)
    store.rmdir(recursive=True)


def put(content: bytes, place: UPath) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)


def assert_same(remote: Corpus, local: Corpus) -> None:
    assert remote.name == local.name
    assert remote.items == local.items
    assert remote.n_bytes == local.n_bytes
    assert remote.digest() == local.digest()
    assert load_counted(remote) == load_counted(local)


def test_a_folder_is_read_from_a_url(url: str, folder: Path) -> None:
    corpus, local = read_corpus(url), read_corpus(folder)
    assert_same(corpus, local)
    assert str(corpus.folder) == url
    assert [str(path).removeprefix(url) for path in corpus.answer_files] == [
        "/answers.jsonl",
        "/answers/b.parquet",
        "/answers/x.jsonl",
    ]


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_a_bare_file_is_read_from_a_url(url: str, folder: Path, suffix: str) -> None:
    path = folder / f"bare.{suffix}"
    if suffix == "parquet":
        pq.write_table(pa.table({"text": [f"text\n{n}" for n in range(700)]}), path, row_group_size=300)
    elif suffix == "csv":
        path.write_text("text\n" + "".join(f'"text\n{n}"\n' for n in range(700)))
    else:
        path.write_text("\n".join(json.dumps({"text": f"text\n{n}"}) for n in range(700)))
    put(path.read_bytes(), UPath(url) / path.name)
    assert_same(read_corpus(f"{url}/{path.name}"), read_corpus(path))


def test_blocks_of_a_url_are_read_in_another_process(folder: Path) -> None:
    corpus = read_corpus(folder.as_uri())
    blocks = [*corpus.blocks(6), *corpus.failure_blocks(6)]
    assert str(blocks[0]) == f"{folder.as_uri()}/answers.jsonl, lines 1-6"
    assert read_elsewhere(corpus, blocks) == load_answers(read_corpus(folder))


def test_errors_tell_the_url(url: str) -> None:
    put(b"\n{}", UPath(url) / "answers" / "x.jsonl")
    with pytest.raises(InputError) as caught:
        load_answers(read_corpus(url))
    assert str(caught.value) == f"{url}/answers/x.jsonl:2: item_id is missing; every row needs one"
    assert str(caught.value.path) == f"{url}/answers/x.jsonl"


def test_what_is_missing_behind_a_url_is_told(url: str) -> None:
    with pytest.raises(InputError) as caught:
        read_corpus(f"{url}/none")
    assert str(caught.value) == f"{url}/none: does not exist; use a corpus folder or a file of answers"


def test_a_file_that_is_gone_when_its_block_is_read_is_told(url: str) -> None:
    corpus = read_corpus(url)
    blocks = list(corpus.blocks(100))
    for path in corpus.answer_files:
        path.unlink()
    for block in blocks:
        with pytest.raises(InputError, match=f"{block.path}: cannot be read: "):
            load_block(block, corpus.answer_format())


def test_a_file_that_is_cut_short_before_its_block_is_read_is_told(url: str) -> None:
    corpus = read_corpus(url)
    block = next(corpus.blocks(100))
    put(b"{}\n", UPath(url) / "answers.jsonl")
    with pytest.raises(InputError, match=r"answers\.jsonl: changed while it was read; analyze again$"):
        load_block(block, corpus.answer_format())


def test_a_server_that_sends_no_parts_of_files_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    path = UPath("memory://store/bare.jsonl")
    put(b'{"text": "x"}\n{"text": "y"}\n', path)
    monkeypatch.setattr(type(path.fs), "cat_file", lambda *_, **__: path.read_bytes())  # Some web servers do so.
    expected = "the server sends all of it where a part is asked for; copy it to a local folder"
    corpus = read_corpus(str(path))
    with pytest.raises(InputError, match=f"^{path}: {expected}$"):
        load_block(next(corpus.blocks(1)), corpus.answer_format())
    path.unlink()


def test_no_credentials_of_a_url_are_told() -> None:
    with pytest.raises(InputError) as caught:
        read_corpus("nowhere://key:secret@bucket/corpus.csv?token=secret")
    assert str(caught.value) == (
        "nowhere://bucket/corpus.csv: \"Unsupported filesystem: 'nowhere'\"; use a URL that fsspec understands"
    )
    assert caught.value.path == "nowhere://bucket/corpus.csv"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("s3://bucket/a.jsonl", "s3://bucket/a.jsonl"),
        ("ftp://user:password@host/a@b.jsonl", "ftp://host/a@b.jsonl"),
        ("https://user:p@ss@host:8080/a.jsonl?sig=secret&se=1", "https://host:8080/a.jsonl"),
        ("zip://a.csv::https://user@host/a.zip?sig=secret", "zip://a.csv::https://host/a.zip"),
        ("C:/faces/what?.jsonl", "C:/faces/what?.jsonl"),
    ],
)
def test_errors_leave_out_what_may_be_a_secret(url: str, shown: str) -> None:
    error = InputError(url, "is empty", 3)
    assert (error.path, str(error)) == (shown, f"{shown}:3: is empty")


def test_the_missing_package_is_told_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "upath", None)
    with pytest.raises(SetupError) as caught:
        read_corpus("s3://key:secret@bucket/corpus")
    assert str(caught.value) == ("s3://bucket/corpus: URLs need universal-pathlib; run: pip install 'descan[cluster]'")


def test_a_local_path_stays_one(folder: Path) -> None:
    assert all(isinstance(path, Path) for path in read_corpus(str(folder)).answer_files)
