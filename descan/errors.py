"""What can go wrong, told in one line.

DescanError
├── InputError      a file, a row or an option is not what is allowed there
├── ProviderError   a model's service does not answer as it should
└── SetupError      something must be installed or set first; says the command that mends it
"""

from pathlib import Path


class DescanError(Exception):
    """Base of every error that the command line shows as one line."""


class InputError(DescanError):
    """Input that is not allowed: where, what was found, what is allowed.

    Attributes:
        path: The file, or None where the input is an option or plain text.
        problem: What was found and what is allowed.
        line: 1-based line (or row) number, or None.
    """

    def __init__(self, path: Path | str | None, problem: str, line: int | None = None) -> None:
        """Compose `path:line: problem` from the parts that are known."""
        self.path = path
        self.problem = problem
        self.line = line
        where = "" if path is None else str(path) if line is None else f"{path}:{line}"
        super().__init__(f"{where}: {problem}" if where else problem)


class ProviderError(DescanError):
    """A model's service answered with something that ends the work with that model."""


class SetupError(DescanError):
    """Something is missing on this machine; the message says the command that mends it."""
