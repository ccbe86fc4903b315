"""The 70 kinds of bad input that companies, customers and providers send, each at the door that it comes to.

What the door answers, and what is stored afterwards: nothing, or exactly the good part. Details are in the tests of
each door, those of files in tests/contacts/test_bad_input.py.
"""

import codecs
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.shortcuts import resolve_url
from django.test import Client
from django.utils import timezone

from contacts import consent
from contacts.duplicates import lookalikes
from contacts.frequency.windows import parse_window
from contacts.intake import CUSTOMERS, TOUCHPOINTS, bring_in
from contacts.intake.rows import Subject
from contacts.models import Contact, Customer, Event, Identifier, ImportRun, OptOut, Touchpoint
from surveys.history import RESPONSES
from surveys.models import Answer, IncomingSms, ProviderEvent, Response
from tests.contacts import makers as gate_makers
from tests.contacts.events.senders import make_source, track
from tests.contacts.events.test_door import post as send_events
from tests.surveys.answer_links import address, invite, seen
from tests.surveys.makers import NOON, make_customer
from tests.surveys.test_answer_pages_kept import make_branched
from tests.surveys.texting import PHONE, ask_by_sms, minutes, text_us

TABLES = (Customer, Identifier, Touchpoint, Contact, OptOut, Event, ImportRun, Response, Answer, IncomingSms)
PERSON, RESPONSE = "external_id,name\n", "external_id,customer,survey,answered_at,score\n"
TOUCHPOINT = "external_id,customer,kind,channel,occurred_at\nt1,c1,call,hotline,"
LONG = "x" * 10_001

pytestmark = pytest.mark.django_db


def stored() -> dict[str, int]:
    return {table.__name__: table.objects.count() for table in TABLES}


@dataclass(frozen=True)
class Item:
    """A kind of bad input: what is sent where, of what the answer tells, and how many rows of each table are new."""

    number: int
    what: str
    send: Callable[[], str]
    told: str
    new: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.number} {self.what}"


# --- Doors ------------------------------------------------------------------------------------------------------


def file(content: str | bytes, subject: Subject = CUSTOMERS, zone: str = "", times: int = 1) -> str:
    """Bring in a file, and return all that is said of it."""
    raw = content if isinstance(content, bytes) else content.encode(errors="surrogatepass")
    for _ in range(times):
        result = bring_in(subject, io.BytesIO(raw), source="csv", at=NOON, zone=zone)
    rejects = [f"{one.line} {one.column}: {one.expected}" for one in result.rejects]
    return " ".join([str(result), *result.notes(), *rejects, str(result.broken or "")])


def names(content: str, column: str = "name") -> str:
    """Bring in customers, and return the names (or ids) that are kept of them."""
    file(content)
    return " ".join(Customer.objects.values_list(column, flat=True))


def addresses(cell: str, kind: str = "email") -> str:
    """Bring in a customer with an address, and return it as it is kept, or why it is refused."""
    told = file(f'external_id,{kind}\na,"{cell}"\n')
    return " ".join(Identifier.objects.values_list("value", flat=True)) or told


def moment(text: str, zone: str = "") -> str:
    """Bring in a touchpoint of this time, and return it as it is kept, or why it is refused."""
    told = file(f"{TOUCHPOINT}{text}\n", TOUCHPOINTS, zone)
    return " ".join(at.isoformat() for at in Touchpoint.objects.values_list("occurred_at", flat=True)) or told


def score(text: str) -> str:
    return file(f"{RESPONSE}r1,c1,nps,2026-05-04T10:00:00Z,{text}\n", RESPONSES)


def staff() -> Client:
    client = Client()
    client.force_login(User.objects.create(username="ada", is_staff=True, is_superuser=True))
    return client


def answered(response: Any) -> str:
    return f"{response.status_code} {response.content.decode()}"


def upload(content: bytes, name: str = "list.csv") -> str:
    """Upload a file in the admin, and return the page that follows."""
    form = {"subject": "customers", "source": "shop", "file": SimpleUploadedFile(name, content)}
    return answered(staff().post("/admin/imports/new/", form, follow=True))


