"""What is in the files: the same rows in every format, on both databases, to the last letter."""

import io
import itertools
import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from django.db import connection

from contacts.exported import CUSTOMERS, TOUCHPOINTS
from contacts.exporting import BOOLEAN, DAY, INSTANT, INTEGER, JSON, NUMBER, Column, Listed
from contacts.exporting.xlsx import MOST_LETTERS, MOST_ROWS, refusal
from contacts.readers import EVERYTHING
from cxsurvey.exports import TABLES
from surveys.exported import ANSWERS
from surveys.models import Answer, Response
from tests.exports.files import read, rows_of, written
from tests.surveys.answered import make_response, question
from tests.surveys.makers import NOON, make_customer, make_touchpoint

pytestmark = pytest.mark.django_db
FORMATS = ["csv", "ndjson", "parquet", "xlsx"]
ODD = 'Müller & Söhne, "Mitte"\nsecond <line>; 🙂 \\ %s {x}'
LATE = datetime(2026, 5, 5, 14, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2)))


@pytest.fixture
def touchpoints() -> None:
    customer = make_customer(external_id="007", phone="+4791234567")
    make_touchpoint(customer, product=ODD, value=Decimal("12.50"), occurred_at=LATE, simulated=True)
    make_touchpoint(customer, agent="=1+1", occurred_at=NOON)


@pytest.mark.parametrize("file_format", FORMATS)
def test_texts_come_as_they_are(touchpoints: None, file_format: str) -> None:
    first, second = rows_of(TOUCHPOINTS, file_format)
    assert (first["product"], first["customer"]) == (ODD, "007")
    assert second["agent"] == ("'=1+1" if file_format == "csv" else "=1+1")


@pytest.mark.skipif(connection.vendor == "postgresql", reason="PostgreSQL takes no such text")
@pytest.mark.parametrize("file_format", FORMATS)
def test_a_character_that_ends_texts_elsewhere_ends_none(file_format: str) -> None:
    make_touchpoint(agent="=1\0+1", product="a\0b\0", team="Team A")
    [row] = rows_of(TOUCHPOINTS, file_format)
    nul = "\0" if file_format == "ndjson" else "\ufffd"
    guard = "'" if file_format == "csv" else ""
    assert (row["agent"], row["product"], row["team"]) == (f"{guard}=1{nul}+1", f"a{nul}b{nul}", "Team A")


@pytest.mark.parametrize("file_format", FORMATS)
def test_phone_numbers_and_leading_zeros_come_as_they_are(touchpoints: None, file_format: str) -> None:
    [row] = rows_of(CUSTOMERS, file_format)
    assert (row["phone"], row["external_id"]) == ("+4791234567", "007")


@pytest.mark.parametrize(
    ("file_format", "instants"),
    [
        ("csv", ["2026-05-05T12:00:00.123456+00:00", "2026-05-05T12:00:00.000000+00:00"]),
        ("ndjson", ["2026-05-05T12:00:00.123456+00:00", "2026-05-05T12:00:00.000000+00:00"]),
        ("parquet", [LATE.astimezone(UTC), NOON]),
        ("xlsx", [LATE.astimezone(UTC).replace(tzinfo=None), NOON.replace(tzinfo=None)]),
    ],
)
def test_instants_say_their_offset_and_are_all_written_alike(
    touchpoints: None, file_format: str, instants: list[Any]
) -> None:
    found = [row["occurred_at"] for row in rows_of(TOUCHPOINTS, file_format)]
    if file_format == "xlsx":  # a workbook keeps milliseconds
        assert [
            abs(cell - instant) < timedelta(milliseconds=1) for cell, instant in zip(found, instants, strict=True)
        ] == [True] * 2
    else:
        assert found == instants


@pytest.mark.parametrize(
    ("file_format", "values", "truths"),
    [
        ("csv", ["12.5", ""], ["True", "False"]),
        *((one, [12.5, None], [True, False]) for one in FORMATS[1:]),
    ],
)
def test_numbers_truths_and_nothing_have_types(
    touchpoints: None, file_format: str, values: list[Any], truths: list[Any]
) -> None:
    rows = rows_of(TOUCHPOINTS, file_format)
    assert [row["value"] for row in rows] == values
    assert [row["simulated"] for row in rows] == truths


@pytest.mark.parametrize(
    ("file_format", "told"),
    [
        ("csv", ("2.5", "2026-05-01", '["speeder"]')),
        ("ndjson", (2.5, "2026-05-01", ["speeder"])),
        ("parquet", (2.5, date(2026, 5, 1), '["speeder"]')),
        ("xlsx", (2.5, datetime(2026, 5, 1), '["speeder"]')),  # noqa: DTZ001 - a workbook knows no zones
    ],
)
def test_amounts_days_and_lists(file_format: str, told: tuple[Any, ...]) -> None:
    response = make_response(9, attributes={"flags": ["speeder"]})
    of = question(response.version, "contact_wish")
    Answer.objects.create(response=response, question=of, amount="2.5")
    Answer.objects.filter(response=response, question__kind="nps").update(number=None, date=date(2026, 5, 1))
    answers = rows_of(ANSWERS, file_format)
    amounts, days = ({row[name] for row in answers} - {None, ""} for name in ("amount", "date"))
    [flags] = [row["flags"] for row in rows_of(TABLES["responses"], file_format)]
    assert (*amounts, *days, flags) == told


