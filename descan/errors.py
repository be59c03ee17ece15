"""What can go wrong, each in one line.

DescanError
├── InputError      a file or a row is not allowed
│   └── OptionError an option has a value that is not allowed
├── ProviderError   the service of a model does not answer as it should
├── ReportError     the tables of an analysis are complete, but its report could not be written
├── SetupError      something must be installed or set up first; the message names the command
└── WorkerError     a worker process or a cluster ended before its task was done
"""

import copyreg
import errno
import math
import os
import re
import reprlib
from numbers import Integral, Real
from pathlib import Path
from typing import Any

_N_QUOTED = 80

_OS_ERRORS = {
    errno.EACCES: "permission denied; change the permissions, or use another path",
    errno.EBUSY: "another program uses it; close that program and run again",
    errno.EDQUOT: "the disk quota is used up; make room, or use another disk",
    errno.EEXIST: "something of that name is in its place; move it away",
    errno.EFBIG: "the file would be too large for the disk; use another disk",
    errno.EINVAL: "the name is not allowed; use another path",
    errno.EIO: "the disk reports an error; check it, or use another disk",
    errno.EISDIR: "it is a folder; use the path of a file",
    errno.ELOOP: "its symbolic links go round in a circle; remove them, or use another path",
    errno.EMFILE: "too many files are open; raise the limit with ulimit -n",
    errno.ENAMETOOLONG: "the name is too long; use a shorter one",
    errno.ENFILE: "too many files are open on this machine; close other programs",
    errno.ENOENT: "it is not there; check the path, and that nothing removes it while descan runs",
    errno.ENOMEM: "memory is short; close other programs and run again",
    errno.ENOSPC: "the disk is full; make room, or use another disk",
    errno.ENOTDIR: "a file is where a folder should be; use another path",
    errno.ENOTEMPTY: "other files are in its place; move them away",
    errno.EPERM: "permission denied; change the permissions, or use another path",
    errno.EROFS: "the disk is read-only; use another disk",
    errno.ETXTBSY: "another program uses it; close that program and run again",
}
"""What an error of the operating system means, and what to do."""

_USER = re.compile(r"(?<=://)[^/\s]*@")
_QUERY = re.compile(r"(?<=://)([^\s?'\"]*)\?[^\s'\"]*")


class DescanError(Exception):
    """Base of every error that the command line shows as one line."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Make the error picklable: `args` are not the arguments of `__init__`."""
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]


class InputError(DescanError):
    """Input that is not allowed: where, what was found, what is allowed.

    Attributes:
        path: The file, or None if the input is an option or plain text. A URL is without its credentials.
        problem: What was found and what is allowed.
        line: 1-based line (or row) number, or None.
    """

    def __init__(self, path: Path | str | None, problem: str, line: int | None = None) -> None:
        """Compose `path:line: problem` of the known parts."""
        if path is not None and "://" in str(path):
            path = without_credentials(path)
        self.path = path
        self.problem = problem
        self.line = line
        where = "" if path is None else str(path) if line is None else f"{path}:{line}"
        super().__init__(f"{where}: {problem}" if where else problem)


class OptionError(InputError, ValueError):
    """An option has a value that is not allowed.

    Attributes:
        option: Its name in Python; the command line shows its own spelling instead.
    """

    def __init__(self, option: str, problem: str) -> None:
        """Compose `option problem`, as in `n_jobs must be 1 to 256, not 0`."""
        self.option = option
        super().__init__(None, f"{option} {problem}")
        self.problem = problem


def check_number(
    option: str,
    value: object,
    low: float,
    high: float = math.inf,
    *,
    is_whole: bool = True,
    allowed: str | None = None,
) -> None:
    """Refuse the value of an option that is not a number from `low` to `high`.

    Args:
        option: Its name in Python.
        value: Of any type.
        low: The lowest number allowed.
        high: The highest number allowed.
        is_whole: Only whole numbers are allowed.
        allowed: What is allowed, in words; by default it follows from `low` and `high`.

    Raises:
        OptionError: If it is another number, or no number.
    """
    kind = Integral if is_whole else Real
    if not isinstance(value, kind) or not low <= float(value) <= high:
        words = allowed or (f"{low:g} or more" if high == math.inf else f"{low:g} to {high:g}")
        raise OptionError(option, f"must be {words}, not {quote(value)}")


class ProviderError(DescanError):
    """The service of a model gave an answer that ends the work with that model."""


class ReportError(DescanError):
    """The tables of an analysis are complete, but its report could not be written."""


class SetupError(DescanError):
    """Something is missing on this machine; the message names the command that helps."""


class WorkerError(DescanError):
    """A worker process or a cluster ended before its task was done; the message names the task."""


def explain_os_error(
    error: OSError, problem: str = "cannot be used", path: Path | str | None = None
) -> InputError | SetupError:
    """Turn an error of the operating system into one line: what failed, why, and what to do.

    Args:
        error: May name a path itself.
        problem: What could not be done with the path, such as `cannot be written`.
        path: The path, if it is known better than by the error.

    Returns:
        An `InputError` about the path, or a `SetupError` where no path is known.
    """
    reason = _OS_ERRORS.get(error.errno or 0)
    if reason is None:
        found = error.strerror or quote(without_credentials(error))
        reason = f"{found}; check it and run again"
    if path is None and isinstance(error.filename, str | bytes | os.PathLike):
        path = os.fsdecode(error.filename)
    return SetupError(f"a file {problem}: {reason}") if path is None else InputError(path, f"{problem}: {reason}")


def without_credentials(text: object) -> str:
    """Return a text in which every URL is without what may be secret: user, password, and everything after `?`."""
    return _QUERY.sub(r"\1", _USER.sub("", str(text)))


def quote(value: object) -> str:
    """Return a value from a file for an error message: one short line without control characters."""
    if isinstance(value, str):
        return repr(value[:_N_QUOTED]) + ("..." if len(value) > _N_QUOTED else "")
    shown = reprlib.repr(value)
    return shown[:_N_QUOTED] + "..." if len(shown) > _N_QUOTED else shown
