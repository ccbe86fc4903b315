"""Parquet files, written while they are sent: what breaks off has no footer, and no reader takes it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from contacts.exporting.arrow import schema_of
from contacts.exporting.parts import Part
from contacts.exporting.rows import Rows

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

GROUP = 100_000
"""Rows that are compressed together, at least: readers skip groups, and each column of one is held in memory."""


class Sink:
    """A file that is only written to, from which what was written is taken away again and again."""

    closed = False

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, content: bytes) -> int:
        """Keep the bytes until they are taken."""
        self._written.append(bytes(content))
        return len(content)

    def flush(self) -> None:
        """Nothing is held back; writers ask for it all the same."""

    def close(self) -> None:
        """Nothing is held open; writers ask for it all the same."""

    def taken(self) -> bytes:
        """Return what was written since the last time."""
        content = b"".join(self._written)
        self._written.clear()
        return content


def parquet(rows: Rows) -> Iterator[Part]:
    """Yield a Parquet file (zstd): instants in UTC with microseconds, texts as they are, meanings with the columns."""
    from pyarrow.parquet import ParquetWriter

    sink, schema = Sink(), schema_of(rows.columns)
    # Not as a context, which would write a footer also where the rows broke off.
    writer = ParquetWriter(sink, schema, compression="zstd")
    yield Part(0, sink.taken())
    waiting: list[pa.RecordBatch] = []
    for batch in rows.batches():
        waiting.append(batch)
        if sum(map(len, waiting)) >= GROUP:
            yield _written(writer, waiting, schema, sink)
    if waiting:
        yield _written(writer, waiting, schema, sink)
    writer.close()
    yield Part(0, sink.taken())


def _written(writer: "ParquetWriter", batches: "list[pa.RecordBatch]", schema: "pa.Schema", sink: Sink) -> Part:
    import pyarrow as pa

    table = pa.Table.from_batches([batch.rename_columns(schema.names) for batch in batches]).cast(schema)
    batches.clear()
    writer.write_table(table, row_group_size=len(table))
    return Part(len(table), sink.taken())
