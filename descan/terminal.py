"""Text in a terminal: text from outside made safe, streams that nobody reads, one line for a problem."""

import errno
import io
import logging
import os
import re
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(text: str, *, keep_lines: bool = False) -> str:
    r"""Show control, escape and bidi characters as escapes, so that text cannot steer the terminal.

    Model and item names come from files that other people wrote: an escape sequence could colour, move or
    rewrite the screen, a bidi override could make one name look like another. Markup of rich is not
    touched; put the result into `rich.text.Text` rather than into a markup string.

    Args:
        text: Any text.
        keep_lines: Leave newlines and tabs as they are.

    Returns:
        The text with, for instance, the escape character as the four characters `\x1b`.
    """
    return _UNSAFE.sub(lambda match: _escape(match[0], keep_lines=keep_lines), text)


def print_problem(problem: str) -> None:
    """Print one line to standard error."""
    print(f"descan: {plain(problem)}", file=sys.stderr)


def print_warnings() -> None:
    """Print what descan logs as a warning as one line to standard error, too."""
    logger = logging.getLogger("descan")
    if not any(isinstance(handler, _LineHandler) for handler in logger.handlers):
        logger.addHandler(_LineHandler(logging.WARNING))
        logger.propagate = False


def prepare_streams() -> None:
    """Prepare standard output and standard error for a command.

    What the terminal cannot show is escaped. A reader that ends early, such as `head`, does not end the command.
    A stream that was closed before the command began takes its output and drops it.
    """
    sys.stdout = _prepare(sys.stdout, "standard output")
    sys.stderr = _prepare(sys.stderr, "standard error")


def _prepare(stream: TextIO | None, name: str) -> TextIO:
    if stream is None:
        return io.TextIOWrapper(io.FileIO(os.devnull, "w"))
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    if isinstance(getattr(stream.buffer, "raw", stream.buffer), io.FileIO):
        has_lines = stream.line_buffering or stream.write_through
        buffer = io.BufferedWriter(_Pipe(stream.fileno(), name))
        stream = io.TextIOWrapper(buffer, stream.encoding, line_buffering=has_lines)
    stream.reconfigure(errors="backslashreplace")
    return stream


class _Pipe(io.FileIO):
    """A stream of the process whose reader may end early."""

    def __init__(self, descriptor: int, name: str) -> None:
        super().__init__(descriptor, "w", closefd=False)
        self._name = name

    def write(self, content: "ReadableBuffer") -> int:
        try:
            return super().write(content)
        except OSError as error:
            # Whatever comes later would fail, too, and once more at the end of the process.
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, self.fileno())
            os.close(null)
            if error.errno not in (errno.EPIPE, errno.EINVAL):  # EINVAL is what Windows says of a broken pipe.
                error.filename = self._name
                raise
            return memoryview(content).nbytes


class _LineHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        print_problem(record.getMessage())


def _escape(character: str, *, keep_lines: bool) -> str:
    if keep_lines and character in "\n\t":
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
