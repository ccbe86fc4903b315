"""What Twilio tells us; its own client library signs the calls and is the judge of our reading of the signature."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.http import QueryDict
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings
from twilio.request_validator import RequestValidator

from surveys.channels.events import Event, HookRefusedError, IncomingMessage, Status, StatusEvent
from surveys.channels.hooks import HOOKS
from tests.surveys.makers import NOON

SITE = "https://ask.example.com"
SECRET = "0123456789abcdef"
hook = HOOKS["twilio"]
Form = Sequence[tuple[str, str]]


@pytest.fixture(autouse=True)
def tokens(settings: Settings) -> None:
    settings.SITE_URL = SITE
    settings.TWILIO_AUTH_TOKENS = [SECRET, "the one before"]


def read(form: Form, *, signature: str, query: str = "ref=invitation-1-attempt-1", **extra: Any) -> list[Event]:
    """Read a call as it arrives behind a proxy: under another host, without TLS."""
    address = "/hooks/twilio/" + (f"?{query}" if query else "")
    body, kind = urlencode(form), "application/x-www-form-urlencoded"
    headers = {"HTTP_HOST": "10.0.0.7:8000", "HTTP_X_TWILIO_SIGNATURE": signature} | extra
    return hook.read(RequestFactory().post(address, body, content_type=kind, **headers), NOON)


def signed(form: Form, *, query: str = "ref=invitation-1-attempt-1", token: str = SECRET, site: str = SITE) -> str:
    parameters = QueryDict(mutable=True)
    for name, value in form:
        parameters.appendlist(name, value)
    address = f"{site}/hooks/twilio/" + (f"?{query}" if query else "")
    return str(RequestValidator(token).compute_signature(address, parameters))


def told(form: Form, **where: Any) -> list[Event]:
    return read(form, signature=signed(form, **where), query=where.get("query", "ref=invitation-1-attempt-1"))


def status(name: str, **more: str) -> Form:
    return [("MessageSid", "SM1"), ("MessageStatus", name), ("To", "+12025550123"), *more.items()]


INCOMING = [
    ("MessageSid", "SM2"),
    ("From", "+12025550123"),
    ("To", "+12025550100"),
    ("Body", "9️⃣ great"),
    ("NumMedia", "0"),
]


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("queued", Status.ACCEPTED),
        ("accepted", Status.ACCEPTED),
        ("sending", Status.ACCEPTED),
        ("sent", Status.ACCEPTED),
        ("delivered", Status.DELIVERED),
        ("read", Status.DELIVERED),
        ("undelivered", Status.FAILED),
        ("failed", Status.FAILED),
        ("canceled", Status.FAILED),
    ],
)
def test_a_status_tells_what_became_of_the_message(name: str, meaning: Status) -> None:
    expected = StatusEvent(f"SM1:{name}", meaning, NOON, reference="invitation-1-attempt-1", provider_reference="SM1")
    assert told(status(name)) == [expected]


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("30003", Status.FAILED),
        ("30005", Status.BOUNCED),
        ("30006", Status.BOUNCED),
        ("30007", Status.FAILED),
        ("21614", Status.BOUNCED),
        ("21610", Status.UNSUBSCRIBED),
    ],
)
def test_an_error_code_tells_whose_fault_it_was(code: str, meaning: Status) -> None:
    (event,) = told(status("undelivered", ErrorCode=code, ErrorMessage="Why"))
    assert isinstance(event, StatusEvent)
    assert (event.status, event.detail) == (meaning, f"{code} Why")
    (arrived,) = told(status("delivered", ErrorCode=code))
    assert isinstance(arrived, StatusEvent)
    assert arrived.status == Status.DELIVERED


def test_a_status_that_says_nothing_of_the_fate_tells_nothing() -> None:
    assert told(status("partially_delivered")) == []


def test_copies_of_a_status_have_one_key_and_other_statuses_have_others() -> None:
    keys = [
        told(status(name), query=query)[0].key for name in ("sent", "delivered") for query in ("ref=a", "ref=a&b=1")
    ]
    assert keys[0] == keys[1] != keys[2] == keys[3]


def test_an_incoming_message_comes_in_as_it_was_written() -> None:
    expected = IncomingMessage("SM2", "+12025550123", "+12025550100", "9️⃣ great", NOON)
    assert told(INCOMING, query="") == [expected]
    assert told([*INCOMING, ("SmsStatus", "received")], query="a=1") == [expected]


@pytest.mark.parametrize(("body", "text"), [("", ""), ("a\0b", "ab"), (" line\nline ", " line\nline ")])
def test_awkward_texts_come_in(body: str, text: str) -> None:
    (event,) = told([*INCOMING[:3], ("Body", body)])
    assert isinstance(event, IncomingMessage)
    assert event.text == text


def test_a_word_of_the_providers_own_list_counts_as_what_the_provider_took_it_for() -> None:
    (event,) = told([*INCOMING[:3], ("Body", "genug"), ("OptOutType", "STOP")])
    assert isinstance(event, IncomingMessage)
    assert event.text == "STOP"


@pytest.mark.parametrize(
    "form", [[], [("MessageSid", "SM1")], [("MessageStatus", "sent")], [("MessageSid", "SM1"), ("Body", "9")]]
)
def test_what_cannot_be_read_is_refused_as_such(form: Form) -> None:
    with pytest.raises(HookRefusedError) as caught:
        told(form)
    assert caught.value.status == 400


def test_nothing_is_replied_to_the_customer() -> None:
    assert hook.answer() == ('<?xml version="1.0" encoding="UTF-8"?><Response/>', "text/xml")
    assert hook.methods == ("POST",)


# --- Signature ----------------------------------------------------------------------------------------------


def refused(form: Form, signature: str, **extra: Any) -> bool:
    with pytest.raises(HookRefusedError, match="X-Twilio-Signature") as caught:
        read(form, signature=signature, **extra)
    return caught.value.status == 403


def test_either_of_two_tokens_signs() -> None:
    assert told(INCOMING, token="the one before") == told(INCOMING)
    assert refused(INCOMING, signed(INCOMING, token="neither"))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (SITE, "https://ask.example.com:443"),
        ("http://ask.example.com", "http://ask.example.com:80"),
        ("https://ask.example.com:8443", "https://ask.example.com:8443"),
        ("https://ask.example.com:8443", "https://ask.example.com"),
        ("https://example.com/ask", "https://example.com/ask"),
    ],
)
def test_the_address_is_signed_with_or_without_its_port(settings: Settings, ours: str, theirs: str) -> None:
    settings.SITE_URL = ours
    assert told(INCOMING, site=theirs)
    assert refused(INCOMING, signed(INCOMING, site="https://elsewhere.example.com"))


def test_the_host_that_a_call_names_counts_for_nothing() -> None:
    elsewhere = signed(INCOMING, site="https://evil.example.com")
    forged = {
        "HTTP_HOST": "evil.example.com",
        "HTTP_X_FORWARDED_HOST": "evil.example.com",
        "HTTP_X_FORWARDED_PROTO": "https",
    }
    assert refused(INCOMING, elsewhere, **forged)


@pytest.mark.parametrize("signature", ["", "x", "é", "=" * 28])
def test_a_call_without_a_right_signature_is_refused(signature: str) -> None:
    assert refused(INCOMING, signature)


def test_nothing_may_be_added_changed_or_left_out() -> None:
    right = signed(INCOMING)
    assert refused([*INCOMING, ("Body", "10")], right)
    assert refused([*INCOMING[:3], ("Body", "STOP")], right)
    assert refused(INCOMING[:-1], right)
    assert refused(INCOMING, right, query="ref=invitation-2-attempt-1")


def test_without_a_token_nothing_is_let_in(settings: Settings) -> None:
    settings.TWILIO_AUTH_TOKENS = []
    assert refused(INCOMING, signed(INCOMING, token=""))


@pytest.mark.parametrize("query", ["a=%7B%22x%22%7D|y", "name=J%C3%BCrgen+M", "a=1&a=2&b=", "%2F", "a=~'()*!"])
def test_a_query_string_is_signed_as_it_is_written(query: str) -> None:
    assert told(INCOMING, query=query)


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


@given(
    st.lists(
        st.tuples(NAMES | st.sampled_from(["Body", "body", "To"]), st.text(st.characters(exclude_categories=["Cs"])))
    ),
    st.dictionaries(NAMES, st.text(st.characters(exclude_categories=["Cs"]))),
)
def test_whatever_the_official_library_signs_is_let_in(form: Form, query: dict[str, str]) -> None:
    form, written = [*INCOMING, *form], urlencode({"a": "1"} | query, quote_via=quote)
    signature = signed(form, query=written)
    parameters = QueryDict(urlencode(form))
    assert RequestValidator(SECRET).validate(f"{SITE}/hooks/twilio/?{written}", parameters, signature)
    assert read(form, signature=signature, query=written)
