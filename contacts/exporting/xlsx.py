"""Excel workbooks (ECMA-376), written while they are sent; what breaks off has no directory, and Excel says so.

Libraries for it write a whole workbook to a disk before its first byte can be sent. A text is a text here and never a
formula, a leading zero or plus stays, and what Excel cannot hold is refused or said in the cell.
"""

import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

from contacts.exporting.columns import BOOLEAN, DAY, INSTANT, INTEGER, NUMBER, Column
from contacts.exporting.parquet import Sink
from contacts.exporting.parts import CHUNK, Part
from contacts.exporting.rows import Rows

if TYPE_CHECKING:
    import pyarrow as pa

MOST_ROWS = 1_048_575
"""Beside the line of names (Excel specifications and limits)."""
MOST_LETTERS = 32_767
"""UTF-16 units of a cell."""
EPOCH = 25_569
"""1970-01-01 as Excel counts days."""
FIRST_DAY = 61
"""1900-03-01. Before it Excel counts a day that never was, and nothing before 1900."""
DAY_MICROS = 86_400_000_000
WIDTHS = {INSTANT: 30, INTEGER: 14, NUMBER: 14, BOOLEAN: 12, DAY: 12}

_UNHEARD = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
"""What XML cannot hold, and what would be read as the escape for it (ECMA-376, part 1, 22.9.2.19)."""
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_FILES = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet2.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook {_MAIN} xmlns:r="{_OFFICE}"><sheets><sheet name="Rows" sheetId="1" r:id="r1"/>'
        '<sheet name="Columns" sheetId="2" r:id="r2"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{_OFFICE}/worksheet" Target="worksheets/sheet2.xml"/>'
        f'<Relationship Id="r3" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
    ),
    "xl/styles.xml": (
        f'<styleSheet {_MAIN}><numFmts count="2">'
        '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss&quot;+00:00&quot;"/>'
        '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
        '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
        '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill>'
        '</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
        '<cellXfs count="5"><xf/><xf numFmtId="49" applyNumberFormat="1"/><xf numFmtId="164" applyNumberFormat="1"/>'
        '<xf numFmtId="165" applyNumberFormat="1"/><xf fontId="1" applyFont="1"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    ),
}
_EMPTY, _TEXT, _INSTANT, _DAY, _BOLD = "<c/>", 1, 2, 3, 4


class TooLong(Exception):  # noqa: N818 - it is what happened to the table
    """The table grew beyond what Excel holds while it was written."""


def xlsx(rows: Rows) -> Iterator[Part]:
    """Yield a workbook with the rows on one sheet and what the columns mean on another.

    Raises TooLong, and so breaks off, beyond `MOST_ROWS`: who asks counts them before.
    """
    sink = Sink()
    # Not as a context, which would write a directory also where the rows broke off.
    book = ZipFile(sink, "w", ZIP_DEFLATED, compresslevel=3)
    for name, content in _FILES.items():
        book.writestr(name, _HEAD + content)
    with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
        sheet.write(_begin([WIDTHS.get(column.type, 24) for column in rows.columns]))
        sheet.write(_row([_text(column.name, _BOLD) for column in rows.columns]).encode())
        yield Part(0, sink.taken())
        written = 0
        for batch in rows.batches():
            written += len(batch)
            if written > MOST_ROWS:
                raise TooLong(f"Excel holds {MOST_ROWS:,} rows, and there are more by now.")
            for place in range(0, len(batch), CHUNK):
                lines = _lines(batch.slice(place, CHUNK), rows.columns)
                sheet.write("".join(lines).encode())
                yield Part(len(lines), sink.taken())
        sheet.write(b"</sheetData></worksheet>")
    book.writestr("xl/worksheets/sheet2.xml", _about(rows.columns))
    book.close()
    yield Part(0, sink.taken())


def _begin(widths: Sequence[int]) -> bytes:
    columns = "".join(
        f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>' for n, width in enumerate(widths, 1)
    )
    pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    view = f'<sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'
    return f"{_HEAD}<worksheet {_MAIN}>{view}<cols>{columns}</cols><sheetData>".encode()


def _about(columns: Sequence[Column]) -> bytes:
    names = ("column", "meaning", "unit", "type", "may be empty", "personal")
    lines = [
        (column.name, column.meaning, column.unit, column.type.value, _yes(column.empty), _yes(column.personal))
        for column in columns
    ]
    cells = [[_text(name, _BOLD) for name in names], *([_text(text) for text in line] for line in lines)]
    return _begin((24, 80, 18, 10, 14, 10)) + "".join(map(_row, cells)).encode() + b"</sheetData></worksheet>"


def _yes(truth: bool) -> str:  # noqa: FBT001 - what it says in words
    return "yes" if truth else "no"


def _lines(batch: "pa.RecordBatch", columns: Sequence[Column]) -> list[str]:
    cells = [_cells(array, column) for array, column in zip(batch.columns, columns, strict=True)]
    return [_row(line) for line in zip(*cells, strict=True)]


def _row(cells: Sequence[str]) -> str:
    return f"<row>{''.join(cells)}</row>"


def _cells(array: "pa.Array", column: Column) -> list[str]:
    """The cells of a column; one for null too, as places are counted."""
    import pyarrow as pa

    if column.type == INSTANT:
        moments = array.cast(pa.int64()).to_pylist()
        return [_EMPTY if m is None else _day(m / DAY_MICROS + EPOCH, _INSTANT, m) for m in moments]
    if column.type == DAY:
        days = array.cast(pa.int32()).to_pylist()
        return [_EMPTY if d is None else _day(d + EPOCH, _DAY, d * DAY_MICROS) for d in days]
    values = array.to_pylist()
    if column.type == BOOLEAN:
        return [_EMPTY if value is None else f'<c t="b"><v>{value:d}</v></c>' for value in values]
    if column.type in {INTEGER, NUMBER}:
        return [_EMPTY if value is None else f"<c><v>{value!r}</v></c>" for value in values]
    return [_text(value) if value else _EMPTY for value in values]


def _day(serial: float, style: int, micros: int) -> str:
    if serial >= FIRST_DAY:
        return f'<c s="{style}"><v>{serial!r}</v></c>'
    import numpy as np

    unit, offset = ("D", "") if style == _DAY else ("us", "+00:00")
    return _text(f"{np.datetime64(micros, 'us').astype(f'datetime64[{unit}]')}{offset}")


def _text(text: str, style: int = _TEXT) -> str:
    if len(text) > MOST_LETTERS // 2:
        text = _cut(text)
    said = _UNHEARD.sub(_escape, text)
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{escape(said, quote=False)}</t></is></c>'


def _cut(text: str) -> str:
    """The text as far as a cell holds it, saying so where that is not all."""
    units = text.encode("utf-16-le")
    if len(units) // 2 <= MOST_LETTERS:
        return text
    note = f" [cut here: Excel holds no more of the {len(text):,} letters; CSV, NDJSON and Parquet have them all]"
    return units[: 2 * (MOST_LETTERS - len(note))].decode("utf-16-le", "ignore") + note


def _escape(found: "re.Match[str]") -> str:
    return f"_x{ord(found[0]):04X}_"


def refusal(count: int) -> str:
    """Return why so many rows are no workbook, and what to do; nothing where they are one."""
    if count <= MOST_ROWS:
        return ""
    return (
        f"Excel holds {MOST_ROWS:,} rows, and these are more. Take another format (csv, parquet), or fewer rows: "
        "say since and until."
    )
