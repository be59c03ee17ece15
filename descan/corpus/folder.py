"""A corpus from a folder or from one bare table: which files belong to it."""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from descan.corpus.column_names import FoundColumns, find_columns
from descan.corpus.conversion import convert
from descan.corpus.corpus import Corpus
from descan.corpus.corpus_toml import load_settings
from descan.corpus.formats import SUFFIXES, ColumnNames, is_table
from descan.corpus.items import gather_items, load_items
from descan.corpus.spellings import fold_aliases, join_aliases, parse_aliases
from descan.corpus.tables import (
    Scratch,
    Table,
    TableOptions,
    open_frame,
    open_table,
    rename_columns,
    save_input,
    unfold,
)
from descan.errors import InputError, explain_os_error, without_credentials
from descan.storage.paths import check_regular, path_or_url

if TYPE_CHECKING:
    from pandas import DataFrame

STANDARD_INPUT = "-"
ANSWERS_FILE = "answers.jsonl"
ANSWERS_FOLDER = "answers"
FAILURES_FILE = "failures.jsonl"
"""Requests that failed: rows like those of answers, but a key may occur several times."""

_COMPRESSED = (".bz2", ".gz", ".xz", ".zip", ".zst")
_N_LISTED = 5
_DEFAULT_COLUMNS = ColumnNames()
_DEFAULT_OPTIONS = TableOptions()
_NO_ALIASES: Mapping[str, str] = {}

_logger = logging.getLogger(__name__)


def read_corpus(
    path: Path | str,
    *,
    columns: ColumnNames = _DEFAULT_COLUMNS,
    options: TableOptions = _DEFAULT_OPTIONS,
    aliases: Mapping[str, str] = _NO_ALIASES,
) -> Corpus:
    """Load the items of a corpus and find its answers.

    A warning names what lies among the answers and is not loaded.

    In a bare table every row is an answer to `describe`, unless a column `mode` says otherwise. Rows
    without ids are `row-1`, `row-2` and so on; a filled label cell beside a description is the
    answer to `classify`.

    Args:
        path: A folder with `corpus.toml`, `items.csv` and answers (`answers.jsonl` or `answers/`, also as .ndjson,
            .csv or .parquet), or one such table with a text column. Also a URL that fsspec understands, such as
            `s3://bucket/corpus`; it must be a string, because `Path` merges its slashes.
        columns: Column names of a bare table.
        options: How a bare table is read, where that is not to be found out.
        aliases: Word -> category, for gold and labels; they outweigh `[labels]` of `corpus.toml`.

    Raises:
        InputError: If anything is not allowed; the answers themselves are checked later, block by block.
        SetupError: If the package for such URLs is missing.
    """
    aliases = parse_aliases(aliases)
    if str(path) == STANDARD_INPUT:
        return _load_input(columns, options, aliases)
    path = path_or_url(path)
    try:
        if path.is_dir():
            return _load_folder(path, columns, options, aliases)
        if not path.exists():
            raise InputError(path, "does not exist; use a corpus folder or a file of answers")
        return _load_table(path, columns, options, aliases, Scratch())
    except OSError as error:
        raise explain_os_error(error, "cannot be read", path) from error


def find_answers(folder: Path) -> tuple[Path, ...]:
    """List the files of a corpus folder that hold answers, in order: `answers.jsonl` first, `answers/` last.

    Raises:
        InputError: If the folder, or `answers/` in it, cannot be listed.
    """
    return tuple(path for path, reason in _list_answers(folder) if not reason)


