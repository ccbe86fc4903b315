"""What Kannel tells us, as it writes it; tests/surveys/test_kannel.py lets a real one say it."""

from datetime import UTC, datetime
from urllib.parse import quote, urlencode

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from surveys.channels.events import Event, HookRefusedError, IncomingMessage, Status, StatusEvent
from surveys.channels.hooks import HOOKS
from tests.surveys.makers import NOON

SECRET = "0123456789abcdefghijklmnopqrstuvwxyzü&%"
hook = HOOKS["kannel"]


@pytest.fixture(autouse=True)
def tokens(settings: Settings) -> None:
    settings.KANNEL_HOOK_TOKENS = [SECRET, "the one before"]


def read(query: str) -> list[Event]:
    return hook.read(RequestFactory().get("/hooks/kannel/", QUERY_STRING=query), NOON)


def told(token: str = SECRET, **query: str) -> list[Event]:
    return read(urlencode({"token": token} | query))


def report(state: str, reason: str = "", **more: str) -> list[Event]:
    return told(ref="invitation-1-attempt-1", state=state, reason=reason, **more)


@pytest.mark.parametrize(
    ("state", "reason", "meaning"),
    [
        ("1", "id:1 stat:DELIVRD err:000", Status.DELIVERED),
        ("2", "id:1 stat:UNDELIV err:000", Status.FAILED),
        ("4", "", Status.DEFERRED),
        ("8", "ACK/", Status.ACCEPTED),
        ("16", "NACK/0x00000045/Submit failed", Status.FAILED),
        ("16", "NACK/0x0000000b/Invalid Destination Address", Status.BOUNCED),
        ("2", "NACK/0x0000000b/Invalid Destination Address", Status.FAILED),
    ],
)
def test_a_report_tells_what_became_of_the_message(state: str, reason: str, meaning: Status) -> None:
    expected = StatusEvent(
        f"invitation-1-attempt-1:{state}", meaning, NOON, reference="invitation-1-attempt-1", detail=reason
    )
    assert report(state, reason) == [expected]


@pytest.mark.parametrize(
    ("at", "when"),
    [
        ("1777982400", NOON),
        ("", NOON),
        ("soon", NOON),
        ("-5", NOON),
        ("9" * 30, NOON),
        ("0", datetime(1970, 1, 1, tzinfo=UTC)),
    ],
)
def test_kannels_time_counts_where_it_gives_one(at: str, when: datetime) -> None:
    assert [event.at for event in report("1", at=at)] == [when]


def test_copies_have_one_key_whatever_else_is_in_them() -> None:
    assert report("1", "a")[0].key == report("1", "b", at="1777982400")[0].key != report("8")[0].key


def test_a_state_that_nobody_asked_for_tells_nothing() -> None:
    assert report("32") == []


def test_an_incoming_message_comes_in_as_it_was_written() -> None:
    (event,) = told(
        **{"from": "+12025550123"}, to="40404", text="9️⃣ & great + 100%", charset="UTF-8", id="a-b", at="1777982400"
    )
    assert event == IncomingMessage("a-b", "+12025550123", "40404", "9️⃣ & great + 100%", NOON)


@given(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    st.sampled_from(["UTF-8", "UTF-16BE", ""]),
)
def test_any_text_is_read_in_any_charset_that_kannel_uses(text: str, charset: str) -> None:
    written = quote(text.encode(charset or "UTF-8"))
    (event,) = read(f"{urlencode({'token': SECRET, 'id': '1', 'charset': charset})}&text={written}")
    assert isinstance(event, IncomingMessage)
    assert event.text == text


@pytest.mark.parametrize(
    ("written", "charset", "text"),
    [("n%E9+%80", "windows-1252", "né €"), ("n%E9", "UTF-8", "n\N{REPLACEMENT CHARACTER}"), ("a%00b", "UTF-8", "ab")],
)
def test_awkward_bytes_come_in(written: str, charset: str, text: str) -> None:
    (event,) = read(f"{urlencode({'token': SECRET, 'id': '1', 'charset': charset})}&text={written}")
    assert isinstance(event, IncomingMessage)
    assert event.text == text


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"state": "1"},
        {"ref": "a"},
        {"text": "9"},
        {"id": "1"},
        {"id": "1", "text": "9", "charset": "EBCDIC-7"},
    ],
)
def test_what_cannot_be_read_is_refused_as_such(query: dict[str, str]) -> None:
    with pytest.raises(HookRefusedError) as caught:
        told(**query)
    assert caught.value.status == 400


def test_either_of_two_tokens_opens() -> None:
    assert told("the one before", ref="a", state="1") == told(ref="a", state="1")


@pytest.mark.parametrize("token", ["", "x", SECRET[:-1], SECRET + "x", "ü€😀\udc80"])
def test_whoever_lacks_the_token_is_refused(token: str) -> None:
    with pytest.raises(HookRefusedError, match="KANNEL_HOOK_TOKENS") as caught:
        read(urlencode({"token": token, "ref": "a", "state": "1"}, errors="surrogateescape"))
    assert caught.value.status == 403


def test_without_a_token_nothing_is_let_in(settings: Settings) -> None:
    settings.KANNEL_HOOK_TOKENS = []
    with pytest.raises(HookRefusedError):
        told("", ref="a", state="1")


def test_nothing_is_replied_to_the_customer() -> None:
    assert hook.answer()[0] == ""
    assert hook.methods == ("GET",)
