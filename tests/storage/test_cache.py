"""A cache returns what was saved under the very key, or nothing."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from descan.storage.cache import Cache

DAY_S = 24 * 60 * 60


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def entries(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.entry"))


def unused_for(path: Path, seconds: float) -> None:
    os.utime(path, (time.time() - seconds,) * 2)


def test_what_was_saved_is_loaded_by_kind_and_key(cache: Cache) -> None:
    assert cache.load("maps", "a") is None
    cache.save("maps", "a", b"1")
    cache.save("maps", "b" * 10_000, b"2")
    cache.save("vectors", "a", b"")
    assert [cache.load("maps", "a"), cache.load("maps", "b" * 10_000), cache.load("vectors", "a")] == [b"1", b"2", b""]
    assert cache.load("vectors", "b") is None
    cache.save("maps", "a", b"3")
    assert cache.load("maps", "a") == b"3"


def test_a_cache_without_a_folder_keeps_nothing() -> None:
    cache = Cache(None)
    cache.save("maps", "a", b"1")
    cache.update("maps", "a", lambda _: b"2")
    cache.evict(0)
    assert cache.load("maps", "a") is None


def test_an_entry_with_any_bit_flipped_or_cut_anywhere_is_missing_and_is_replaced(cache: Cache, tmp_path: Path) -> None:
    cache.save("maps", "a", b"places")
    [path] = entries(tmp_path)
    sound = path.read_bytes()
    flipped = [
        sound[:place] + bytes([sound[place] ^ 1 << bit]) + sound[place + 1 :]
        for place in range(len(sound))
        for bit in range(8)
    ]
    for damaged in (*flipped, *(sound[:length] for length in range(len(sound))), sound + b"0"):
        path.write_bytes(damaged)
        assert cache.load("maps", "a") is None
    cache.save("maps", "a", b"places")
    assert path.read_bytes() == sound


def test_an_entry_of_another_key_or_kind_is_missing(cache: Cache, tmp_path: Path) -> None:
    cache.save("maps", "a", b"1")
    cache.save("maps", "b", b"2")
    cache.save("vectors", "a", b"3")
    first, second, third = entries(tmp_path)
    for foreign in (second, third):
        first.write_bytes(foreign.read_bytes())
        assert [cache.load("maps", key) for key in "ab"].count(None) == 1


@pytest.mark.parametrize(
    "occupy",
    [
        pytest.param(lambda path: (path / "within").mkdir(parents=True), id="a folder"),
        pytest.param(lambda path: path.symlink_to(path.parent), id="a link to a folder"),
        pytest.param(lambda path: path.symlink_to(path), id="a link to itself"),
        pytest.param(lambda path: path.symlink_to("/dev/zero"), id="a link to a device"),
        pytest.param(os.mkfifo, id="a named pipe"),
    ],
)
def test_something_else_in_the_place_of_an_entry_is_replaced(
    cache: Cache, tmp_path: Path, occupy: Callable[[Path], object]
) -> None:
    cache.save("maps", "a", b"1")
    [path] = entries(tmp_path)
    path.unlink()
    occupy(path)
    assert cache.load("maps", "a") is None
    cache.save("maps", "a", b"2")
    assert cache.load("maps", "a") == b"2"
    assert path.is_file()
    assert not path.is_symlink()


def test_a_folder_that_cannot_be_written_is_one_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "file" / "cache"
    folder.parent.write_text("mine")
    for key in "ab":
        Cache(folder).save("maps", key, b"1")
        Cache(folder).update("vectors", key, lambda _: b"2")
    assert caplog.messages == [
        f"results are not cached for the next run: {folder}: Not a directory; "
        "make room there, or set DESCAN_CACHE_DIR to another folder"
    ]
    assert Cache(folder).load("maps", "a") is None


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that another user may read too, as pytest's own are not."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        yield Path(folder)


def run_as_user(folder: Path, script: str) -> list[str]:
    """Run a script with a cache, as somebody who may not write to what is read-only, and return what it prints."""
    start = (
        "import os, resource, signal, sys\n"
        "from pathlib import Path\n"
        "from descan.storage.cache import Cache\n"
        "cache = Cache(Path(sys.argv[1]), lambda _, reason: print(reason))\n"
        "if os.geteuid() == 0:\n"
        "    os.setuid(65534)\n"
    )
    command = [sys.executable, "-c", start + script, str(folder)]
    return subprocess.check_output(command, text=True).splitlines()


def test_a_full_disk_is_one_problem_and_leaves_no_file(public: Path) -> None:
    script = (
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))\n"
        "cache.save('maps', 'a', bytes(20_000))\n"
    )
    assert run_as_user(public, script) == ["File too large"]
    assert [path for path in public.rglob("*") if path.is_file()] == []


def test_a_filled_folder_that_is_read_only_is_loaded_from(public: Path) -> None:
    Cache(public).save("maps", "a", b"1")
    [path] = entries(public)
    for file, mode in ((path, 0o444), (path.parent, 0o555), (public, 0o555)):
        file.chmod(mode)
    script = "print(cache.load('maps', 'a'))\ncache.save('maps', 'b', b'2')\n"
    assert run_as_user(public, script) == ["b'1'", "Permission denied"]


def test_no_change_of_programs_that_update_one_entry_is_lost(cache: Cache) -> None:
    def extended(line: str, content: bytes | None) -> bytes:
        return (content or b"") + line.encode()

    def add(name: str) -> None:
        for number in range(20):
            cache.update("vectors", "a", partial(extended, f"{name}{number}\n"))

    threads = [threading.Thread(target=add, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    content = cache.load("vectors", "a")
    assert content is not None
    assert sorted(content.decode().split()) == sorted(f"{name}{number}" for name in "abcd" for number in range(20))


def test_what_was_unused_for_longest_is_evicted_first_whatever_its_kind(cache: Cache, tmp_path: Path) -> None:
    for days, kind in ((5, "extractions"), (2, "vectors"), (9, "maps"), (3, "labels")):
        cache.save(kind, "a", b"0")
        unused_for(entries(tmp_path / "cache" / kind)[0], days * DAY_S)
    size = entries(tmp_path)[0].stat().st_size
    cache.evict(4 * size)
    assert len(entries(tmp_path)) == 4
    cache.evict(2 * size)
    assert [path.parent.name for path in entries(tmp_path)] == ["labels", "vectors"]
    cache.load("labels", "a")
    cache.evict(size)
    assert [path.parent.name for path in entries(tmp_path)] == ["labels"]


def test_what_was_used_within_a_day_is_never_evicted(cache: Cache, tmp_path: Path) -> None:
    for kind, seconds in (("a", DAY_S - 600), ("b", DAY_S + 600)):
        cache.save(kind, "a", b"0")
        unused_for(entries(tmp_path / "cache" / kind)[0], seconds)
    cache.evict(0)
    assert [path.parent.name for path in entries(tmp_path)] == ["a"]


def test_what_a_killed_program_was_writing_is_removed_after_a_day(cache: Cache, tmp_path: Path) -> None:
    cache.save("maps", "a", b"0")
    [path] = entries(tmp_path)
    left, young = path.with_name("left.part"), path.with_name("young.part")
    for part in (left, young):
        part.write_bytes(b"0")
    unused_for(left, 2 * DAY_S)
    cache.evict()
    assert sorted(path.parent.iterdir()) == sorted([path, young])


def test_files_of_other_programs_are_left_alone(cache: Cache, tmp_path: Path) -> None:
    others = [tmp_path / "cache" / name for name in ("notes.txt", "maps/notes.txt", "extractions/ab/notes.txt")]
    for path in others:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine")
        unused_for(path, 9 * DAY_S)
    cache.evict(0)
    assert all(path.exists() for path in others)
