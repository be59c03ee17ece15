"""Readings: what people and judges read in descriptions, in files with one reading a row."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from descan.corpus.formats import ColumnNames, list_columns, stream_rows
from descan.corpus.importing.reading_exports import find_export
from descan.corpus.spellings import CategoryNames, spell_cell
from descan.corpus.values import parse_amount, parse_count, parse_name
from descan.emotions import UNDECIDED, CategorySet
from descan.errors import InputError, quote
from descan.lexicon import fold_spelling
from descan.records import DESCAN

READING_COLUMNS = ("item_id", "model", "repeat", "reader", "kind", "described", "second", "note")
"""Of a file of readings."""

JUDGE_COLUMNS = ("judge_repeat", "cost_usd", "latency_s")
"""Of a file of judges' readings, behind `READING_COLUMNS`."""

_N_DIGITS = 18
"""As many as a whole number has at most."""

_UNDECIDED = fold_spelling(UNDECIDED)
_SUFFIXES = (".csv", ".json", ".jsonl", ".ndjson")


class ReaderKind(StrEnum):
    """Who reads."""

    PERSON = "person"
    JUDGE = "judge"


class ReadingStatus(StrEnum):
    """What became of a reading.

    Only `READ` says what a description says; the others are in a file's `described` as these words, `CANNOT_TELL` also
    as nothing.
    """

    READ = "read"
    CANNOT_TELL = "cannot tell"
    REFUSAL = "refusal"
    UNPARSED = "unparsed"


_STATUSES = {
    "": ReadingStatus.CANNOT_TELL,
    "can't tell": ReadingStatus.CANNOT_TELL,
    "refused": ReadingStatus.REFUSAL,
} | {str(status): status for status in ReadingStatus if status is not ReadingStatus.READ}


@dataclass(frozen=True, slots=True)
class ReaderReading:
    """What a person or a judge read in one description.

    Attributes:
        item_id: Of the description, as `model` and `repeat`.
        reader: Who read it; empty where the file does not say.
        described: A category or Undecided; empty unless the status is `READ`.
        second: What else it may say, a category or Undecided; empty where the file does not say.
        judge_repeat: Which of several readings of the same description by one judge it is; 0 of people.
        path: The file.
        line: Its line in the file, or its place in a list (1-based).
        cost_usd: US dollars, of a judge; None where the file does not say.
        latency_s: Seconds that the judge took; None where the file does not say.
    """

    item_id: str
    model: str
    repeat: int
    reader: str
    kind: ReaderKind
    status: ReadingStatus
    described: str
    second: str
    note: str
    judge_repeat: int
    path: Path
    line: int
    cost_usd: float | None = None
    latency_s: float | None = None


def choices_of(categories: CategorySet) -> tuple[str, ...]:
    """Return what a description may be read as, by a person, a judge and descan."""
    return (*categories.names, UNDECIDED)


def load_readings(paths: Iterable[Path], names: CategoryNames) -> list[ReaderReading]:
    """Load files of readings, with a description and reader a row.

    Args:
        paths: .csv, .jsonl, .ndjson or .json files. A row has `item_id`, `model`, and what was read as `described` or
            `read`; it may have `repeat` (0 where it is missing), `reader`, `kind` (person where it is missing),
            `second`, `note` and `judge_repeat`. Exports of Label Studio and Prodigy are taken as well.
        names: What names a category in what was read.

    Returns:
        The readings in order, also those that do not say what a description says; see `ReaderReading.status`.

    Raises:
        InputError: If a row is not allowed, a reader reads a description twice, or a file has no row.
    """
    found: dict[tuple[str, str, int, str, int], ReaderReading] = {}
    kinds: dict[str, ReaderReading] = {}
    for path in paths:
        n_before = len(found)
        for reading in _stream(path, names):
            _check_once(reading, found, kinds)
        if len(found) == n_before:
            raise InputError(path, "no readings; give at least one")
    return list(found.values())


def parse_choice(word: str, names: CategoryNames) -> str | None:
    """Return the category that a word names, or Undecided; None if it names neither."""
    return names.find(word) or (UNDECIDED if fold_spelling(word) == _UNDECIDED else None)


