"""The doors of help desks: who gets in, what is stored once, and what it becomes."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from contacts import gate
from contacts.events.applying import apply_waiting
from contacts.events.keys import address_key, close, new_key
from contacts.models import Contact, Customer, Event, EventMeaning, EventSource, Identifier, Touchpoint
from tests.contacts.events.desk_webhooks import (
    SECRET,
    address,
    chat_message,
    conversation,
    make_desk,
    post,
    signed,
    status_changed,
    zammad,
    zendesk_trigger,
)
from tests.contacts.events.senders import make_source, mean, track
from tests.contacts.makers import cap, put_in_force
from tests.staff import client_of

pytestmark = pytest.mark.django_db
BODIES = {"chatwoot": status_changed(), "zendesk": zendesk_trigger(), "zammad": zammad()}
DESKS = sorted(BODIES)


@pytest.fixture
def secrets(settings: Settings) -> None:
    """Tell us the secret of the desk called support."""
    settings.DESK_SECRETS = {"support": ("newer", SECRET)}


def names() -> set[str]:
    return set(Event.objects.filter(type="track").values_list("name", flat=True))


@pytest.mark.parametrize("sender", DESKS)
def test_a_signed_webhook_is_stored_and_sent_again_it_is_the_same(sender: str, secrets: object) -> None:
    desk = make_desk(sender)
    answer = post(desk, BODIES[sender])
    stored = list(Event.objects.order_by("pk").values())
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert {row["state"] for row in stored} == {"waiting"}
    assert names() & {"Conversation Resolved", "Ticket Solved", "Ticket Opened"}
    assert post(desk, BODIES[sender]).status_code == 200
    assert list(Event.objects.order_by("pk").values()) == stored


@pytest.mark.parametrize("sender", DESKS)
@pytest.mark.parametrize("secret", ["", "wrong", SECRET.upper()])
def test_what_another_secret_signed_is_refused(sender: str, secret: str, secrets: object) -> None:
    desk, content = make_desk(sender), json.dumps(BODIES[sender]).encode()
    answer = post(desk, content, signed(desk, content, timezone.now(), secret))
    assert (answer.status_code, Event.objects.count()) == (401, 0)
    assert "a signature with the secret of this source" in answer.json()["message"]


@pytest.mark.parametrize("sender", DESKS)
def test_a_signature_is_that_of_the_body(sender: str, secrets: object) -> None:
    desk, content = make_desk(sender), json.dumps(BODIES[sender]).encode()
    assert post(desk, content + b" ", signed(desk, content, timezone.now())).status_code == 401
    assert post(desk, content, {}).status_code == 401


@pytest.mark.parametrize("sender", ["chatwoot", "zendesk"])
@pytest.mark.parametrize(("minutes", "status"), [(-6, 401), (-4, 200), (4, 200), (6, 401)])
def test_what_was_signed_long_ago_is_refused(sender: str, minutes: int, status: int, secrets: object) -> None:
    desk, content = make_desk(sender), json.dumps(BODIES[sender]).encode()
    at = timezone.now() + timedelta(minutes=minutes)
    answer = post(desk, content, signed(desk, content, at))
    assert answer.status_code == status
    assert status == 200 or "Compare the clocks" in answer.json()["message"]


@pytest.mark.parametrize("stamp", ["", "soon", "99999999999999999999", "-1"])
@pytest.mark.parametrize("sender", ["chatwoot", "zendesk"])
def test_a_time_that_is_none_is_refused(sender: str, stamp: str, secrets: object) -> None:
    desk = make_desk(sender)
    real = signed(desk, b"{}", timezone.now())
    header = next(name for name in real if "Timestamp" in name)
    assert post(desk, b"{}", real | {header: stamp}).status_code == 401


@pytest.mark.parametrize(("sender", "status"), [("chatwoot", 200), ("zendesk", 200), ("zammad", 401)])
def test_without_a_secret_the_address_alone_opens_where_the_desk_chooses_the_secret(sender: str, status: int) -> None:
    desk = make_desk(sender)
    assert post(desk, BODIES[sender], {}).status_code == status
    assert bool(Event.objects.count()) == (status == 200)


def test_nobody_else_gets_in() -> None:
    desk, other = make_desk("chatwoot"), make_desk("chatwoot", "other")
    events, key = make_source("shop")
    wrong = [
        f"/v1/desks/support/{address_key(other)}/",
        f"/v1/desks/support/{'0' * 48}/",
        f"/v1/desks/nobody/{address_key(desk)}/",
        f"/v1/desks/shop/{address_key(events)}/",
        f"/v1/desks/shop/{key}/",
    ]
    sent = [Client().post(one, status_changed(), content_type="application/json").status_code for one in wrong]
    assert sent == [401] * len(wrong)
    assert Client().get(address(desk)).status_code == 405
    close(desk, timezone.now())
    assert post(desk, status_changed()).status_code == 401
    assert not Event.objects.exists()


def test_a_new_key_is_a_new_address_and_a_new_token() -> None:
    desk = make_desk("zammad")
    old, content = address(desk), json.dumps(zammad()).encode()
    headers = signed(desk, content, timezone.now())
    new_key(desk)
    desk.save()
    for where in (old, address(desk)):
        answer = Client().post(where, content, content_type="application/json", headers=headers)
        assert answer.status_code == 401
    assert post(desk, zammad()).status_code == 200


def test_the_key_of_a_desk_opens_no_other_door() -> None:
    desk = make_desk("chatwoot")
    key = new_key(desk)
    desk.save()
    answer = Client().post("/v1/batch", {"writeKey": key, "batch": [track()]}, content_type="application/json")
    assert answer.status_code == 401


@pytest.mark.parametrize("content", [b"[]", b'"text"', b"{", b"", b"null"])
def test_what_is_no_object_is_refused(content: bytes) -> None:
    desk = make_desk("zendesk")
    assert post(desk, content, {}).status_code == 400


def test_what_tells_nothing_is_taken_and_nothing_kept() -> None:
    assert post(make_desk("zendesk"), {"name": "Test webhook"}, {}).status_code == 200
    assert not Event.objects.exists()


def test_a_conversation_becomes_a_touchpoint_of_its_customer() -> None:
    desk = make_desk("chatwoot")
    columns = {"agent": "agent", "team": "team", "reference": "reference", "channel": "channel"}
    mean(desk, "Conversation Resolved", kind="conversation", direction="out", columns=columns)
    post(desk, status_changed())
    assert apply_waiting(timezone.now()) == 2
    chat = Touchpoint.objects.get()
    assert (chat.agent, chat.team, chat.reference, chat.channel) == ("Kim Lee", "Support", "42", "chat")
    assert (chat.direction, chat.attributes["priority"], chat.attributes["custom.plan"]) == ("out", "high", "pro")
    assert (chat.customer.source, chat.customer.external_id, chat.customer.name) == ("support", "17", "Emily Adams")
    found = chat.customer.identifiers.order_by("type").values_list("type", "value", "verified_at")
    assert list(found) == [("email", "emily@example.com", None), ("phone", "+12125550117", None)]


def test_what_agents_send_by_email_counts_in_the_caps() -> None:
    put_in_force(cap(1, "30 days"))
    desk = make_desk("zammad")
    mean(desk, "Agent Email Sent", becomes="message", kind="", channel="email", direction="", purpose="other")
    at = (timezone.now() - timedelta(minutes=1)).isoformat()
    post(desk, zammad({"id": 105, "sender": "Agent", "type": "email", "created_at": at}))
    apply_waiting(timezone.now())
    contact = Contact.objects.get()
    emily = Customer.objects.get()
    assert (contact.customer, contact.channel, contact.purpose, contact.source) == (emily, "email", "other", "support")
    answer = gate.eligibility(emily.pk, "email", at=timezone.now())
    assert (answer.decision, answer.counted) == ("delay", (contact.pk,))


@pytest.mark.parametrize("vouches", [True, False])
def test_what_a_desk_calls_verified_is_believed_where_somebody_said_so(vouches: bool) -> None:
    desk = make_desk("chatwoot", ids_of="crm", vouches=vouches)
    post(desk, conversation(event="conversation_created", meta=conversation()["meta"] | {"hmac_verified": True}))
    post(desk, chat_message(id=7))
    apply_waiting(timezone.now())
    found = {(one.type, one.issuer, one.value): one for one in Identifier.objects.all()}
    verified = {key for key, one in found.items() if one.verified_at}
    assert ("external", "crm", "c-17") in found
    proven = {("email", "", "emily@example.com"), ("external", "crm", "c-17")}
    assert verified == (proven if vouches else set())
    assert {found[key].verified_by for key in verified} <= {"support"}


def test_a_manager_sets_a_desk_up_by_its_page(settings: Settings) -> None:
    settings.SITE_URL = "https://ask.example.com"
    manager = client_of("CX manager")
    told = {"name": "support", "sender": "zammad", "ids_of": "", "vouches": ""}
    page = manager.post(reverse("admin:contacts_eventsource_add"), told, follow=True).content.decode()
    desk = EventSource.objects.get()
    assert f"https://ask.example.com{address(desk)}" in page
    assert "Signatures are checked." in page
    assert post(desk, zammad()).status_code == 200
    apply_waiting(timezone.now())
    saying = manager.get(
        reverse("admin:contacts_eventmeaning_add", query={"source": desk.pk, "name": "Agent Email Sent"})
    ).content.decode()
    assert '<option value="message" selected>' in saying
    assert not EventMeaning.objects.exists()


def test_the_page_says_whose_signatures_are_not_checked(settings: Settings) -> None:
    manager, desk = client_of("CX manager"), make_desk("zendesk")
    url = reverse("admin:contacts_eventsource_change", args=[desk.pk])
    page = manager.get(url).content.decode()
    assert "Signatures are not checked yet" in page
    assert "{{ticket.requester.external_id}}" in page
    settings.DESK_SECRETS = {"support": ("x",)}
    assert "Signatures are checked." in manager.get(url).content.decode()
    assert SECRET not in page


def test_nothing_of_the_keys_of_desks_is_in_the_database() -> None:
    desk = make_desk("zammad")
    assert address_key(desk) not in json.dumps(list(EventSource.objects.values()), default=str)


def test_every_part_of_a_request_may_be_anything(secrets: object) -> None:
    """No shape of a body is an error of ours."""
    shapes: list[Any] = [None, 7, True, "x", [], [1], {}, {"id": {}}, {"id": [], "channel": 3}]
    for sender, body in BODIES.items():
        desk = make_desk(sender, f"{sender}-desk")
        for key in body:
            for shape in shapes:
                assert post(desk, body | {key: shape}).status_code == 200
