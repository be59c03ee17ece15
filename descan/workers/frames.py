"""Messages between this process and its workers: a kind, a length, and as many bytes."""

import struct
from enum import IntEnum
from typing import BinaryIO, NamedTuple

_HEADER = struct.Struct("<BQ")


class Kind(IntEnum):
    """What a message says."""

    PREPARE = 1
    FUNCTION = 2
    TASK = 3
    RESULT = 4
    ERROR = 5


class Frame(NamedTuple):
    """One message; the payload is a pickle."""

    kind: Kind
    payload: bytes


def write_frame(stream: BinaryIO, frame: Frame) -> None:
    """Send one message at once.

    Raises:
        OSError: If nobody reads the other end any more.
    """
    stream.write(_HEADER.pack(frame.kind, len(frame.payload)))
    stream.write(frame.payload)
    stream.flush()


def read_frame(stream: BinaryIO) -> Frame:
    """Wait for one message.

    Raises:
        EOFError: If the other end is closed, even in the midst of a message.
    """
    kind, length = _HEADER.unpack(_read_exactly(stream, _HEADER.size))
    return Frame(Kind(kind), _read_exactly(stream, length))


def _read_exactly(stream: BinaryIO, length: int) -> bytes:
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data
