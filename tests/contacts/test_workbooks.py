"""Excel workbooks: the rows that a CSV file of the same table would have, or a refusal that says what to do."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook as Written
from pytest_django import Settings

from contacts.intake.tables import Reject, Row, Table, Unreadable
from contacts.intake.workbooks import Workbook, as_text, unpack
from tests.workbooks import workbook

HEADER = ("external_id", "name")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "list.xlsx"


def opened(path: Path, content: bytes, sheet: str = "") -> Workbook:
    path.write_bytes(content)
    return Workbook(path, sheet)


def changed(content: bytes, change: Callable[[str, bytes], bytes], also: dict[str, bytes] | None = None) -> bytes:
    """Return the workbook with its parts changed, and with others added."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as parts, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as to:
        for name in parts.namelist():
            to.writestr(name, change(name, parts.read(name)))
        for name, part in (also or {}).items():
            to.writestr(name, part)
    return file.getvalue()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("007", "007"),
        (7, "7"),
        (123.0, "123"),
        (19.99, "19.99"),
        (0.1 + 0.2, "0.3"),
        (123456789012345, "123456789012345"),
        (1234567890123456, "1.23456789012346E+15"),
        (1.23e15, "1.23E+15"),
        (True, "true"),
        (datetime.fromisoformat("2026-03-04T10:30"), "2026-03-04T10:30:00"),
        (datetime.fromisoformat("2026-03-04T10:29:59.999700"), "2026-03-04T10:30:00"),
        (date(2026, 3, 4), "2026-03-04"),
        (time(10, 30), "10:30:00"),
    ],
)
def test_what_a_cell_holds_becomes_the_text_that_csv_has(value: Any, text: str) -> None:
    assert as_text(value) == text


def test_rows_come_out_as_those_of_a_csv_file(path: Path) -> None:
    book = opened(path, workbook([HEADER, ("a", "Ada"), (), ("b",), ("c", "Cleo", None, None)]))
    assert (book.header, book.count_rows()) == (list(HEADER), 4)
    assert list(book.rows()) == [Row(2, ["a", "Ada"]), Row(3, []), Row(4, ["b", ""]), Row(5, ["c", "Cleo"])]


def test_a_cell_without_a_column_and_one_that_is_too_long_reject_their_row(path: Path) -> None:
    book = opened(path, workbook([HEADER, ("a", "Ada", "?"), ("b", "x" * 10_001)]))
    found = [(row.line, row.column, row.expected) for row in book.rows() if isinstance(row, Reject)]
    assert found == [(2, "", "2 cells, as many as the header has"), (3, "name", "at most 10,000 characters")]


def test_the_first_sheet_that_is_not_hidden_is_taken_and_any_can_be_chosen(path: Path) -> None:
    book = Written()
    assert book.active is not None
    book.active.title, book.active.sheet_state = "Lists", "hidden"
    book.active.append(["x"])
    book.create_sheet("People").append(HEADER)
    book.save(path)
    read = Workbook(path)
    assert [(sheet.name, sheet.hidden) for sheet in read.sheets] == [("Lists", True), ("People", False)]
    assert (read.name, read.header) == ("People", list(HEADER))
    assert Workbook(path, "Lists").header == ["x"]
    with pytest.raises(Unreadable, match="no sheet Elsewhere"):
        Workbook(path, "Elsewhere")


def test_a_formula_is_what_it_was_when_excel_saved_it(path: Path) -> None:
    book = workbook([HEADER, ("a", "=1+1")])
    saved = changed(book, lambda name, part: part.replace(b"<v></v>", b"<v>2</v>").replace(b"<v />", b"<v>2</v>"))
    assert [row.cells for row in opened(path, saved).rows() if isinstance(row, Row)] == [["a", "2"]]


