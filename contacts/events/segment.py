"""Segment's tracking API, as its clients and RudderStack's speak it: bodies -> events. Pure.

Source: Segment, "HTTP Tracking API" and "Spec: Common fields"; what the clients really send was watched on the wire:
ids that are null, traits at the top or in the context, and when it happened in `timestamp`, else in `originalTimestamp`
(RudderStack's client for Node sets the latter to the moment of the call).
"""

from datetime import datetime
from typing import Any

from contacts.events.incoming import (
    LONGEST_NAME,
    About,
    Body,
    Incoming,
    MalformedError,
    Problem,
    corrected,
    id_in,
    judge,
    line_in,
    moment_in,
    of_batch,
)
from contacts.models import Event

TYPES = tuple(Event.Type.values)
CALLS = (*TYPES, "batch")
TRACK, GROUP = Event.Type.TRACK.value, Event.Type.GROUP.value
VIEWED = {Event.Type.PAGE.value: "Page", Event.Type.SCREEN.value: "Screen"}


def read(call: str, body: Any, received: datetime) -> list[Incoming]:
    """Return the events of a request to /v1/<call>, each with what is wrong with it, if anything.

    Raises MalformedError for a body that is no object or whose batch is no list, TooManyError for too long a batch.
    """
    if not isinstance(body, dict):
        raise MalformedError("Expected a JSON object.")
    events = of_batch(body.get("batch")) if call == "batch" else [body | {"type": call}]
    sent = _sent(body)
    return [judge(_without_key(event), received, _id, lambda own: _about(own, sent, received)) for event in events]


def write_key_in(body: Any) -> str:
    """Return the write key that some clients put into the body."""
    key = body.get("writeKey") if isinstance(body, dict) else None
    return key if isinstance(key, str) else ""


def _without_key(event: Any) -> Any:
    if not isinstance(event, dict) or "writeKey" not in event:
        return event
    return {name: value for name, value in event.items() if name != "writeKey"}


def _id(body: Body) -> str:
    return id_in(body, "messageId")


def _about(body: Body, sent: datetime | None, received: datetime) -> About:
    """What an event is about; `sent` is when its batch was, where it does not say so itself."""
    type_ = body.get("type")
    if type_ not in TYPES:
        raise Problem(f"type: expected one of {', '.join(TYPES)}")
    user, anonymous = id_in(body, "userId", junk=True), id_in(body, "anonymousId", junk=True)
    if not user and not (anonymous and type_ != GROUP):
        raise Problem("userId: expected the id of a customer" + ("" if type_ == GROUP else ", or anonymousId"))
    original = moment_in(body, "timestamp", "originalTimestamp")
    return About(type_, _name(type_, body), user, anonymous, corrected(original, _sent(body) or sent, received))


def _name(type_: str, body: Body) -> str:
    """What happened: a track's own name; pages and screens are named as Segment's destinations name them."""
    if type_ != TRACK and type_ not in VIEWED:
        return ""
    field = "event" if type_ == TRACK else "name"
    given = body.get(field)
    name = line_in(field, given) if isinstance(given, str) else ""
    if type_ in VIEWED:
        name = " ".join(filter(None, ("Viewed", name, VIEWED[type_])))
    if not name or len(name) > LONGEST_NAME:
        raise Problem(f"{field}: expected the name of what happened, of 1 to {LONGEST_NAME} characters")
    return name


def _sent(body: Body) -> datetime | None:
    """When it left its sender, by the sender's clock; one that cannot be read corrects nothing."""
    try:
        return moment_in(body, "sentAt")
    except Problem:
        return None
