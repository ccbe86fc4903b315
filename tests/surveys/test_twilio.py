"""Invitations by an HTTP gateway, from the table to the provider and back by our own door."""

from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.test import Client
from pytest_django import Settings
from twilio.request_validator import RequestValidator

from contacts.models import Contact
from contacts.models.words import Outcome
from surveys.delivery import deliver
from surveys.links import url
from surveys.models import Attempt, Invitation, ProviderEvent
from surveys.unknowns import settle_unknown
from tests.surveys.makers import NOON, make_customer, make_invitation
from tests.surveys.provider import Provider, provider

State = Invitation.State


@pytest.fixture
def twilio(db: None, settings: Settings) -> Iterator[Provider]:
    with provider() as it:
        settings.SITE_URL = "https://ask.example.com"
        settings.CHANNEL_GATEWAYS = {"sms": "twilio"}
        settings.TWILIO_URL, settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKENS = it.url, "AC1", ["secret"]
        it.says(201, {"sid": "SM1", "status": "queued"})
        yield it


@pytest.fixture
def invitation(twilio: Provider) -> Invitation:
    return make_invitation(customer=make_customer(phone="+12025550123"), channel="sms")


def calls_back(client: Client, callback: str, status: str, **more: str) -> int:
    """Call the address that the provider was given, signed as the provider's own library signs."""
    form = {"MessageSid": "SM1", "MessageStatus": status} | more
    signature = RequestValidator("secret").compute_signature(callback, form)
    where = urlsplit(callback)
    kind = "application/x-www-form-urlencoded"
    headers = {"X-Twilio-Signature": signature}
    done = client.post(f"{where.path}?{where.query}", urlencode(form), content_type=kind, headers=headers)
    return done.status_code


def test_what_was_sent_is_said_to_have_arrived_by_the_address_that_went_with_it(
    client: Client, twilio: Provider, invitation: Invitation
) -> None:
    assert deliver(NOON).sent == 1
    (asked,) = twilio.asked
    assert asked.form["Body"].endswith(url(invitation))
    callback = asked.form["StatusCallback"]
    assert dict(parse_qsl(urlsplit(callback).query)) == {"ref": Attempt.objects.get().our_reference}
    assert [calls_back(client, callback, status) for status in ("delivered", "sent", "delivered")] == [200, 200, 200]
    assert Attempt.objects.get().delivery == "delivered"
    assert Contact.objects.get().outcome == Outcome.DELIVERED
    assert ProviderEvent.objects.count() == 2


def test_a_callback_that_is_not_signed_changes_nothing(
    client: Client, twilio: Provider, invitation: Invitation, settings: Settings
) -> None:
    deliver(NOON)
    settings.TWILIO_AUTH_TOKENS = ["another"]
    assert calls_back(client, twilio.asked[0].form["StatusCallback"], "delivered") == 403
    assert client.post("/hooks/twilio/", {"MessageSid": "SM1", "MessageStatus": "delivered"}).status_code == 403
    assert client.get("/hooks/twilio/").status_code == 405
    assert Attempt.objects.get().delivery == ""


def test_a_message_whose_answer_was_lost_is_found_at_the_provider(twilio: Provider, invitation: Invitation) -> None:
    twilio.drop = True
    assert deliver(NOON).unknown == 1
    twilio.drop = False
    lists(twilio, body=twilio.asked[0].form["Body"])
    settle_unknown(NOON + timedelta(minutes=10))
    assert Invitation.objects.get().state == State.SENT
    assert Attempt.objects.get().reference == "SM7"


def test_a_message_that_the_provider_never_got_goes_out_once_it_is_known(
    twilio: Provider, invitation: Invitation
) -> None:
    twilio.drop = True
    deliver(NOON)
    twilio.drop = False
    lists(twilio, body="Something else.")
    later = NOON + timedelta(minutes=10)
    settle_unknown(later)
    assert Invitation.objects.get().state == State.PLANNED
    twilio.says(201, {"sid": "SM8", "status": "queued"})
    assert deliver(later).sent == 1
    assert [asked.form["StatusCallback"][-1] for asked in twilio.asked if asked.method == "POST"] == ["1", "2"]


def test_whose_address_was_erased_is_nobodys_to_look_up(twilio: Provider, invitation: Invitation) -> None:
    twilio.drop = True
    deliver(NOON)
    Invitation.objects.update(address=None)
    assert settle_unknown(NOON + timedelta(minutes=10)).left == 1
    assert "erased" in Attempt.objects.get().detail
    assert len(twilio.asked) == 1


def lists(twilio: Provider, *, body: str) -> None:
    row = {"sid": "SM7", "body": body, "direction": "outbound-api", "status": "sent"}
    row |= {"date_created": format_datetime(NOON + timedelta(seconds=1))}
    twilio.says(200, {"messages": [row]}, Date=format_datetime(NOON + timedelta(minutes=10), usegmt=True))
