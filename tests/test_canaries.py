"""A hundred people go in by every door; fifty are erased: nobody finds one of them anywhere, in any spelling."""

import base64
import logging
import re
import zlib
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_plus

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Model
from django.test import Client
from django_q.models import Task
from pytest_django import Settings

from analytics import comments
from analytics.models import ChurnRun, CustomerRisk, ReportMail
from analytics.report_mailing import make_due, send_waiting
from contacts import consent, refusals
from contacts.events import cloudevents
from contacts.events.applying import apply_waiting
from contacts.events.keeping import keep
from contacts.merging import merge
from contacts.models import (
    Appointment,
    ConsentEvent,
    Customer,
    Erased,
    ErasureDue,
    EventSource,
    Identifier,
    OptOut,
    Override,
)
from contacts.proof import Proof
from contacts.proposing import Pair, propose
from contacts.readers import EVERYTHING
from cxsurvey import exports, import_work, uploads
from cxsurvey.access import archive
from cxsurvey.erasing import erase, erase_again, overwrite, write_anew
from recovery.followups import open_due
from recovery.models import FollowUp, FollowUpNote
from recovery.webhooks.noticing import notice
from surveys.models import Attempt, CallAttempt, IncomingSms, OutboxMessage, ProviderEvent, ProviderRequest
from surveys.replying import take_in
from tests.analytics.reported import make_reader, make_scheduled
from tests.contacts.events.desk_webhooks import make_desk, post, status_changed, zammad, zendesk_trigger
from tests.contacts.events.senders import identify, make_source, mean, track
from tests.contacts.events.senders import take_in as take_in_events
from tests.recovery.webhooks.receivers import make_endpoint
from tests.staff import client_of
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON, make_case, make_invitation, make_touchpoint, make_version
from tests.surveys.texting import message
from tests.workbooks import workbook

DAY = timedelta(days=1)
MANY = 100
HIDDEN = re.compile(
    r"quilla(\d{3})|canary[- ]\w+[- ](\d{3})(?!\d)"
    r"|(?:47|(?<![\da-f]))[ ()-]?9[ ()-]?1[ ()-]?0[ ()-]?0[ ()-]?0[ ()-]?(\d{3})(?!\d)"
)
"""Finds the number of a canary in her name, address, ids and words, and in her phone number however it is written.

A hash, of which the pages of a database hold thousands, has such a number in it by chance, and is none.
"""
BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{40,}={0,2}")


class Canary:
    """What a person is known by everywhere, each with her number in it."""

    def __init__(self, number: int) -> None:
        self.number = f"{number:03}"
        self.name, self.email = f"Quilla{self.number} Nar", f"quilla{self.number}@canary.example"
        self.phone, self.id = f"+4791000{self.number}", f"canary-id-{self.number}"
        self.order, self.device = f"canary-order-{self.number}", f"canary-device-{self.number}"

    def says(self, what: str) -> str:
        return f"canary {what} {self.number}"

    @property
    def customer(self) -> Customer:
        return Customer.objects.get(source="crm", external_id=self.id)


CANARIES = [Canary(number) for number in range(MANY)]
GONE, LEFT = CANARIES[::2], CANARIES[1::2]


def found_in(*haystacks: bytes) -> set[str]:
    """Return the numbers of all canaries in texts: plain, in capitals, encoded for addresses, and in base64."""
    found = set()
    for haystack in haystacks:
        inside = [haystack, *(decoded for packed in BASE64.findall(haystack) if (decoded := _unpacked(packed)))]
        for one in inside:
            text = one.decode(errors="ignore").casefold()
            for form in (text, unquote_plus(text)):
                found |= {next(filter(None, groups)) for groups in HIDDEN.findall(form)}
    return found


def _unpacked(packed: bytes) -> bytes:
    try:
        return base64.urlsafe_b64decode(packed + b"=" * (-len(packed) % 4))
    except ValueError:
        return b""


def rows(*models: type[Model]) -> Iterator[tuple[str, bytes]]:
    """Yield every row of every table, or of these, with what is packed unpacked: what a dump holds."""
    for model in models or apps.get_models():
        for row in model._base_manager.values():
            texts = (zlib.decompress(v).decode() if isinstance(v, bytes) and v else str(v) for v in row.values())
            yield model.__name__, " ".join(texts).encode()


