"""CloudEvents 1.0 over HTTP, in all three modes: binary, structured and batch. Pure.

Source: CloudEvents specification 1.0.2; JSON Event Format 1.0.2; HTTP Protocol Binding 1.0.2, sections 3.1 to 3.3. The
customer stands in `subject`, and `type` is the name of the event.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from contacts.events.incoming import (
    LONGEST_ID,
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

STRUCTURED, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
ATTRIBUTE = "ce-"
"""Before the names of attributes in headers."""


def read(headers: Mapping[str, str], body: Any, received: datetime) -> list[Incoming]:
    """Return the events of a request, by its headers (names in any case) and its body, already read as JSON.

    Raises MalformedError for a request that is in none of the modes, TooManyError for too long a batch.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    content_type = lower.get("content-type", "").partition(";")[0].strip().lower()
    if content_type == BATCH:
        events = of_batch(body)
    elif content_type == STRUCTURED:
        events = [body]
    elif f"{ATTRIBUTE}specversion" in lower:
        events = [_attributes(lower) | ({} if body is None else {"data": body})]
    else:
        raise MalformedError(f"Expected headers of CloudEvents (ce-specversion ...), or {STRUCTURED}, or {BATCH}.")
    return [judge(event, received, _id, lambda own: _about(own, received)) for event in events]


def _attributes(headers: Mapping[str, str]) -> dict[str, Any]:
    """The attributes of binary mode, whose values are percent-encoded (HTTP binding, 3.1.3.2)."""
    names = (name for name in headers if name.startswith(ATTRIBUTE))
    return {name.removeprefix(ATTRIBUTE): unquote(headers[name]) for name in names}


def _id(body: Body) -> str:
    """Source and id together say which event is the same event; both are needed to say it."""
    source, own = body.get("source"), body.get("id")
    if not (isinstance(source, str) and source and isinstance(own, str) and own):
        return ""
    both = line_in("id", f"{source} {own}")
    return both if len(both) <= LONGEST_ID else hashlib.sha256(both.encode()).hexdigest()


def _about(body: Body, received: datetime) -> About:
    if body.get("specversion") != "1.0":
        raise Problem("specversion: expected 1.0")
    for name in ("id", "source", "type"):
        if not isinstance(body.get(name), str) or not body[name]:
            raise Problem(f"{name}: expected text")
    name = line_in("type", body["type"])
    if len(name) > LONGEST_NAME:
        raise Problem(f"type: expected at most {LONGEST_NAME} characters")
    user = id_in(body, "subject", junk=True)
    if not user:
        raise Problem("subject: expected the id of a customer")
    return About(Event.Type.TRACK.value, name, user, "", corrected(moment_in(body, "time"), None, received))