def api(content: bytes = b"id\na\n", length: int | None = None, client: Client | None = None, key: str = "") -> str:
    """Send a file to the API, with its length or another."""
    sent = {"wsgi.input": io.BytesIO(content), "CONTENT_LENGTH": str(len(content) if length is None else length)}
    sent |= {"HTTP_IDEMPOTENCY_KEY": key} if key else {}
    where = "/api/v1/imports/?subject=customers&source=shop"
    return answered((client or staff()).generic("POST", where, b"-", "text/csv", **sent))  # type: ignore[arg-type]


def same_key_other_body() -> str:
    client = staff()
    api(client=client, key="k")
    return api(b"id\nb\n", client=client, key="k")


def get(url: str) -> str:
    return answered(staff().get(url))


def publish(body: str) -> str:
    return answered(staff().post("/api/v1/policy/", body, content_type="application/json"))


def events(body: Any) -> str:
    _, key = make_source()
    return answered(send_events(key, body))


def page(link: str = "", **form: Any) -> str:
    """Send the page of an invitation, or open another link."""
    response = Client().get(f"/s/{link}") if link else Client().post(address(invite()), form)
    return f"{response.status_code} {seen(response)}"


def sms(*texts: str, after: timedelta = timedelta(0), sender: str = PHONE) -> str:
    """Have a customer write these texts, one a minute, and return what the last one was taken for."""
    invitation = ask_by_sms()
    told = None
    for n, text in enumerate(texts, start=1):
        told = text_us(text, minutes(n) + after, sender=sender)
    assert told is not None
    number = Answer.objects.filter(response__invitation=invitation, number__isnull=False).values_list(
        "number", flat=True
    )
    return f"{told.meaning}, score {', '.join(map(str, number)) or 'none'}, for a person: {told.for_person or 'no'}"


ASKED = {"Customer": 1, "Identifier": 2, "Touchpoint": 1, "Contact": 1}
"""What being asked by SMS takes."""
SAID = ASKED | {"Contact": 2, "Response": 1, "Answer": 1}
SENT = ASKED | {"Identifier": 1}
KEPT = SAID | {"Identifier": 1}


def formula() -> str:
    header, row = TOUCHPOINT.split("\n")
    file(f"{header},product\n{row}2026-05-04T10:00:00Z,=HYPERLINK()\n", TOUCHPOINTS)
    exported: Any = staff().get("/api/v1/exports/touchpoints.csv")
    return f"{exported.getvalue().decode()} kept as {Touchpoint.objects.get().product}"


def escaped() -> str:
    file("external_id,name\na,<script>alert(1)</script>\n")
    body = get(resolve_url(Customer.objects.get()))
    return "raw" if "<script>alert" in body else body


def who_said_no_comes_again() -> str:
    file("external_id,email\na,a@b.example\n")
    consent.opt_out(Customer.objects.get().pk, "email", at=NOON, via="link")
    file("external_id,email,name\na,a@b.example,Ada\n")
    return f"open: {OptOut.objects.filter(reopened_at=None).count()}"


def by_sms(number: str) -> str:
    """Bring in a customer with this number, and return what the gate answers to asking by SMS."""
    file(f"external_id,phone,timezone\na,{number},Europe/London\n")
    [grant] = gate_makers.reserve(gate_makers.invite(Customer.objects.get(), channels=("sms",)))
    return f"the answer: {grant.decision.result} {' '.join(gate_makers.rules(grant.decision))}"


def two_at_one_number() -> str:
    gate_makers.put_in_force(gate_makers.cap(1, "30 days"))
    for _ in range(2):
        customer = gate_makers.make_customer(phone=False)
        gate_makers.add_address(customer, "phone", "+12125559000")
    for customer in Customer.objects.order_by("pk"):
        [grant] = gate_makers.reserve(gate_makers.invite(customer, channels=("sms",)))
    return f"the second: {grant.decision.result} {gate_makers.rules(grant.decision)}"


def one_person_with_two_keys() -> str:
    first = make_customer(email="ada@example.com")
    second = make_customer(email="ada@example.com")
    consent.opt_out(first.pk, "", at=NOON, via="link")
    return " ".join(f"{one.customer.pk == first.pk} {one.shared} {one.refuses}" for one in lookalikes([second.pk]))


