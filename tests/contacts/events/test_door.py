"""The door at /v1/: who gets in, what is answered, and that what was accepted is there."""

import gzip
import json
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from contacts import event_views
from contacts.events.keys import close
from contacts.events.pace import Pace
from contacts.models import Event, EventSource
from tests.contacts.events.senders import identify, make_source, track


def post(key: str, body: Any, call: str = "batch", *, packed: bool = False, encoding: str = "") -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Authorization": "Basic " + b64encode(f"{key}:".encode()).decode()} if key else {}
    if packed or encoding:
        headers["Content-Encoding"] = encoding or "gzip"
    content = gzip.compress(content) if packed else content
    return Client().post(f"/v1/{call}", content, content_type="application/json", headers=headers)


@pytest.mark.django_db
def test_events_are_kept_and_the_client_gets_what_it_expects() -> None:
    source, key = make_source()
    answer = post(key, {"batch": [track("m1"), identify("i1")]})
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    kept = Event.objects.order_by("message_id").values_list("source", "message_id", "type", "user_id", "state")
    assert list(kept) == [(source.pk, "i1", "identify", "u1", "waiting"), (source.pk, "m1", "track", "u1", "waiting")]


@pytest.mark.django_db
def test_a_packed_batch_and_a_single_call_are_taken_too() -> None:
    _, key = make_source()
    assert post(key, {"batch": [track("m1")]}, packed=True).status_code == 200
    assert post(key, track("m2"), call="track").status_code == 200
    assert Event.objects.count() == 2


@pytest.mark.django_db
def test_a_write_key_in_the_body_opens_too_and_is_not_kept() -> None:
    source, key = make_source()
    assert post("", {"writeKey": key, "batch": [track()]}).status_code == 200
    assert key not in json.dumps(Event.objects.get().body)
    assert key not in source.write_key_hash


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "wrong", "x" * 10_000])
def test_nobody_else_gets_in(key: str) -> None:
    make_source()
    answer = post(key, {"batch": [track()]})
    assert (answer.status_code, Event.objects.count()) == (401, 0)
    assert "Expected the write key of an event source" in answer.json()["message"]


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["Basic !!!", "Basic /w==", "Bearer abc", "Basic"])
def test_a_header_that_holds_no_key_is_none(header: str) -> None:
    assert Client().post("/v1/track", {}, content_type="application/json", HTTP_AUTHORIZATION=header).status_code == 401


@pytest.mark.django_db
def test_a_closed_source_gets_in_no_more() -> None:
    source, key = make_source()
    close(source, timezone.now())
    assert post(key, {"batch": [track()]}).status_code == 401


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "packed", "status"),
    [
        (b"{", False, 400),
        (b'{"batch": [NaN]}', False, 400),
        (b"[" * 100_000, False, 400),
        (b'{"batch": []}\xff', False, 400),
        (b"[]", False, 401),  # no object: there is no key in it
        ({"batch": 1}, False, 400),
        ({"batch": [0] * 10_001}, False, 413),
        (b" " * (event_views.LONGEST + 1), False, 413),
        (b" " * (event_views.LONGEST + 1), True, 413),
    ],
)
def test_what_is_none_of_this_api_is_refused_whole(body: Any, packed: bool, status: int) -> None:
    _, key = make_source()
    answer = post("" if status == 401 else key, body, packed=packed)
    assert (answer.status_code, Event.objects.count()) == (status, 0)
    assert "Expected" in answer.json()["message"]


@pytest.mark.django_db
@pytest.mark.parametrize("content", [b"no gzip", gzip.compress(b"{}" * 5000)[:-20]], ids=["another", "cut off"])
def test_a_body_that_was_packed_wrongly_is_refused(content: bytes) -> None:
    _, key = make_source()
    assert post(key, content, encoding="gzip").status_code == 400


@pytest.mark.django_db
def test_a_get_is_none() -> None:
    assert Client().get("/v1/batch").status_code == 405
    assert Client().post("/v1/delete").status_code == 404


@pytest.mark.django_db
def test_a_strict_source_is_told_of_every_event() -> None:
    _, key = make_source(strict=True)
    post(key, {"batch": [track("m1")]})
    answer = post(key, {"batch": [track("m1"), track("m1", userId="u2"), track("m2", userId=None), 7, track("m3")]})
    told = answer.json()
    assert (answer.status_code, told["success"]) == (200, False)
    assert [row["status"] for row in told["events"]] == ["accepted", "refused", "refused", "refused", "accepted"]
    reasons = [row["reason"] for row in told["events"]]
    assert "another event has the id m1 already" in reasons[1]
    assert "userId: expected the id of a customer" in reasons[2]
    assert "expected an object for each event" in reasons[3]


@pytest.mark.django_db
def test_another_body_under_the_same_id_changes_nothing_and_is_shown() -> None:
    _, key = make_source()
    for user in ("u1", "u2", "u2"):
        post(key, {"batch": [track("m1", userId=user)]})
    first, other = Event.objects.order_by("pk")
    assert (first.user_id, first.state) == ("u1", "waiting")
    assert (other.user_id, other.state, other.message_id) == ("u2", "refused", other.digest)
    assert "another event has the id m1 already" in other.detail


@pytest.mark.django_db
def test_one_bad_event_does_not_cost_the_others() -> None:
    _, key = make_source()
    assert post(key, {"batch": [track("m1"), track("m2", timestamp="soon"), 7]}).status_code == 200
    assert list(Event.objects.order_by("pk").values_list("message_id", "state")) == [
        ("m1", "waiting"),
        ("m2", "refused"),
    ]


@pytest.mark.django_db
def test_senders_wait_where_too_much_waits_already(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contacts.events.pace.MOST_WAITING", 1)
    monkeypatch.setattr(event_views, "pace", Pace())
    _, key = make_source()
    assert post(key, {"batch": [track("m1"), track("m2")]}).status_code == 200
    answer = post(key, {"batch": [track("m3")]})
    assert (answer.status_code, answer.headers["Retry-After"], Event.objects.count()) == (429, "30", 2)


@pytest.mark.django_db(transaction=True)
def test_copies_that_come_at_the_same_time_are_one_event_each() -> None:
    _, key = make_source()
    events = [track(f"m{n}") for n in range(200)]

    def send(copy: int) -> list[int]:
        try:
            own = events[copy * 60 :] + events[: copy * 60]
            return [post(key, {"batch": own[start : start + 50]}).status_code for start in range(0, 200, 50)]
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as senders:
        answers = [status for copy in senders.map(send, range(3)) for status in copy]
    assert set(answers) == {200}
    assert Event.objects.count() == Event.objects.filter(state="waiting").count() == 200


@pytest.mark.django_db
def test_ids_of_two_sources_are_two_events() -> None:
    for name in ("shop", "desk"):
        _, key = make_source(name)
        post(key, {"batch": [track("m1")]})
    assert Event.objects.count() == EventSource.objects.count() == 2
