"""The door at /hooks/<gateway>/: checked, stored, answered, applied; in that order."""

import json
from datetime import datetime

import pytest
from django.http import HttpRequest
from django.test import Client
from pytest_django import Settings

from surveys import events_in
from surveys.channels.base import Sent
from surveys.channels.events import Event, HookRefusedError, Status, StatusEvent
from surveys.channels.gateways import GATEWAYS
from surveys.channels.hooks import HOOKS
from surveys.delivery import deliver
from surveys.models import Attempt, ProviderEvent, ProviderRequest
from tests.surveys.gateways import ToldGateway
from tests.surveys.makers import NOON, make_invitation


class ToldHook:
    """A provider that signs with a word."""

    methods = ("POST",)

    def read(self, request: HttpRequest, at: datetime) -> list[Event]:
        if request.headers.get("X-Word") != "sesame":
            raise HookRefusedError("The word is wrong.")
        return [StatusEvent(one["id"], Status(one["status"]), at, one["ref"]) for one in json.loads(request.body)]

    def answer(self) -> tuple[str, str]:
        return "<Heard/>", "text/xml"


@pytest.fixture
def attempt(db: None, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Attempt:
    monkeypatch.setitem(GATEWAYS, "told", ToldGateway(Sent("x")))
    monkeypatch.setitem(HOOKS, "told", ToldHook())
    settings.CHANNEL_GATEWAYS = {"email": "told"}
    make_invitation()
    deliver(NOON)
    return Attempt.objects.get()


def post(client: Client, attempt: Attempt, status: str = "delivered", word: str = "sesame") -> tuple[int, str]:
    events = [{"id": f"e-{status}", "status": status, "ref": attempt.our_reference}]
    response = client.post("/hooks/told/", json.dumps(events), "application/json", headers={"X-Word": word})
    return response.status_code, response.content.decode()


def test_what_a_provider_tells_is_stored_and_takes_effect(client: Client, attempt: Attempt) -> None:
    assert post(client, attempt) == (200, "<Heard/>")
    attempt.refresh_from_db()
    assert attempt.delivery == "delivered"
    assert "e-delivered" in ProviderRequest.objects.get().body


def test_the_same_thing_told_again_is_answered_alike_and_changes_nothing(client: Client, attempt: Attempt) -> None:
    assert [post(client, attempt)[0] for _ in range(3)] == [200] * 3
    assert ProviderEvent.objects.count() == 1


def test_who_is_not_the_provider_is_refused_and_leaves_no_trace(client: Client, attempt: Attempt) -> None:
    assert post(client, attempt, word="abracadabra") == (403, "The word is wrong.")
    assert not ProviderRequest.objects.exists()
    assert not ProviderEvent.objects.exists()


def test_only_the_providers_way_of_calling_is_open(client: Client, attempt: Attempt) -> None:
    assert client.get("/hooks/told/").status_code == 405
    assert client.post("/hooks/nobody/").status_code == 404


def test_what_cannot_be_stored_is_not_acknowledged(
    client: Client, attempt: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.raise_request_exception = False
    monkeypatch.setattr(ProviderEvent.objects, "bulk_create", lambda *_, **__: 1 / 0)
    assert post(client, attempt)[0] == 500
    assert not ProviderRequest.objects.exists()


def test_an_error_while_it_takes_effect_is_made_up_for_later(
    client: Client, attempt: Attempt, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("surveys.events_in._settle", lambda *_: 1 / 0)
        assert post(client, attempt)[0] == 200
    assert "Could not apply" in caplog.text
    assert events_in.apply_waiting(NOON) == 1
    attempt.refresh_from_db()
    assert attempt.delivery == "delivered"


def test_a_body_without_end_is_refused(client: Client, attempt: Attempt) -> None:
    response = client.post("/hooks/told/", "x" * 3_000_000, "application/json", headers={"X-Word": "sesame"})
    assert response.status_code == 413
