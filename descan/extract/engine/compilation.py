"""Machine code for the functions of the engine, made by numba; without it the same functions run as plain Python."""

import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])

COMPILER_PACKAGES: Final = ("numba", "llvmlite", "numpy")

OPTIONS: Final[Mapping[str, Any]] = MappingProxyType({"_nrt": False, "forceinline": True})
"""Options of numba for the marked functions; without them a call takes several times as long as its work.

`_nrt` leaves out the counting of references to arrays: the functions allocate nothing, so there is nothing to count.
`register_jitable` names the option in its documentation; that this numba has it and that it acts is checked whenever
something is compiled. `forceinline` puts the functions into their callers, since a tuple of arrays is passed by
copying some hundred numbers.
"""

_FUNCTIONS: Final[list[Callable[..., Any]]] = []
"""What `compilable` has marked."""

_logger = logging.getLogger(__name__)


class Compiled(NamedTuple):
    """A function as machine code.

    Attributes:
        function: To be called with arguments of the same types as the example.
        was_cached: The machine code was in the folder and has not been made now.
    """

    function: Any
    was_cached: bool


def compilable(function: Function) -> Function:
    """Mark a function that compiled functions may call. It stays plain Python for all others.

    It takes numbers, arrays and named tuples of them, and creates no array.
    """
    _FUNCTIONS.append(function)
    return function


@lru_cache
def code_key() -> str:
    """Return a digest of all that machine code depends on: the engine's sources, the compiler, the processor."""
    import llvmlite.binding as llvm  # Not at the top: plain Python needs no compiler.

    folder = Path(__file__).parent
    sources = [(path.name, path.stat().st_mtime_ns, path.read_bytes()) for path in sorted(folder.glob("*.py"))]
    depends = (
        str(folder),
        sources,
        sys.version,
        [version(name) for name in COMPILER_PACKAGES],
        llvm.get_host_cpu_name(),
        llvm.get_host_cpu_features().flatten(),
        sorted(item for item in os.environ.items() if item[0].startswith("NUMBA_")),
    )
    return sha256(repr(depends).encode()).hexdigest()


def compile_function(function: Callable[..., Any], example: tuple[Any, ...], folder: Path) -> Compiled:
    """Compile a function for arguments of the types of an example, or load it from the folder where it is there.

    Args:
        function: Calls marked functions only.
        example: Arguments; the function is called with them.
        folder: Where numba puts the machine code and looks for it.

    Raises:
        OSError: If the folder cannot be written to.
    """
    options = _register_functions()
    with _cache_folder(folder):
        compiled = _compile(function, example, options)
    was_cached = bool(compiled.stats.cache_hits)
    if options and not was_cached and has_counted_references(compiled):
        _logger.warning("this numba ignores the options %s; descriptions are read more slowly", dict(options))
    return Compiled(compiled, was_cached)


def has_counted_references(compiled: Any) -> bool:
    """Return whether a function that was compiled in this process counts references to arrays."""
    return any("NRT_incref" in code for code in compiled.inspect_llvm().values())


@lru_cache
def _register_functions() -> Mapping[str, Any]:
    """Let numba compile the marked functions wherever compiled ones call them, and return the options for these."""
    from numba.extending import register_jitable

    options = OPTIONS if is_known(OPTIONS) else {}
    for function in _FUNCTIONS:
        register_jitable(**options)(function) if options else register_jitable(function)
    if not options:
        _logger.warning("this numba does not know the options %s; descriptions are read more slowly", dict(OPTIONS))
    return options


def is_known(options: Mapping[str, Any]) -> bool:
    """Return whether numba has the options."""
    from numba import njit

    try:
        njit(**options)(_negate)(1)
    except KeyError:
        return False
    return True


def _negate(number: int) -> int:
    return -number


def _compile(function: Callable[..., Any], example: tuple[Any, ...], options: Mapping[str, Any]) -> Any:
    from numba import njit

    compiled = njit(cache=True, **options)(function)
    compiled(*example)
    compiled.disable_compile()  # Arguments of other types are a mistake, and would be compiled again without notice.
    return compiled


@contextmanager
def _cache_folder(folder: Path) -> Iterator[None]:
    """Make numba store machine code in a folder, without a change for other users of numba in this process."""
    import numba

    config: Any = numba.config
    former = config.CACHE_DIR
    config.CACHE_DIR = str(folder)
    try:
        yield
    finally:
        config.CACHE_DIR = former
