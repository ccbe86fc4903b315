"""A source that sends too fast is told when to go on, whichever process it asks, and nothing of it is kept."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import Settings

from contacts import event_views
from contacts.events.pace import WINDOW, Pace
from contacts.models import Event
from tests.contacts.events.senders import NOON, make_source, send, track

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def two_a_second(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.EVENTS_PER_SECOND = 2
    monkeypatch.setattr(event_views, "pace", Pace())


def test_a_source_may_send_so_much_in_ten_seconds() -> None:
    source, _ = make_source()
    other, _ = make_source("desk")
    send(source, *(track(f"m{n}") for n in range(19)), at=NOON)
    assert Pace().wait(source, NOON) == 0
    send(source, *(track(f"n{n}") for n in range(5)), at=NOON)
    assert (Pace().wait(source, NOON), Pace().wait(other, NOON)) == (10, 0)
    assert Pace().wait(source, NOON + WINDOW) == 0


def test_copies_do_not_count_and_no_limit_is_none(settings: Settings) -> None:
    source, _ = make_source()
    for _ in range(30):
        send(source, track("m1"), at=NOON)
    assert Pace().wait(source, NOON) == 0
    send(source, *(track(f"m{n}") for n in range(30)), at=NOON)
    settings.EVENTS_PER_SECOND = 0
    assert Pace().wait(source, NOON) == 0


def test_refusing_again_costs_no_statement(django_assert_num_queries: object) -> None:
    source, _ = make_source()
    send(source, *(track(f"m{n}") for n in range(20)), at=NOON)
    pace = Pace()
    assert pace.wait(source, NOON)
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert pace.wait(source, NOON + timedelta(milliseconds=900))
    assert pace.wait(source, NOON + WINDOW + timedelta(seconds=1)) == 0


def test_the_door_says_when_to_come_again(client: Client) -> None:
    _, key = make_source()
    body = json.dumps({"writeKey": key, "batch": [track(f"m{n}") for n in range(20)]})
    assert client.post("/v1/batch", body, content_type="application/json").status_code == 200
    again = json.dumps({"writeKey": key, "batch": [track("m99")]})
    refused = client.post("/v1/batch", again, content_type="application/json")
    assert (refused.status_code, refused["Retry-After"]) == (429, "10")
    assert refused.json()["success"] is False
    assert Event.objects.count() == 20