def test_shared_texts_with_formats_and_readings_are_their_texts(path: Path) -> None:
    def change(name: str, part: bytes) -> bytes:
        rich = b"<si><r><t>A</t></r><r><t>da</t></r><rPh sb='0' eb='1'><t>no</t></rPh></si>"
        return part.replace(b"<si><t>Ada</t></si>", rich) if name == "xl/sharedStrings.xml" else part

    book = Written()
    assert book.active is not None
    book.active.append(HEADER)
    book.active.append(["a", "Ada"])
    book.save(path)
    assert [row.cells for row in opened(path, changed(path.read_bytes(), change)).rows() if isinstance(row, Row)] == [
        ["a", "Ada"]
    ]


def test_a_size_that_the_file_is_wrong_about_hides_no_row(path: Path) -> None:
    def change(name: str, part: bytes) -> bytes:
        dimension = b'<dimension ref="A1:A1"/>' if b"<dimension" not in part else b""
        return part.replace(b"<sheetData>", dimension + b"<sheetData>") if "sheet1" in name else part

    assert len(list(opened(path, changed(workbook([HEADER, ("a", "Ada")]), change)).rows())) == 1


def test_the_first_rows_are_there_before_the_others_are_read(path: Path) -> None:
    """A million rows take a minute: here they, and the texts that they share, end in what nobody can read."""
    ends = {"xl/worksheets/sheet1.xml": b"</sheetData>", "xl/sharedStrings.xml": b"</sst>"}
    book = workbook([HEADER, *((str(n), f"Ada {n}") for n in range(5000))])
    broken = changed(book, lambda name, part: part.replace(ends[name], b"<<<") if name in ends else part)
    rows = opened(path, broken).rows()
    assert next(rows) == Row(2, ["0", "Ada 0"])
    with pytest.raises(Unreadable, match="no Excel workbook that can be read"):
        list(rows)


def test_unpacked_it_is_the_same_table(path: Path) -> None:
    rows = [HEADER, ("a", "two\nlines"), (), ("b", 'quoted " and, comma')]
    book = opened(path, workbook(rows))
    unpack(book, path.with_suffix(".csv"), lambda rows: None)
    with path.with_suffix(".csv").open("rb") as stream:
        assert list(Table(stream, by_record=True).rows()) == list(book.rows())


def merged() -> bytes:
    book, file = Written(), io.BytesIO()
    assert book.active is not None
    book.active.append(HEADER)
    book.active.append(["a", "Ada"])
    book.active.merge_cells("A2:A3")
    book.save(file)
    return file.getvalue()


def zipped(name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as parts:
        parts.writestr(name, b"")
    return file.getvalue()


def with_entities(name: str, part: bytes) -> bytes:
    return b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + part if name.endswith("sheet1.xml") else part


REFUSED = {
    "merged": (merged, "Cells are merged (A2:A3). Unmerge them"),
    "ods": (lambda: zipped("content.xml"), "LibreOffice (.ods)"),
    "numbers": (lambda: zipped("Index/Document.iwa"), "Numbers"),
    "xlsb": (lambda: zipped("xl/workbook.bin"), ".xlsb"),
    "docx": (lambda: zipped("word/document.xml"), "document of Word"),
    "zip": (lambda: zipped("people.csv"), "zip archive and no workbook"),
    "broken": (lambda: workbook([HEADER])[:-40], "no Excel workbook that can be read"),
    "entities": (lambda: changed(workbook([HEADER]), with_entities), "entities in its XML"),
    "no header": (lambda: workbook([(), HEADER]), "must begin with a line that names its columns"),
    "twice": (lambda: workbook([("a", "A")]), "more than one column is called a"),
    "empty": (lambda: workbook([]), "must begin with a line that names its columns"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_is_refused_with_what_to_do(path: Path, case: str) -> None:
    content, message = REFUSED[case]
    with pytest.raises(Unreadable) as refused:
        opened(path, content()).count_rows()
    assert message in str(refused.value)


def test_a_workbook_that_unpacks_to_far_too_much_is_not_unpacked(path: Path, settings: Settings) -> None:
    settings.IMPORT_MAX_BYTES = 1024 * 1024
    bomb = changed(workbook([HEADER]), lambda name, part: part, {"xl/media/zeros.bin": bytes(7 * 1024 * 1024)})
    assert len(bomb) < 20_000
    with pytest.raises(Unreadable, match="far too large"):
        opened(path, bomb)
