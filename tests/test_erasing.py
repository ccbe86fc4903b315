"""Everything is erased: no text column of any table tells who it was or what she said, and she stays in peace."""

import io
import zlib
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User

from contacts import consent, gate
from contacts.events.people import link
from contacts.import_files import folder, put, rejects_of, upload_of
from contacts.intake import bring_in
from contacts.intake.customers import CUSTOMERS
from contacts.intake.touchpoints import TOUCHPOINTS
from contacts.models import (
    Account,
    ConsentEvent,
    Contact,
    Customer,
    Decision,
    Erased,
    Event,
    Identifier,
    ImportRun,
    OptOut,
    Proposal,
    Touchpoint,
)
from contacts.models.words import Via
from contacts.proof import Proof
from contacts.proposing import Pair, propose
from cxsurvey import uploads
from cxsurvey.erasing import erase
from recovery.models import FollowUp, FollowUpNote
from surveys.answering import open_link
from surveys.history import RESPONSES
from surveys.links import token
from surveys.models import (
    Answer,
    Attempt,
    CallAttempt,
    IncomingSms,
    OutboxMessage,
    ProviderEvent,
    ProviderRequest,
    Response,
)
from tests.contacts.events.senders import identify, make_source, send, track
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON, make_case, make_customer, make_invitation, make_touchpoint

pytestmark = pytest.mark.django_db
CANARIES = ("Zerlina", "zerlina@home.example", "15550107788", "crm-4711", "order-0815", "canary")
DAY = timedelta(days=1)


def make_zerlina(**fields: Any) -> Customer:
    """Return a customer about whom every table knows something."""
    household = Account.objects.create(source="crm", external_id="h1", name="The house")
    values = {"source": "crm", "external_id": "crm-4711", "name": "Zerlina Quux", "account": household}
    values |= {"attributes": {"pet": "canary"}, "language": "de", "country": "NO", "value": 12} | fields
    customer = make_customer(email="zerlina@home.example", phone="+15550107788", **values)
    _write_contacts(customer)
    _write_events(customer)
    _write_messages(customer)
    _write_calls(customer)
    return customer


def _write_contacts(customer: Customer) -> None:
    ada = User.objects.create(username="ada")
    consent.opt_out(customer.pk, "sms", at=NOON, via="reply", proof=Proof(wording="canary: stop"))
    consent.pause(customer.pk, NOON + DAY, at=NOON, via="link")
    gate.override(customer.pk, channel="email", reason="Zerlina asked", ends_at=NOON + DAY, at=NOON, by_id=ada.pk)
    gate.appoint(customer.pk, gate.NamedTime(NOON + DAY, NOON + 2 * DAY), at=NOON, by_id=ada.pk)
    times = {"at": NOON, "recorded_at": NOON, "updated_at": NOON}
    Contact.objects.create(
        customer=customer, channel="email", purpose="other", outcome="delivered", source="crm",
        external_id="order-0815 mail", **times,
    )  # fmt: skip
    Identifier.objects.create(
        customer=customer, type="external", issuer="shop", value="crm-4711", first_seen_at=NOON, last_seen_at=NOON
    )
    told = [{"line": 2, "column": "email", "value": "zerlina@home.example;", "expected": "an address"}]
    other = [{"line": 3, "column": "email", "value": "x", "expected": "an address"}]
    run = {"subject": "customers", "source": "crm", "file_name": "c.csv", "asked_at": NOON}
    rejects = put([b"line,column,value\n2,email,zerlina@home.example;\n"])
    done = ImportRun.objects.create(state="done", rejects=told + other, finished_at=NOON, file=rejects.name, **run)
    upload_of(done).rename(rejects_of(done))
    uploads.preview([b"id,email\n1,Zerlina@home.example\n"], uploads.Asked("customers", "crm", "c.csv"), at=NOON)
    uploads.preview([b"id,email\n2,ben@home.example\n"], uploads.Asked("customers", "crm", "b.csv"), at=NOON)


def _write_events(customer: Customer) -> None:
    source, _ = make_source("crm")
    link(source, {customer.pk: ["a1"]}, NOON)
    send(source, track("m1", userId="crm-4711", properties={"pet": "canary"}), at=NOON)
    send(source, track("m2", userId=None, anonymousId="a1", properties={"pet": "canary"}), at=NOON)
    send(source, identify("m3", userId=None, anonymousId="a2", traits={"email": "Zerlina@home.example"}), at=NOON)
    send(source, track("m4", userId="crm-4712"), at=NOON)


