"""The unmodified clients of Segment, RudderStack and CloudEvents are the judges: the same touchpoints from each."""

import json
import subprocess
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from contacts.events.applying import apply_waiting
from contacts.models import Customer, Event, Touchpoint
from cxsurvey.shedding import REFUSAL
from tests.contacts.events.senders import make_source, mean
from tests.judges import CLIENTS, CLOUD_EVENTS
from tests.recovery.webhooks.receivers import receiver

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.clients]


def call(command: list[str], host: str, key: str, told: str, *options: str) -> "subprocess.CompletedProcess[str]":
    """Let a client send what it is told, and end."""
    arguments = [*command, host, key, *options]
    return subprocess.run(arguments, input=told, text=True, capture_output=True, timeout=60, check=False)


def lines(*calls: tuple[str, dict[str, Any]]) -> str:
    """Calls of a client, one after the other."""
    return "".join(f"{json.dumps(one)}\n" for one in calls)


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
    calls: list[tuple[str, dict[str, Any]]] = [
        ("track", {"anonymousId": "a1", "properties": {"agent": "Kim"}, **chat}),
        ("identify", {"userId": "u1", "anonymousId": "a1", "traits": {"email": "ada@example.com", "name": "Ada"}}),
        ("track", {"userId": "u1", "properties": {"agent": "Lee"}, **chat}),
        ("page", {"userId": "u1", "name": "Prices"}),
        ("group", {"userId": "u1", "groupId": "acme", "traits": {"name": "Acme Ltd"}}),
        ("alias", {"previousId": "a2", "userId": "u1"}),
    ]
    ended = call(CLIENTS[client], live_server.url, key, lines(*calls), *options)
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
    assert call(CLIENTS[client], live_server.url, key, lines(chat, chat)).returncode == 0
    apply_waiting(timezone.now())
    assert (Event.objects.filter(state="applied").count(), Touchpoint.objects.count()) == (1, 1)


@pytest.mark.one_database
@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_with_another_key_is_told(live_server: LiveServer, client: str) -> None:
    make_source()
    ended = call(CLIENTS[client], live_server.url, "wrong", lines(("track", {"userId": "u1", "event": "Chat Ended"})))
    assert (ended.returncode, Event.objects.exists()) == (1, False)


@pytest.mark.parametrize("sender", CLOUD_EVENTS)
def test_the_packages_of_cloudevents_tell_the_same(live_server: LiveServer, sender: str) -> None:
    source, key = make_source()
    mean(source, "Ticket Solved", kind="ticket", columns={"agent": "agent"})
    hour_ago = timezone.now() - timedelta(hours=1)
    about = {"specversion": "1.0", "id": "e1", "source": "/desk", "type": "Ticket Solved", "subject": "u1"}
    event = about | {"time": hour_ago.isoformat(), "data": {"agent": "Kim é"}}
    ended = call(CLOUD_EVENTS[sender], live_server.url, key, json.dumps(event))
    assert (ended.returncode, ended.stderr) == (0, "")
    apply_waiting(timezone.now())
    ticket = Touchpoint.objects.get(external_id="/desk e1")
    assert (ticket.agent, ticket.customer.external_id) == ("Kim é", "u1")
    assert abs(ticket.occurred_at - hour_ago) < timedelta(seconds=1)


@pytest.mark.one_database
@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_that_is_told_to_come_again_does_and_loses_nothing(client: str) -> None:
    """What the door says when too much comes in, 429 and 503, is what each client sends the same event again for."""
    with receiver() as door:
        replies = iter([(429, {"Retry-After": "1"}), (503, {"Retry-After": "1"})])
        door.reply = lambda got: (*next(replies, (200, {})), REFUSAL)
        chat = ("track", {"userId": "u1", "event": "Chat Ended", "messageId": "m1"})
        ended = call(CLIENTS[client], f"http://127.0.0.1:{door.port}", "key", lines(chat), "patient")
    assert ended.returncode == 0
    sent = [b'"messageId":"m1"' in got.body.replace(b'": "', b'":"') for got in door.got]
    assert sent == [True, True, True]
