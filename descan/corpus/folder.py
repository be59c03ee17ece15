"""A corpus from a folder or from one bare file."""

from pathlib import Path
from types import MappingProxyType

from descan.corpus.items import gather_items, read_items
from descan.corpus.model import Corpus
from descan.corpus.parts import SUFFIXES, ColumnNames
from descan.corpus.settings import folded_aliases, read_settings
from descan.errors import InputError, quoted, without_credentials
from descan.storage.paths import path_or_url, unreadable

ANSWERS_FILE = "answers.jsonl"
FAILURES_FILE = "failures.jsonl"
"""Requests that failed: rows like those of answers, of which one key may have several."""

_DEFAULT_COLUMNS = ColumnNames()


def read_corpus(path: Path | str, *, columns: ColumnNames = _DEFAULT_COLUMNS) -> Corpus:
    """Read the items of a corpus and find its answers, which `Corpus.answers` streams.

    In a bare file every row is an answer to `describe`, unless a column `mode` says otherwise. Rows
    without ids are `row-1`, `row-2` and so on; a filled label cell beside a description is the
    answer to `classify`.

    Args:
        path: A folder with `corpus.toml`, `items.csv` and `answers.jsonl` or `answers/`, or one
            .csv, .jsonl, .ndjson or .parquet file with a text column; also as a URL that fsspec understands,
            such as `s3://bucket/corpus`, which must be a string, since `Path` merges its slashes.
        columns: What the columns of a bare file are called.

    Raises:
        InputError: If anything but the answers is not what is allowed there.
        SetupError: If a package is missing that reads such URLs.
    """
    path = path_or_url(path)
    try:
        if path.is_dir():
            return _read_folder(path, columns)
        if not path.exists():
            raise InputError(path, "does not exist; use a corpus folder or a file of answers")
        return _read_bare_file(path, columns)
    except OSError as error:
        raise unreadable(path, error) from error


def find_answers(folder: Path) -> tuple[Path, ...]:
    """List the files of a corpus folder that hold answers, in reading order."""
    found = [folder / ANSWERS_FILE] if (folder / ANSWERS_FILE).is_file() else []
    found += sorted(path for path in (folder / "answers").glob("*") if path.suffix in (".jsonl", ".parquet"))
    return tuple(found)


def _read_folder(folder: Path, columns: ColumnNames) -> Corpus:
    if columns != _DEFAULT_COLUMNS:
        raise InputError(folder, "is a folder, whose columns have fixed names; name columns only for a bare file")
    settings_path, items_path = folder / "corpus.toml", folder / "items.csv"
    for required in (settings_path, items_path):
        if not required.is_file():
            raise InputError(folder, f"no {required.name}; a corpus folder has corpus.toml, items.csv and answers")
    answer_files = find_answers(folder)
    if not answer_files:
        raise InputError(folder, "no answers; put them in answers.jsonl, answers/*.jsonl or answers/*.parquet")
    settings = read_settings(settings_path)
    items = read_items(items_path, folded_aliases(settings.labels))
    return Corpus(
        name=settings.name or folder.resolve().name or without_credentials(folder),
        language=settings.language,
        source=settings.source,
        licence=settings.licence,
        aliases=MappingProxyType(settings.labels),
        prompts=MappingProxyType(settings.prompts),
        items=MappingProxyType(items),
        answer_files=answer_files,
        failure_file=failures if (failures := folder / FAILURES_FILE).is_file() else None,
        other_files=(settings_path, items_path),
    )


def _read_bare_file(path: Path, columns: ColumnNames) -> Corpus:
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(path, f"suffix {quoted(path.suffix)} is unknown; use one of {', '.join(SUFFIXES)}")
    items = gather_items(path, columns)
    return Corpus(
        name=path.stem,
        language="en",
        source="",
        licence="",
        aliases=MappingProxyType({}),
        prompts=MappingProxyType({}),
        items=MappingProxyType(items),
        answer_files=(path,),
        columns=columns,
    )
