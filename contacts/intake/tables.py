"""Rows out of a CSV file as people send them, one at a time: a file of any size needs the same memory."""

import csv
import io
import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, NamedTuple

from contacts.intake.fields import FieldError, one_line

#: What may stand between cells, and what it is called.
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
CELL_LIMIT = 10_000
#: Characters of a row; the csv module gives up where a single cell is longer than this.
ROW_LIMIT = 131_072
#: Characters held in search of a closing quote: enough to name a cell of 10 MB, too few to hold a whole file.
HELD_LIMIT = 16 * 1024 * 1024
_SHOWN = 100

_SAVE_AS = "Save it as “CSV UTF-8” and try again."
_UTF_16 = f"This file is written in UTF-16. {_SAVE_AS}"
_SIGNATURES = (
    ("PK\x03\x04", f"This is an Excel workbook or a zip archive, not a CSV file. Open it there. {_SAVE_AS}"),
    (
        "\udcd0\udccf\x11\udce0",
        "This is an Excel file of before 2007 (.xls) or one with a password. Save it as .xlsx without a password.",
    ),
    ("\x1f\udc8b", "This file is packed with gzip. Unpack it and try again."),
    ("\udcff\udcfe", _UTF_16),
    ("\udcfe\udcff", _UTF_16),
)


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that was left out: its first line in the file (from 1), the column, what stood there, what should have.

    `cells` are all of the row, as far as it has been taken apart.
    """

    line: int
    column: str
    value: str
    expected: str
    cells: Sequence[str] = field(default=(), compare=False)

    def told(self) -> dict[str, Any]:
        """Return it as JSON can hold it, without the rest of its row."""
        return {"line": self.line, "column": self.column, "value": self.value, "expected": self.expected}


class Place(NamedTuple):
    """How far a file has been read: bytes, and lines."""

    offset: int
    line: int


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row, as many as the header has; none where the row is blank."""

    line: int
    cells: list[str]


