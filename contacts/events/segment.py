"""Segment's tracking API, as its clients and RudderStack's speak it: bodies -> events. Pure.

Source: Segment, "HTTP Tracking API" and "Spec: Common fields"; what the clients really send was watched on the wire:
ids that are null, traits at the top or in the context, and when it happened in `timestamp`, else in `originalTimestamp`
(RudderStack's client for Node sets the latter to the moment of the call).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contacts.events.incoming import (
    LONGEST_NAME,
    Body,
    Incoming,
    Problem,
    corrected,
    digest_of,
    id_in,
    line_in,
    moment_in,
)
from contacts.models import Event

CALLS = (*Event.Type.values, "batch")
MOST_EVENTS = 10_000
"""Of one batch."""

_NAMES_NEEDED = {Event.Type.TRACK: "event"}
_VIEWED = {Event.Type.PAGE: "Page", Event.Type.SCREEN: "Screen"}


class MalformedError(ValueError):
    """A body that is none of this API; the text says what was expected."""


class TooManyError(MalformedError):
    """A batch of more events than are taken at once."""


def read(call: str, body: Any, received: datetime) -> list[Incoming]:
    """Return the events of a request to /v1/<call>, each with what is wrong with it, if anything.

    Raises MalformedError for a body that is no object or whose batch is no list, TooManyError for too long a batch.
    """
    if not isinstance(body, dict):
        raise MalformedError("Expected a JSON object.")
    events = body.get("batch") if call == "batch" else [body | {"type": call}]
    if not isinstance(events, list):
        raise MalformedError("Expected a list of events in the field batch.")
    if len(events) > MOST_EVENTS:
        raise TooManyError(
            f"Expected at most {MOST_EVENTS:,} events, and there are {len(events):,}. Send smaller batches."
        )
    return [_read(event, body, received) for event in events]


def write_key_in(body: Any) -> str:
    """Return the write key that some clients put into the body."""
    key = body.get("writeKey") if isinstance(body, dict) else None
    return key if isinstance(key, str) else ""


def properties_of(type_: str, body: Body) -> Mapping[str, Any]:
    """Return what an event says of itself; for who somebody is and where she belongs, the traits, wherever they are.

    RudderStack's clients put traits into the context, some of them into both places.
    """
    if type_ in (Event.Type.IDENTIFY, Event.Type.GROUP):
        return _object(_object(body.get("context")).get("traits")) | _object(body.get("traits"))
    return _object(body.get("properties"))


def _read(event: Any, batch: Body, received: datetime) -> Incoming:
    if not isinstance(event, dict):
        return _unusable(f"expected an object for each event, and not {str(event)[:50]!r}", received)
    body = {name: value for name, value in event.items() if name != "writeKey"}
    try:
        digest = digest_of(body)
        message_id = id_in(body, "messageId") or digest
    except (Problem, RecursionError) as error:
        return _unusable(str(error), received)
    try:
        return _usable(body, batch, received, message_id, digest)
    except Problem as error:
        return Incoming(message_id, "", "", "", "", None, body, digest, str(error))


def _usable(body: Body, batch: Body, received: datetime, message_id: str, digest: str) -> Incoming:
    type_ = body.get("type")
    if type_ not in Event.Type.values:
        raise Problem(f"type: expected one of {', '.join(Event.Type.values)}")
    user, anonymous = id_in(body, "userId", junk=True), id_in(body, "anonymousId", junk=True)
    if not user and not (anonymous and type_ != Event.Type.GROUP):
        raise Problem(
            "userId: expected the id of a customer" + ("" if type_ == Event.Type.GROUP else ", or anonymousId")
        )
    original, sent = moment_in(body, "timestamp", "originalTimestamp"), _sent(body, batch)
    return Incoming(
        message_id, type_, _name(type_, body), user, anonymous, corrected(original, sent, received), body, digest
    )


def _name(type_: str, body: Body) -> str:
    """What happened: a track's own name; pages and screens are named as Segment's destinations name them."""
    field = _NAMES_NEEDED.get(Event.Type(type_), "name")
    given = body.get(field)
    name = line_in(field, given) if isinstance(given, str) else ""
    if type_ in _VIEWED:
        name = " ".join(filter(None, ("Viewed", name, _VIEWED[Event.Type(type_)])))
    elif type_ != Event.Type.TRACK:
        return ""
    if not name or len(name) > LONGEST_NAME:
        raise Problem(f"{field}: expected the name of what happened, of 1 to {LONGEST_NAME} characters")
    return name


def _sent(body: Body, batch: Body) -> datetime | None:
    """When it left its sender, by the sender's clock; one that cannot be read corrects nothing."""
    for place in (body, batch):
        try:
            if moment := moment_in(place, "sentAt"):
                return moment
        except Problem:
            continue
    return None


def _unusable(problem: str, received: datetime) -> Incoming:
    """An event of which nothing can be kept but that it came."""
    return Incoming("", "", "", "", "", received, {}, "", problem)


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
