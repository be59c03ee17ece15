"""The wire format between this process and its workers: messages of a kind and a pickle in parts."""

import pickle
import struct
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import BinaryIO, NamedTuple

_HEADER = struct.Struct("<BQ")
_LENGTH = struct.Struct("<Q")

Part = bytes | bytearray | memoryview


class Kind(IntEnum):
    """What a message carries."""

    FUNCTION = 1
    TASK = 2
    RESULT = 3
    ERROR = 4


class Pickled(NamedTuple):
    """A pickled value, with the contents of its arrays beside it, so that they are not copied into the pickle.

    Attributes:
        content: The pickle.
        buffers: The contents of the arrays, in order.
    """

    content: Part
    buffers: Sequence[Part] = ()


class Message(NamedTuple):
    """One message."""

    kind: Kind
    payload: Pickled


def dump(value: object) -> Pickled:
    """Pickle a value; its arrays must not change before it is sent."""
    buffers: list[pickle.PickleBuffer] = []
    content = pickle.dumps(value, pickle.HIGHEST_PROTOCOL, buffer_callback=buffers.append)
    return Pickled(content, tuple(buffer.raw() for buffer in buffers))


def load(value: Pickled) -> object:
    """Unpickle a value."""
    return pickle.loads(value.content, buffers=value.buffers)


def write_message(stream: BinaryIO, message: Message) -> None:
    """Send one message and flush it.

    Raises:
        OSError: If nobody reads the other end any more.
    """
    parts = (message.payload.content, *message.payload.buffers)
    stream.write(_HEADER.pack(message.kind, len(parts)) + b"".join(_LENGTH.pack(len(part)) for part in parts))
    stream.writelines(parts)
    stream.flush()


def read_message(stream: BinaryIO) -> Message:
    """Wait for one message.

    Raises:
        EOFError: If the other end is closed, even in the middle of a message.
    """
    kind, n_parts = _HEADER.unpack(_read_exactly(stream, _HEADER.size))
    lengths: Iterable[tuple[int]] = _LENGTH.iter_unpack(_read_exactly(stream, n_parts * _LENGTH.size))
    content, *buffers = [_read_exactly(stream, length) for (length,) in lengths]
    return Message(Kind(kind), Pickled(content, buffers))


def _read_exactly(stream: BinaryIO, length: int) -> bytearray:
    # Arrays may be written to, so their contents must not be `bytes`.
    data = bytearray(length)
    if stream.readinto(data) < length:  # type: ignore[attr-defined]
        raise EOFError
    return data
