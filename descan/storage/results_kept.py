"""Results that take long and depend on nothing but their input, kept on disk."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from descan.storage.atomic import replace_file

_DIGEST_BYTES = 32


def kept(path: Path, make: Callable[[], bytes]) -> bytes:
    """Give what is kept in a file, or make it and keep it; where that cannot be, the next run makes it again.

    Args:
        path: Names all that the result depends on. A file that is damaged is replaced.
        make: Gives the result.
    """
    try:
        content = path.read_bytes()
    except OSError:
        content = b""
    digest, result = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
    if hashlib.sha256(result).digest() != digest:
        result = make()
        _keep(path, result)
    return result


def _keep(path: Path, result: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replace_file(path) as partial:
            partial.write_bytes(hashlib.sha256(result).digest() + result)
    except OSError:
        return
