"""Rows out of CSV files: whatever a spreadsheet writes is read back, and what cannot be read is named by its place."""

import contextlib
import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.intake.tables import HELD_LIMIT, Reject, Row, Table, Unreadable

CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
ROWS = st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=8)


def table(text: str | bytes) -> Table:
    return Table(io.BytesIO(text.encode() if isinstance(text, str) else text))


def rows(text: str | bytes) -> list[Row | Reject]:
    return list(table(text).rows())


@given(ROWS, st.sampled_from(",;\t"), st.sampled_from(["\n", "\r\n"]), st.sampled_from(["utf-8", "utf-8-sig"]))
def test_what_a_writer_wrote_is_read(cells: list[list[str]], delimiter: str, end: str, encoding: str) -> None:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([["one", "two", "three"], *cells])
    read = table(file.getvalue().encode(encoding))
    assert read.delimiter == delimiter
    whole = [row if "".join(row).strip() else [] for row in cells]
    assert [row.cells for row in read.rows() if isinstance(row, Row)] == whole


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with contextlib.suppress(Unreadable):
        for row in rows(b"a,b\n" + content):
            assert isinstance(row, Reject) or len(row.cells) in {0, 2}


def test_lines_are_counted_through_quoted_cells_and_blank_rows() -> None:
    assert [row.line for row in rows('a,b\n1,"x\ny\nz"\n\n2,y\n')] == [2, 5, 6]


def test_doubled_quotes_do_not_close_a_cell() -> None:
    assert rows('a,b\n1,"say ""hi""\n,""there"""\n') == [Row(2, ["1", 'say "hi"\n,"there"'])]


def test_a_quote_of_another_delimiter_is_text() -> None:
    assert rows('a,b\n1,x;"y\n2,z\n') == [Row(2, ["1", 'x;"y']), Row(3, ["2", "z"])]


def test_headers_are_trimmed_and_cleaned() -> None:
    assert table("\ufeff External_ID ,Na\u200bme\n").header == ["External_ID", "Name"]


def test_rows_before_a_bad_byte_are_read() -> None:
    found = table(b"a,b\n1,x\n2,\xe9\n3,z\n").rows()
    assert next(found) == Row(2, ["1", "x"])
    with pytest.raises(Unreadable, match=r"Line 3: byte 10 of the file \(0xE9\) is not UTF-8"):
        next(found)


def test_bad_bytes_are_counted_from_the_start_of_the_file() -> None:
    content = "\ufeffa,b\r\n1,Zoë\r\n".encode() + b"2,\xff\n"
    with pytest.raises(Unreadable, match=f"byte {content.index(0xFF)} "):
        rows(content)


def test_the_offset_ends_at_the_size_of_the_file() -> None:
    content = "\ufeffa,b\r\n1,Zoë\r\n2,y".encode()
    read = table(content)
    assert len(list(read.rows())) == 2
    assert read.place.offset == len(content)


def test_a_value_is_shown_short_in_a_reject() -> None:
    (reject,) = rows("a,b\n1," + "x" * 20_000 + "\n")
    assert isinstance(reject, Reject)
    assert (len(reject.value), reject.expected) == (101, "at most 10,000 characters")


def test_a_quote_that_never_closes_is_not_sought_in_the_whole_file() -> None:
    read = table(b'a,b\n1,"x\n' + (b"x" * 999 + b"\n") * (HELD_LIMIT // 500))
    with pytest.raises(Unreadable, match="Line 2: a quote is opened"):
        list(read.rows())
    assert read.place.offset < HELD_LIMIT + 2000
