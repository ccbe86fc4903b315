"""Email by a provider's interface: what is handed over, and what each answer means."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import unquote_plus

import pytest
from pytest_django import Settings

from surveys.channels.base import Certainty, ChannelError, FateUnknownError, Sent
from surveys.channels.gateways import GATEWAYS
from surveys.channels.return_path import reference
from tests.surveys.mail_server import free_port
from tests.surveys.provider_server import FakeProvider, provider_server
from tests.surveys.test_email import MESSAGE

ACCEPTED = {"ErrorCode": 0, "Message": "OK", "MessageID": "guid-1", "To": "ada@example.com"}
ANSWERS = {
    "brevo": {"messageId": "id-1"},
    "mailgun": {"id": "<id-1>", "message": "Queued. Thank you."},
    "mailjet": {"Messages": [{"Status": "success", "To": [{"Email": "ada@example.com", "MessageID": 1}]}]},
    "mailtrap": {"success": True, "message_ids": ["id-1"]},
    "mandrill": [{"email": "ada@example.com", "status": "sent", "_id": "id-1"}],
    "postmark": ACCEPTED,
    "resend": {"id": "id-1"},
    "sparkpost": {"results": {"total_accepted_recipients": 1, "total_rejected_recipients": 0, "id": "id-1"}},
}


@pytest.fixture
def provider(settings: Settings) -> Iterator[FakeProvider]:
    with provider_server() as server:
        settings.ANYMAIL = {"REQUESTS_TIMEOUT": 20}
        for name in ANSWERS:
            settings.ANYMAIL[f"{name.upper()}_API_URL"] = server.url
        for name in ("BREVO_API_KEY", "MAILGUN_API_KEY", "MAILJET_API_KEY", "MAILJET_SECRET_KEY", "MAILTRAP_API_TOKEN"):
            settings.ANYMAIL[name] = "secret"
        for name in ("MANDRILL_API_KEY", "POSTMARK_SERVER_TOKEN", "RESEND_API_KEY", "SPARKPOST_API_KEY"):
            settings.ANYMAIL[name] = "secret"
        server.answer = ACCEPTED
        yield server


def refused(gateway: str = "postmark") -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        GATEWAYS[gateway].send(MESSAGE)
    return caught.value


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_each_provider_gets_the_mail_with_our_name_for_it(provider: FakeProvider, name: str) -> None:
    provider.answer = ANSWERS[name]
    assert GATEWAYS[name].send(MESSAGE).reference
    [call] = provider.calls
    heard = unquote_plus(str(call.body))
    for text in (MESSAGE.recipient, MESSAGE.reference, MESSAGE.unsubscribe, "List-Unsubscribe=One-Click"):
        assert text in heard


def test_what_postmark_gets(provider: FakeProvider) -> None:
    assert GATEWAYS["postmark"].send(MESSAGE) == Sent(reference="guid-1")
    [call] = provider.calls
    assert call.headers["X-Postmark-Server-Token"] == "secret"
    assert call.body["Metadata"] == {"reference": MESSAGE.reference}
    assert (call.body["TrackOpens"], call.body["TrackLinks"]) == (False, "None")
    headers = {header["Name"]: header["Value"] for header in call.body["Headers"]}
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert reference(headers["Message-ID"]) == MESSAGE.reference
    assert (call.body["TextBody"], call.body["HtmlBody"]) == (MESSAGE.text, MESSAGE.html)


@pytest.mark.parametrize(
    ("status", "answer", "bad_address"),
    [
        (422, {"ErrorCode": 300, "Message": "Invalid 'To' address: 'ada@example.com'."}, True),
        (
            422,
            {
                "ErrorCode": 406,
                "Message": "Found inactive addresses: ada@example.com. Inactive recipients are ones that bounced.",
            },
            False,
        ),
    ],
)
def test_a_recipient_whom_the_provider_does_not_serve_is_refused_for_good(
    provider: FakeProvider, status: int, answer: dict[str, object], bad_address: bool
) -> None:
    provider.status, provider.answer = status, answer
    error = refused()
    assert (error.permanent, error.bad_address) == (True, bad_address)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 422])
def test_what_may_be_ours_to_mend_is_tried_again(provider: FakeProvider, status: int) -> None:
    provider.status, provider.answer = status, {"ErrorCode": 400, "Message": "Sender signature not found."}
    error = refused()
    assert (error.permanent, error.bad_address, error.busy_for) == (False, False, None)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("headers", "busy_for"),
    [
        ({}, timedelta(minutes=1)),
        ({"Retry-After": "90"}, timedelta(seconds=90)),
        ({"Retry-After": "0"}, timedelta(seconds=1)),
        ({"Retry-After": "soon"}, timedelta(minutes=1)),
        ({"Retry-After": "7200"}, timedelta(hours=2)),
        ({"Retry-After": "9" * 30}, timedelta(days=1)),
        (
            {"Date": "Tue, 05 May 2026 12:00:00 GMT", "Retry-After": "Tue, 05 May 2026 12:02:00 GMT"},
            timedelta(minutes=2),
        ),
        (
            {"Date": "Tue, 05 May 2026 12:00:00 GMT", "Retry-After": "Tue, 05 May 2026 11:00:00 GMT"},
            timedelta(seconds=1),
        ),
    ],
)
def test_a_provider_that_asks_for_patience_gets_it(
    provider: FakeProvider, status: int, headers: dict[str, str], busy_for: timedelta
) -> None:
    provider.status, provider.headers = status, headers
    error = refused()
    assert (error.permanent, error.busy_for) == (False, busy_for)


@pytest.mark.parametrize("status", [408, 409, 500, 502, 504])
def test_a_provider_that_broke_may_have_taken_it(provider: FakeProvider, status: int) -> None:
    provider.status = status
    with pytest.raises(FateUnknownError):
        GATEWAYS["postmark"].send(MESSAGE)


@pytest.mark.parametrize("trouble", [{"hang_up": True}, {"wait": 4.0}, {"answer": "no JSON"}, {"answer": {"odd": 1}}])
def test_an_answer_that_is_lost_late_or_odd_leaves_the_fate_unknown(
    provider: FakeProvider, settings: Settings, trouble: dict[str, object]
) -> None:
    settings.ANYMAIL["REQUESTS_TIMEOUT"] = 2 if "wait" in trouble else 20
    for name, value in trouble.items():
        setattr(provider, name, value)
    with pytest.raises(FateUnknownError):
        GATEWAYS["postmark"].send(MESSAGE)
    assert len(provider.calls) == 1


@pytest.mark.parametrize(
    "url", [f"http://127.0.0.1:{free_port()}/", "http://nowhere.invalid/"], ids=["nobody there", "no such host"]
)
def test_a_provider_that_cannot_be_reached_surely_did_not_take_it(settings: Settings, url: str) -> None:
    settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "secret", "POSTMARK_API_URL": url}
    assert not refused().permanent


def test_a_missing_key_loses_no_invitation(settings: Settings) -> None:
    settings.ANYMAIL = {}
    error = refused()
    assert not error.permanent
    assert "POSTMARK_SERVER_TOKEN" in str(error)


def test_what_is_no_address_never_reaches_the_provider(provider: FakeProvider) -> None:
    with pytest.raises(ChannelError) as caught:
        GATEWAYS["postmark"].send(replace(MESSAGE, recipient="no address"))
    assert (caught.value.bad_address, provider.calls) == (True, [])


def test_resend_gets_the_same_request_again_under_the_same_key(provider: FakeProvider) -> None:
    provider.answer = {"id": "id-1"}
    assert (GATEWAYS["resend"].certainty, GATEWAYS["resend"].key_window) == (Certainty.KEYED, timedelta(hours=24))
    GATEWAYS["resend"].send(replace(MESSAGE, key=MESSAGE.reference))
    GATEWAYS["resend"].send(replace(MESSAGE, attempt_id=2, reference="invitation-7-attempt-2", key=MESSAGE.reference))
    first, second = provider.calls
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"] == MESSAGE.reference
    assert first.body == second.body


def listed(name: str) -> dict[str, object]:
    return {"TotalCount": 1, "Messages": [{"MessageID": "guid-1", "Metadata": {"reference": name}}]}


def ask_postmark() -> Sent | None:
    return GATEWAYS["postmark"].look_up(MESSAGE)


def test_postmark_is_asked_for_our_name(provider: FakeProvider) -> None:
    provider.answer = listed(MESSAGE.reference)
    assert ask_postmark() == Sent(reference="guid-1")
    [call] = provider.calls
    assert (call.method, call.path) == ("GET", "/messages/outbound")
    assert call.query["metadata_reference"] == [MESSAGE.reference]


def test_that_postmark_does_not_list_it_proves_nothing(provider: FakeProvider) -> None:
    provider.answer = {"TotalCount": 0, "Messages": []}
    with pytest.raises(FateUnknownError):
        ask_postmark()


@pytest.mark.parametrize(
    ("status", "answer"), [(200, listed("invitation-8-attempt-1")), (500, {}), (200, "no JSON"), (200, {"odd": 1})]
)
def test_an_answer_about_anything_else_settles_nothing(provider: FakeProvider, status: int, answer: object) -> None:
    provider.status, provider.answer = status, answer
    provider.headers = {"Date": "Wed, 06 May 2026 12:00:00 GMT"}
    with pytest.raises(FateUnknownError):
        ask_postmark()