@pytest.mark.parametrize("file_format", FORMATS)
def test_where_nothing_is_found_the_file_says_which_columns_there_would_be(file_format: str) -> None:
    content = written(TOUCHPOINTS.rows({"columns": "kind,agent"}, NOON, EVERYTHING), file_format)
    assert read(content, file_format) == []
    if file_format == "csv":
        assert content == b"kind,agent\n"
    if file_format == "parquet":
        assert pq.read_schema(io.BytesIO(content)).names == ["kind", "agent"]


@pytest.mark.parametrize("file_format", FORMATS)
def test_rows_that_are_worked_out_are_written_as_those_that_are_read(touchpoints: None, file_format: str) -> None:
    columns = (
        Column("occurred_at", "occurred_at", "", INSTANT),
        Column("product", "product", ""),
        Column("agent", "agent", ""),
        Column("value", "value", "", NUMBER),
        Column("simulated", "simulated", "", BOOLEAN),
    )
    rows = [(LATE, ODD, "", 12.5, True), (NOON, "", "=1+1", None, False)]
    names = ",".join(column.name for column in columns)
    assert read(written(Listed(rows, columns), file_format), file_format) == rows_of(
        TOUCHPOINTS, file_format, columns=names
    )


def test_a_file_is_made_piece_by_piece_each_knowing_its_rows() -> None:
    rows = Listed([(number,) for number in range(4500)], [Column("n", "n", "a number", INTEGER)])
    assert [part.rows for part in rows.csv()] == [2000, 2000, 500]


def test_every_query_is_read_piece_by_piece() -> None:
    customer = make_customer()
    touchpoint = make_touchpoint(customer)
    fields = {field.name: getattr(touchpoint, field.name) for field in touchpoint._meta.fields if field.name != "id"}
    type(touchpoint).objects.bulk_create(type(touchpoint)(**fields | {"external_id": f"x{n}"}) for n in range(2100))
    assert [part.rows for part in TOUCHPOINTS.rows({}, NOON, EVERYTHING).csv()] == [50, 2000, 51]
    assert len(rows_of(TOUCHPOINTS, "parquet")) == 2101


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_its_columns_in_every_format(name: str) -> None:
    make_response(9)
    wanted = [column.name for column in TABLES[name].columns]
    for file_format, row in itertools.product(FORMATS, [0]):
        rows = rows_of(TABLES[name], file_format)
        if rows:
            assert list(rows[row]) == wanted


def test_a_parquet_file_explains_its_columns() -> None:
    schema = pq.read_schema(io.BytesIO(written(TOUCHPOINTS.rows({}, NOON, EVERYTHING), "parquet")))
    assert schema.field("value").metadata[b"unit"] == b"currency of the source"


# --- Excel ----------------------------------------------------------------------------------------------------------


def sheet(*texts: str) -> list[Any]:
    content = written(Listed([(text,) for text in texts], [Column("text", "text", "")]), "xlsx")
    return [row["text"] for row in read(content, "xlsx")]


def test_a_workbook_holds_texts_and_no_formulas_and_says_what_columns_mean() -> None:
    content = written(Listed([("=1+1", "0047")], [Column("a", "a", "a text"), Column("b", "b", "")]), "xlsx")
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert "f" not in {cell.data_type for row in book["Rows"] for cell in row}
    assert [cell.value for cell in book["Rows"][2]] == ["=1+1", "0047"]
    assert [cell.value for cell in book["Columns"][2]] == ["a", "a text", "", "text", "no", "no"]
    assert book["Rows"].freeze_panes == "A2"


def test_control_characters_leave_a_workbook_whole() -> None:
    from openpyxl.utils.escape import unescape

    texts = ["a\x0bb", "bell\x07", "cr\r\nlf", "literal _x0041_ stays", "tab\tand\nline"]
    assert [unescape(text) for text in sheet(*texts)] == texts


def test_a_text_that_is_too_long_for_a_cell_says_so_and_other_formats_have_it() -> None:
    whole, long = "x" * MOST_LETTERS, "🙂" * MOST_LETTERS
    kept, cut = sheet(whole, long)
    assert kept == whole
    assert len(cut.encode("utf-16-le")) // 2 <= MOST_LETTERS
    assert cut.endswith("[cut here: Excel holds no more of the 32,767 letters; CSV, NDJSON and Parquet have them all]")


def test_more_rows_than_excel_holds_are_refused_with_what_to_do_instead() -> None:
    assert refusal(MOST_ROWS) == ""
    assert "since and until" in refusal(MOST_ROWS + 1)


def test_days_before_excels_calendar_are_texts() -> None:
    columns = [Column("at", "at", "", INSTANT), Column("day", "day", "", DAY)]
    rows = [(datetime(1899, 12, 31, 1, tzinfo=UTC), date(1850, 1, 2))]
    [row] = read(written(Listed(rows, columns), "xlsx"), "xlsx")
    assert (row["at"], row["day"]) == ("1899-12-31T01:00:00.000000+00:00", "1850-01-02")


def test_more_columns_than_a_function_of_the_database_takes() -> None:
    columns = [Column(f"c{n}", "pk", "", INTEGER) for n in range(205)] + [Column("j", "attributes", "", JSON)]
    make_response(9)
    from contacts.exporting import Queried

    for file_format in FORMATS:
        [row] = read(written(Queried(Response.objects.order_by("pk"), columns), file_format), file_format)
        assert len(row) == 206
        assert json.loads(row["j"]) == {} if file_format != "ndjson" else row["j"] == {}