def _list_answers(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield what may hold answers, with the reason why it is not loaded, if there is one."""
    beside = [path for path in _list_folder(folder) if path.name.partition(".")[0] == ANSWERS_FOLDER]
    for path in sorted(beside, key=lambda path: (path.name != ANSWERS_FILE, path)):
        if path.name == ANSWERS_FOLDER and path.is_dir():
            continue
        yield path, _reason_unread(path)
    if (inner := folder / ANSWERS_FOLDER).is_dir():
        for path in sorted(_list_folder(inner)):
            yield path, _reason_unread(path)


def _list_folder(folder: Path) -> list[Path]:
    """List a folder without hidden files, such as `._a.jsonl` of macOS."""
    try:
        return [path for path in folder.iterdir() if not path.name.startswith(".")]
    except OSError as error:
        raise explain_os_error(error, "cannot be read", folder) from error


def _reason_unread(path: Path) -> str:
    if path.is_dir():
        return "is a folder"
    check_regular(path)
    if path.suffix.lower() in _COMPRESSED:
        return "is compressed; unpack it"
    return "" if is_table(path) else f"is none of {', '.join(SUFFIXES)}"


def _load_folder(folder: Path, columns: ColumnNames, options: TableOptions, given: Mapping[str, str]) -> Corpus:
    if options != _DEFAULT_OPTIONS:
        raise InputError(folder, "is a folder, whose files are UTF-8; name delimiter and encoding only for a bare file")
    if columns != _DEFAULT_COLUMNS:
        raise InputError(folder, "is a folder, whose columns have fixed names; name columns only for a bare file")
    settings_path, items_path, failures = folder / "corpus.toml", folder / "items.csv", folder / FAILURES_FILE
    for required in (settings_path, items_path):
        if not required.exists():
            raise InputError(folder, f"no {required.name}; a corpus folder has corpus.toml, items.csv and answers")
    listed = list(_list_answers(folder))
    answer_files = tuple(path for path, reason in listed if not reason)
    unread = tuple(f"{path.relative_to(folder)} {reason}" for path, reason in listed if reason)
    if not answer_files:
        found = f" ({'; '.join(unread[:_N_LISTED])})" if unread else ""
        raise InputError(folder, f"no answers{found}; put them in answers.jsonl, answers/*.jsonl or answers/*.parquet")
    settings = load_settings(settings_path)
    aliases = join_aliases(given, settings.labels)
    items = load_items(items_path, fold_aliases(aliases))
    _warn_of_unread(folder, unread)
    return Corpus(
        name=settings.name or folder.resolve().name or without_credentials(folder),
        language=settings.language,
        source=settings.source,
        licence=settings.licence,
        aliases=aliases,
        prompts=settings.prompts,
        items=items,
        answer_files=answer_files,
        failure_file=failures if failures.exists() else None,
        other_files=(settings_path, items_path),
        unread=unread,
    )


def _warn_of_unread(folder: Path, unread: tuple[str, ...]) -> None:
    if unread:
        more = f"; and {len(unread) - _N_LISTED} more" if len(unread) > _N_LISTED else ""
        shown = "; ".join(unread[:_N_LISTED])
        _logger.warning("%s: not loaded as answers: %s%s", without_credentials(folder), shown, more)


def _load_input(columns: ColumnNames, options: TableOptions, aliases: Mapping[str, str]) -> Corpus:
    scratch = Scratch()
    path = save_input(scratch)
    try:
        corpus = _load_table(path, columns, options, aliases, scratch)
    except InputError as error:
        if error.path != path:
            raise
        raise InputError("standard input", error.problem, error.line) from error
    notes = tuple(note.replace(str(path), "standard input", 1) for note in corpus.notes)
    return replace(corpus, name="standard input", notes=notes, scratch=scratch)


def _load_table(
    path: Path, columns: ColumnNames, options: TableOptions, aliases: Mapping[str, str], scratch: Scratch
) -> Corpus:
    return _load_open(open_table(path, options, scratch), columns, aliases, scratch, (path,))


def read_frame(
    frame: "DataFrame", *, columns: ColumnNames = _DEFAULT_COLUMNS, aliases: Mapping[str, str] = _NO_ALIASES
) -> Corpus:
    """Take the rows of a pandas frame as those of a bare table; the line of a row in messages is its place from 1 on.

    Raises:
        InputError: If anything is not allowed.
    """
    return _load_open(open_frame(frame), columns, parse_aliases(aliases), Scratch(), ())


def _load_open(
    table: Table, columns: ColumnNames, aliases: Mapping[str, str], scratch: Scratch, sources: tuple[Path, ...]
) -> Corpus:
    path = table.path
    table, columns = unfold(table, columns)
    found = find_columns(table.columns, columns, path) if table.columns else FoundColumns(columns, {}, ())
    columns = found.names
    table = rename_columns(table, found.renamed)
    items = gather_items(table.stream(columns), columns, path, fold_aliases(aliases))
    notes = (*((f"{without_credentials(path)}: {table.read_as}",) if table.read_as else ()), *found.notes)
    if table.is_plain:
        return Corpus(name=path.stem, items=items, answer_files=(path,), aliases=aliases, columns=columns, notes=notes)
    left_out = Counter[str]()
    converted = scratch.new_path("answers.jsonl")
    convert(table, columns, converted, left_out)
    return Corpus(
        name=path.stem,
        items=items,
        answer_files=(converted,),
        aliases=aliases,
        notes=notes,
        sources=sources,
        left_out=left_out,
        scratch=scratch,
    )