def database_files() -> Iterator[bytes]:
    """Yield what an SQLite database has on the disk, pages that are free and its log of changes too."""
    if connection.vendor == "sqlite":
        path = str(connection.settings_dict["NAME"])
        yield from (Path(f"{path}{end}").read_bytes() for end in ("", "-wal") if Path(f"{path}{end}").exists())


# --- The doors ------------------------------------------------------------------------------------------------------


def bring(subject: str, text: str, name: str = "canaries.csv") -> None:
    """Bring a file in as the admin does."""
    content = workbook([line.split(",") for line in text.splitlines()]) if name.endswith(".xlsx") else text.encode()
    run = uploads.preview([content], uploads.Asked(subject, "crm", name), at=NOON)
    uploads.ask(run, at=NOON)
    import_work.work(lambda: NOON, lambda: False)


def by_files() -> None:
    """Every subject, rows that are rejected, a workbook, the folder; a preview waits."""
    people = "external_id,name,email,phone\n" + "".join(f"{c.id},{c.name},{c.email},{c.phone}\n" for c in CANARIES)
    bring("customers", people + "".join(f"{c.id},{c.name},quilla{c.number}@@canary,\n" for c in CANARIES))
    visits = "".join(f"{c.order},{c.id},visit,shop,2026-05-01T10:00:00Z,{c.order}\n" for c in CANARIES)
    bring("touchpoints", f"external_id,customer,kind,channel,occurred_at,reference\n{visits}", "visits.xlsx")
    answers = "".join(f"{c.order},{c.id},NPS,3,{c.says('answer')},2026-05-02T10:00:00Z\n" for c in CANARIES)
    bring("responses", f"external_id,customer,survey,score,comment,answered_at\n{answers}")
    sent = "".join(f"{c.order},{c.id},2026-05-01T12:00:00Z,email,other\n" for c in CANARIES)
    bring("contacts", f"external_id,customer,at,channel,purpose\n{sent}")
    said = "".join(f"{c.order},{c.id},2026-05-01T12:00:00Z,yes,email,{c.says('consent')}\n" for c in CANARIES)
    bring("consents", f"external_id,customer,at,said,channel,wording\n{said}")
    place = Path(settings.IMPORT_FOLDER) / "customers" / "crm" / "done"
    place.mkdir(parents=True)
    for canary in CANARIES:
        (place / f"{canary.number}.csv").write_text(f"id;tel\n{canary.id};{canary.phone[3:5]} {canary.phone[5:]}\n")
    for canary in CANARIES[:20]:
        text = f"external_id,email\nother,{canary.email.upper()}\n".encode()
        uploads.preview([text], uploads.Asked("customers", "crm", "waits.csv"), at=NOON)


def by_events() -> None:
    """What other systems send, also of somebody on a device whom nobody knows by name yet."""
    source, _ = make_source("crm")
    mean(source)
    mean(source, "Left", becomes="opt_out", kind="", channel="phone", direction="")
    events: list[Any] = []
    for canary in CANARIES:
        about: dict[str, Any] = {"userId": canary.id, "anonymousId": canary.device}
        events += (
            identify(f"i{canary.number}", **about, traits={"email": canary.email, "name": canary.name}),
            track(f"t{canary.number}", **about, properties={"note": canary.says("event")}),
            track(f"o{canary.number}", **about, event="Left"),
            track(f"u{canary.number}", **about, event="Unheard of", properties={"order": canary.order}),
            identify(f"n{canary.number}", userId=None, anonymousId="x", traits={"tel": f"0047 {canary.phone[3:]}"}),
        )
    take_in_events(source, *events)


