"""Zendesk's webhooks, of both kinds: those that subscribe to events, and those that a trigger sends. Pure.

Source: Zendesk, "Anatomy of a webhook request", "Verifying webhook authenticity", "Ticket events", "User events". A
subscribed webhook tells the customer's number only; the addresses come with the events of users. A trigger tells what
we ask it to (`guide.ZENDESK_TEMPLATE`). Signature: HMAC-SHA256 in base64 of time and body, with nothing between.
"""

import hashlib
import hmac
from base64 import b64encode
from datetime import datetime
from typing import Any

from contacts.events.desks.signing import Desk
from contacts.events.desks.telling import (
    OPENED,
    RATED,
    RECEIVED,
    REOPENED,
    SOLVED,
    Happening,
    Who,
    moment,
    part,
    sent,
    tell,
    text,
)
from contacts.events.incoming import Body, Incoming

TYPE, TICKET, USER = "zen:event-type:", "zen:event-type:ticket.", "zen:event-type:user."
DONE = ("SOLVED", "CLOSED")
CHANNELS = {"web": "web form", "chat": "chat", "native_messaging": "chat", "voice": "phone", "mail": "email"}


def read(body: Any, received: datetime, ids_of: str) -> list[Incoming]:
    """Return what a webhook tells; nothing of events that are about no customer."""
    type_ = text(part(body).get("type"))
    if type_.startswith(TICKET):
        who = Who(text(part(body, "detail").get("requester_id")))
        return tell(who, _of_event(type_.removeprefix(TICKET), body), received, ids_of)
    if type_.startswith(USER):
        return tell(_user(body), [], received, ids_of)
    if type_.startswith(TYPE):
        return []
    return tell(_requester(part(body, "requester")), _of_trigger(part(body)), received, ids_of)


def _user(body: Body) -> Who:
    """A customer as an event of users tells; agents are none."""
    detail, event = part(body, "detail"), part(body, "event")
    if text(detail.get("role")) != "end-user":
        return Who("")
    named = text(body.get("type")) == f"{USER}name_changed"
    traits = {"email": text(detail.get("email")), "name": text(event.get("current")) if named else ""}
    own_id, as_of = text(detail.get("external_id")), text(detail.get("updated_at"))
    return Who(text(detail.get("id")), traits, own_id, proven=True, as_of=as_of)


def _requester(requester: Body) -> Who:
    traits = {name: text(requester.get(name)) for name in ("name", "email", "phone", "language")}
    return Who(text(requester.get("id")), traits, text(requester.get("external_id")), proven=True)


def _of_event(kind: str, body: Body) -> list[Happening]:
    detail, event, at = part(body, "detail"), part(body, "event"), body.get("time")
    number, told = text(detail.get("id")), _told(detail)
    if kind == "created":
        return [Happening(f"ticket {number} opened", OPENED, at, told)]
    if kind == "status_changed":
        now, before = text(event.get("current")), text(event.get("previous"))
        if now == "SOLVED":
            return [Happening(f"ticket {number} solved {at}", SOLVED, at, told)]
        if before in DONE and now not in DONE:
            return [Happening(f"ticket {number} reopened {at}", REOPENED, at, told)]
        return []
    if kind == "comment_added":
        return _comment(part(event, "comment"), at, told)
    return [Happening(f"event {text(body.get('id'))}", f"ticket.{kind}", at, told)]


def _comment(comment: Body, at: Any, told: dict[str, Any]) -> list[Happening]:
    if comment.get("is_public") is not True:
        return []
    author = part(comment, "author")
    by_agent = author.get("is_staff") is True
    name = sent(told["channel"]) if by_agent else RECEIVED
    agent = {"agent": text(author.get("name"))} if by_agent and text(author.get("name")) else {}
    return [Happening(f"comment {text(comment.get('id'))}", name, at, told | agent)]


def _of_trigger(body: Body) -> list[Happening]:
    ticket, name = part(body, "ticket"), text(body.get("event"))
    at, number = body.get("at") or ticket.get("updated_at"), text(ticket.get("id"))
    if not number or not name:
        return []
    told, rating = _told(ticket), text(body.get("satisfaction"))
    if name == RATED:
        told |= {"outcome": rating}
    return [Happening(f"ticket {number} {name} {at}", name, at, told)]


def _told(ticket: Body) -> dict[str, Any]:
    via = text(part(ticket, "via").get("channel")) or text(ticket.get("channel"))
    return {
        "reference": text(ticket.get("id")),
        "channel": CHANNELS.get(via.lower(), via.lower()),
        "agent": text(ticket.get("agent")) or text(ticket.get("assignee_id")),
        "team": text(ticket.get("team")) or text(ticket.get("group_id")),
        "status": text(ticket.get("status")).lower(),
        "priority": text(ticket.get("priority")).lower(),
        "tags": ticket.get("tags"),
    }


def _sign(secret: bytes, timestamp: bytes, content: bytes) -> str:
    return b64encode(hmac.new(secret, timestamp + content, hashlib.sha256).digest()).decode()


ZENDESK = Desk(
    signature="X-Zendesk-Webhook-Signature",
    timestamp="X-Zendesk-Webhook-Signature-Timestamp",
    sign=_sign,
    moment=moment,
    read=read,
    chooses=True,
)
