"""Gathered logs into a corpus folder: a new one, or one that has answers already."""

import os
import shutil
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from hashlib import file_digest
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Unpack

import orjson

from descan.corpus.answers import AnswerParser
from descan.corpus.blocks import answer_key
from descan.corpus.corpus_toml import load_settings
from descan.corpus.folder import ANSWERS_FILE, FAILURES_FILE, find_answers
from descan.corpus.folder_writing import lock_corpus, plan_corpus_folder
from descan.corpus.formats import ColumnNames, stream_rows
from descan.corpus.importing.gathering import GatheredLogs, check_modes, fingerprint, gather_logs
from descan.corpus.importing.log_options import LogKeywords, LogOptions
from descan.corpus.importing.media_places import name_from
from descan.corpus.items import load_items
from descan.corpus.spellings import CategoryNames
from descan.errors import InputError, quote
from descan.records import Answer, Item, Mode, Status
from descan.storage.atomic import replace_file, write_file

IMPORTS_FILE = "imports.jsonl"
"""In a corpus folder: what was imported into it, a log a line."""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import has done.

    Attributes:
        gathered: What the logs hold.
        n_added: Answers that were added, failed ones among them.
        n_there: Answers that the corpus had already.
        n_differing: Answers that were left out because the corpus has another one to the same question.
        first_differing: Item of the first of these; empty if there is none.
        n_items: Items that the corpus has now.
        n_gold: Those of them with gold.
    """

    gathered: GatheredLogs
    n_added: int
    n_there: int
    n_differing: int
    first_differing: str
    n_items: int
    n_gold: int


def import_logs(
    *paths: Path | str, out: Path | str, format: str | None = None, **options: Unpack[LogKeywords]
) -> ImportResult:
    """Import the logs of another tool into a corpus folder.

    Args:
        paths: Files, or folders of files, of one format.
        out: The folder of the corpus: new, empty, or a corpus, to which items and answers are added.
        format: As `read_logs` takes it.
        options: As `descan.LogOptions` takes them.

    Raises:
        OptionError: If an option has a value that is not allowed.
        InputError: If a file is not allowed, or the corpus contradicts it.
        SetupError: If a package is missing that reads the format.
    """
    chosen = follow_corpus(LogOptions(**options), Path(out))
    return add_to_folder(gather_logs(paths, format, chosen), Path(out))


def follow_corpus(options: LogOptions, folder: Path) -> LogOptions:
    """Return options with the category set of the corpus in a folder, if there is one and they name none.

    Raises:
        InputError: If its `corpus.toml` is not allowed.
    """
    settings = folder / "corpus.toml"
    if options.categories is not None or not settings.is_file():
        return options
    return replace(options, categories=load_settings(settings)[1])


def add_to_folder(gathered: GatheredLogs, folder: Path) -> ImportResult:
    """Add gathered logs to a corpus folder; every file of it is written whole, the answers last.

    Raises:
        InputError: If it is not known what the answers are, the folder holds something else, or its corpus contradicts
            the logs.
    """
    check_modes(gathered)
    is_new = not folder.exists()
    _check_folder(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with lock_corpus(folder):
            return _add(gathered, folder)
    except BaseException:
        if is_new:
            with suppress(OSError):
                folder.rmdir()
        raise


def _check_folder(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise InputError(folder, "is a file; name a folder for the corpus")
    others = [child.name for child in folder.iterdir() if not child.name.startswith(".")] if folder.exists() else []
    if others and "corpus.toml" not in others:
        found = f"holds {quote(min(others))} and no corpus.toml"
        raise InputError(folder, f"{found}; name a new or empty folder, or that of a corpus")


def _add(gathered: GatheredLogs, folder: Path) -> ImportResult:
    is_new = not (folder / "corpus.toml").exists()
    corpus, logs = gathered.corpus, gathered.logs
    items = _place_items(corpus.items.values(), folder)
    known_items = {} if is_new else _load_known_items(folder)
    _check_media(items, known_items, folder)
    change = plan_corpus_folder(
        folder,
        items,
        description={
            "language": gathered.options.language,
            "source": f"imported from {logs.log_format.title}" if is_new else "",
        },
        categories=gathered.options.category_set(),
        labels=corpus.aliases,
        prompts={Mode(mode): prompt for mode, prompt in corpus.prompts.items()},
    )
    adding = _Adding(*_load_known_answers(folder))
    with ExitStack() as stack:
        for name, source in ((ANSWERS_FILE, corpus.answer_files[0]), (FAILURES_FILE, corpus.failure_file)):
            lines = adding.new_lines(source, is_failed=name == FAILURES_FILE) if source is not None else []
            if lines:
                _append(stack.enter_context(replace_file(folder / name)), folder / name, lines)
        change.write()
    if adding.n_added or change.files:
        _note_import(gathered, folder, adding)
    all_items = {**known_items, **{item.item_id: item for item in items}}
    n_gold = sum((item.gold or known_items.get(item.item_id, item).gold) is not None for item in all_items.values())
    return ImportResult(
        gathered,
        adding.n_added,
        adding.n_there,
        adding.n_differing,
        adding.first_differing,
        len(all_items),
        n_gold,
    )


def _place_items(items: Iterable[Item], folder: Path) -> list[Item]:
    real = os.path.realpath(folder)
    return [item if item.media is None else replace(item, media=name_from(item.media, real)) for item in items]


def _load_known_items(folder: Path) -> Mapping[str, Item]:
    settings, categories = load_settings(folder / "corpus.toml")
    path = folder / "items.csv"
    return load_items(path, CategoryNames(categories, settings.labels)) if path.exists() else {}


def _check_media(items: Iterable[Item], known: Mapping[str, Item], folder: Path) -> None:
    """Refuse items that have the id of another picture, such as those of two data sets that number theirs from 0."""
    for item in items:
        old = known[item.item_id].media if item.item_id in known else None
        if old and item.media and PurePosixPath(old).name != PurePosixPath(item.media).name:
            problem = f"item {quote(item.item_id)} has media {quote(old)} here and {quote(item.media)} in the logs"
            raise InputError(folder / "items.csv", f"{problem}; if these are two items, use another folder")


def _load_known_answers(folder: Path) -> tuple[dict[bytes, bytes], set[bytes]]:
    """Return what a corpus has: of answers key -> fingerprint, and the keys of failures."""
    answers: dict[bytes, bytes] = {}
    for path in find_answers(folder):
        for answer in AnswerParser(path, None, Counter()).parse_rows(stream_rows(path, ColumnNames()), 0):
            answers[answer_key(answer)] = fingerprint(answer.text, answer.status)
    failures = folder / FAILURES_FILE
    rows = stream_rows(failures, ColumnNames()) if failures.exists() else ()
    return answers, {answer_key(answer) for answer in AnswerParser(failures, None, Counter()).parse_rows(rows, 0)}


class _Adding:
    """Tells new answers from those that a corpus has."""

    def __init__(self, answers: Mapping[bytes, bytes], failures: Collection[bytes]) -> None:
        self.n_added = self.n_there = self.n_differing = 0
        self.first_differing = ""
        self._answers = answers
        self._failures = failures

    def new_lines(self, path: Path, *, is_failed: bool) -> list[bytes]:
        """Return the lines of a file whose answers are new."""
        lines = []
        with path.open("rb") as file:
            for line in file:
                cells = orjson.loads(line)
                status = cells.get("status", Status.OK.value)
                key = answer_key(
                    Answer(cells["item_id"], cells["model"], Mode(cells["mode"]), "", repeat=cells["repeat"])
                )
                found = self._answers.get(key)
                if found is None and not (is_failed and key in self._failures):
                    self.n_added += 1
                    lines.append(line)
                elif is_failed or found == fingerprint(cells["text"], status):
                    self.n_there += 1
                else:
                    self.n_differing += 1
                    self.first_differing = self.first_differing or cells["item_id"]
        return lines


def _append(partial: Path, path: Path, lines: Sequence[bytes]) -> None:
    """Write what a file has, and lines behind it."""
    with partial.open("wb") as file:
        if path.exists():
            with path.open("rb") as old:
                shutil.copyfileobj(old, file)
                if old.tell() and not _ends_line(old):
                    file.write(b"\n")
        file.writelines(lines)


def _ends_line(file: BinaryIO) -> bool:
    file.seek(-1, os.SEEK_END)
    return file.read() == b"\n"


def _note_import(gathered: GatheredLogs, folder: Path, adding: _Adding) -> None:
    """Add to the corpus what was imported, and what was not."""
    path = folder / IMPORTS_FILE
    note = {
        "format": gathered.logs.log_format.name,
        "logs": {log.name: _digest(log) for log in gathered.logs.paths},
        "added": adding.n_added,
        "already_there": adding.n_there,
        "differing": adding.n_differing,
        "left_out": {reason: loss.n for reason, loss in gathered.remarks.losses.items()},
    }
    old = path.read_bytes() if path.exists() else b""
    write_file(path, old + orjson.dumps(note, option=orjson.OPT_APPEND_NEWLINE))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