def flagged_as_a_role() -> str:
    """Bring in an address of a role, and return which customers stand in the list of such addresses."""
    file("external_id,name,email\na,Info@Example.com,info@example.com\n")
    return answered(staff().get("/admin/contacts/customer/?look=role"))


def tab_closed_then_reopened() -> str:
    invitation = invite(make_branched())
    Client().post(address(invitation), {"score": "3"})
    return seen(Client().get(address(invitation)))


def tampered() -> str:
    link = address(invite()).removeprefix("/s/")
    forged = link[:-1] + ("A" if link[-1] != "A" else "B")
    return "the same" if page(forged) == page("nope") else "different"


def unsigned() -> str:
    return answered(Client().post("/hooks/twilio/?ref=invitation-1-attempt-1", {"MessageStatus": "delivered"}))


def of_an_unknown_message() -> str:
    from surveys import events_in
    from surveys.channels.events import Status, StatusEvent

    events_in.store("told", [StatusEvent("k", Status("delivered"), NOON, "invitation-99-attempt-1")], NOON)
    events_in.apply_waiting(NOON)
    return f"kept {ProviderEvent.objects.get().status}, applied {ProviderEvent.objects.get().applied_at}"


def leap_day() -> str:
    leap = datetime(2028, 2, 29, 12, tzinfo=UTC)
    return parse_window("365 days").end(leap, ZoneInfo("UTC")).isoformat()


def unread(size: int) -> str:
    class Unreadable(io.BytesIO):
        def read(self, *_: Any) -> bytes:
            raise AssertionError("It was read.")

    sent = {"wsgi.input": Unreadable(), "CONTENT_LENGTH": str(size)}
    return answered(staff().generic("POST", "/admin/imports/new/", b"-", "multipart/form-data", **sent))  # type: ignore[arg-type]


def deep() -> str:
    begin = timezone.now()
    told = events(b'{"batch": ' + b"[" * 50_000)
    assert timezone.now() - begin < timedelta(seconds=2)  # 50 ms where nothing else runs
    return told


ONE = {"Customer": 1}
TWO = {"Customer": 2}
REACHED = {"Customer": 1, "Identifier": 1}
OCCURRED = {"Customer": 1, "Touchpoint": 1}

