"""Answers are safe before they count, whatever happens to the file's end."""

import asyncio
import errno
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from descan.collect.store.answers_file import AnswersFile, Kind, encode_line, mend_files
from descan.collect.store.existing_answers import load_existing_answers
from descan.collect.store.line_files import LineFile, has_torn_line, mend_last_line
from descan.collect.store.raw_bodies import RAW_FILE, load_body
from descan.corpus.folder_writing import lock_corpus
from descan.errors import InputError
from tests.collect.collectors import read_lines

CELLS = st.dictionaries(st.text(max_size=5), st.one_of(st.text(max_size=20), st.integers(), st.none()), max_size=4)


def answer(item_id: str, **cells: object) -> dict[str, object]:
    return {"item_id": item_id, "model": "m", "mode": "describe", "repeat": 0, "status": "ok", "text": "x", **cells}


async def write(
    folder: Path, lines: Sequence[tuple[Kind, dict[str, object], tuple[bytes, ...]]], *, n_raw: int = 0
) -> None:
    async with AnswersFile(folder, n_raw=n_raw) as answers:
        await asyncio.gather(*(answers.append(*line) for line in lines))


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(CELLS, min_size=1, max_size=5), share=st.floats(0, 1))
def test_a_file_cut_at_any_byte_keeps_every_whole_line(
    tmp_path: Path, rows: list[dict[str, Any]], share: float
) -> None:
    path = tmp_path / "answers.jsonl"
    (tmp_path / "answers.torn").unlink(missing_ok=True)
    content = b"".join(map(encode_line, rows))
    cut = content[: round(share * len(content))]
    path.write_bytes(cut)
    torn = mend_last_line(path)
    n_whole = cut.count(b"\n")
    is_only_end_missing = torn is None and not cut.endswith(b"\n") and cut != b""
    kept = [json.loads(line) for line in path.read_bytes().splitlines()]
    assert kept == [json.loads(encode_line(row)) for row in rows[: n_whole + is_only_end_missing]]
    if torn is not None:
        assert path.read_bytes() + torn.path.with_suffix(".torn").read_bytes() == cut + b"\n"
        assert torn.n_bytes == len(cut) - len(path.read_bytes())
    assert mend_last_line(path) is None
    assert not has_torn_line(path)


@pytest.mark.parametrize(
    ("content", "left", "n_bytes", "is_kept"),
    [
        (b'{"a": 1}\n{"b": 2}', b'{"a": 1}\n{"b": 2}\n', 0, False),
        (b'{"a": 1}\n{"b": ', b'{"a": 1}\n', 6, True),
        (b'{"a": 1}\n\0\0\0', b'{"a": 1}\n', 3, False),
        (b'{"a": 1}\n \t', b'{"a": 1}\n', 2, False),
        (b'{"a": 1}\n"text"', b'{"a": 1}\n', 6, True),
        (b"\xff" * 200_000, b"", 200_000, True),
        (b"", b"", 0, False),
    ],
)
def test_a_torn_last_line_is_taken_away_and_kept_aside_unless_it_is_blank(
    tmp_path: Path, content: bytes, left: bytes, n_bytes: int, is_kept: bool
) -> None:
    path = tmp_path / Kind.ANSWER
    path.write_bytes(content)
    torn = mend_files(tmp_path)
    assert path.read_bytes() == left
    assert sum(one.n_bytes for one in torn) == n_bytes
    assert (tmp_path / "answers.torn").exists() == is_kept
    assert [one.kept_in is not None for one in torn] == ([is_kept] if n_bytes else [])


def test_each_kind_of_line_goes_to_its_file_without_what_is_unknown(tmp_path: Path) -> None:
    lines = [
        (Kind.ANSWER, answer("a", cost_usd=None), ()),
        (Kind.FAILURE, answer("b", status="failed"), ()),
        (Kind.STAGE, answer("c"), ()),
    ]
    asyncio.run(write(tmp_path, lines))
    assert [len(read_lines(tmp_path / kind)) for kind in Kind] == [1, 1, 1]
    assert "cost_usd" not in read_lines(tmp_path / Kind.ANSWER)[0]


