"""What a help desk's webhook tells, in one form for all of them. Pure.

A webhook may tell of several things, and several webhooks of the same one. So each thing gets an id of its own, made of
the desk's ids: what is told twice, or sent again by somebody who listened, is the same event. Texts of messages are
left out: nothing is done with them.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from contacts.events.incoming import (
    LONGEST_ID,
    LONGEST_NAME,
    About,
    Body,
    Incoming,
    Problem,
    corrected,
    id_in,
    judge,
    line_in,
)
from contacts.models import Event

OPENED, SOLVED, REOPENED = "Ticket Opened", "Ticket Solved", "Ticket Reopened"
RECEIVED, RATED = "Customer Message Received", "Satisfaction Rated"
SENT = {"email": "Agent Email Sent", "sms": "Agent SMS Sent", "phone": "Agent Call Made"}
"""By channel, because they count in the caps by channel; what went another way is `SENT_ELSEWHERE`."""
SENT_ELSEWHERE = "Agent Message Sent"
CONTEXT, EXTERNAL_IDS = "context", "externalIds"
"""Where a customer's ids in other systems stand, as in Segment's events."""


@dataclass(frozen=True, slots=True)
class Who:
    """A desk's customer: its own id, `traits` as in Segment's identify, and the customer's id in your own systems.

    `proven`: whether the desk knows that the id in your systems is right, and did not take the customer's word.
    `as_of`: what says which state of the customer this is, where the desk tells.
    """

    id: str
    traits: Mapping[str, Any] = field(default_factory=dict)
    own_id: str = ""
    proven: bool = False
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened; `key` is made of the desk's ids and says what is the same event."""

    key: str
    name: str
    at: Any
    properties: Mapping[str, Any]


def tell(who: Who, happenings: Sequence[Happening], received: datetime, ids_of: str) -> list[Incoming]:
    """Return the events of a webhook: who it is, where anything is known, and what happened.

    `ids_of`: whose ids the customer's ids in your own systems are; empty: they are not used.
    """
    if not who.id:
        return []
    traits = {name: value for name, value in who.traits.items() if value not in (None, "")}
    ids = [{"type": ids_of, "id": who.own_id, "verified": who.proven}] if ids_of and who.own_id else []
    events = [_incoming(happening, who.id, received) for happening in happenings]
    if traits or ids:
        body = {"traits": traits, CONTEXT: {EXTERNAL_IDS: ids}, "userId": who.id}
        at = next((event.occurred_at for event in events if event.occurred_at), received)
        events.insert(0, _known(f"customer {_mark(body, who.as_of or at.date())}", body, Event.Type.IDENTIFY, at))
    return events


def sent(channel: str) -> str:
    """Return what a message of an agent is called that went by this channel."""
    return SENT.get(channel, SENT_ELSEWHERE)


def moment(value: Any) -> datetime | None:
    """Return when: seconds since 1970, or ISO 8601, or that with ` UTC` behind it. Raises Problem for anything else."""
    if value in (None, ""):
        return None
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value.removesuffix(" UTC"))
            return found if found.tzinfo else found.replace(tzinfo=UTC)
        return datetime.fromtimestamp(float(value), UTC)
    except (ValueError, TypeError, OverflowError, OSError):
        raise Problem(f"time: expected ISO 8601 or seconds since 1970, and not {str(value)[:40]!r}") from None


def part(body: Any, *names: str) -> Body:
    """Return the object within an object; empty where there is none."""
    for name in names:
        body = body.get(name) if isinstance(body, dict) else None
    return body if isinstance(body, dict) else {}


def text(value: Any) -> str:
    """Return a text or a number as text; empty for anything else."""
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""


def words(*values: Any) -> str:
    """Return what is there of these texts, with spaces between."""
    return " ".join(filter(None, map(text, values)))


def _incoming(happening: Happening, user: str, received: datetime) -> Incoming:
    told = {name: value for name, value in happening.properties.items() if value not in (None, "", [], {})}
    body = {"properties": told, "userId": user}

    def about(own: Body) -> About:
        name, known = line_in("name", happening.name), id_in(own, "userId", junk=True)
        if not 0 < len(name) <= LONGEST_NAME:
            raise Problem(f"name: expected 1 to {LONGEST_NAME} characters")
        if not known:
            raise Problem("expected a customer: the id of this one stands for nobody")
        return About(Event.Type.TRACK.value, name, known, "", corrected(moment(happening.at), None, received))

    return _same(judge(body, received, lambda _: _key(happening.key), about))


def _known(key: str, body: Body, type_: str, at: datetime) -> Incoming:
    def about(own: Body) -> About:
        known = id_in(own, "userId", junk=True)
        if not known:
            raise Problem("expected a customer: the id of this one stands for nobody")
        return About(str(type_), "", known, "", at)

    return _same(judge(body, at, lambda _: key, about))


def _same(event: Incoming) -> Incoming:
    """The same event by its id alone: told again a moment later, a desk's words about it are others."""
    return replace(event, digest=hashlib.sha256(event.message_id.encode()).hexdigest()) if event.message_id else event


def _key(key: str) -> str:
    """The key, as long as an id may be and in characters that can be kept: else its hash."""
    usable = len(key) <= LONGEST_ID and key.isprintable()
    return key if usable else hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()


def _mark(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, default=str, sort_keys=True).encode()).hexdigest()[:32]


def each(objects: Any) -> Iterable[Body]:
    """Return the objects of a list."""
    return [one for one in objects if isinstance(one, dict)] if isinstance(objects, list) else []
