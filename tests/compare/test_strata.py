"""Counting the rows of a query by stratum, as they come."""

from collections.abc import Iterator

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from duckdb import DuckDBPyConnection

from descan.compare.bootstrap import count_groups
from descan.compare.strata import count_strata


@pytest.fixture
def connection() -> Iterator[DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def test_strata_of_many_rows_are_those_of_all_rows_at_once(connection: DuckDBPyConnection) -> None:
    generator = np.random.default_rng(0)
    n = 250_000  # Comes in several batches; units of 20 rows lie across their ends.
    models, units, cells = (generator.integers(high, size=n) for high in (3, n // 20, 4))
    names = np.array(["a", "b", "c"])[models]
    counted = pa.table({"model": names, "unit": units, "cell": cells, "n": np.ones(n, dtype=np.int64)})
    connection.from_arrow(counted).create("counted")
    found = count_strata(connection, "SELECT * FROM counted ORDER BY model, unit", 4)
    assert [stratum.key for stratum in found] == [("a",), ("b",), ("c",)]
    for model, stratum in enumerate(found):
        expected = count_groups(units[models == model], cells[models == model], 4)
        assert (stratum.groups.cells != expected.cells).nnz == 0
        assert stratum.groups.multiplicity.tolist() == expected.multiplicity.tolist()


def test_what_has_no_cell_is_left_out_and_is_no_group(connection: DuckDBPyConnection) -> None:
    query = "FROM (VALUES ('a', 1, NULL, 2), ('a', 2, 0, 1), ('a', 2, NULL, 1), ('b', 1, NULL, 5)) AS rows (m, u, c, n)"
    a, b = count_strata(connection, query, 1)
    assert (a.key, a.n_left_out, a.groups.n_groups, a.groups.totals.tolist()) == (("a",), 3, 1, [1])
    assert (b.key, b.n_left_out, b.groups.n_groups) == (("b",), 5, 0)


def test_a_query_without_rows_has_no_stratum(connection: DuckDBPyConnection) -> None:
    assert count_strata(connection, "SELECT 'a', 1, 1, 1 WHERE false", 2) == []
