"""The formats of logs, and which of them a file is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from descan.corpus.importing import (
    gemini_batches,
    inspect_logs,
    label_studio,
    llava,
    lmms_eval,
    mer_factory,
    openai_batches,
    vlmevalkit,
)
from descan.corpus.importing.log_files import Peek, list_files, peek
from descan.corpus.importing.log_options import LogOptions
from descan.corpus.importing.log_rows import LogRow, Remarks
from descan.errors import InputError, OptionError, quote

_N_LISTED = 3


@dataclass(frozen=True, slots=True)
class LogFormat:
    """A format of logs.

    Attributes:
        name: As the command line and Python call it.
        title: What a file of it is, for people, with its article.
        recognizes: Tells whether a file is one.
        read: Yields the rows of files; what it does not take it counts.
        takes_columns: Whether the user may, or must, say which columns are descriptions and labels.
    """

    name: str
    title: str
    recognizes: Callable[[Peek], bool]
    read: Callable[[Sequence[Path], LogOptions, Remarks], Iterator[LogRow]]
    takes_columns: bool = False


FORMATS: Mapping[str, LogFormat] = {
    log_format.name: log_format
    for log_format in (
        LogFormat("inspect", "an inspect_ai log", inspect_logs.recognizes, inspect_logs.read),
        LogFormat("lmms-eval", "a sample log of lmms-eval", lmms_eval.recognizes, lmms_eval.read),
        LogFormat("vlmevalkit", "a VLMEvalKit table", vlmevalkit.recognizes, vlmevalkit.read, takes_columns=True),
        LogFormat("openai-batch", "a batch file of OpenAI", openai_batches.recognizes, openai_batches.read),
        LogFormat("gemini-batch", "a batch file of Gemini", gemini_batches.recognizes, gemini_batches.read),
        LogFormat("llava", "a file of LLaVA conversations or answers", llava.recognizes, llava.read),
        LogFormat(
            "label-studio", "a Label Studio export", label_studio.recognizes, label_studio.read, takes_columns=True
        ),
        LogFormat(
            "mer-factory", "an output of MER-Factory", mer_factory.recognizes, mer_factory.read, takes_columns=True
        ),
    )
}


@dataclass(frozen=True, slots=True)
class FoundLogs:
    """Logs of one format.

    Attributes:
        paths: At least one.
        n_others: How many files of their folders are of no format, or of another one.
    """

    log_format: LogFormat
    paths: tuple[Path, ...]
    n_others: int


def find_logs(paths: Sequence[Path], name: str | None) -> FoundLogs:
    """Find the logs among files and in folders.

    Args:
        paths: Files and folders.
        name: Their format; None to find it out.

    Raises:
        OptionError: If there is no such format.
        InputError: If a file is of another format, of none, or may be of several.
    """
    if name is not None and name not in FORMATS:
        raise OptionError("format", f"must be one of {', '.join(FORMATS)}, not {quote(name)}")
    found: dict[str, list[Path]] = {}
    n_others = 0
    for path in paths:
        if not path.exists() and "://" not in str(path):
            raise InputError(path, f"does not exist; name a log or a folder of logs, or a format: {', '.join(FORMATS)}")
        for file in list_files(path):
            fits = _check_named(path, name) if file == path else _fitting_in_folder(file)
            own = [each for each in fits if name in (None, each)]
            n_others += not own
            for each in own:
                if file not in (files := found.setdefault(each, [])):
                    files.append(file)
    if len(found) > 1:
        shown = "; ".join(f"{each}: {_join(files)}" for each, files in found.items())
        raise InputError(None, f"files of several formats: {shown}; import one format at a time, and name it first")
    for each, files in found.items():
        return FoundLogs(FORMATS[each], tuple(files), n_others)
    wanted = FORMATS[name].title if name else "a log of a known format"
    raise InputError(paths[0], f"holds nothing that is {wanted}; {_known()}")


def _check_named(path: Path, name: str | None) -> list[str]:
    """Return the formats that a file fits which the user named, if that leaves no doubt."""
    fits = _fitting(path)
    if name is not None and name not in fits:
        raise _other_error(path, name, fits)
    if name is None and len(fits) != 1:
        raise _unclear_error(path, fits)
    return fits


def _fitting_in_folder(path: Path) -> list[str]:
    try:
        return _fitting(path)
    except InputError:
        return []


def _fitting(path: Path) -> list[str]:
    seen = peek(path)
    return [name for name, log_format in FORMATS.items() if log_format.recognizes(seen)]


def _other_error(path: Path, name: str, fits: Sequence[str]) -> InputError:
    found = f"is not {FORMATS[name].title}"
    if fits:
        return InputError(path, f"{found} but seems to be {FORMATS[fits[0]].title}; use {' or '.join(fits)}")
    return InputError(path, f"{found}, or is damaged; {_known()}")


def _unclear_error(path: Path, fits: Sequence[str]) -> InputError:
    if fits:
        return InputError(path, f"may be of several formats; name one before the path: {', '.join(fits)}")
    return InputError(path, f"is no log that descan knows, or is damaged; {_known()}")


def _known() -> str:
    return f"formats are {', '.join(FORMATS)}; a table of answers needs no import: see descan analyze"


def _join(paths: Sequence[Path]) -> str:
    more = f" and {len(paths) - _N_LISTED} more" if len(paths) > _N_LISTED else ""
    return ", ".join(str(path) for path in paths[:_N_LISTED]) + more
