"""Functions that run as machine code: numba compiles each when it is first called, and keeps what has a cache.

Numba sees a change in the file of a cached function, but none in the files of those that it calls. So a cached function
is made inside another, as a closure over `SOURCES`, which numba counts as part of its code.
"""

from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, ParamSpec, TypeVar

from numba import njit

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


_OUTER: Final[Mapping[str, Any]] = MappingProxyType({"_nrt": False})
"""Without numba's reference counts, which cost six times what the work does: nothing is allocated inside."""

_INNER: Final[Mapping[str, Any]] = MappingProxyType(
    {"_nrt": False, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
)
"""Only called by other compiled functions."""


def compiled(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Compile a function of numbers and arrays that makes no array and is called by compiled ones only."""
    faster: Callable[Parameters, Result] = njit(**_INNER)(function)
    return faster


def compiled_once(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Compile a function and, where there is a folder for it, keep the machine code; it must close over `SOURCES`."""
    try:
        faster: Callable[Parameters, Result] = njit(cache=True, **_OUTER)(function)
    except RuntimeError:  # Neither the package's folder nor the user's cache can be written to.
        faster = njit(**_OUTER)(function)
    return faster


def _digest(folder: Path) -> int:
    content = b"".join(path.read_bytes() for path in sorted(folder.glob("*.py")))
    return int.from_bytes(sha256(content).digest()[:7])


SOURCES: Final = _digest(Path(__file__).parent)
"""A number that changes with the code of this package."""
