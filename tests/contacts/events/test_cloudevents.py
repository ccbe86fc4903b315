"""CloudEvents in their three modes: what is read, what is refused, and how they take effect."""

import json
from base64 import b64encode
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from contacts.events.applying import apply_waiting
from contacts.events.cloudevents import BATCH, STRUCTURED, read
from contacts.events.incoming import MalformedError, TooManyError
from contacts.models import Event, Touchpoint
from tests.contacts.events.senders import NOON, make_source, mean

SOLVED = {
    "specversion": "1.0",
    "id": "e1",
    "source": "/desk",
    "type": "Ticket Solved",
    "subject": "u1",
    "time": "2026-05-05T11:00:00Z",
    "data": {"agent": "Kim"},
}


def one(**fields: Any) -> Any:
    [event] = read({"Content-Type": STRUCTURED}, SOLVED | fields, NOON)
    return event


def test_the_three_modes_tell_the_same() -> None:
    structured = one()
    [of_batch] = read({"content-type": f"{BATCH}; charset=utf-8"}, [SOLVED], NOON)
    headers = {f"Ce-{name.capitalize()}": str(value) for name, value in SOLVED.items() if name != "data"}
    [binary] = read(headers | {"Ce-Type": "Ticket%20Solved"}, SOLVED["data"], NOON)
    assert structured == of_batch == binary
    assert (structured.name, structured.user_id, structured.message_id) == ("Ticket Solved", "u1", "/desk e1")
    assert structured.problem == ""


def test_the_same_id_of_two_sources_is_two_events() -> None:
    assert one().message_id != one(source="/shop").message_id


def test_a_long_id_is_as_good_as_a_short_one() -> None:
    long = one(id="e" * 300)
    assert (len(long.message_id), long.problem) == (64, "")
    assert long.message_id == one(id="e" * 300, data={"agent": "Lee"}).message_id != one(id="f" * 300).message_id


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"specversion": "0.3"}, "specversion: expected 1.0"),
        ({"specversion": None}, "specversion: expected 1.0"),
        ({"id": ""}, "id: expected text"),
        ({"source": 7}, "source: expected text"),
        ({"type": None}, "type: expected text"),
        ({"type": "x" * 201}, "type: expected at most 200 characters"),
        ({"subject": None}, "subject: expected the id of a customer"),
        ({"subject": "undefined"}, "subject: expected the id of a customer"),
        ({"time": "noon"}, "time: expected a date and time with offset"),
        ({"time": "2031-05-05T11:00:00Z"}, "timestamp: expected a time from 1980 until now"),
    ],
)
def test_what_is_wrong_is_said(fields: dict[str, Any], told: str) -> None:
    assert told in one(**fields).problem


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "application/json"}])
def test_a_request_in_none_of_the_modes_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(MalformedError, match="Expected headers of CloudEvents"):
        read(headers, SOLVED, NOON)


def test_a_batch_is_a_list_with_an_end() -> None:
    with pytest.raises(MalformedError, match="Expected a list of events"):
        read({"Content-Type": BATCH}, SOLVED, NOON)
    with pytest.raises(TooManyError):
        read({"Content-Type": BATCH}, [SOLVED] * 10_001, NOON)


@pytest.mark.django_db
@pytest.mark.parametrize("content", ["", json.dumps({"agent": "Kim"})])
def test_at_the_door_an_event_is_a_touchpoint_with_or_without_data_and_content_type(content: str) -> None:
    source, key = make_source()
    mean(source, "Ticket Solved", kind="ticket", columns={"agent": "agent"})
    headers = {f"ce-{name}": str(value) for name, value in SOLVED.items() if name not in ("data", "time")}
    headers["Authorization"] = f"Basic {b64encode(f'{key}:'.encode()).decode()}"
    answer = Client().generic("POST", "/v1/cloudevents", content, "", headers=headers)
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    apply_waiting(timezone.now())
    assert Touchpoint.objects.get().agent == ("Kim" if content else "")
    assert Event.objects.get().state == "applied"
