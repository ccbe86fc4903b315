"""The types of columns as Arrow has them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from contacts.exporting.columns import BOOLEAN, CODE, DAY, INSTANT, INTEGER, JSON, NUMBER, TEXT, Column

if TYPE_CHECKING:
    import pyarrow as pa


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
    return pa.schema(
        [
            pa.field(column.name, types[column.type], metadata={"meaning": column.meaning, "unit": column.unit})
            for column in columns
        ]
    )
