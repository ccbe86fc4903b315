"""The HTTP gateway against a provider's server on loopback, which is the judge of what was handed over."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from pytest_django import Settings

from surveys.channels import http
from surveys.channels.base import Certainty, ChannelError, FateUnknownError, Message, Sent
from surveys.channels.gateways import GATEWAYS
from tests.surveys.makers import NOON
from tests.surveys.provider import Provider, closed_port, provider

LINK = "https://ask.example.com/s/1-3cPq0123456789abcdefghiJ"
gateway = GATEWAYS["twilio"]


@pytest.fixture
def twilio(settings: Settings) -> Iterator[Provider]:
    """A provider of the common form that takes every message."""
    with provider() as it:
        settings.SITE_URL = "https://ask.example.com"
        settings.TWILIO_URL = it.url
        settings.TWILIO_ACCOUNT_SID = "AC1"
        settings.TWILIO_AUTH_TOKENS = ["new", "old"]
        settings.TWILIO_MESSAGING_SERVICE = ""
        it.says(201, {"sid": "SM1", "status": "queued"})
        yield it


def message(text: str = f"Как было? {LINK}", at: datetime = NOON) -> Message:
    return Message(
        attempt_id=1,
        reference="invitation-1-attempt-1",
        channel="sms",
        sender_name="",
        sender="+12025550100",
        recipient="+12025550123",
        text=text,
        at=at,
    )


def refusal(status: int, told: Any = None, *, by: Provider, **headers: str) -> ChannelError:
    by.says(status, told, **headers)
    with pytest.raises(ChannelError) as caught:
        gateway.send(message())
    return caught.value


def test_a_message_is_handed_over_with_our_reference_for_the_callback(twilio: Provider) -> None:
    assert gateway.send(message()) == Sent(reference="SM1")
    (asked,) = twilio.asked
    assert (asked.method, asked.path) == ("POST", "/2010-04-01/Accounts/AC1/Messages.json")
    assert asked.headers["Authorization"] == f"Basic {b64encode(b'AC1:new').decode()}"
    assert asked.form == {
        "To": "+12025550123",
        "From": "+12025550100",
        "Body": f"Как было? {LINK}",
        "StatusCallback": "https://ask.example.com/hooks/twilio/?ref=invitation-1-attempt-1",
    }


def test_a_messaging_service_chooses_the_sender(twilio: Provider, settings: Settings) -> None:
    settings.TWILIO_MESSAGING_SERVICE = "MG1"
    gateway.send(message())
    assert twilio.asked[0].form["MessagingServiceSid"] == "MG1"
    assert "From" not in twilio.asked[0].form


@pytest.mark.parametrize("code", [21211, 21614, 21635])
def test_a_number_that_takes_no_sms_is_closed(twilio: Provider, code: int) -> None:
    error = refusal(400, {"code": code, "message": "The 'To' number"}, by=twilio)
    assert (error.permanent, error.bad_address, error.opted_out) == (True, True, False)
    assert str(error) == f"{code} The 'To' number"


def test_whoever_said_stop_at_the_provider_has_opted_out_and_keeps_the_number(twilio: Provider) -> None:
    error = refusal(400, {"code": 21610, "message": "Attempt to send to unsubscribed recipient"}, by=twilio)
    assert (error.permanent, error.bad_address, error.opted_out, error.busy_for) == (True, False, True, None)


@pytest.mark.parametrize("code", [21612, 21617])
def test_what_is_about_this_message_is_refused_for_good(twilio: Provider, code: int) -> None:
    error = refusal(400, {"code": code, "message": "No"}, by=twilio)
    assert (error.permanent, error.bad_address, error.opted_out) == (True, False, False)


@pytest.mark.parametrize(
    ("status", "told", "wait"),
    [
        (400, {"code": 21606, "message": "The 'From' phone number"}, None),
        (400, {"code": 21408, "message": "Permission to send"}, None),
        (400, {"code": "what", "message": "?"}, None),
        (401, {"code": 20003, "message": "Authenticate"}, http.UNTIL_MENDED),
        (403, {"code": 20005, "message": "Account not active"}, http.UNTIL_MENDED),
        (404, "<html>Not Found</html>", http.UNTIL_MENDED),
    ],
)
def test_what_an_operator_can_mend_costs_nobody_the_invitation(
    twilio: Provider, status: int, told: Any, wait: timedelta | None
) -> None:
    error = refusal(status, told, by=twilio)
    assert (error.permanent, error.bad_address, error.busy_for) == (False, False, wait)


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (429, {"Retry_After": "7"}, timedelta(seconds=7)),
        (503, {"Retry_After": "120"}, timedelta(minutes=2)),
        (429, {}, http.A_MOMENT),
        (429, {"Retry_After": "soon"}, http.A_MOMENT),
        (429, {"Retry_After": "0"}, http.SHORTEST),
        (503, {"Retry_After": "9" * 400}, http.LONGEST),
        (503, {"Retry_After": format_datetime(NOON + timedelta(minutes=3), usegmt=True)}, timedelta(minutes=3)),
        (503, {"Retry_After": format_datetime(NOON - timedelta(minutes=3), usegmt=True)}, http.SHORTEST),
        (
            429,
            {
                "Retry_After": format_datetime(NOON + timedelta(minutes=3), usegmt=True),
                "Date": format_datetime(NOON + timedelta(minutes=2), usegmt=True),
            },
            timedelta(minutes=1),
        ),
    ],
)
def test_a_busy_provider_is_left_alone_as_long_as_it_asks(
    twilio: Provider, status: int, headers: dict[str, str], wait: timedelta
) -> None:
    error = refusal(status, {"code": 20429, "message": "Too many"}, by=twilio, **headers)
    assert (error.permanent, error.busy_for) == (False, wait)


def test_an_answer_that_leads_elsewhere_is_not_followed(twilio: Provider) -> None:
    error = refusal(302, by=twilio, Location="/elsewhere")
    assert (error.permanent, error.busy_for) == (False, http.UNTIL_MENDED)
    assert len(twilio.asked) == 1


def test_no_connection_means_that_nothing_was_sent(settings: Settings, twilio: Provider) -> None:
    for address in (f"http://127.0.0.1:{closed_port()}", "http://nowhere.invalid"):
        settings.TWILIO_URL = address
        with pytest.raises(ChannelError, match="No connection to the gateway") as caught:
            gateway.send(message())
        assert (caught.value.permanent, caught.value.busy_for) == (False, http.A_MOMENT)


def test_an_answer_that_does_not_come_leaves_the_fate_unknown(
    twilio: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    twilio.drop = True
    with pytest.raises(FateUnknownError, match="no whole answer"):
        gateway.send(message())
    twilio.drop, twilio.slow = False, 1
    monkeypatch.setattr(http, "TIMEOUT", (1, 0.2))
    with pytest.raises(FateUnknownError, match="ReadTimeout"):
        gateway.send(message())
    assert [asked.method for asked in twilio.asked] == ["POST", "POST"]


@pytest.mark.parametrize(("status", "told"), [(500, "oops"), (502, ""), (504, ""), (200, "<html>"), (201, {"a": 1})])
def test_an_answer_that_does_not_tell_leaves_the_fate_unknown(twilio: Provider, status: int, told: Any) -> None:
    twilio.says(status, told)
    with pytest.raises(FateUnknownError):
        gateway.send(message())


# --- Looking up ---------------------------------------------------------------------------------------------


def row(minutes: float, body: str = f"Как было {LINK}", **fields: str) -> dict[str, str]:
    """A message as the provider lists it, made so long after NOON."""
    created = format_datetime(NOON + timedelta(minutes=minutes))
    return {"sid": "SM7", "body": body, "direction": "outbound-api", "status": "sent", "date_created": created} | fields


def lists(it: Provider, *rows: object, minutes: float = 10) -> None:
    it.says(200, {"messages": rows}, Date=format_datetime(NOON + timedelta(minutes=minutes), usegmt=True))


def test_a_message_is_found_by_its_link_whatever_the_provider_did_to_the_words(twilio: Provider) -> None:
    assert gateway.certainty == Certainty.LOOK_UP
    lists(twilio, row(1, "Another text", sid="SM8"), row(0.1, f"Sent from your trial account - Как было {LINK}"))
    assert gateway.look_up(message()) == Sent(reference="SM7")
    (asked,) = twilio.asked
    assert (asked.method, asked.query["To"]) == ("GET", "+12025550123")


def test_what_has_arrived_is_found_as_arrived(twilio: Provider) -> None:
    lists(twilio, row(0.1, status="delivered"))
    assert gateway.look_up(message()) == Sent(reference="SM7", delivered=True)


def test_a_message_without_a_link_is_found_by_its_words(twilio: Provider) -> None:
    lists(twilio, row(0.1, "Thanks."))
    assert gateway.look_up(message("Thanks.")) == Sent(reference="SM7")


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [row(-60)],  # an earlier one with the same link
        [row(0.1, direction="inbound")],  # the customer sent our text back
        [row(0.1, f"{LINK[:-1]}K")],
        [row(-60, "")],
    ],
)
def test_a_message_that_is_not_listed_was_not_taken(twilio: Provider, rows: list[object]) -> None:
    lists(twilio, *rows)
    assert gateway.look_up(message()) is None


@pytest.mark.parametrize(
    ("rows", "minutes", "why"),
    [
        ([], 2, "on its way"),
        ([row(0.1, "")], 10, "hides the texts"),
        ([row(0.1, "Others")] * 100, 10, "too many"),
        ([{"sid": "SM7"}], 10, "cannot be read"),
        (["?"], 10, "cannot be read"),
    ],
)
def test_what_the_list_does_not_settle_stays_unknown(
    twilio: Provider, rows: list[object], minutes: float, why: str
) -> None:
    lists(twilio, *rows, minutes=minutes)
    with pytest.raises(FateUnknownError, match=why):
        gateway.look_up(message())


@pytest.mark.parametrize(("status", "told"), [(401, {"code": 20003}), (500, "oops"), (404, ""), (200, "<html>")])
def test_a_provider_that_gives_no_list_settles_nothing(twilio: Provider, status: int, told: Any) -> None:
    twilio.says(status, told)
    with pytest.raises(FateUnknownError):
        gateway.look_up(message())


def test_a_provider_that_cannot_be_reached_settles_nothing(twilio: Provider, settings: Settings) -> None:
    settings.TWILIO_URL = f"http://127.0.0.1:{closed_port()}"
    with pytest.raises(FateUnknownError, match="No connection"):
        gateway.look_up(message())
