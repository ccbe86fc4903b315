"""Systems that send events, for the tests of this room."""

from datetime import UTC, datetime, timedelta
from typing import Any

from contacts.events import segment
from contacts.events.applying import apply_waiting
from contacts.events.keeping import Verdict, keep
from contacts.events.keys import new_key
from contacts.models import Event, EventMeaning, EventSource

NOON = datetime(2026, 5, 5, 12, tzinfo=UTC)
EARLIER = "2026-05-05T11:00:00.000Z"


def make_source(name: str = "shop", **fields: Any) -> tuple[EventSource, str]:
    """Return a source with its write key."""
    source = EventSource(name=name, created_at=NOON, **fields)
    key = new_key(source)
    source.save()
    return source, key


def mean(source: EventSource, name: str = "Chat Ended", **fields: Any) -> EventMeaning:
    """Say that events of a name are chats, unless told otherwise."""
    usual = {"becomes": "touchpoint", "kind": "chat", "channel": "app", "direction": "in"}
    return EventMeaning.objects.create(source=source, name=name, **usual | fields)


def track(message_id: str = "m1", **fields: Any) -> dict[str, Any]:
    """Return the event that the chat of customer u1 has ended."""
    usual = {"type": "track", "event": "Chat Ended", "userId": "u1", "timestamp": EARLIER, "properties": {}}
    return {**usual, "messageId": message_id, **fields}


def identify(message_id: str = "i1", **fields: Any) -> dict[str, Any]:
    """Return the event that says who u1 is."""
    return {"type": "identify", "messageId": message_id, "userId": "u1", "timestamp": EARLIER, "traits": {}, **fields}


def send(source: EventSource, *events: Any, at: datetime = NOON) -> list[Verdict]:
    """Send a batch; nothing takes effect yet."""
    return keep(source, segment.read("batch", {"batch": list(events)}, at), at)


def take_in(source: EventSource, *events: Any, at: datetime = NOON) -> list[Event]:
    """Send a batch, let everything that waits take its turn, and return its events in their order."""
    sent = send(source, *events, at=at)
    apply_waiting(at + timedelta(minutes=1))
    return [Event.objects.get(source=source, message_id=verdict.message_id) for verdict in sent]