def _check_once(
    reading: ReaderReading, found: dict[tuple[str, str, int, str, int], ReaderReading], kinds: dict[str, ReaderReading]
) -> None:
    """Add a reading, unless its reader has read the description already or is of another kind elsewhere."""
    key = (reading.item_id, reading.model, reading.repeat, reading.reader, reading.judge_repeat)
    if (other := found.setdefault(key, reading)) is not reading:
        where = f"{quote(reading.item_id)} by {quote(reading.model)}, repeat {reading.repeat},"
        advice = f"give one reading of {quote(reading.reader)}" if reading.reader else "give one reading"
        raise InputError(reading.path, f"{where} is {_tell_place(other, reading)} already; {advice}", reading.line)
    if (other := kinds.setdefault(reading.reader, reading)).kind is not reading.kind:
        is_both = f"is a {reading.kind}, but a {other.kind} {_tell_place(other, reading)}"
        problem = f"reader {quote(reading.reader)} {is_both}; give one of them another name"
        raise InputError(reading.path, problem, reading.line)


def _tell_place(other: ReaderReading, reading: ReaderReading) -> str:
    return f"on line {other.line}" + ("" if other.path == reading.path else f" of {other.path}")


def _stream(path: Path, names: CategoryNames) -> Iterator[ReaderReading]:
    if path.suffix.lower() not in _SUFFIXES:
        raise InputError(path, f"readings cannot be {quote(path.suffix)}; use one of {', '.join(_SUFFIXES)}")
    for line, cells in _rows(path):
        yield _parse(path, line, cells, names)


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    columns = list_columns(path) if path.suffix.lower() == ".csv" else None
    if (export := find_export(path, columns)) is not None:
        yield from export(path)
        return
    for row in stream_rows(path, ColumnNames()):
        yield row.line, row.cells


def _parse(path: Path, line: int, cells: Mapping[str, object], names: CategoryNames) -> ReaderReading:
    item_id, model = (parse_name(cells, column, path, line) for column in ("item_id", "model"))
    cells = {**cells, "judge_repeat": _to_count(cells.get("judge_repeat"))}
    repeat, judge_repeat = (parse_count(cells, column, path, line) or 0 for column in ("repeat", "judge_repeat"))
    reader = spell_cell(cells.get("reader")) or ""
    kind = _parse_kind(cells.get("kind"), path, line)
    if reader == DESCAN:
        raise InputError(path, f"reader {quote(reader)} is how descan's own reading is called; use another", line)
    if kind is ReaderKind.JUDGE and not reader:
        raise InputError(path, "a judge has no reader; give its name", line)
    if judge_repeat and kind is not ReaderKind.JUDGE:
        raise InputError(path, f"judge_repeat {judge_repeat} is for judges; leave it out for people", line)
    column = next((name for name in ("read", "described") if name in cells), None)
    if column is None:
        raise InputError(path, "described is missing; every row needs one", line)
    status = _parse_status(cells[column])
    described = "" if status else _parse_word(cells[column], column, names, path, line)
    second = "" if _parse_status(cells.get("second")) else _parse_word(cells["second"], "second", names, path, line)
    note = cells.get("note")
    return ReaderReading(
        item_id,
        model,
        repeat,
        reader,
        kind,
        status or ReadingStatus.READ,
        described,
        second,
        "" if note is None else str(note),
        judge_repeat,
        path,
        line,
        *(parse_amount(cells, column, path, line) for column in ("cost_usd", "latency_s")),
    )


def _to_count(value: object) -> object:
    """Return the number in a cell of a CSV file, where only the columns of answers are numbers."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= _N_DIGITS:
        return int(value)
    return value


def _parse_kind(value: object, path: Path, line: int) -> ReaderKind:
    word = "" if value is None else str(value).strip().casefold()
    if word not in ("", *ReaderKind):
        raise InputError(path, f"kind {quote(value)} is not allowed; use one of {', '.join(ReaderKind)}", line)
    return ReaderKind(word or ReaderKind.PERSON)


def _parse_status(value: object) -> ReadingStatus | None:
    """Return what a cell says in place of a category, or None."""
    if not isinstance(value, str):
        return ReadingStatus.CANNOT_TELL if value is None else None
    return _STATUSES.get(value.strip().casefold().replace("’", "'").replace("_", " "))


def _parse_word(value: object, column: str, names: CategoryNames, path: Path, line: int) -> str:
    """Return the category, or Undecided, of a cell, or of the first of several spellings that names one."""
    spellings: Sequence[object] = value if isinstance(value, tuple) else (value,)
    words = [word for spelling in spellings if (word := spell_cell(spelling)) is not None]
    for word in words:
        if (choice := parse_choice(word, names)) is not None:
            return choice
    allowed = f"use one of {', '.join(choices_of(names.categories))}, or --alias WORD=CATEGORY"
    raise InputError(path, f"{column} {quote(spellings[0])} is unknown; {allowed}", line)