def test_a_text_that_no_file_can_hold_stays_readable(tmp_path: Path) -> None:
    asyncio.run(write(tmp_path, [(Kind.ANSWER, answer("a", text="\ud83d é\u2028\n"), ())]))
    assert (tmp_path / Kind.ANSWER).read_bytes().count(b"\n") == 1
    assert json.loads((tmp_path / Kind.ANSWER).read_bytes())["text"] == "\ud83d é\u2028\n"


def test_raw_bodies_are_found_by_their_answers(tmp_path: Path) -> None:
    bodies = [(f'{{"n": {n}}}'.encode() * n, b"\xff\x00") for n in range(20)]
    asyncio.run(write(tmp_path, [(Kind.ANSWER, answer(str(n)), body) for n, body in enumerate(bodies)]))
    for cells in read_lines(tmp_path / Kind.ANSWER):
        assert tuple(load_body(tmp_path, tuple(place)) for place in cells["raw"]) == bodies[int(cells["item_id"])]
    record = load_existing_answers(tmp_path, [])
    assert record.n_raw == (tmp_path / RAW_FILE).stat().st_size


@pytest.mark.parametrize("n_lost", [-7, 0, 7])
def test_bodies_that_no_line_tells_of_go_and_lost_ones_leave_their_place(tmp_path: Path, n_lost: int) -> None:
    asyncio.run(write(tmp_path, [(Kind.ANSWER, answer("a"), (b"first",))]))
    n_raw = load_existing_answers(tmp_path, []).n_raw
    os.truncate(tmp_path / RAW_FILE, n_raw - n_lost)
    asyncio.run(write(tmp_path, [(Kind.ANSWER, answer("b"), (b"second",))], n_raw=n_raw))
    first, second = (tuple(cells["raw"][0]) for cells in read_lines(tmp_path / Kind.ANSWER))
    assert load_body(tmp_path, second) == b"second"
    assert second[0] == n_raw
    if n_lost <= 0:
        assert load_body(tmp_path, first) == b"first"
    else:
        with pytest.raises(InputError, match=r"bodies.zst: no whole frame at byte 0; use a place that an answer names"):
            load_body(tmp_path, first)


def test_a_corpus_without_raw_bodies_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"bodies.zst: cannot be read: it is not there; check the path"):
        load_body(tmp_path, (0, 9))


def test_a_group_that_cannot_be_written_is_not_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = LineFile(tmp_path / "lines")
    file.write(b"one\n")

    def fail(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        file.write(b"two\n")
    monkeypatch.undo()
    file.write(b"three\n")
    file.close()
    assert (tmp_path / "lines").read_bytes() == b"one\nthree\n"


def test_whoever_waits_is_told_that_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fill() -> None:
        async with AnswersFile(tmp_path, n_raw=0) as answers:

            def fail(_: LineFile, __: bytes) -> None:
                raise OSError(errno.ENOSPC, "No space left on device")

            monkeypatch.setattr(LineFile, "write", fail)
            await answers.append(Kind.ANSWER, answer("a"))

    with pytest.raises(InputError, match=r": cannot be written: the disk is full; make room, or use another disk$"):
        asyncio.run(fill())


def test_a_line_is_written_although_nobody_waits_any_more(tmp_path: Path) -> None:
    async def hurry() -> None:
        async with AnswersFile(tmp_path, n_raw=0) as answers:
            tasks = [asyncio.create_task(answers.append(Kind.ANSWER, answer(str(n)))) for n in range(50)]
            await asyncio.sleep(0)
            for task in tasks:
                task.cancel()

    asyncio.run(hurry())
    assert len(read_lines(tmp_path / Kind.ANSWER)) == 50


def test_one_collector_a_corpus(tmp_path: Path) -> None:
    with (
        lock_corpus(tmp_path),
        pytest.raises(
            InputError, match=r"another descan collect or import is working on it; wait until that has ended, or"
        ),
        lock_corpus(tmp_path),
    ):
        pass
    (tmp_path / ".collect.lock").touch()  # What a kill leaves.
    with lock_corpus(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []
