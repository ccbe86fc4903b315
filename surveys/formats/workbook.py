"""Excel workbooks: sheets of texts, read from strangers with limits, and written so that no cell is a formula."""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile
from zlib import error as ZlibError  # noqa: N812 - the library's own name

from surveys.formats.document import LONGEST_TEXT, FormatError

LIMIT = 2 * 1024 * 1024
UNPACKED_LIMIT = 30 * 1024 * 1024
MOST_PARTS, MOST_ROWS, MOST_COLUMNS = 500, 5000, 100
SIGNATURE = b"PK\x03\x04"
#: Whatever its parsers meet in a broken workbook, openpyxl lets through as it is.
_BROKEN = (
    *(BadZipFile, ParseError, ZlibError, EOFError, OSError, NotImplementedError, RuntimeError),
    *(KeyError, ValueError, TypeError, AttributeError, IndexError),
)
_ENTITY = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
#: Characters that XML cannot hold.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a sheet: its number as Excel shows it, and its texts by heading, without empty ones."""

    number: int
    cells: Mapping[str, str]

    def get(self, heading: str) -> str:
        """Return the text under a heading; empty where there is none."""
        return self.cells.get(heading, "")


def read(content: bytes) -> dict[str, list[Row]]:
    """Return the rows of every sheet by its name in small letters. Raises FormatError."""
    if len(content) > LIMIT:
        raise FormatError(
            f"This file has more than {LIMIT // 1024 // 1024} MB. A survey has less: is it the right file?"
        )
    from openpyxl import load_workbook  # it loads numpy where that is installed

    try:
        _check(content)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        return {
            sheet.title.strip().casefold(): list(_rows(sheet.title, sheet.iter_rows())) for sheet in book.worksheets
        }
    except FormatError:
        raise
    except _BROKEN as error:
        raise FormatError("This is no Excel workbook that can be read. Save it as .xlsx and try again.") from error


def write(sheets: Mapping[str, Sequence[Mapping[str, str]]], headings: Mapping[str, Sequence[str]]) -> bytes:
    """Return a workbook with these rows; every cell is a text, also one that begins with =."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in (dict(zip(headings[name], headings[name], strict=True)), *rows):
            cells = [
                WriteOnlyCell(sheet, value=_CONTROLS.sub("", row.get(heading, "")) or None)
                for heading in headings[name]
            ]
            for cell in cells:
                if cell.data_type == "f":
                    cell.data_type = "s"
            sheet.append(cells)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _check(content: bytes) -> None:
    """Raise FormatError for what a workbook of texts never has: macros, links to other files, entities, too much."""
    with ZipFile(io.BytesIO(content)) as parts:
        infos = parts.infolist()
        if len(infos) > MOST_PARTS or sum(info.file_size for info in infos) > UNPACKED_LIMIT:
            raise FormatError("Unpacked, this workbook is far too large for a survey. Copy its sheets into a new one.")
        names = [info.filename.casefold() for info in infos]
        if any("vbaproject" in name for name in names):
            raise FormatError("This workbook has macros. Save it as .xlsx, which has none, and try again.")
        if any("externallink" in name for name in names):
            raise FormatError("This workbook takes values from other files. Paste them as values and try again.")
        for info in infos:
            if info.filename.endswith((".xml", ".rels")) and _ENTITY.search(parts.read(info)):
                raise FormatError(
                    "This workbook has entities in its XML, which Excel never writes. Save it with Excel."
                )


def _rows(sheet: str, rows: Iterator[tuple[object, ...]]) -> Iterator[Row]:
    headings: list[str] = []
    for number, cells in enumerate(rows, start=1):
        if number > MOST_ROWS or len(cells) > MOST_COLUMNS:
            raise FormatError(f"Sheet “{sheet}” has more than {MOST_ROWS} rows or {MOST_COLUMNS} columns.")
        texts = [_text(getattr(cell, "value", None)) for cell in cells]
        if any(len(text) > LONGEST_TEXT for text in texts):
            raise FormatError(f"a text is longer than {LONGEST_TEXT} characters.", f"Sheet “{sheet}”, row {number}")
        if not headings:
            headings = [_heading(text) for text in texts]
            if twice := sorted({heading for heading in headings if heading and headings.count(heading) > 1}):
                raise FormatError(f"two columns are called “{twice[0]}”.", f"Sheet “{sheet}”")
        elif any(texts):
            yield Row(number, {name: text for name, text in zip(headings, texts, strict=False) if name and text})


def _heading(text: str) -> str:
    """A heading with its language: `Label :: German (de)` is `label::German (de)`."""
    name, *language = (part.strip() for part in re.split("::|:", text, maxsplit=1))
    return "::".join((name.casefold().replace(" ", "_"), *language))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()
