"""The catalogue of bad input, items 1 to 53, as far as files can hold them: what is refused, what still comes in."""

import codecs
import gzip
from dataclasses import dataclass

import pytest

from contacts.intake import CUSTOMERS, TOUCHPOINTS
from contacts.intake.rows import Subject
from contacts.models import Customer, Touchpoint
from surveys.history import RESPONSES
from surveys.models import Response
from tests.contacts.files import TOUCHPOINT, bring

PERSON = "external_id,name\n"
EMAIL = "external_id,email\n"
PHONE = "external_id,phone,country\n"
RESPONSE = "external_id,customer,survey,answered_at,score\n"
STORED: dict[str, type[Customer | Touchpoint | Response]] = {
    CUSTOMERS.name: Customer,
    TOUCHPOINTS.name: Touchpoint,
    RESPONSES.name: Response,
}


@dataclass(frozen=True)
class Case:
    """A file; the ids that must be stored from it, the places of the rejects, words of why it was not read on."""

    item: str
    content: str | bytes
    stored: tuple[str, ...] = ()
    rejects: tuple[tuple[int, str], ...] = ()
    broken: str = ""
    subject: Subject = CUSTOMERS

    @property
    def id(self) -> str:
        return self.item.replace(" ", "-")


def touchpoint_at(instant: str, item: str, *, good: bool = False) -> Case:
    content = f"{TOUCHPOINT}t1,c1,call,hotline,{instant}\nt2,c1,call,hotline,2026-05-04T10:00:00Z\n"
    places = () if good else ((2, "occurred_at"),)
    return Case(item, content, ("t1", "t2") if good else ("t2",), places, subject=TOUCHPOINTS)


def score(text: str) -> Case:
    content = f"{RESPONSE}r1,c1,nps,2026-05-04T10:00:00Z,{text}\nr2,c1,nps,2026-05-04T10:00:00Z,9\n"
    return Case(f"52 score {text}", content, ("r2",), ((2, "score"),), subject=RESPONSES)


def row(item: str, header: str, line: str, column: str) -> Case:
    """A row that is rejected for one column, before one that is good."""
    blanks = "," * header.count(",")
    return Case(item, f"{header}{line}\ngood{blanks}\n", ("good",), ((2, column),))