class Unreadable(ValueError):  # noqa: N818 - it is what the file is
    """The file cannot be read from `line` on, or at all (line 0); the text says why and what to do."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(f"Line {line}: {message}" if line else message)
        self.line = line


class Table:
    """A CSV file with a header in its first line, read from a binary stream.

    With `after` the rows begin behind that place, which another reading of the same file came to; the stream must then
    be seekable. `by_record`: rows are numbered as a workbook's are, of which this is a copy, also where a cell has
    several lines. `place` says how far it is read. Raises Unreadable where there is no usable header.
    """

    def __init__(self, stream: IO[bytes], after: Place | None = None, *, by_record: bool = False) -> None:
        self._offset, self._line, self._by_record = 0, 0, by_record
        self._lines = _numbered_lines(stream, 1)
        first = next(self._lines, (1, ""))[1]
        for signature, message in _SIGNATURES:
            if first.startswith(signature):
                raise Unreadable(message)
        if "\0" in first:
            raise Unreadable(f"This is not a text file, or not one in UTF-8. {_SAVE_AS}")
        self._count(1, first)
        first = first.removeprefix("\ufeff")
        self.delimiter = max(DELIMITERS, key=lambda delimiter: len(_split(first, delimiter) or []))
        self.header = checked_header(_split(first, self.delimiter))
        self._quoted = re.compile(rf'(?:^|{self.delimiter})"[^"]*(?:""[^"]*)*"(?!")')
        self._opening = re.compile(rf'(?:^|{self.delimiter})"')
        if after and after.offset:
            self._lines.close()
            stream.seek(after.offset)
            self._offset, self._line = after
            self._lines = _numbered_lines(stream, after.line + 1)

    @property
    def place(self) -> Place:
        """How far the file is read."""
        return Place(self._offset, self._line)

    def rows(self) -> Iterator[Row | Reject]:
        """Read the rows after the header; raises Unreadable where the rest of the file makes no sense."""
        for line, record, lines in self._records():
            yield self._row(line, record, lines)

    def _count(self, line: int, text: str) -> None:
        try:
            self._offset += len(text) if text.isascii() else len(text.encode())
        except UnicodeEncodeError as error:
            place = self._offset + len(text[: error.start].encode())
            byte = ord(text[error.start]) - 0xDC00
            raise Unreadable(f"byte {place:,} of the file (0x{byte:02X}) is not UTF-8 text. {_SAVE_AS}", line) from None
        self._line = line

    def _records(self) -> Iterator[tuple[int, str, int]]:
        """Join the lines that a quoted cell spans: the first line's number, the text, how many lines."""
        parts: list[str] = []
        held = records = 0
        begun = self._line
        for number, text in self._lines:
            self._count(number, text)
            parts.append(text)
            held += len(text)
            if not self._ends_inside_quotes(text, continued=len(parts) > 1):
                records += 1
                if self._by_record:
                    self._line = begun + records
                yield self._line if self._by_record else number - len(parts) + 1, "".join(parts), len(parts)
                parts, held = [], 0
            elif held >= HELD_LIMIT:
                break
        if parts:
            first = number - len(parts) + 1
            raise Unreadable("a quote is opened in this row and never closed. Close it and try again.", first)

    def _ends_inside_quotes(self, text: str, *, continued: bool) -> bool:
        if '"' not in text:
            return continued
        # A quote opens a cell only at its beginning: 5" in the middle of one is text.
        rest = self._quoted.sub("-", f'"{text}' if continued else text)
        return self._opening.search(rest) is not None

    def _row(self, line: int, record: str, lines: int) -> Row | Reject:
        if len(record) > ROW_LIMIT:
            return Reject(line, "", shown(record), f"a row of at most {ROW_LIMIT:,} characters")
        cells = _split(record, self.delimiter)
        if cells is None and lines > 1:
            raise Unreadable(
                f"a quote is opened in this row and closed in the middle of a cell {lines - 1} lines below. "
                "Close it where the cell ends and try again.",
                line,
            )
        if cells is None:
            return Reject(line, "", shown(record), "quotes around a whole cell, and doubled within it")
        if not "".join(cells).strip():
            return Row(line, [])
        if len(cells) != len(self.header):
            expected = f"{len(self.header)} cells, as many as the header has"
            return Reject(line, "", f"{len(cells)} cells", expected, cells)
        return self._whole(Row(line, cells), record)

    def _whole(self, row: Row, record: str) -> Row | Reject:
        if len(record) > CELL_LIMIT or "\0" in record:
            for column, cell in zip(self.header, row.cells, strict=True):
                if len(cell) > CELL_LIMIT:
                    return Reject(row.line, column, shown(cell), f"at most {CELL_LIMIT:,} characters", row.cells)
                if "\0" in cell:
                    return Reject(row.line, column, shown(cell), "text without NUL characters", row.cells)
        return row


def _numbered_lines(stream: IO[bytes], first: int) -> Generator[tuple[int, str]]:
    # Bytes that are no UTF-8 become lone surrogates, so that the rows before them are not lost.
    text = io.TextIOWrapper(stream, encoding="utf-8", errors="surrogateescape", newline="")
    try:
        yield from enumerate(iter(lambda: text.readline(HELD_LIMIT), ""), start=first)
    finally:
        if not stream.closed:
            text.detach()  # the stream belongs to the caller


def shown(value: str) -> str:
    """Return the beginning of a value, enough to find it again in the file."""
    return value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"


def _split(record: str, delimiter: str) -> list[str] | None:
    """Return the cells of one whole row; None where its quotes are wrong."""
    if '"' not in record and len(record) <= ROW_LIMIT:
        return record.rstrip("\r\n").split(delimiter)
    try:
        return next(csv.reader((record,), delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None


def checked_header(cells: list[str] | None) -> list[str]:
    """Return the names of the columns; raises Unreadable where one has none, or two have the same."""
    if not cells or not any(cells):
        raise Unreadable("The file must begin with a line that names its columns.")
    try:
        names = [one_line(cell) for cell in cells]
    except FieldError:
        names = [""]
    if "" in names:
        raise Unreadable(f"column {names.index('') + 1} has no name. Name it or remove it.", 1)
    folded = [name.casefold() for name in names]
    twice = sorted({name for name in folded if folded.count(name) > 1})
    if twice:
        raise Unreadable(f"more than one column is called {', '.join(twice)}. Rename or remove all but one.", 1)
    return names
