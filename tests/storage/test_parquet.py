"""Where the rows of a record are."""

from pathlib import Path

import pytest

from descan.errors import InputError
from descan.storage.parquet import parquet_files


def test_a_file_is_itself(tmp_path: Path) -> None:
    path = tmp_path / "mentions.parquet"
    path.touch()
    assert parquet_files(path) == [path]


def test_a_folder_gives_its_parts_in_order_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "out [1] *" / "mentions.parquet"
    (folder / "part-000003.parquet").mkdir(parents=True)
    for name in ("part-000010.parquet", "part-000002.parquet", "part-000002.parquet.tmp", "_SUCCESS"):
        (folder / name).touch()
    assert [path.name for path in parquet_files(folder)] == ["part-000002.parquet", "part-000010.parquet"]


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "mentions.parquet"
    with pytest.raises(InputError) as caught:
        parquet_files(path)
    assert str(caught.value) == f"{path}: there is no such file; `descan analyze` writes it"


def test_a_folder_without_parts_is_named(tmp_path: Path) -> None:
    path = tmp_path / "mentions.parquet"
    path.mkdir()
    with pytest.raises(InputError) as caught:
        parquet_files(path)
    assert str(caught.value) == f"{path}: there is no part-*.parquet in this folder; `descan analyze` writes it"
