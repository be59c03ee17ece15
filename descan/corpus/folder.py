"""A corpus from a folder or from bare tables: which files belong to it."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from descan.corpus.annotators import fill_gold
from descan.corpus.bare_tables import load_tables
from descan.corpus.corpus import Corpus
from descan.corpus.corpus_toml import load_settings
from descan.corpus.formats import SUFFIXES, ColumnNames, is_table
from descan.corpus.items import count_dropped, load_items, note_undropped, part_dropped
from descan.corpus.sources import STANDARD_INPUT, Sources, open_sources
from descan.corpus.spellings import CategoryNames, join_aliases, parse_aliases, project_words
from descan.corpus.tables import TableOptions
from descan.emotions import CategorySet
from descan.errors import InputError, explain_os_error, without_credentials
from descan.lexicon import ProjectLexicon, load_category_set, read_project_lexicon
from descan.records import DEFAULT_LANGUAGE
from descan.storage.paths import check_regular, path_or_url
from descan.storage.scratch import Scratch

ANSWERS_FILE = "answers.jsonl"
ANSWERS_FOLDER = "answers"
FAILURES_FILE = "failures.jsonl"
"""Requests that failed: rows like those of answers, but a key may occur several times."""

WITNESSES_FILE = "witnesses.csv"
WITNESSES_FOLDER = "witnesses"

_COMPRESSED = (".bz2", ".gz", ".xz", ".zip", ".zst")
_N_LISTED = 5
_DEFAULT_COLUMNS = ColumnNames()
_DEFAULT_OPTIONS = TableOptions()
_NO_ALIASES: Mapping[str, str] = {}

_logger = logging.getLogger(__name__)


def read_corpus(
    source: Sources,
    *,
    columns: ColumnNames = _DEFAULT_COLUMNS,
    options: TableOptions = _DEFAULT_OPTIONS,
    aliases: Mapping[str, str] = _NO_ALIASES,
    categories: CategorySet | Path | str | None = None,
    drop_gold: Sequence[str] = (),
    lexicon: ProjectLexicon | Path | str | None = None,
    witnesses: Sequence[Path | str] = (),
) -> Corpus:
    """Load the items of a corpus and find its answers.

    A warning names files among the answers that are not loaded.

    In a bare table every row is an answer to `describe`, unless a column `mode` says otherwise. Rows
    without ids are `row-1`, `row-2` and so on; a filled label cell beside a description is the
    answer to `classify`. Several tables are joined by their ids; where no table has a column for the model, each is of
    the model that it is named after.

    Args:
        source: A folder with `corpus.toml`, `items.csv` and answers (`answers.jsonl` or `answers/`, also as .ndjson,
            .csv or .parquet), or one table, or several in a list, or in a mapping from models. A table is a file, `-`
            for standard input, `{model}.csv` for all files that are so named after models, or a frame of pandas or of
            what has `to_pandas`. Also a URL that fsspec understands, such as `s3://bucket/corpus`; it must be a
            string, because `Path` merges its slashes.
        columns: Column names of bare tables.
        options: How bare tables are read, where that is not to be found out.
        aliases: Word -> category, for gold and labels; they outweigh `[labels]` of `corpus.toml`.
        categories: The category set, its name or its file; None for the one that `corpus.toml` names, or basic7.
        drop_gold: Golds whose items are left out: categories of any set, or words that name none.
        lexicon: The project's own words, or the folder with them; None for the one that `corpus.toml` names, if any.
        witnesses: Files that say which action units faces show, beside `witnesses.csv` and `witnesses/` of a folder.

    Raises:
        InputError: If anything is not allowed; the answers themselves are checked later, block by block.
        SetupError: If the package for such URLs is missing.
    """
    chosen = _find_set(categories)
    if isinstance(source, str | Path) and str(source) != STANDARD_INPUT:
        path = path_or_url(source)
        try:
            if path.is_dir():
                loaded = _load_folder(path, columns, options, aliases, chosen, drop_gold, lexicon)
                return replace(loaded, witness_files=(*find_witnesses(path), *map(path_or_url, witnesses)))
        except OSError as error:
            raise explain_os_error(error, "cannot be read", path) from error
    scratch = Scratch()
    tables, files = open_sources(source, options, scratch)
    project = _find_project(lexicon, DEFAULT_LANGUAGE)
    named = chosen or load_category_set()
    loaded = load_tables(tables, columns, aliases, named, drop_gold, scratch, files, project)
    return replace(loaded, witness_files=tuple(map(path_or_url, witnesses)))


def _find_set(categories: CategorySet | Path | str | None) -> CategorySet | None:
    return categories if categories is None or isinstance(categories, CategorySet) else load_category_set(categories)


def _find_project(lexicon: ProjectLexicon | Path | str | None, language: str) -> ProjectLexicon | None:
    return (
        lexicon if lexicon is None or isinstance(lexicon, ProjectLexicon) else read_project_lexicon(lexicon, language)
    )


def find_answers(folder: Path) -> tuple[Path, ...]:
    """List the files of a corpus folder that hold answers, in order: `answers.jsonl` first, `answers/` last.

    Raises:
        InputError: If the folder, or `answers/` in it, cannot be listed.
    """
    return tuple(path for path, reason in _list_answers(folder) if not reason)


def find_witnesses(folder: Path) -> tuple[Path, ...]:
    """List the files of a corpus folder in which witnesses speak: `witnesses.csv` first, then those of `witnesses/`.

    Raises:
        InputError: If `witnesses/` cannot be listed.
    """
    inner = folder / WITNESSES_FOLDER
    found = [path for path in sorted(_list_folder(inner)) if is_table(path)] if inner.is_dir() else []
    return (*(path for path in (folder / WITNESSES_FILE,) if path.exists()), *found)


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


def _load_folder(
    folder: Path,
    columns: ColumnNames,
    options: TableOptions,
    given: Mapping[str, str],
    chosen: CategorySet | None,
    drop_gold: Sequence[str],
    lexicon: ProjectLexicon | Path | str | None,
) -> Corpus:
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
    settings, categories = load_settings(settings_path, chosen)
    named = folder / settings.lexicon if settings.lexicon else None
    project = _find_project(named if lexicon is None else lexicon, settings.language)
    of_corpus = join_aliases(settings.labels, project_words(project, categories))
    aliases = join_aliases(parse_aliases(given, categories), of_corpus)
    loaded, gold_notes = fill_gold(load_items(items_path, CategoryNames(categories, aliases), drop_gold).values())
    items, dropped = part_dropped(loaded)
    _warn_of_unread(folder, unread)
    return Corpus(
        name=settings.name or folder.resolve().name or without_credentials(folder),
        language=settings.language,
        source=settings.source,
        licence=settings.licence,
        categories=categories,
        aliases=aliases,
        project=project,
        prompts=settings.prompts,
        items=items,
        dropped=dropped,
        left_out=count_dropped(dropped),
        notes=(*gold_notes, *note_undropped(drop_gold, dropped)),
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
