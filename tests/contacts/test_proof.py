"""What customers said about being contacted is kept with what proves it, and nobody changes it."""

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from contacts import consent, gate
from contacts.intake import import_consents
from contacts.models import ConsentEvent, Customer, OptOut
from contacts.proof import Proof
from surveys.links import token
from surveys.replying import take_in as text_in
from tests.contacts.events.senders import make_source, mean, take_in, track
from tests.staff import client_of
from tests.surveys.makers import NOON, make_customer, make_invitation
from tests.surveys.texting import ask_by_sms, message

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
HEADER = "external_id,customer,at,said,channel,shown,version,language,wording\n"


@pytest.fixture
def ada() -> Customer:
    return make_customer(source="crm", external_id="c1", name="Ada", phone="+4740612345")


def said(customer: Customer) -> list[tuple[str, str, str]]:
    events = ConsentEvent.objects.filter(customer=customer).order_by("at", "pk")
    return list(events.values_list("said", "channel", "via"))


def bring(text: str) -> tuple[int, int, list[str]]:
    result = import_consents(io.BytesIO((HEADER + text).encode()), source="crm", at=NOON + 9 * DAY)
    return result.created, result.unchanged, [reject.expected for reject in result.rejects]


def test_a_tap_behind_the_link_is_kept_with_the_text_that_stood_there(client: Client) -> None:
    invitation = make_invitation(due_at=timezone.now(), sent_at=timezone.now(), state="sent")
    link = f"/s/{token(invitation)}"
    client.post(f"{link}/unsubscribe", {"channel": "email"})
    client.post(f"{link}/less", {"days": "90"})
    client.post(f"{link}/you/resume")
    events = list(ConsentEvent.objects.order_by("pk"))
    assert [event.said for event in events] == ["opt_out", "wish", "opt_in", "withdrawn"]
    first, wish = events[:2]
    assert first.shown.endswith("It works at once. No more emails")
    assert (wish.shown, wish.asked) == ("At most once in 90 days", {"once_in_days": 90})
    assert {event.evidence for event in events} == {f"invitation {invitation.pk}"}
    assert {(event.language, event.version) for event in events} == {("en", str(invitation.version))}


def test_an_sms_is_kept_as_its_own_proof() -> None:
    customer = ask_by_sms().customer
    text_in("twilio", [message("STOP texting me"), message("START", NOON + DAY)], NOON + DAY)
    stop, start = ConsentEvent.objects.filter(customer=customer).order_by("pk")
    assert (stop.said, stop.wording, stop.evidence.startswith("SMS ")) == ("opt_out", "STOP texting me", True)
    assert (start.said, start.channel, start.recorded_at) == ("opt_in", "sms", NOON + DAY)


def test_what_staff_record_names_them_and_stands_on_the_customers_page(ada: Customer) -> None:
    manager = client_of("CX manager")
    manager.post(f"/admin/customers/{ada.pk}/opt-out/", {"channel": "sms", "via": "call", "wording": "Enough."})
    event = ConsentEvent.objects.get()
    assert (event.wording, event.by and event.by.username) == ("Enough.", "CX manager")
    shown = manager.get(f"/admin/customers/{ada.pk}/").content.decode()
    assert "Said “Enough.”; Call; recorded by CX manager" in shown


@pytest.mark.parametrize(
    "act",
    [
        lambda: ConsentEvent.objects.update(wording="Yes"),
        lambda: ConsentEvent.objects.all().delete(),
        lambda: Customer.objects.all().delete(),
    ],
)
def test_nobody_changes_it_or_takes_it_away(ada: Customer, act: Callable[[], object]) -> None:
    consent.opt_out(ada.pk, "", at=NOON, via="link", proof=Proof(wording="No"))
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        act()
    assert ConsentEvent.objects.get().wording == "No"


def test_a_no_said_twice_is_kept_once_and_her_own_word_beside_that_of_staff(ada: Customer) -> None:
    for via in ("staff", "staff", "link", "reply"):
        consent.opt_out(ada.pk, "email", at=NOON, via=via)
    assert said(ada) == [("opt_out", "email", "staff"), ("opt_out", "email", "link")]


def test_consents_come_by_file_once_with_what_proves_them(ada: Customer) -> None:
    rows = (
        "k1,c1,2026-05-01T10:00:00Z,no,email,,,,Stop it\n"
        "k2,c1,2026-05-02T10:00:00Z,subscribed,email,I agree to be asked.,form 3,de,\n"
        "k3,nobody,2026-05-02T10:00:00Z,yes,,,,,\n"
    )
    created, unchanged, refused = bring(rows)
    assert (created, unchanged, len(refused)) == (2, 0, 1)
    assert "import the customers first" in refused[0]
    assert said(ada) == [("opt_out", "email", "import"), ("opt_in", "email", "import")]
    yes = ConsentEvent.objects.get(said="opt_in")
    assert (yes.shown, yes.version, yes.language, yes.source) == ("I agree to be asked.", "form 3", "de", "crm")
    assert not OptOut.objects.filter(reopened_at=None).exists()
    assert bring(rows)[:2] == (0, 2)


def test_no_file_takes_back_what_she_said_in_person_nor_what_is_newer(ada: Customer) -> None:
    consent.opt_out(ada.pk, "", at=NOON, via="link")
    created, _, refused = bring("k1,c1,2026-05-13T10:00:00Z,yes,,,,,\nk2,c1,2026-05-01T10:00:00Z,yes,,,,,\n")
    assert created == 1
    assert [text.partition(":")[2] for text in refused] == [
        " she said no here in person, and only she can take it back"
    ]
    assert gate.eligibility(ada.pk, "email", at=NOON + DAY).decision == "skip"
    assert said(ada) == [("opt_in", "", "import"), ("opt_out", "", "link")]


def test_an_event_may_mean_a_no(ada: Customer) -> None:
    source, _ = make_source("crm")
    mean(source, "Unsubscribed", becomes="opt_out", kind="", channel="email", direction="", columns={"why": "wording"})
    [event] = take_in(source, track("m1", event="Unsubscribed", userId="c1", properties={"why": "Too many"}))
    assert (event.state, event.detail) == ("applied", "")
    kept = ConsentEvent.objects.get(customer=ada)
    assert (kept.channel, kept.wording, kept.source) == ("email", "Too many", "crm")
    assert OptOut.objects.get(customer=ada).channel == "email"
