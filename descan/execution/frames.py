"""Messages between this process and its workers: a kind, and a pickle in parts."""

import pickle
import struct
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import BinaryIO, NamedTuple

_HEADER = struct.Struct("<BQ")
_LENGTH = struct.Struct("<Q")

Part = bytes | bytearray | memoryview


class Kind(IntEnum):
    """What a message says."""

    PREPARE = 1
    FUNCTION = 2
    TASK = 3
    RESULT = 4
    ERROR = 5


class Pickled(NamedTuple):
    """A value as a pickle, and beside it the contents of its arrays, which are so copied nowhere but through the pipe.

    Attributes:
        content: The pickle.
        buffers: What it refers to, in order.
    """

    content: Part
    buffers: Sequence[Part] = ()


class Frame(NamedTuple):
    """One message."""

    kind: Kind
    payload: Pickled


def pickled(value: object) -> Pickled:
    """Pickle a value; its arrays must not change before it is sent."""
    buffers: list[pickle.PickleBuffer] = []
    content = pickle.dumps(value, pickle.HIGHEST_PROTOCOL, buffer_callback=buffers.append)
    return Pickled(content, tuple(buffer.raw() for buffer in buffers))


def unpickled(value: Pickled) -> object:
    """Give the value."""
    return pickle.loads(value.content, buffers=value.buffers)


def write_frame(stream: BinaryIO, frame: Frame) -> None:
    """Send one message at once.

    Raises:
        OSError: If nobody reads the other end any more.
    """
    parts = (frame.payload.content, *frame.payload.buffers)
    stream.write(_HEADER.pack(frame.kind, len(parts)) + b"".join(_LENGTH.pack(len(part)) for part in parts))
    stream.writelines(parts)
    stream.flush()


def read_frame(stream: BinaryIO) -> Frame:
    """Wait for one message.

    Raises:
        EOFError: If the other end is closed, even in the midst of a message.
    """
    kind, n_parts = _HEADER.unpack(_read_exactly(stream, _HEADER.size))
    lengths: Iterable[tuple[int]] = _LENGTH.iter_unpack(_read_exactly(stream, n_parts * _LENGTH.size))
    content, *buffers = [_read_exactly(stream, length) for (length,) in lengths]
    return Frame(Kind(kind), Pickled(content, buffers))


def _read_exactly(stream: BinaryIO, length: int) -> bytearray:
    # Arrays may be written to, so their contents must not be `bytes`.
    data = bytearray(length)
    if stream.readinto(data) < length:  # type: ignore[attr-defined]
        raise EOFError
    return data