def by_desks() -> None:
    """What help desks tell, each person by one of them; and a bus of hers, and of a guest who gave her address."""
    desks = [make_desk(sender, sender) for sender in ("chatwoot", "zendesk", "zammad")]
    for number, canary in enumerate(CANARIES):
        desk = desks[number % len(desks)]
        assert post(desk, told_by(desk.sender, canary)).status_code == 200
    about = {"specversion": "1.0", "source": "/shop", "type": "Complained", "time": "2026-05-05T11:00:00Z"}
    batch = [
        about
        | {"id": f"{canary.number}{subject}", "subject": subject, "data": {"mail": canary.email, "at": canary.order}}
        for canary in CANARIES
        for subject in (canary.id, "guest")
    ]
    crm = EventSource.objects.get(name="crm")
    keep(crm, cloudevents.read({"Content-Type": cloudevents.BATCH}, batch, NOON), NOON)
    apply_waiting(NOON + DAY)
    for canary in GONE:  # by an address alone nobody is taken for the same person
        at_desk = Customer.objects.get(external_id=canary.device)
        merge(at_desk.pk, into=canary.customer.pk, at=NOON, by_id=None, why="The same address")


def told_by(sender: str, canary: Canary) -> dict[str, Any]:
    """Return a webhook of a desk that knows her by an id of its own."""
    own = {"id": canary.device, "name": canary.name, "email": canary.email}
    if sender == "chatwoot":
        who = own | {"phone_number": canary.phone, "identifier": canary.id}
        return status_changed(id=canary.order, meta={"sender": who}, custom_attributes={"note": canary.says("chat")})
    if sender == "zendesk":
        asked = {"id": canary.order, "status": "Solved", "channel": "Mail", "tags": canary.says("tag")}
        return zendesk_trigger(ticket=asked, requester=own | {"external_id": canary.id})
    first, last = canary.name.split()
    who = {"id": canary.device, "firstname": first, "lastname": last, "email": canary.email, "phone": canary.phone}
    return zammad(
        {"body": canary.says("ticket")},
        id=canary.order,
        title=canary.says("title"),
        customer=who,
        customer_id=who["id"],
    )


def by_messages(staff: User) -> None:
    """What goes out and comes back: messages, answers, SMS, bounces, calls, follow-ups, webhooks."""
    version = make_version()
    for canary in CANARIES:
        customer, order = canary.customer, canary.order
        visit = make_touchpoint(customer, external_id=f"{order}-2", reference=order, attributes={"n": canary.says("x")})
        make_response(2, canary.says("comment"), version=version, touchpoint=visit, attributes={"hidden": {"o": order}})
        sent = make_invitation(version, customer=customer, touchpoint=make_touchpoint(customer))
        attempt = Attempt.objects.create(
            invitation=sent, number=1, channel="email", gateway="outbox", started_at=NOON, detail=f"to {canary.email}"
        )
        mail = {"channel": "email", "sender": "a@b.example", "recipient": canary.email, "at": NOON}
        OutboxMessage.objects.create(attempt=attempt, subject=canary.name, text=f"Hello {canary.name}", **mail)
        take_in("twilio", [message(canary.says("sms"), sender=canary.phone)], NOON)
        case = make_case(make_touchpoint(customer), answers={"why": canary.says("call")})
        CallAttempt.objects.create(case=case, outcome="busy", at=NOON, by=staff, note=canary.says("note"))
        times = {"starts_at": NOON + DAY, "ends_at": NOON + 2 * DAY, "at": NOON, "updated_at": NOON}
        Appointment.objects.create(customer=customer, by=staff, **times)
        Override.objects.create(
            customer=customer, channel="sms", reason=canary.says("reason"), by=staff, at=NOON, ends_at=NOON + DAY
        )
        proof = Proof(wording=canary.says("wish"), shown="Leave me in peace", evidence="invitation 1")
        consent.pause(customer.pk, NOON + DAY, at=NOON, via="link", proof=proof)
        for body in (f'{{"Recipient": "{canary.email}"}}', f"From={quote(canary.phone)}&Body=x"):
            ProviderRequest.objects.create(gateway="postmark", received_at=NOON, body=body, query=quote(canary.email))
        told = f"550 <{canary.email}>: no such user"
        ProviderEvent.objects.create(
            gateway="postmark", key=f"k{canary.number}", status="bounced", at=NOON, received_at=NOON, detail=told
        )
    open_due(NOON)
    for follow_up in FollowUp.objects.select_related("customer"):
        FollowUpNote.objects.create(follow_up=follow_up, at=NOON, text=f"Rang {follow_up.customer.name}")
    notice(NOON + timedelta(minutes=1))


