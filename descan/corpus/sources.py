"""The tables that a user names: files, standard input, names with `{model}`, and frames."""

from collections.abc import Iterator, Mapping, Sequence
from glob import escape
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from descan.corpus.bare_tables import NamedTable
from descan.corpus.formats.packed_files import PACKED_SUFFIXES
from descan.corpus.frames import is_frame, open_frame
from descan.corpus.tables import INPUT_NAME, Table, TableOptions, errors_about, instead_of, open_table, save_input
from descan.corpus.wide_tables import MODEL
from descan.errors import InputError, explain_os_error, without_credentials
from descan.storage.paths import path_or_url
from descan.storage.scratch import Scratch

if TYPE_CHECKING:
    from pandas import DataFrame

Source: TypeAlias = "Path | str | DataFrame"
"""A table that a user names."""
Sources: TypeAlias = "Source | Sequence[Source] | Mapping[str, Source]"
"""One table, several, or those of models."""

STANDARD_INPUT = "-"
_ONE_FRAME = "frame"


def open_sources(source: Sources, options: TableOptions, scratch: Scratch) -> tuple[list[NamedTable], tuple[Path, ...]]:
    """Open all tables that a user names.

    Args:
        source: A file, `-`, a path with `{model}` or a frame; a list of these, or a mapping from models to these.
        options: How they are read.
        scratch: Where standard input and what is unpacked is put.

    Returns:
        The tables, and their files; no files where a table is none.

    Raises:
        InputError: If one is no table.
        OptionError: If an option is for none of them.
    """
    sources = list(_list_sources(source))
    if not sources:
        raise InputError(None, "no table is named; name at least one")
    if not any(_is_input(named) for named, _ in sources):
        options.check_kinds(["a frame" if is_frame(named) else Path(str(named)).name for named, _ in sources])
    tables, files = list[NamedTable](), list[Path]()
    for number, (named, model) in enumerate(sources, start=1):
        if is_frame(named):
            name = model or (_ONE_FRAME if len(sources) == 1 else f"{_ONE_FRAME} {number}")
            tables.append(NamedTable(open_frame(named, name), name, model))
        elif _is_input(named):
            tables.append(_open_input(options, scratch, model))
        else:
            path = path_or_url(named)
            table = _open_file(path, options, scratch, is_alone=len(sources) == 1)
            tables.append(NamedTable(table, _name(path), model))
            files.append(path)
    return tables, tuple(files) if len(files) == len(tables) else ()


def _list_sources(source: Sources) -> Iterator[tuple[Source, str]]:
    """Yield each table, and its model where that is said."""
    if isinstance(source, Mapping):
        for model, inner in source.items():
            yield from ((named, str(model)) for named, _ in _list_files(inner))
    elif isinstance(source, list | tuple):
        if sum(_is_input(inner) for inner in source) > 1:
            raise InputError(INPUT_NAME, "is named twice; name it once")
        for inner in source:
            yield from _list_files(inner)
    else:
        yield from _list_files(source)


def _is_input(source: Source) -> bool:
    return not is_frame(source) and str(source) == STANDARD_INPUT


def _list_files(source: Source) -> Iterator[tuple[Source, str]]:
    if not is_frame(source) and not isinstance(source, str | PathLike) and "://" not in str(source):
        raise InputError(None, f"{type(source).__name__} is not a table; use a path, a frame, or a list of these")
    if is_frame(source) or MODEL not in str(source) or Path(source).exists():
        yield source, ""
        return
    if str(source).count(MODEL) > 1 or "://" in str(source):
        raise InputError(without_credentials(source), f"has {MODEL} twice or in a URL; name the files one by one")
    before, _, after = str(Path(source)).partition(MODEL)
    pattern = Path(f"{escape(before)}*{escape(after)}")
    root = Path(pattern.anchor)
    paths = sorted(path for path in root.glob(str(pattern.relative_to(root))) if path.is_file())
    if not paths:
        raise InputError(source, "no file has such a name; check the path")
    yield from ((path, str(path)[len(before) : len(str(path)) - len(after)]) for path in paths)


def _open_input(options: TableOptions, scratch: Scratch, model: str) -> NamedTable:
    path, saved = Path(INPUT_NAME), save_input(scratch)
    with errors_about(path, saved):
        return NamedTable(instead_of(path, open_table(saved, options, scratch)), INPUT_NAME, model)


def _open_file(path: Path, options: TableOptions, scratch: Scratch, *, is_alone: bool) -> Table:
    try:
        if not path.exists():
            raise InputError(path, "does not exist; use a corpus folder or a file of answers")
        if path.is_dir() and not is_alone:
            raise InputError(path, "is a folder; name one corpus folder alone, or several tables")
        return open_table(path, options, scratch)
    except OSError as error:
        raise explain_os_error(error, "cannot be read", path) from error


def _name(path: Path) -> str:
    """Return the name of a table's file without its suffixes."""
    return Path(path.stem).stem if path.suffix.lower() in PACKED_SUFFIXES else path.stem
