"""Rows out of an Excel workbook (.xlsx): the rows that a CSV file of the same table would have.

Numbers, dates and truth values become the text that CSV has for them. A workbook cannot be read from its middle on, so
before an import its rows are written down as CSV (`unpack`); for a preview they are read as they are.
"""

import csv
import re
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import ParseError, iterparse
from zipfile import BadZipFile, ZipFile, ZipInfo
from zlib import error as ZlibError  # noqa: N812 - the library's own name

from django.conf import settings

from contacts.intake.tables import CELL_LIMIT, Reject, Row, Unreadable, checked_header, shown

MOST_PARTS, MOST_SHEETS = 2_000, 200
UNPACKED = 6
"""Times the largest upload: rows of XML pack ten times, but few workbooks are as large as we take."""
_ALIVE = 1000
_XML = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_PIECE = 1024 * 1024
_ENTITY = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_ROW = re.compile(rb"<row[ />]")
_MERGED = re.compile(rb'<mergeCell ref="([A-Z0-9:]+)"')
_SAVE = "Save it as .xlsx or as “CSV UTF-8” and try again."
_OTHERS = (
    ("content.xml", f"This is a file of LibreOffice (.ods). {_SAVE}"),
    ("Index/Document.iwa", f"This is a file of Numbers. Export it there as Excel or CSV. {_SAVE}"),
    ("xl/workbook.bin", f"This is a binary workbook (.xlsb). {_SAVE}"),
    ("word/document.xml", f"This is a document of Word. {_SAVE}"),
)
#: Whatever its parsers meet in a broken workbook, openpyxl lets through as it is.
_BROKEN = (
    *(BadZipFile, ParseError, ZlibError, EOFError, OSError, NotImplementedError, RuntimeError),
    *(KeyError, ValueError, TypeError, AttributeError, IndexError),
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One of a workbook's sheets; hidden ones can be chosen, and are not by themselves."""

    name: str
    hidden: bool


class Workbook:
    """One sheet of a workbook, with a header in its first row; without a name the first one that is not hidden.

    Raises Unreadable, which says what to do, for what is no workbook, unpacks to far too much, or has no usable header.
    """

    def __init__(self, path: Path, sheet: str = "") -> None:
        self._path = path
        with _readable(), ZipFile(path) as parts:
            _check(parts)
            self._book = _loaded(path)
            self.sheets = [Sheet(one.title, one.sheet_state != "visible") for one in self._book.worksheets]
            self.name = sheet or next((one.name for one in self.sheets if not one.hidden), "")
            if self.name not in [one.name for one in self.sheets]:
                raise Unreadable(f"The workbook has no sheet {self.name}. Choose one of its sheets.")
            self._sheet = self._book[self.name]
            self._sheet.reset_dimensions()  # what the file says of its size may be wrong
        first = next(self._numbered(), (1, []))[1]
        while first and not first[-1]:
            first.pop()
        self.header = checked_header(first)

    def count_rows(self) -> int:
        """Look through the whole sheet, and return how many rows are below its header.

        Raises Unreadable where cells are merged, as all but the first of them would be empty.
        """
        with _readable(), ZipFile(self._path) as parts:
            return max(_rows_in(parts, self._sheet._worksheet_path) - 1, 0)  # noqa: SLF001

    def rows(self) -> Iterator[Row | Reject]:
        """Read the rows after the header."""
        rows = self._numbered()
        next(rows, None)
        for line, cells in rows:
            yield self._row(line, cells)

    def close(self) -> None:
        """Let go of the file."""
        self._book.close()

    def _numbered(self) -> Iterator[tuple[int, list[str]]]:
        with _readable():
            for line, cells in enumerate(self._sheet.iter_rows(values_only=True), start=1):
                yield line, [as_text(cell) for cell in cells]

    def _row(self, line: int, cells: list[str]) -> Row | Reject:
        width = len(self.header)
        if not any(cells):
            return Row(line, [])
        if any(cells[width:]):
            return Reject(line, "", f"{len(cells)} cells", f"{width} cells, as many as the header has", cells)
        cells = cells[:width] + [""] * (width - len(cells))
        for column, cell in zip(self.header, cells, strict=True):
            if len(cell) > CELL_LIMIT:
                return Reject(line, column, shown(cell), f"at most {CELL_LIMIT:,} characters", cells)
        return Row(line, cells)


def unpack(book: Workbook, path: Path, alive: Callable[[int], object]) -> None:
    """Write the sheet down as CSV, row for row; `alive` is told the number of rows now and then."""
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        write = csv.writer(file).writerow
        write(book.header)
        for row in book.rows():
            write(row.cells)
            if row.line % _ALIVE == 0:
                alive(row.line)


def as_text(value: Any) -> str:
    """Return what CSV has for a cell: dates in ISO 8601, numbers with the 15 digits that Excel has, true and false.

    What is larger than 15 digits has lost some, and says so by its exponent: 1.23E+15.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:.15G}"
    if isinstance(value, datetime):
        moment = value + timedelta(milliseconds=0.5)  # a fraction of a day is not exact
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000).isoformat()
    return str(value)


class _Strings:
    """The texts that cells share: millions of them in one piece of memory, read as far as somebody asks.

    They stand mostly in the order of the cells, so that the first rows need the first of them.
    """

    def __init__(self, texts: Iterator[str]) -> None:
        self._texts, self._bytes, self._ends = texts, bytearray(), array("Q", [0])

    def __getitem__(self, place: int) -> str:
        while len(self._ends) <= place + 1:
            text = next(self._texts, None)
            if text is None:
                raise IndexError(place)
            self._bytes += text.encode(errors="replace")
            self._ends.append(len(self._bytes))
        return self._bytes[self._ends[place] : self._ends[place + 1]].decode()


def _loaded(path: Path) -> Any:
    """Read what belongs to no sheet: their names, the formats of cells, the texts that they share."""
    from openpyxl.reader.excel import ExcelReader  # it loads numpy where that is installed
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

    class Unmeasured(ReadOnlyWorksheet):
        def _get_size(self) -> None:
            """Do not look for what a file says of its size: where it says nothing, that is all of a million rows."""

    class Reader(ExcelReader):
        def read_strings(self) -> None:
            part = next((name for name in self.archive.namelist() if name.casefold() == "xl/sharedstrings.xml"), None)
            texts: Any = _Strings(_shared(self.archive.open(part)) if part else iter(()))
            self.shared_strings = texts

        def read_worksheets(self) -> None:
            for sheet, part in self.parser.find_sheets():
                if part.target in self.valid_files and "chartsheet" not in part.Type:
                    read: Any = Unmeasured(self.wb, sheet.name, part.target, self.shared_strings)
                    read.sheet_state = sheet.state
                    self.wb._sheets.append(read)  # type: ignore[attr-defined]  # noqa: SLF001 - as its own does

    reader = Reader(path, read_only=True, data_only=True, keep_links=False)
    reader.read()
    return reader.wb


def _shared(stream: IO[bytes]) -> Iterator[str]:
    steps = iterparse(stream, events=("start", "end"))  # noqa: S314 - `_check` refuses entities, expat their growth
    _, root = next(steps)
    for event, node in steps:
        if event == "end" and node.tag == f"{_XML}si":
            # Readings of Japanese words (rPh) stand beside the text, and are none of it.
            parts = [*node.findall(f"{_XML}t"), *node.findall(f"{_XML}r/{_XML}t")]
            yield "".join(part.text or "" for part in parts)
            root.clear()


@contextmanager
def _readable() -> Iterator[None]:
    """Tell in our words that a workbook is broken."""
    try:
        yield
    except Unreadable:
        raise
    except _BROKEN as error:
        raise Unreadable(f"This is no Excel workbook that can be read. {_SAVE}") from error


def _check(parts: ZipFile) -> None:
    """Raise Unreadable for other formats, for what is far too large, and for entities, which Excel never writes."""
    infos = parts.infolist()
    names = {info.filename for info in infos}
    for name, message in _OTHERS:
        if name in names:
            raise Unreadable(message)
    if "[Content_Types].xml" not in names:
        raise Unreadable(f"This is a zip archive and no workbook. {_SAVE}")
    if len(infos) > MOST_PARTS or sum(info.file_size for info in infos) > UNPACKED * settings.IMPORT_MAX_BYTES:
        raise Unreadable("Unpacked, this workbook is far too large. Copy its rows into a new one, or save it as CSV.")
    if sum("worksheets/" in name for name in names) > MOST_SHEETS:
        raise Unreadable(
            f"This workbook has more than {MOST_SHEETS} sheets. Copy the one to import into a new workbook."
        )
    if any(_has_entities(parts, info) for info in infos):
        raise Unreadable("This workbook has entities in its XML, which Excel never writes. Save it with Excel.")


def _has_entities(parts: ZipFile, info: ZipInfo) -> bool:
    if not info.filename.endswith((".xml", ".rels")):
        return False
    with parts.open(info) as part:
        return _ENTITY.search(part.read(4096)) is not None


def _rows_in(parts: ZipFile, name: str) -> int:
    """Count the rows of a sheet; raises Unreadable where cells are merged."""
    rows, end = 0, b""
    with parts.open(name) as part:
        while piece := part.read(_PIECE):
            text = end + piece
            if merged := _MERGED.search(text):
                cells = merged[1].decode()
                raise Unreadable(f"Cells are merged ({cells}). Unmerge them, so that each row says all by itself.")
            cut = max(text.rfind(b"<"), len(end))  # what begins at the very end is looked at with the next piece
            rows += len(_ROW.findall(text[:cut]))
            end = text[cut:]
    return rows + len(_ROW.findall(end))
