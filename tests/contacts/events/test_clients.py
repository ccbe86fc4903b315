"""The unmodified clients of Segment and RudderStack are the judges: the same customers and touchpoints from each."""

import json
import subprocess
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from contacts.events.applying import apply_waiting
from contacts.models import Customer, Event, Touchpoint
from tests.contacts.events.senders import make_source, mean
from tests.judges import CLIENTS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.clients]
Calls = list[tuple[str, dict[str, Any]]]


def call(client: str, host: str, key: str, calls: Calls, *options: str) -> "subprocess.CompletedProcess[str]":
    """Let a client make some calls, one after the other, and end."""
    lines = "".join(f"{json.dumps(one)}\n" for one in calls)
    command = [*CLIENTS[client], host, key, *options]
    return subprocess.run(command, input=lines, text=True, capture_output=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("client", "options"),
    [*((client, ()) for client in CLIENTS), ("segment (Python)", ("gzip",)), ("rudder (Python)", ("gzip",))],
)
def test_the_same_customers_and_touchpoints_from_every_client(
    live_server: LiveServer, client: str, options: tuple[str, ...]
) -> None:
    source, key = make_source()
    mean(source, columns={"agent": "agent"})
    hour_ago = timezone.now() - timedelta(hours=1)
    chat = {"event": "Chat Ended", "timestamp": hour_ago.isoformat()}
    calls: Calls = [
        ("track", {"anonymousId": "a1", "properties": {"agent": "Kim"}, **chat}),
        ("identify", {"userId": "u1", "anonymousId": "a1", "traits": {"email": "ada@example.com", "name": "Ada"}}),
        ("track", {"userId": "u1", "properties": {"agent": "Lee"}, **chat}),
        ("page", {"userId": "u1", "name": "Prices"}),
        ("group", {"userId": "u1", "groupId": "acme", "traits": {"name": "Acme Ltd"}}),
        ("alias", {"previousId": "a2", "userId": "u1"}),
    ]
    ended = call(client, live_server.url, key, calls, *options)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert Event.objects.count() == len(calls)
    for _ in range(2):
        apply_waiting(timezone.now())
    ada = Customer.objects.select_related("account").get()
    assert (ada.external_id, ada.name, ada.account and ada.account.name) == ("u1", "Ada", "Acme Ltd")
    identities = set(ada.identifiers.values_list("type", "value"))
    assert identities >= {("email", "ada@example.com"), ("external", "a1"), ("external", "a2")}
    chats = Touchpoint.objects.order_by("agent")
    assert list(chats.values_list("agent", "customer")) == [("Kim", ada.pk), ("Lee", ada.pk)]
    assert all(abs(chat.occurred_at - hour_ago) < timedelta(seconds=30) for chat in chats)
    assert list(Event.objects.filter(state="unmapped").values_list("name", flat=True)) == ["Viewed Prices Page"]


@pytest.mark.parametrize("client", ["segment (Python)", "rudder (Python)", "segment (Node)"])
def test_a_client_that_sends_again_makes_nothing_twice(live_server: LiveServer, client: str) -> None:
    source, key = make_source()
    mean(source)
    at = (timezone.now() - timedelta(hours=1)).isoformat()
    chat = ("track", {"userId": "u1", "event": "Chat Ended", "messageId": "m1", "timestamp": at})
    assert call(client, live_server.url, key, [chat, chat]).returncode == 0
    apply_waiting(timezone.now())
    assert (Event.objects.filter(state="applied").count(), Touchpoint.objects.count()) == (1, 1)


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_with_another_key_is_told(live_server: LiveServer, client: str) -> None:
    make_source()
    ended = call(client, live_server.url, "wrong", [("track", {"userId": "u1", "event": "Chat Ended"})])
    assert (ended.returncode, Event.objects.exists()) == (1, False)
