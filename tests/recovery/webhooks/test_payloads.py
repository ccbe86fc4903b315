"""What is sent: as the documentation says, nothing personal unless it was allowed, and nothing of who is erased."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from analytics.models import ChurnRun, CustomerRisk
from contacts import consent
from contacts.models.words import Via
from contacts.proof import Proof
from cxsurvey.erasing import erase
from recovery.models import WebhookAttempt, WebhookEvent
from recovery.own_data import own_data
from recovery.webhooks.noticing import notice, send_test
from recovery.webhooks.payloads import body_of
from surveys.models import Response
from tests.recovery.webhooks.receivers import EVERYTHING, MINUTE, make_endpoint
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON, make_customer, make_touchpoint

pytestmark = pytest.mark.django_db
DOCUMENT = (settings.BASE_DIR / "docs/webhooks.md").read_text()
EXAMPLES = {told["type"]: told for told in map(json.loads, re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL))}
PERSONAL = ("Ada", "Lovelace", "ada@home.example", "+15550107788", "canary")


def everything_happens(**endpoint: Any) -> dict[str, WebhookEvent]:
    """Let each type of event happen to Ada; return the events by type."""
    ada = make_customer(
        name="Ada Lovelace", email="ada@home.example", phone="+15550107788", source="crm", external_id="c-17"
    )
    told = make_endpoint(**endpoint)
    response = make_response(3, "a canary", touchpoint=make_touchpoint(ada), finished_at=NOON)
    consent.opt_out(ada.pk, "sms", at=NOON, via="reply", proof=Proof(wording="canary, stop"))
    run = ChurnRun.objects.create(at=NOON, days=90)
    CustomerRisk.objects.create(run=run, customer=ada, probability=0.41, base=0.0, reasons=[], gone_quiet=True)
    send_test(told, NOON)
    notice(NOON + MINUTE)
    Response.objects.filter(pk=response.pk).update(updated_at=NOON + MINUTE)
    consent.reopen(ada.pk, "sms", at=NOON + MINUTE, via="reply")
    notice(NOON + 2 * MINUTE)
    return {event.type: event for event in WebhookEvent.objects.all()}


def shape(told: Any, path: str = "") -> set[str]:
    """Return the path of every field, with the type of what it holds; null stands for any."""
    if isinstance(told, dict):
        return {one for name, value in told.items() for one in shape(value, f"{path}.{name}")}
    if isinstance(told, list) and told and isinstance(told[0], dict):
        return {one for value in told for one in shape(value, f"{path}[]")}
    return {f"{path}: {type(told).__name__}"}


def test_every_type_of_event_has_an_example_in_the_documentation_that_is_true() -> None:
    events = everything_happens()
    assert set(EXAMPLES) == set(events) == {*EVERYTHING, "webhook.test"}
    for type_, event in events.items():
        assert shape(json.loads(body_of(event, personal=False))) == shape(EXAMPLES[type_]), type_
        assert f"`{type_}`" in DOCUMENT


def test_nothing_personal_is_kept_or_sent_unless_it_was_allowed() -> None:
    for event in everything_happens().values():
        assert event.personal == {}
        assert not [text for text in PERSONAL if text in body_of(event, personal=True).decode()]


def test_what_is_personal_is_sent_where_it_was_allowed() -> None:
    events = everything_happens(personal=True)
    finished = json.loads(body_of(events["response.finished"], personal=True))["data"]
    assert finished["comments"] == [{"question": "reason", "text": "a canary"}]
    assert (finished["customer"]["name"], finished["customer"]["email"]) == ("Ada Lovelace", ["ada@home.example"])
    assert finished["customer"]["phone"] == ["+15550107788"]
    low = json.loads(body_of(events["score.low"], personal=True))["data"]
    assert (low["comments"], low["score"]["number"], low["score"]["low_to"]) == (finished["comments"], 3, 6)
    no = json.loads(body_of(events["customer.opted_out"], personal=True))["data"]
    assert no["opt_out"]["wording"] == "canary, stop"
    for event in events.values():
        assert not [text for text in PERSONAL if text in body_of(event, personal=False).decode()]


def test_a_body_is_the_same_each_time() -> None:
    make_endpoint()
    make_response(3)
    notice(NOON + MINUTE)
    first, again = ([body_of(event, personal=False) for event in WebhookEvent.objects.order_by("pk")] for _ in "12")
    assert first == again


def test_of_who_is_erased_only_our_id_is_left_to_be_told() -> None:
    events = everything_happens(personal=True)
    ada = events["score.low"].customer
    assert ada
    for event in events.values():
        WebhookAttempt.objects.create(delivery=event.deliveries.get(), at=NOON, seconds=1, answer="no canary here")
    erase(ada.pk, at=NOON + timedelta(hours=1), via=Via.LINK)
    notice(NOON + timedelta(hours=1))
    for event in WebhookEvent.objects.filter(customer=ada):
        told = body_of(event, personal=True).decode()
        assert not [text for text in (*PERSONAL, "c-17", "crm") if text in told], told
        assert json.loads(told)["data"]["customer"] == {"id": ada.pk}
    assert set(WebhookAttempt.objects.filter(delivery__event__customer=ada).values_list("answer", flat=True)) == {""}


def test_a_customer_sees_which_systems_were_told() -> None:
    events = everything_happens()
    ada = events["score.low"].customer
    assert ada
    delivery = events["score.low"].deliveries.get()
    delivery.state = "delivered"
    delivery.save()
    [told] = own_data([ada.pk])["told_to_other_systems"]
    expected = {"event__happened_at": NOON, "event__type": "score.low", "endpoint__name": delivery.endpoint.name}
    assert told == expected