def by_the_house(manager: Client) -> None:
    """What the house makes of it: reports and mails of them, comments, risks, merges, exports, failures, sessions."""
    comments.hear(NOON)
    run = ChurnRun.objects.create(at=NOON, days=90)
    numbered = {canary.number: canary.customer for canary in CANARIES}
    CustomerRisk.objects.bulk_create(
        CustomerRisk(run=run, customer=one, probability=0.5, base=0, reasons=[]) for one in numbered.values()
    )
    propose([Pair(numbered[a].pk, numbered[b].pk, "email", "name") for a, b in (("000", "001"), ("003", "005"))], NOON)
    for canary in CANARIES[:6]:
        other = Customer.objects.create(
            source="till", external_id=canary.order, name=canary.name, created_at=NOON, updated_at=NOON
        )
        merge(other.pk, into=numbered[canary.number].pk, at=NOON, by_id=None, why="The same card")
        manager.get("/admin/contacts/customer/", {"q": canary.name})
        manager.get(f"/admin/customers/{numbered[canary.number].pk}/data/")
    exports.ask(User.objects.get(username="CX manager").pk, "customers", "csv", {}, NOON, EVERYTHING)
    exports.write_waiting(lambda: NOON)
    report = make_scheduled(make_reader(role="CX manager"), report="comments")
    make_due(NOON + 7 * DAY)
    send_waiting(lambda: NOON + 7 * DAY)
    assert OutboxMessage.objects.filter(subject__startswith=report.name).exists()
    for canary in CANARIES:
        error = f"IntegrityError: Key (source, external_id)=(crm, {canary.id}) already exists."
        times = {"started": NOON, "stopped": NOON}
        Task.objects.create(id=canary.number, name="x", func="a.b", success=False, result=error, **times)
        mail = {"next_try_at": NOON, "due_at": NOON + timedelta(minutes=int(canary.number)), "detail": error}
        ReportMail.objects.create(scheduled=report, recipient=User.objects.get(username="ann"), state="failed", **mail)


# --- What is left ---------------------------------------------------------------------------------------------------


@pytest.fixture
def places(tmp_path: Path, settings: Settings) -> list[Path]:
    """The folders in which the installation keeps files, all of this test alone."""
    settings.UPLOADS_FOLDER, settings.EXPORTS_FOLDER = str(tmp_path / "imports"), str(tmp_path / "exports")
    settings.IMPORT_FOLDER, settings.HIGH_WATER_MARK = str(tmp_path / "folder"), str(tmp_path / "mark" / "high_water")
    settings.CHANNEL_GATEWAYS = {"email": "outbox", "sms": "outbox"}
    return [tmp_path]


def files(places: list[Path]) -> list[tuple[str, bytes]]:
    found = [path for place in places for path in sorted(place.rglob("*")) if path.is_file()]
    return [(f"{path.parent.name}/{path.name}", path.read_bytes()) for path in found]


def hits(haystacks: Any, of: list[Canary]) -> set[str]:
    numbers = {canary.number for canary in of}
    return {f"{name}: {sorted(found)[:3]}" for name, text in haystacks if (found := found_in(text) & numbers)}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="is about the file of SQLite")
@pytest.mark.django_db(transaction=True)
def test_what_an_index_keeps_of_deleted_keys_is_gone_after_the_night() -> None:
    deleted = {f"{n:03}" for n in range(0, 400, 2)}
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept (id INTEGER PRIMARY KEY, name TEXT, more TEXT)")
        cursor.execute("CREATE INDEX names ON kept (name)")
        for n in range(400):
            cursor.execute("INSERT INTO kept (name, more) VALUES (%s, %s)", [f"quilla{n:03}00", "y" * (n * 37 % 400)])
        for name in sorted(deleted, reverse=True):
            cursor.execute("DELETE FROM kept WHERE name = %s", [f"quilla{name}00"])
        overwrite()
        assert found_in(*database_files()) & deleted, "or there is nothing to see to"
        write_anew()
        assert found_in(*database_files()) & deleted == set()
        cursor.execute("DROP TABLE kept")