def _write_messages(customer: Customer) -> None:
    visit = make_touchpoint(
        customer, source="crm", external_id="order-0815", reference="order-0815", product="canary cage",
        outcome="canary sold", attributes={"note": "canary"}, value=3,
    )  # fmt: skip
    response = make_response(3, "canary words", call_me=True, touchpoint=visit, attributes={"hidden": {"x": "canary"}})
    Response.objects.filter(pk=response.pk).update(external_id="crm-4711/1")
    follow_up = FollowUp.objects.create(
        response=response, customer=customer, trigger="low_score", opened_at=NOON, due_at=NOON + DAY
    )
    FollowUpNote.objects.create(follow_up=follow_up, at=NOON, text="Rang Zerlina back")
    assert response.invitation
    attempt = Attempt.objects.create(
        invitation=response.invitation, number=1, channel="email", gateway="outbox", reference="m1", started_at=NOON,
        detail="550 zerlina@home.example unknown",
    )  # fmt: skip
    mail = {"channel": "email", "sender": "a@b.example", "recipient": "zerlina@home.example", "at": NOON}
    OutboxMessage.objects.create(attempt=attempt, subject="Zerlina", text="Hello Zerlina", **mail)
    event = {"gateway": "postmark", "status": "bounced", "at": NOON, "received_at": NOON}
    ProviderEvent.objects.create(key="1", attempt=attempt, detail="zerlina@home.example", **event)
    ProviderEvent.objects.create(key="2", detail="no such zerlina@home.example", **event)
    for body in (
        '{"Recipient": "zerlina@home.example"}',
        "From=%2B15550107788&Body=canary",
        "email=zerlina%40home.example",
    ):
        ProviderRequest.objects.create(gateway="postmark", received_at=NOON, body=body)


def _write_calls(customer: Customer) -> None:
    case = make_case(make_touchpoint(customer), answers={"reason": "canary"})
    CallAttempt.objects.create(case=case, outcome="busy", at=NOON, by=User.objects.get(), note="Zerlina's mother")
    sms = {"gateway": "twilio", "sender": "+15550107788", "recipient": "+15550100000", "at": NOON, "received_at": NOON}
    IncomingSms.objects.create(key="1", customer=customer, text="canary", for_person="Zerlina wrote", **sms)
    IncomingSms.objects.create(key="2", text="canary too", **sms)


def traces_left() -> list[str]:
    """Return every stored row in which one of the canaries stands, in any table of any app."""
    found = [f"File: {path.name}" for path in folder().iterdir() if b"erlina" in path.read_bytes()]
    for model in apps.get_models():
        for row in model._base_manager.values():
            text = " ".join(zlib.decompress(v).decode() if isinstance(v, bytes) and v else str(v) for v in row.values())
            found += [f"{model.__name__}: {text}" for canary in CANARIES if canary.casefold() in text.casefold()]
    return found


def test_no_column_of_any_table_tells_who_it_was_or_what_she_said() -> None:
    customer = make_zerlina()
    named = {line.split(":")[0] for line in traces_left()}
    assert {
        "Customer",
        "Answer",
        "Event",
        "OutboxMessage",
        "ProviderRequest",
        "ImportRun",
        "CallAttempt",
        "File",
    } <= named
    erase(customer.pk, at=NOON + DAY, via=Via.LINK)
    assert traces_left() == []
    assert [event.message_id for event in Event.objects.all()] == ["m4"]
    assert list(ImportRun.objects.values_list("state", flat=True).order_by("pk")) == ["done", "cancelled", "previewed"]


def test_what_was_done_can_still_be_accounted_for() -> None:
    customer = make_zerlina()
    before = (Contact.objects.count(), Decision.objects.count(), Touchpoint.objects.count(), Response.objects.count())
    erase(customer.pk, at=NOON + DAY, via=Via.LINK)
    after = (Contact.objects.count(), Decision.objects.count(), Touchpoint.objects.count(), Response.objects.count())
    assert after == before
    assert [answer.number for answer in Answer.objects.order_by("question__position")] == [3, 1]
    assert ImportRun.objects.get(state="done").rejects == [
        {"line": 3, "column": "email", "value": "x", "expected": "an address"}
    ]
    assert FollowUp.objects.get().state == "closed"


def test_nobody_is_asked_any_more_whether_she_is_somebody_else() -> None:
    customer, other, third = make_zerlina(), make_customer(), make_customer()
    pairs = [(customer, other), (third, other)]
    propose((Pair(one.pk, two.pk, "email", "name") for one, two in pairs), NOON)
    erase(customer.pk, at=NOON + DAY, via=Via.LINK)
    assert [(left.first, left.second) for left in Proposal.objects.all()] == [(other, third)]