FILES = [
    Item(1, "byte order mark", lambda: file(codecs.BOM_UTF8 + b"external_id,name\na,Ada\n"), "1 created", ONE),
    Item(2, "UTF-16", lambda: file(f"{PERSON}a,Ada\n".encode("utf-16")), "UTF-16. Save it as"),
    Item(3, "Latin-1", lambda: file(PERSON.encode() + b"a,Ada\nb,Zo\xeb\n"), "Line 3: byte 27 of the file (0xEB)", ONE),
    Item(4, "NUL", lambda: file(f"{PERSON}a,A\0da\nb,Ben\n"), "2 name: text without NUL characters", ONE),
    Item(5, "quote never closed", lambda: file(f'{PERSON}a,Ada\nb,"Ben\nc,Cleo\n'), "Line 3: a quote is opened", ONE),
    Item(6, "cell over 10 kB", lambda: file(f"{PERSON}a,{LONG}\nb,Ben\n"), "2 name: at most 10,000 characters", ONE),
    Item(7, "mixed line ends", lambda: file(f"{PERSON}a,Ada\rb,Ben\r\n"), "2 created", TWO),
    Item(8, "semicolons", lambda: file("external_id;name\na;Ada\n"), "separated by semicolons", ONE),
    Item(9, "short row", lambda: file(f"{PERSON}a\nb,Ben\n"), "2 : 2 cells, as many as the header has", ONE),
    Item(10, "long row", lambda: file(f"{PERSON}a,Ada,x\nb,Ben\n"), "2 : 2 cells, as many as the header has", ONE),
    Item(11, "header twice", lambda: file("external_id,name,Name\na,A,B\n"), "more than one column is called name"),
    Item(12, "no header", lambda: file("a,Ada\n"), "the header lacks external_id"),
    Item(13, "unknown header", lambda: file("external_id,shoe\na,42\n"), "kept as attributes: shoe", ONE),
    Item(14, "header only", lambda: file(PERSON), "0 rows"),
    Item(15, "blank rows", lambda: file(f"{PERSON}\na,Ada\n , \n"), "2 blank lines", ONE),
    Item(16, "upload cut off", lambda: api(length=100), "400"),
    Item(17, "same file twice", lambda: file(f"{PERSON}a,Ada\n", times=2), "0 created, 0 updated, 1 unchanged", ONE),
    Item(18, "zip named CSV", lambda: upload(b"PK\x03\x04zip"), "no Excel workbook that can be read"),
    Item(
        19, "path and HTML in a file name", lambda: upload(b"id\na\n", "../<b>x</b>.csv"), "b&gt;.csv", {"ImportRun": 1}
    ),
    Item(20, "2 GB", lambda: unread(2 * 1024**3), "413 Files of more than 1,024 MB"),
    Item(21, "line break in a name", lambda: file(f'{PERSON}a,"A\nda"\n'), "2 name: one line of text"),
]
PEOPLE = [
    Item(
        22,
        "number without country",
        lambda: addresses("07700 900123", "phone"),
        "a phone number",
    ),
    Item(23, "trunk zero", lambda: addresses("+44 (0)7700 900123", "phone"), "+447700900123", REACHED),
    Item(24, "4.477E+11", lambda: addresses("4.477E+11", "phone"), "in digits and without an extension"),
    Item(25, "Arabic digits", lambda: addresses("+٤٤٧٧٠٠٩٠٠١٢٣", "phone"), "+447700900123", REACHED),
    *(
        Item(26, f"{what}, no SMS", partial(by_sms, number), "the answer: skip no-address", REACHED)
        for what, number in (("landline", "+44 20 7946 0018"), ("premium", "+44 909 8790000"))
    ),
    Item(27, "emergency number", lambda: addresses("112", "phone"), "too few or too many digits"),
    Item(28, "extension", lambda: addresses("+44 20 7946 0018 ext 5", "phone"), "without an extension"),
    Item(
        *(29, "two at one number", two_at_one_number, "the second: delay"),
        {"Customer": 2, "Identifier": 4, "Contact": 2},
    ),
    Item(
        *(30, "one person, two keys", one_person_with_two_keys, "True Email True"),
        {"Customer": 2, "Identifier": 2, "OptOut": 1},
    ),
    Item(31, "header injection", lambda: addresses("a@b.example\nBcc: c@d.example"), "one email address"),
    Item(32, "international domain", lambda: addresses("a@bücher.example"), "a@xn--bcher-kva.example", REACHED),
    Item(33, "plus tag", lambda: addresses("A+b.c@Example.COM"), "a+b.c@example.com", REACHED),
    Item(34, "email of a role", flagged_as_a_role, "Info@Example.com", REACHED),
    Item(35, "email of 500 characters", lambda: addresses(f"{'x' * 490}@b.example"), "at most 254 characters"),
    Item(36, "formula", formula, "'=HYPERLINK()", OCCURRED),
    Item(37, "script", escaped, "&lt;script&gt;alert(1)&lt;/script&gt;", ONE),
    Item(38, "marks nobody sees", lambda: names(f"{PERSON}a,A\u202ed\u200ba\x07\n"), "Ada", ONE),
    Item(
        39, "NFC and NFD", lambda: file("external_id\nZo\u00eb\nZoe\u0308\n"), "1 created, 0 updated, 1 unchanged", ONE
    ),
    Item(40, "lone surrogate", lambda: file(f"{PERSON}a,\ud800\n"), "is not UTF-8 text"),
    Item(41, "NULL as key", lambda: file(f"{PERSON}NULL,Ada\n"), "2 external_id: an id of 1 to 180 characters"),
    Item(42, "007 and 7", lambda: names(f"{PERSON}007,A\n7,B\n", "external_id"), "007 7", TWO),
    Item(43, "who said no comes again", who_said_no_comes_again, "open: 1", REACHED | {"OptOut": 1}),
]
NUMBERS = [
    Item(44, "time without zone", lambda: moment("2026-05-04 10:00"), "occurred_at: a date and time with offset"),
    Item(
        45, "skipped hour", lambda: moment("2026-03-29 02:30", "Europe/Berlin"), "2026-03-29T01:30:00+00:00", OCCURRED
    ),
    Item(
        46, "doubled hour", lambda: moment("2025-10-26 02:30", "Europe/Berlin"), "2025-10-26T00:30:00+00:00", OCCURRED
    ),
    Item(47, "a year after 29 February", leap_day, "2029-02-28T12:00:00"),
    Item(48, "2099", lambda: moment("2099-01-01T00:00:00Z"), "a time from 1980 until now"),
    Item(49, "older than anything kept", lambda: moment("1979-12-31T00:00:00Z"), "a time from 1980 until now"),
    Item(50, "03/04/2026", lambda: moment("03/04/2026 10:00"), "a date and time with offset"),
    Item(51, "unknown zone", lambda: file("external_id,timezone\na,Europe/Atlantis\n"), "an IANA time zone such as"),
    *(
        Item(52, f"score {text}", partial(score, text), "score: a whole number from 0 to 10")
        for text in ("11", "-1", "9.5", "NaN", "1_0", "²")
    ),
    Item(53, "10^400", lambda: file(f"external_id,value\na,1{'0' * 400}\n"), "value: a number such as 1234.50"),
    Item(53, "deep JSON", deep, "400"),
]
ANSWERS = [
    Item(54, "STOP.", lambda: sms("STOP."), "stop, score none", ASKED | {"OptOut": 1, "IncomingSms": 1}),
    Item(54, "Stopp", lambda: sms("Stopp"), "stop, score none", ASKED | {"OptOut": 1, "IncomingSms": 1}),
    Item(55, "10 stop", lambda: sms("10 stop"), "stop, score none", ASKED | {"OptOut": 1, "IncomingSms": 1}),
    *(
        Item(56, text, partial(sms, text), "score, score 9, for a person: no", SAID | {"IncomingSms": 1})
        for text in ("nine", "9️⃣", "9/10")
    ),
    Item(56, "9 or 10", lambda: sms("9 or 10"), "score none, for a person: ", ASKED | {"IncomingSms": 1}),
    Item(57, "unknown sender", lambda: sms("9", sender="+15005550006"), "score none", ASKED | {"IncomingSms": 1}),
    Item(58, "late reply", lambda: sms("9", after=timedelta(days=90)), "score none", ASKED | {"IncomingSms": 1}),
    Item(59, "two scores", lambda: sms("9", "7"), "score 7, for a person: no", SAID | {"IncomingSms": 2}),
    Item(60, "100 kB of words", lambda: page(score="9", reason="😀" * 25_000), "longer than the 5000 characters", SENT),
    Item(61, "unknown question", lambda: page(score="9", is_staff="1"), "400", SENT),
    Item(62, "tab closed", tab_closed_then_reopened, "What you have sent is kept.", KEPT),
    Item(63, "trap", lambda: page(**{"score": "9", "home.page": "https://spam.example"}), "303", KEPT),
    Item(64, "tampered link", tampered, "the same", SENT),
    Item(65, "unsigned hook", unsigned, "403"),
    Item(66, "unknown message", of_an_unknown_message, "kept delivered, applied None"),
    Item(67, "key given twice", lambda: publish('{"why": "x", "why": "y", "policy": {}}'), "400"),
    Item(68, "same key, other body", same_key_other_body, "422", {"ImportRun": 1}),
    Item(69, "10,001 events", lambda: events({"batch": [track()] * 10_001}), "413"),
    Item(70, "pages of a billion", lambda: get("/api/v1/responses/?page_size=1000000000"), "200"),
    Item(70, "ordering by password", lambda: get("/api/v1/exports/responses.csv?ordering=password"), "400"),
]
ITEMS = [*FILES, *PEOPLE, *NUMBERS, *ANSWERS]


@pytest.mark.parametrize("item", ITEMS, ids=str)
def test_bad_input(item: Item) -> None:
    before = stored()
    told = item.send()
    assert item.told in told
    new = {name: number - before[name] for name, number in stored().items() if number != before[name]}
    assert new == item.new


def test_the_catalogue_is_whole() -> None:
    assert sorted({item.number for item in ITEMS}) == list(range(1, 71))
