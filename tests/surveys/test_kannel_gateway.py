"""The gateway to Kannel against a server on loopback, for what a real one says only when it is in trouble."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from pytest_django import Settings

from surveys.channels import http
from surveys.channels.base import Certainty, ChannelError, FateUnknownError, Message, Sent
from surveys.channels.gateways import GATEWAYS
from tests.surveys.makers import NOON
from tests.surveys.provider import Provider, closed_port, provider

gateway = GATEWAYS["kannel"]
MESSAGE = Message(
    attempt_id=1,
    reference="invitation-1-attempt-1",
    channel="sms",
    sender_name="",
    sender="40404",
    recipient="+12025550123",
    text="9 €?",
    at=NOON,
)


@pytest.fixture
def smsbox(settings: Settings) -> Iterator[Provider]:
    with provider() as it:
        settings.SITE_URL = "https://ask.example.com"
        settings.KANNEL_URL = f"{it.url}/cgi-bin/sendsms"
        settings.KANNEL_USERNAME, settings.KANNEL_PASSWORD = "cx", "top-secret"
        settings.KANNEL_HOOK_TOKENS = ["a b&c%d", "old"]
        it.says(202, "0: Accepted for delivery")
        yield it


@pytest.mark.parametrize(("text", "coding"), [("9 €?", "0"), ("Как было?", "2"), ("9️⃣", "2")])
def test_a_message_is_handed_over_with_an_address_for_the_reports(smsbox: Provider, text: str, coding: str) -> None:
    assert gateway.send(replace(MESSAGE, text=text)) == Sent()
    (asked,) = smsbox.asked
    assert (asked.method, asked.path) == ("GET", "/cgi-bin/sendsms")
    assert asked.query == {
        "username": "cx",
        "password": "top-secret",
        "from": "40404",
        "to": "+12025550123",
        "text": text,
        "charset": "UTF-8",
        "coding": coding,
        "dlr-mask": "31",
        "dlr-url": "https://ask.example.com/hooks/kannel/?token=a+b%%26c%%25d&ref=invitation-1-attempt-1"
        "&state=%d&reason=%A&at=%T",
    }


@pytest.mark.parametrize(
    ("status", "body", "permanent", "wait"),
    [
        (503, "Temporal failure, try again later.", False, http.A_MOMENT),
        (403, "Authorization failed for sendsms", False, http.UNTIL_MENDED),
        (404, "Unknown request.", False, http.UNTIL_MENDED),
        (302, "", False, http.UNTIL_MENDED),
        (403, "Not routable. Do not try again.", True, None),
        (400, "Empty receiver number not allowed, rejected", True, None),
    ],
)
def test_what_a_refusal_means(
    smsbox: Provider, status: int, body: str, permanent: bool, wait: timedelta | None
) -> None:
    smsbox.says(status, body)
    with pytest.raises(ChannelError) as caught:
        gateway.send(MESSAGE)
    assert str(caught.value) == f"{status} {body}".strip()
    assert (caught.value.permanent, caught.value.bad_address, caught.value.busy_for) == (permanent, False, wait)


def test_a_failure_inside_leaves_the_fate_unknown(smsbox: Provider) -> None:
    assert gateway.certainty == Certainty.BLIND
    smsbox.says(500, "Sending failed.")
    with pytest.raises(FateUnknownError, match="500 Sending failed"):
        gateway.send(MESSAGE)
    with pytest.raises(FateUnknownError, match="Nobody can be asked what became of invitation-1-attempt-1"):
        gateway.look_up(MESSAGE)


def test_no_error_tells_the_password_or_the_number(smsbox: Provider, settings: Settings) -> None:
    smsbox.drop = True
    told = []
    for address in (settings.KANNEL_URL, f"http://127.0.0.1:{closed_port()}/cgi-bin/sendsms"):
        settings.KANNEL_URL = address
        with pytest.raises((ChannelError, FateUnknownError)) as caught:
            gateway.send(MESSAGE)
        told.append(str(caught.value))
    assert "no whole answer" in told[0]
    assert "Connection refused" in told[1]
    assert not [text for text in told if "secret" in text or "2025550123" in text]
