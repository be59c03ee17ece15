"""What was extracted is kept: used where it fits, made again where it is broken, forgotten where there is too much."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from descan.errors import InputError
from descan.storage.paths import path_or_url
from descan.storage.tables_kept import forget_oldest, kept, read_kept

DAY_S = 24 * 60 * 60
TABLE = pa.table({"n": [1, 2, 3]})
OTHER = pa.table({"n": [4]})


def not_made() -> pa.Table:
    raise AssertionError("it is there already")


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def used_ago(path: Path, seconds: float) -> None:
    os.utime(path, (time.time() - seconds,) * 2)


def test_a_table_is_made_once(tmp_path: Path) -> None:
    assert kept(tmp_path, "abc", lambda: TABLE) == TABLE
    assert kept(tmp_path, "abc", not_made) == TABLE
    assert kept(tmp_path, "abd", lambda: OTHER) == OTHER
    assert read_kept(tmp_path, "abc") == TABLE
    assert len(files(tmp_path)) == 2


def test_a_table_is_kept_behind_a_url(tmp_path: Path) -> None:
    folder = path_or_url(f"{tmp_path.as_uri()}/shared")
    folder.mkdir()
    assert kept(folder, "abc", lambda: TABLE) == TABLE
    assert kept(folder, "abc", not_made) == TABLE
    assert read_kept(tmp_path / "shared", "abc") == TABLE


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda content: content[: len(content) // 2], id="cut"),
        pytest.param(lambda content: content[:-9], id="without its end"),
        pytest.param(lambda content: b"{}" * len(content), id="something else"),
        pytest.param(lambda content: bytes(len(content)), id="zeros"),
        pytest.param(lambda content: content[:8] + b"\xff" * 40 + content[48:], id="scribbled"),
    ],
)
def test_a_damaged_file_is_made_again(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    kept(tmp_path, "abc", lambda: TABLE)
    [path] = files(tmp_path)
    path.write_bytes(damage(path.read_bytes()))
    assert kept(tmp_path, "abc", lambda: TABLE) == TABLE
    assert kept(tmp_path, "abc", not_made) == TABLE


def test_a_file_cut_anywhere_is_made_again(tmp_path: Path) -> None:
    kept(tmp_path, "abc", lambda: TABLE)
    [path] = files(tmp_path)
    content = path.read_bytes()
    for n_bytes in range(len(content)):
        path.write_bytes(content[:n_bytes])
        assert kept(tmp_path, "abc", lambda: TABLE) == TABLE
        assert path.read_bytes() == content


def test_what_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="abc"):
        read_kept(tmp_path, "abc")


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "ab").write_text("a file where a folder belongs")
    with pytest.raises(InputError, match=r"abc\.arrow: cannot be written: .*; make room, or use --no-cache, or "):
        kept(tmp_path, "abc", lambda: TABLE)


def test_programs_that_keep_the_same_at_the_same_time_all_have_it_whole(tmp_path: Path) -> None:
    table = pa.table({"n": range(100_000)})
    found: list[bool] = []

    def keep() -> None:
        found.extend(kept(tmp_path, f"ab{n}", lambda: table) == table for n in range(10))

    threads = [threading.Thread(target=keep) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 40
    assert [path.suffix for path in files(tmp_path)] == [".arrow"] * 10


def test_what_was_not_used_for_longest_is_forgotten_first(tmp_path: Path) -> None:
    for days, key in ((5, "aaa"), (2, "bbb"), (9, "ccc"), (3, "ddd")):
        kept(tmp_path, key, lambda: TABLE)
        used_ago(tmp_path / key[:2] / f"{key}.arrow", days * DAY_S)
    size = files(tmp_path)[0].stat().st_size
    forget_oldest(tmp_path, 4 * size)
    assert len(files(tmp_path)) == 4
    forget_oldest(tmp_path, 2 * size)
    assert [path.stem for path in files(tmp_path)] == ["bbb", "ddd"]
    read_kept(tmp_path, "ddd")
    used_ago(tmp_path / "bb" / "bbb.arrow", 2 * DAY_S)
    forget_oldest(tmp_path, size)
    assert [path.stem for path in files(tmp_path)] == ["ddd"]


def test_what_was_used_within_a_day_is_never_forgotten(tmp_path: Path) -> None:
    for key in ("aaa", "bbb", "ccc"):
        kept(tmp_path, key, lambda: TABLE)
    used_ago(tmp_path / "aa" / "aaa.arrow", DAY_S - 600)
    used_ago(tmp_path / "bb" / "bbb.arrow", DAY_S + 600)
    used_ago(tmp_path / "cc" / "ccc.arrow", DAY_S + 600)
    kept(tmp_path, "ccc", not_made)
    forget_oldest(tmp_path, 0)
    assert [path.stem for path in files(tmp_path)] == ["aaa", "ccc"]


def test_only_tables_are_forgotten(tmp_path: Path) -> None:
    (tmp_path / "aa").mkdir()
    for name in ("aa/notes.txt", "mine.arrow"):
        (tmp_path / name).write_text("mine")
        used_ago(tmp_path / name, 9 * DAY_S)
    forget_oldest(tmp_path, 0)
    assert len(files(tmp_path)) == 2


def test_there_is_nothing_to_forget_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    forget_oldest(tmp_path / "none", 0)
    assert files(tmp_path) == []
