"""An event as it came, read and judged before anything is stored. Pure."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from contacts.intake.fields import FieldError, happened, instant, one_line
from contacts.junk import is_junk_id

LONGEST_EVENT = 32 * 1024
"""Bytes of one event, as Segment allows (docs/events.md)."""
LONGEST_ID = 180
"""Characters of an id: shorter than where it is stored, as elsewhere (`contacts.intake.fields.key`)."""
LONGEST_NAME = 200
MOST_EVENTS = 10_000
"""Of one batch."""

Body = Mapping[str, Any]
_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


@dataclass(frozen=True, slots=True)
class Incoming:
    """One event. `problem` says why it cannot be used, empty where it can; then it is shown and never taken in.

    `occurred_at` is None where that could not be read. `message_id` is what its sender calls it, else the digest: the
    same body is then the same event. `text` is the body as JSON, the same whatever the order of its fields was.
    """

    message_id: str
    type: str
    name: str
    user_id: str
    anonymous_id: str
    occurred_at: datetime | None
    body: Body
    text: str
    digest: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """What an event says happened, whose it is, and when, by our clock."""

    type: str
    name: str
    user_id: str
    anonymous_id: str
    occurred_at: datetime


class Problem(ValueError):  # noqa: N818 - it is what an event has
    """What is wrong with an event; the text says what was expected."""


class MalformedError(ValueError):
    """A request that is none of the API that it was sent to; the text says what was expected."""


class TooManyError(MalformedError):
    """A batch of more events than are taken at once."""


def judge(event: Any, received: datetime, id_of: Callable[[Body], str], about: Callable[[Body], About]) -> Incoming:
    """Read an event by what says its id (empty: none) and what it is about, both of which may raise Problem."""
    if not isinstance(event, dict):
        return _unusable(f"expected an object for each event, and not {str(event)[:50]!r}", received)
    try:
        text = text_of(event)
        digest = digest_of(text)
        message_id = id_of(event) or digest
    except (Problem, RecursionError) as error:
        return _unusable(str(error), received)
    try:
        told = about(event)
    except Problem as error:
        return Incoming(message_id, "", "", "", "", None, event, text, digest, str(error))
    known = (told.type, told.name, told.user_id, told.anonymous_id, told.occurred_at)
    return Incoming(message_id, *known, event, text, digest)


def _unusable(problem: str, received: datetime) -> Incoming:
    """An event of which nothing can be kept but that it came."""
    return Incoming("", "", "", "", "", received, {}, "{}", "", problem)


def of_batch(events: Any) -> list[Any]:
    """Return the events of a batch. Raises MalformedError for what is no list, TooManyError for too long a one."""
    if not isinstance(events, list):
        raise MalformedError("Expected a list of events.")
    if len(events) > MOST_EVENTS:
        raise TooManyError(
            f"Expected at most {MOST_EVENTS:,} events, and there are {len(events):,}. Send smaller batches."
        )
    return events


def text_of(body: Body) -> str:
    """Return an event as JSON, whatever the order of its fields. Raises Problem for what cannot be kept."""
    try:
        text = _JSON.encode(body)
        content = text.encode()
    except UnicodeEncodeError:
        raise Problem("expected text in whole characters; one of its texts has half a surrogate pair") from None
    except ValueError:
        raise Problem("expected numbers that are finite") from None
    if len(content) > LONGEST_EVENT:
        raise Problem(f"expected at most {LONGEST_EVENT:,} bytes, and it has {len(content):,}")
    if "\\u0000" in text and _NUL.search(text):
        raise Problem("expected text without NUL characters")
    return text


def digest_of(text: str) -> str:
    """Return the SHA-256 of an event's text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def id_in(body: Body, field: str, *, junk: bool = False) -> str:
    """Return an id as text, a number as its digits, and empty where there is none.

    With `junk`, what systems write where they have no id (null, all zeros, guest) is none. Raises Problem for anything
    that is neither text nor a whole number, and for an id that is too long.
    """
    value = body.get(field)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Problem(f"{field}: expected text or a whole number")
    text = line_in(field, str(value))
    if len(text) > LONGEST_ID:
        raise Problem(f"{field}: expected at most {LONGEST_ID} characters")
    return "" if junk and is_junk_id(text) else text


def line_in(field: str, text: str) -> str:
    """Return a text in one line. Raises Problem for several."""
    try:
        return one_line(text)
    except FieldError as error:
        raise Problem(f"{field}: expected {error}") from None


def moment_in(body: Body, *fields: str) -> datetime | None:
    """Return the first of these fields that is there, as an instant in UTC. Raises Problem where it is none."""
    for field in fields:
        if (text := body.get(field)) is not None:
            try:
                return instant(text if isinstance(text, str) else "")
            except FieldError as error:
                raise Problem(f"{field}: expected {error}") from None
    return None


def corrected(original: datetime | None, sent: datetime | None, received: datetime) -> datetime:
    """Return when it happened by our clock, given when it did and when it was sent by the sender's.

    What lies between the two is right even where the sender's clock is wrong (Segment, "Common fields": timestamp =
    receivedAt - (sentAt - originalTimestamp)). Raises Problem for what cannot have happened yet, or so long ago.
    """
    try:
        moment = original or received
        if original and sent:
            moment = received - max(sent - original, timedelta(0))
        happened(moment, received, "timestamp")
    except (FieldError, OverflowError) as error:
        raise Problem(f"timestamp: expected {error}") from None
    return min(moment, received)