CASES = [
    Case("1 byte order mark", codecs.BOM_UTF8 + b"external_id,name\na,Ada\n", ("a",)),
    Case("2 UTF-16", "external_id,name\na,Ada\n".encode("utf-16"), broken="UTF-16"),
    Case("2 UTF-16 without mark", "external_id,name\na,Ada\n".encode("utf-16-le"), broken="not a text file"),
    Case("3 Latin-1", PERSON.encode() + "a,Ada\nb,Zoë\n".encode("latin-1"), ("a",), broken="Line 3: byte 27"),
    Case("4 NUL", PERSON + "a,A\0da\nb,Ben\n", ("b",), ((2, "name"),)),
    Case("4 NUL in a column we do not know", "external_id,shoe\na,4\0 2\nb,43\n", ("b",), ((2, "shoe"),)),
    Case("5 quote never closed", PERSON + 'a,Ada\nb,"Ben\nc,Cleo\n', ("a",), broken="Line 3: a quote is opened"),
    Case("5 quote closed by the next", PERSON + 'a,Ada\nb,"Ben\nc,"Cleo"\n', ("a",), broken="Line 3: a quote"),
    Case("5 text after a quote", PERSON + 'a,"Ada" L\nb,Ben\n', ("b",), ((2, ""),)),
    Case("5 quote within a cell", PERSON + 'a,5" Ada\nb,Ben\n', ("a", "b")),
    Case("6 cell of 10 MB", PERSON + f"a,{'x' * 10_000_000}\nb,Ben\n", ("b",), ((2, ""),)),
    Case("6 quoted cell of 10 MB", PERSON + 'a,"' + f"{'x' * 999}\n" * 10_000 + '"\nb,Ben\n', ("b",), ((2, ""),)),
    Case("6 cell over 10 kB", PERSON + f"a,{'x' * 10_001}\nb,Ben\n", ("b",), ((2, "name"),)),
    Case("7 lone CR", "external_id,name\ra,Ada\rb,Ben", ("a", "b")),
    Case("7 mixed ends", "external_id,name\r\na,Ada\nb,Ben\rc,Cleo\r\n", ("a", "b", "c")),
    Case("8 semicolons", 'external_id;name\na;"Ada; Lovelace"\n', ("a",)),
    Case("8 tabs", "external_id\tname\na\tAda\n", ("a",)),
    Case("9 short row", PERSON + "a\nb,Ben\n", ("b",), ((2, ""),)),
    Case("10 long row", PERSON + "a,Ada,x\nb,Ben\n", ("b",), ((2, ""),)),
    Case("11 header twice", "external_id,name,Name\na,Ada,Ada\n", broken="more than one column is called name"),
    Case("12 no header", "a,Ada\nb,Ben\n", broken="the header lacks external_id"),
    Case("12 column without name", "external_id,\na,Ada\n", broken="column 2 has no name"),
    Case("12 empty file", "", broken="must begin with a line that names its columns"),
    Case("13 unknown header", "external_id,shoe\na,42\n", ("a",)),
    Case("14 header only", PERSON),
    Case("15 blank rows", PERSON + "\na,Ada\n , \n\n", ("a",)),
    Case("16 cut off in a row", "external_id,name,email\na,Ada,\nb,Ben", ("a",), ((3, ""),)),
    Case("18 workbook", b"PK\x03\x04\x14\x00 xl/workbook.xml", broken="Excel workbook or a zip"),
    Case("18 gzip", gzip.compress(PERSON.encode()), broken="packed with gzip"),
    row("21 newline in a name", PERSON, '"a","A\nda"', "name"),
    Case("22 number without country", PHONE + "a,07700 900123,\nb,07700 900123,GB\n", ("b",), ((2, "phone"),)),
    Case("23 trunk zero", PHONE + "a,+44 (0)7700 900123,\n", ("a",)),
    row("24 number as a spreadsheet shows it", PHONE, "a,4.477E+11,", "phone"),
    Case("25 Arabic digits", PHONE + "a,+٤٤٧٧٠٠٩٠٠١٢٣,\n", ("a",)),
    row("27 emergency number", PHONE, "a,112,DE", "phone"),
    row("31 header injection", EMAIL, '"a","a@b.example\nBcc: c@d.example"', "email"),
    row("35 email of 500 characters", EMAIL, f"a,{'x' * 490}@b.example", "email"),
    Case("36 formula", PERSON + "a,=HYPERLINK()\n", ("a",)),
    Case("37 script", PERSON + "a,<script>alert(1)</script>\n", ("a",)),
    Case("40 lone surrogate", PERSON.encode() + b"a,\xed\xa0\x80\n", broken="byte 19"),
    row("41 empty key", PERSON, ",Ada", "external_id"),
    row("41 NULL key", PERSON, "NULL,Ada", "external_id"),
    Case("42 007 and 7", PERSON + "007,Ada\n7,Ben\n", ("007", "7")),
    touchpoint_at("2026-05-04T10:00:00", "44 no offset"),
    touchpoint_at("2026-05-04", "44 only a date"),
    touchpoint_at("1970-01-01T00:00:00Z", "48 zero of a clock"),
    touchpoint_at("2099-01-01T00:00:00Z", "48 far future"),
    touchpoint_at("9999-12-31T23:59:59-12:00", "48 end of time"),
    touchpoint_at("2026-05-06T11:00:00Z", "48 clock ahead by less than a day", good=True),
    touchpoint_at("03/04/2026 10:00", "50 day or month"),
    touchpoint_at("٢٠٢٦-05-04T10:00:00Z", "50 other digits"),
    row("51 unknown zone", "external_id,timezone\n", "a,Europe/Atlantis", "timezone"),
    *map(score, ("11", "-1", "9.5", "NaN", "1_0", "²", "+9", "٩")),
    row("53 enormous number", "external_id,value\n", f"a,1{'0' * 400}", "value"),
    row("53 exponent", "external_id,value\n", "a,1e400", "value"),
    row("53 NaN", "external_id,value\n", "a,NaN", "value"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_catalogue_of_bad_input(db: None, settings: object, case: Case) -> None:
    result = bring(case.subject, case.content)
    assert tuple((reject.line, reject.column) for reject in result.rejects) == case.rejects
    assert (case.broken in str(result.broken)) if case.broken else result.broken is None
    stored = STORED[case.subject.name].objects.values_list("external_id", flat=True)
    assert tuple(sorted(stored)) == case.stored
