"""What files there are, and how each is made of rows, part by part."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from contacts.exporting.parquet import parquet
from contacts.exporting.parts import Part
from contacts.exporting.rows import Rows, csv_lines
from contacts.exporting.xlsx import MOST_ROWS, refusal, xlsx


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file: what it is called, its media type, how it is written, and whether it can hold so many rows."""

    name: str
    media_type: str
    write: Callable[[Rows], Iterator[Part]]
    most_rows: int | None = None

    def refusal(self, rows: Rows) -> str:
        """Return why these rows cannot be written, and what to do; nothing where they can."""
        return refusal(rows.count(self.most_rows + 1)) if self.most_rows else ""


def csv(rows: Rows) -> Iterator[Part]:
    """Yield a CSV file in UTF-8: instants in ISO 8601, lists as JSON, nothing for null, no live formulas."""
    yield Part(0, csv_lines([[column.name for column in rows.columns]]))
    yield from rows.csv()


def ndjson(rows: Rows) -> Iterator[Part]:
    """Yield one JSON object a line, its keys in the order of the columns."""
    return rows.ndjson()


FORMATS: Mapping[str, Format] = {
    "csv": Format("CSV", "text/csv; charset=utf-8", csv),
    "ndjson": Format("NDJSON", "application/x-ndjson", ndjson),
    "parquet": Format("Parquet", "application/vnd.apache.parquet", parquet),
    "xlsx": Format("Excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx, MOST_ROWS),
}
