"""What can go wrong, told in one line.

DescanError
├── InputError      a file, a row or an option is not what is allowed there
├── ProviderError   a model's service does not answer as it should
├── SetupError      something must be installed or set first; says the command that mends it
└── WorkerError     a worker process or a cluster ended before its task was done
"""

import copyreg
import re
import reprlib
from pathlib import Path
from typing import Any

_N_QUOTED = 80

_USER = re.compile(r"(?<=://)[^/\s]*@")
_QUERY = re.compile(r"(?<=://)([^\s?'\"]*)\?[^\s'\"]*")


class DescanError(Exception):
    """Base of every error that the command line shows as one line."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel between processes as it is: what `__init__` takes is not what `args` holds."""
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]


class InputError(DescanError):
    """Input that is not allowed: where, what was found, what is allowed.

    Attributes:
        path: The file, or None where the input is an option or plain text. A URL with credentials
            is here the URL without them.
        problem: What was found and what is allowed.
        line: 1-based line (or row) number, or None.
    """

    def __init__(self, path: Path | str | None, problem: str, line: int | None = None) -> None:
        """Compose `path:line: problem` from the parts that are known."""
        if path is not None and "://" in str(path):
            path = without_credentials(path)
        self.path = path
        self.problem = problem
        self.line = line
        where = "" if path is None else str(path) if line is None else f"{path}:{line}"
        super().__init__(f"{where}: {problem}" if where else problem)


class ProviderError(DescanError):
    """A model's service answered with something that ends the work with that model."""


class SetupError(DescanError):
    """Something is missing on this machine; the message says the command that mends it."""


class WorkerError(DescanError):
    """A worker process or a cluster ended before its task was done; names the task."""


def without_credentials(text: object) -> str:
    """Leave out of every URL in a text what may be a secret: user and password, and what follows a `?`."""
    return _QUERY.sub(r"\1", _USER.sub("", str(text)))


def quoted(value: object) -> str:
    """Show a value of a file in an error message: one line, no control characters, not long."""
    if isinstance(value, str):
        return repr(value[:_N_QUOTED]) + ("..." if len(value) > _N_QUOTED else "")
    shown = reprlib.repr(value)
    return shown[:_N_QUOTED] + "..." if len(shown) > _N_QUOTED else shown
