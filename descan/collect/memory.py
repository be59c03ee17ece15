"""Memory that is given back once it is free."""

import ctypes
import sys
from contextlib import suppress

_M_MMAP_THRESHOLD = -3
"""Of glibc's malloc.h."""

_LARGE_BYTES = 128 * 1024


def give_back_large_blocks() -> None:
    """Have the C library return the memory of pictures and bodies to the system as soon as it is free.

    By default glibc stops doing so after the first such block, and what it keeps falls into ever more pieces: some
    hundred megabytes after thousands of requests. Other C libraries are left as they are.
    """
    if sys.platform == "linux":
        with suppress(AttributeError, OSError):
            ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