@pytest.mark.django_db(transaction=True)
def test_nobody_who_was_erased_is_found_anywhere(places: list[Path], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    make_endpoint(personal=True)
    manager, staff = client_of("CX manager"), User.objects.create(username="staff")
    by_files()
    by_events()
    by_desks()
    by_messages(staff)
    by_the_house(manager)
    everywhere = {name for name, text in chain(rows(), files(places)) if found_in(text)}
    assert everywhere >= {
        *("Customer", "Identifier", "Touchpoint", "Contact", "ConsentEvent", "Event", "ImportRun", "Override"),
        *("Answer", "Response", "Attempt", "OutboxMessage", "IncomingSms", "CallCase", "CallAttempt", "ProviderEvent"),
        *("ProviderRequest", "FollowUpNote", "WebhookEvent", "Task", "ReportMail", "done/000.csv"),
    }
    assert {"imports", "exports"} <= {name.split("/")[0] for name in everywhere if "/" in name}

    for canary in GONE:
        erase(canary.customer.pk, at=NOON + DAY, via="link")
    by_files_again()
    write_anew()  # as each night: what came again was written down before it was refused
    assert hits(rows(), GONE) == set()
    assert hits(files(places), GONE) == set()
    assert hits((("database", text) for text in database_files()), GONE) == set()
    assert hits([("log", caplog.text.encode())], CANARIES) == set()
    whole = {canary.number for canary in LEFT}
    for model in (Customer, Identifier, IncomingSms, OutboxMessage, ProviderRequest, ConsentEvent):
        kept = (text for _, text in rows(model))
        assert found_in(*kept) == whole, f"all others are there, in {model.__name__} too"
    assert Erased.objects.filter(came_again__gt=0).count() >= len(GONE)
    assert set(OptOut.objects.filter(customer__erased_at=NOON + DAY, channel="").values_list("via", flat=True)) == {
        "link"
    }
    assert found_in(archive(CANARIES[1].customer, NOON)) <= {"001"}


def by_files_again() -> None:
    """Their own systems go on sending them, in every file and event."""
    for subject, columns, cells in (
        ("customers", "external_id,name,email", "{0.id},{0.name},{0.email}"),
        ("customers", "external_id,name,email", "{0.id},{0.name},quilla{0.number}@@canary"),
        ("touchpoints", "external_id,customer,kind,channel,occurred_at", "{0.order},{0.id},a,b,2026-05-01T10:00:00Z"),
        ("contacts", "external_id,customer,at,channel,purpose", "{0.order},{0.id},2026-05-01T10:00:00Z,email,other"),
        ("consents", "external_id,customer,at,said", "{0.order},{0.id},2026-05-01T10:00:00Z,yes"),
        ("responses", "external_id,customer,survey,score,answered_at", "{0.order},{0.id},NPS,3,2026-05-01T10:00:00Z"),
    ):
        bring(subject, "\n".join([columns, *(cells.format(canary) for canary in GONE)]))
    source = EventSource.objects.get(name="crm")
    told = (identify(f"a{canary.number}", userId=canary.id, traits={"email": canary.email}) for canary in GONE)
    take_in_events(source, *told)


@pytest.mark.django_db(transaction=True)
def test_a_backup_brings_back_nobody_who_was_erased_since(places: list[Path]) -> None:
    bring(
        "customers", "external_id,name,email,phone\n" + "".join(f"{c.id},{c.name},{c.email},\n" for c in CANARIES[:4])
    )
    kept = list(Customer.objects.values()), list(Identifier.objects.values())
    for canary in CANARIES[:2]:
        erase(canary.customer.pk, at=NOON + DAY, via="call")
    # What a restored backup has: the people as they were, and no trace of their erasure.
    for table in (OptOut, Erased):
        table.objects.all().delete()
    for customer in kept[0]:
        Customer.objects.update_or_create(pk=customer["id"], defaults=customer)
    for address in kept[1]:
        Identifier.objects.update_or_create(pk=address["id"], defaults=address)
    assert CANARIES[0].customer.name
    consent.bring_back(refusals.journal())
    assert erase_again(NOON + 2 * DAY) == 2
    assert (erase_again(NOON + 2 * DAY), ErasureDue.objects.count()) == (0, 0)
    assert sorted(Customer.objects.exclude(erased_at=None).values_list("pk", flat=True)) == [
        row["id"] for row in kept[0][:2]
    ]
    bring("customers", f"external_id,name\n{CANARIES[0].id},{CANARIES[0].name}\n")
    assert found_in(*(text for _, text in rows())) == {"002", "003"}