def test_only_hers_is_erased() -> None:
    other = make_customer(name="Ben", phone="+15550100042")
    told = make_response(2, "Too slow", touchpoint=make_touchpoint(other, reference="A1"))
    erase(make_zerlina().pk, at=NOON + DAY, via=Via.LINK)
    other.refresh_from_db()
    assert (other.name, other.erased_at, other.identifiers.count()) == ("Ben", None, 2)
    assert set(told.answers.values_list("text", flat=True)) == {"", "Too slow"}
    assert not OptOut.objects.filter(customer=other).exists()


def test_every_record_of_the_person_is_emptied() -> None:
    head = make_zerlina()
    merged = make_customer(name="Zerlina Q.", merged_into=head)
    erase(merged.pk, at=NOON + DAY, via=Via.LINK)
    assert traces_left() == []
    assert set(Customer.objects.filter(pk__in=[head.pk, merged.pk]).values_list("erased_at", flat=True)) == {NOON + DAY}


def test_whoever_was_erased_is_never_contacted_and_her_links_are_dead() -> None:
    customer = make_zerlina()
    invitation = make_invitation(customer=customer, touchpoint=None)
    assert open_link(token(invitation), NOON).invitation
    erase(customer.pk, at=NOON, via=Via.LINK)
    assert open_link(token(invitation), NOON).invitation is None
    verdict = gate.eligibility(customer.pk, "email", at=NOON + DAY)
    assert (verdict.decision, "opt-out" in [reason.rule for reason in verdict.reasons]) == ("skip", True)


def test_erasing_twice_is_erasing_once() -> None:
    customer = make_zerlina()
    erase(customer.pk, at=NOON, via=Via.LINK)
    hashes = set(Erased.objects.values_list("hash", flat=True))
    erase(customer.pk, at=NOON + DAY, via=Via.LINK)
    assert set(Erased.objects.values_list("hash", flat=True)) == hashes


def csv(text: str) -> io.BytesIO:
    return io.BytesIO(text.encode())


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        (CUSTOMERS, "external_id,name\ncrm-4711,Zerlina\nnew,Ben\n"),
        (TOUCHPOINTS, "external_id,customer,kind,channel,occurred_at\nt1,crm-4711,visit,shop,2026-05-01T10:00:00Z\n"),
        (RESPONSES, "external_id,customer,survey,score,answered_at\nr1,crm-4711,NPS,9,2026-05-01T10:00:00Z\n"),
    ],
)
def test_a_file_does_not_bring_back_whoever_was_erased(subject: Any, text: str) -> None:
    erase(make_zerlina().pk, at=NOON, via=Via.LINK)
    result = bring_in(subject, csv(text), source="crm", at=NOON + DAY)
    assert [reject.line for reject in result.rejects] == [2]
    assert "Erase it in your system too" in result.rejects[0].expected
    assert not Customer.objects.filter(external_id="crm-4711").exists()


def test_the_address_stays_in_peace_also_under_another_id_until_she_says_otherwise() -> None:
    erase(make_zerlina().pk, at=NOON, via=Via.LINK)
    again = "external_id,email\nnew-1,zerlina@home.example\nnew-2,ben@home.example\n"
    bring_in(CUSTOMERS, csv(again), source="crm", at=NOON + DAY)
    came_back = Customer.objects.get(external_id="new-1")
    refused = OptOut.objects.filter(customer=came_back).values_list("channel", "at", "via")
    assert sorted(refused) == [("", NOON, "link"), ("sms", NOON, "reply")]
    assert set(ConsentEvent.objects.filter(customer=came_back).values_list("said", flat=True)) == {"opt_out"}
    assert not OptOut.objects.filter(customer__external_id="new-2").exists()
    consent.reopen(came_back.pk, "", at=NOON + 2 * DAY, via=Via.LINK)
    bring_in(CUSTOMERS, csv(again), source="crm", at=NOON + 3 * DAY)
    assert not OptOut.objects.filter(customer=came_back, reopened_at=None).exists()


def test_a_sms_of_a_number_that_others_have_too_is_left() -> None:
    customer = make_zerlina()
    make_customer(name="Mother", phone="+15550107788")
    erase(customer.pk, at=NOON, via=Via.LINK)
    assert [sms.text for sms in IncomingSms.objects.order_by("key")] == ["", "canary too"]
