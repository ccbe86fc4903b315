"""Bodies of Segment's tracking API, as its clients and others' send them: what is read, and what is refused."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.events.incoming import (
    LONGEST_EVENT,
    MOST_EVENTS,
    MalformedError,
    Problem,
    TooManyError,
    corrected,
    digest_of,
    text_of,
)
from contacts.events.segment import read
from contacts.events.told import properties_of
from contacts.junk import is_junk_id
from tests.contacts.events.senders import NOON, identify, track

HOUR = timedelta(hours=1)


def one(**fields: Any) -> Any:
    [event] = read("batch", {"batch": [track(**fields)]}, NOON)
    return event


def test_a_track_is_read_whole() -> None:
    event = one(anonymousId="a1", properties={"agent": "Kim"})
    assert (event.type, event.name, event.user_id, event.anonymous_id) == ("track", "Chat Ended", "u1", "a1")
    assert (event.message_id, event.occurred_at, event.problem) == ("m1", NOON - HOUR, "")
    assert properties_of(event.type, event.body) == {"agent": "Kim"}


@pytest.mark.parametrize("call", ["track", "identify", "page", "screen", "group", "alias"])
def test_a_single_call_says_its_type_in_the_address(call: str) -> None:
    [event] = read(call, {"userId": "u1", "event": "Chat Ended", "groupId": "g", "previousId": "p"}, NOON)
    assert (event.type, event.problem) == (call, "")


def test_ids_of_nobody_are_null_or_left_out() -> None:
    event = one(anonymousId=None, userId=17)
    assert (event.user_id, event.anonymous_id) == ("17", "")
    assert one(userId=None, anonymousId="a1").user_id == ""


@pytest.mark.parametrize("junk", ["null", "undefined", "0", "00000000-0000-0000-0000-000000000000", "guest", "", "-"])
def test_what_systems_write_where_they_have_no_id_is_none(junk: str) -> None:
    assert "userId: expected the id of a customer" in one(userId=junk).problem
    assert one(userId=junk, anonymousId="a1").user_id == ""


@pytest.mark.parametrize("own", ["7", "u0", "000123", "nullarbor"])
def test_ids_that_only_look_a_little_like_junk_are_ids(own: str) -> None:
    assert not is_junk_id(own)
    assert one(userId=own).user_id == own


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ({"traits": {"a": 1}}, {"a": 1}),
        ({"context": {"traits": {"a": 1}}}, {"a": 1}),
        ({"traits": {"a": 2}, "context": {"traits": {"a": 1, "b": 1}}}, {"a": 2, "b": 1}),
        ({"traits": None, "context": None}, {}),
        ({"traits": "x", "context": []}, {}),
    ],
)
def test_traits_are_found_wherever_they_are(event: dict[str, Any], told: dict[str, Any]) -> None:
    assert properties_of("identify", event) == told


@pytest.mark.parametrize(
    ("call", "name", "read_as"),
    [("page", "Prices", "Viewed Prices Page"), ("page", None, "Viewed Page"), ("screen", "Home", "Viewed Home Screen")],
)
def test_pages_and_screens_have_names_of_their_own(call: str, name: str | None, read_as: str) -> None:
    assert one(type=call, name=name).name == read_as


def test_a_wrong_clock_is_put_right() -> None:
    wrong = datetime(1970, 1, 1, 3, tzinfo=UTC)
    batch = {"batch": [track(timestamp=wrong.isoformat())], "sentAt": (wrong + HOUR).isoformat()}
    [event] = read("batch", batch, NOON)
    assert event.occurred_at == NOON - HOUR


def test_either_field_of_time_is_read_and_the_events_own_time_of_sending_first() -> None:
    rudder = one(timestamp=None, originalTimestamp="2026-05-05T10:00:00Z", sentAt="2026-05-05T10:30:00Z")
    assert rudder.occurred_at == NOON - HOUR / 2
    assert one(timestamp=None).occurred_at == NOON
    assert one(sentAt="soon").occurred_at == NOON - HOUR


@given(
    st.timedeltas(timedelta(days=-9000), timedelta(days=9000)),
    st.timedeltas(timedelta(days=-3), timedelta(days=300)),
)
def test_nothing_has_happened_after_it_came(skew: timedelta, before: timedelta) -> None:
    sent = NOON + skew
    moment = corrected(sent - before, sent, NOON)
    assert moment == min(NOON, NOON - before)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"type": "delete"}, "type: expected one of track, identify"),
        ({"type": None}, "type: expected one of"),
        ({"event": ""}, "event: expected the name of what happened"),
        ({"event": "x" * 201}, "event: expected the name of what happened"),
        ({"event": 7}, "event: expected the name of what happened"),
        ({"event": "a\nb"}, "event: expected one line"),
        ({"userId": None}, "userId: expected the id of a customer, or anonymousId"),
        ({"userId": True}, "userId: expected text or a whole number"),
        ({"userId": 1.5}, "userId: expected text or a whole number"),
        ({"userId": ["u1"]}, "userId: expected text or a whole number"),
        ({"userId": "u" * 181}, "userId: expected at most 180 characters"),
        ({"timestamp": "yesterday"}, "timestamp: expected a date and time with offset"),
        ({"timestamp": "2026-05-05T10:00:00"}, "timestamp: expected a date and time with offset"),
        ({"timestamp": "1960-05-05T10:00:00Z"}, "timestamp: expected a time from 1980 until now"),
        ({"timestamp": "2027-05-05T10:00:00Z"}, "timestamp: expected a time from 1980 until now"),
        ({"timestamp": "0001-01-01T00:00:00Z", "sentAt": "9999-12-31T23:00:00Z"}, "timestamp: expected"),
        ({"type": "group", "userId": None, "anonymousId": "a"}, "userId: expected the id of a customer"),
    ],
)
def test_what_is_wrong_is_said(fields: dict[str, Any], told: str) -> None:
    event = one(**fields)
    assert told in event.problem
    assert (event.message_id, event.body["messageId"]) == ("m1", "m1")


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ("text", "expected an object for each event"),
        (track(properties={"a": "x" * LONGEST_EVENT}), "expected at most 32,768 bytes"),
        (track(properties={"a": "\0"}), "expected text without NUL"),
        (track(properties={"\0": 1}), "expected text without NUL"),
        (track(properties={"a": "\ud800"}), "half a surrogate pair"),
        (track(properties={"a": float("inf")}), "expected numbers that are finite"),
        (track(message_id="m" * 181), "messageId: expected at most 180 characters"),
    ],
)
def test_what_cannot_be_kept_is_said_and_not_kept(event: Any, told: str) -> None:
    [found] = read("batch", {"batch": [event]}, NOON)
    assert told in found.problem
    assert (found.message_id, found.body) == ("", {})


def test_a_backslash_before_a_u_is_no_nul() -> None:
    assert one(properties={"path": "C:\\u0000"}).problem == ""


@pytest.mark.parametrize("body", [None, [], "x", 1, {"batch": {}}, {"batch": "x"}, {}])
def test_a_body_that_is_none_of_this_is_refused(body: Any) -> None:
    with pytest.raises(MalformedError, match="Expected"):
        read("batch", body, NOON)


def test_a_batch_has_an_end() -> None:
    with pytest.raises(TooManyError, match="at most 10,000 events, and there are 10,001"):
        read("batch", {"batch": [{}] * (MOST_EVENTS + 1)}, NOON)


def test_without_an_id_the_same_body_is_the_same_event() -> None:
    event, again = track(), dict(reversed(track().items()))
    del event["messageId"], again["messageId"]
    [first, second, other] = read("batch", {"batch": [event, again, identify(messageId=None)]}, NOON)
    assert first.message_id == second.message_id == digest_of(text_of(event))
    assert other.message_id != first.message_id


def test_the_write_key_in_a_body_is_not_kept() -> None:
    [event] = read("track", {**track(), "writeKey": "secret"}, NOON)
    assert "writeKey" not in event.body


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from(["type", "userId", "anonymousId", "messageId", "timestamp", "event", "context", "traits"])


@given(st.dictionaries(fields, json_values, max_size=6))
def test_whatever_comes_is_read_or_said_to_be_wrong(event: dict[str, Any]) -> None:
    [found] = read("batch", {"batch": [event]}, NOON)
    assert found.problem or (found.type and (found.user_id or found.anonymous_id))
    assert found.message_id == "" or digest_of(text_of(found.body)) == found.digest


def test_a_digest_says_what_cannot_be_kept() -> None:
    with pytest.raises(Problem, match="bytes, and it has"):
        text_of({"a": "é" * LONGEST_EVENT})
