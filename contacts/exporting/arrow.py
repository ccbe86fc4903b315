"""Rows as columns in Arrow's memory, read from the text that the database makes: Python has no object for a value."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from contacts.exporting.columns import BOOLEAN, CODE, DAY, INSTANT, INTEGER, JSON, NUMBER, TEXT, Column
from contacts.exporting.parts import Part

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK = 4 * 2**20
"""Bytes that are read at once."""


def schema_of(columns: Sequence[Column]) -> "pa.Schema":
    """Return the columns with their types; the meaning of each goes along, so that the file explains itself."""
    import pyarrow as pa

    types = {
        INTEGER: pa.int64(),
        NUMBER: pa.float64(),
        BOOLEAN: pa.bool_(),
        INSTANT: pa.timestamp("us", "UTC"),
        DAY: pa.date32(),
        **dict.fromkeys((TEXT, CODE, JSON), pa.string()),
    }
    fields = [
        pa.field(column.name, types[column.type], metadata={"meaning": column.meaning, "unit": column.unit})
        for column in columns
    ]
    return pa.schema(fields)


def batches_of(parts: Iterator[Part], columns: Sequence[Column]) -> "Iterator[pa.RecordBatch]":
    """Yield the lines of a CSV file as columns; what is not there is null, and so is an empty text: nobody knows it."""
    from pyarrow import csv

    first, schema = next(parts, None), schema_of(columns)
    if first is None:
        return
    names = [f"c{place}" for place in range(len(columns))]
    yield from csv.open_csv(
        Stream(first, parts),
        read_options=csv.ReadOptions(column_names=names, use_threads=False, block_size=BLOCK),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types=dict(zip(names, schema.types, strict=True)),
            null_values=[""],
            strings_can_be_null=True,
            true_values=["t", "1"],
            false_values=["f", "0"],
        ),
    )


class Stream:
    """Parts as a file that is read from its beginning to its end."""

    closed = False

    def __init__(self, first: Part, others: Iterator[Part]) -> None:
        self._others = others
        self._rest = first.content

    def read(self, most: int) -> bytes:
        """Return so many bytes, fewer at the end."""
        pieces, missing = [self._rest], most - len(self._rest)
        while missing > 0 and (part := next(self._others, None)) is not None:
            pieces.append(part.content)
            missing -= len(part.content)
        whole = b"".join(pieces)
        self._rest = whole[most:]
        return whole[:most]

    def readable(self) -> bool:
        """Whether it can be read; Arrow asks."""
        return True
