"""Arrow tables as bytes, for scratch files and the cache."""

import pyarrow as pa
from pyarrow import ipc

_OPTIONS = ipc.IpcWriteOptions(compression="zstd")


def encode_table(table: pa.Table) -> bytes:
    """Return a table as an Arrow file, in which a missing end is noticed."""
    sink = pa.BufferOutputStream()
    with ipc.new_file(sink, table.schema, options=_OPTIONS) as writer:
        writer.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def decode_table(content: bytes, schema: pa.Schema) -> pa.Table:
    """Return the table that `encode_table` encoded, after validating all of it.

    Raises:
        ValueError: If it is damaged, or has other columns than `schema`.
    """
    try:
        table = ipc.open_file(pa.BufferReader(content)).read_all()
        table.validate(full=True)
    except (OSError, pa.ArrowException) as error:
        raise ValueError(f"not an Arrow table: {error}") from error
    if not table.schema.equals(schema, check_metadata=True):
        raise ValueError(f"other columns than expected: {table.schema}")
    return table
