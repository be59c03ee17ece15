"""Queries in little memory, and again in more where little does not do."""

import logging
from collections.abc import Callable
from typing import TypeVar

import duckdb

from descan.errors import SetupError

Result = TypeVar("Result")

_TIMES = (1, 2, 4, 8)

_logger = logging.getLogger(__name__)


def with_enough_memory(work: Callable[[int], Result]) -> Result:
    """Do work in the memory that it gives DuckDB, and again in twice as much where that ends for want of it.

    DuckDB puts aside in a file what goes beyond its limit, but not all queries can; some end instead.

    Args:
        work: Is told how many times its usual memory it has: 1, then 2, 4 and 8. It begins from the beginning.

    Raises:
        SetupError: If eight times as much is not enough.
    """
    for times in _TIMES:
        try:
            return work(times)
        except duckdb.OutOfMemoryException as error:
            problem = str(error).partition("\n")[0]
            _logger.info("DuckDB gets more memory: %s", problem)
    raise SetupError(f"DuckDB has too little memory: {problem}; use a machine with more")
