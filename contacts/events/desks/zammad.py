"""Zammad's webhooks. Pure.

Source: Zammad admin documentation, "Webhook payload", and zammad/zammad: trigger_webhook_job.rb, user_agent.rb. A
webhook is sent by a trigger and says how the ticket stands and which article it is about, not what happened: that
follows from both. Signature: HMAC-SHA1 in hex of the body, as `sha1=...`; no time is signed, so that what is sent again
is only noticed by the ids in it. Its own delivery id (X-Zammad-Delivery) is not signed, and proves nothing.
"""

import hashlib
import hmac
from datetime import datetime
from typing import Any

from contacts.events.desks.signing import Desk
from contacts.events.desks.telling import (
    OPENED,
    RECEIVED,
    REOPENED,
    SOLVED,
    Happening,
    Who,
    part,
    sent,
    tell,
    text,
    words,
)
from contacts.events.incoming import Body, Incoming

CLOSED, OPEN = ("closed", "solved", "resolved"), ("new", "open")
"""What states are called where nobody has named them otherwise, and what they are often named."""


def read(body: Any, received: datetime, ids_of: str) -> list[Incoming]:
    """Return what a webhook tells of a ticket's customer."""
    ticket, article = part(body, "ticket"), part(body, "article")
    return tell(_who(ticket), [*_of_ticket(ticket, article), *_of_article(ticket, article)], received, ids_of)


def _who(ticket: Body) -> Who:
    customer = part(ticket, "customer")
    traits: dict[str, Any] = {
        "name": words(customer.get("firstname"), customer.get("lastname")),
        "email": text(customer.get("email")),
        "phone": text(customer.get("mobile")) or text(customer.get("phone")),
        "country": text(customer.get("country")),
    }
    if customer.get("verified") is True and traits["email"]:
        traits["email_verified"] = True
    own_id, as_of = text(customer.get("external_id")), text(customer.get("updated_at"))
    return Who(text(ticket.get("customer_id") or customer.get("id")), traits, own_id, proven=True, as_of=as_of)


def _of_ticket(ticket: Body, article: Body) -> list[Happening]:
    number, told, state = text(ticket.get("id")), _told(ticket, article), _name(ticket.get("state")).casefold()
    closed = text(ticket.get("last_close_at")) or text(ticket.get("close_at"))
    articles = ticket.get("article_ids")
    found = []
    if isinstance(articles, list) and articles[:1] == [article.get("id")]:
        found.append(Happening(f"ticket {number} opened", OPENED, ticket.get("created_at"), told))
    if state in CLOSED:
        at = closed or text(ticket.get("updated_at"))
        found.append(Happening(f"ticket {number} solved {at}", SOLVED, at, told))
    elif state in OPEN and closed:
        key = f"ticket {number} reopened {closed}"
        found.append(Happening(key, REOPENED, ticket.get("updated_at"), told))
    return found


def _of_article(ticket: Body, article: Body) -> list[Happening]:
    sender, told = _name(article.get("sender")), _told(ticket, article)
    if article.get("internal") is True or sender not in ("Customer", "Agent"):
        return []
    name = RECEIVED
    if sender == "Agent":
        name = sent(told["channel"])
        told |= {"agent": _person(part(article, "created_by")) or told["agent"]}
    return [Happening(f"article {text(article.get('id'))}", name, article.get("created_at"), told)]


def _told(ticket: Body, article: Body) -> dict[str, Any]:
    return {
        "reference": text(ticket.get("number")),
        "channel": _name(article.get("type")) or _name(ticket.get("create_article_type")),
        "agent": _person(part(ticket, "owner")),
        "team": _name(ticket.get("group")),
        "status": _name(ticket.get("state")),
        "priority": _name(ticket.get("priority")),
        "organisation": _name(ticket.get("organization")),
        "tags": ticket.get("tags"),
    }


def _name(value: Any) -> str:
    """The name of something that is told by its name or as an object."""
    return text(part(value).get("name")) if isinstance(value, dict) else text(value)


def _person(user: Body) -> str:
    name = words(user.get("firstname"), user.get("lastname"))
    return "" if name == "-" else name  # who stands for nobody


def _sign(secret: bytes, _timestamp: bytes, content: bytes) -> str:
    return "sha1=" + hmac.new(secret, content, hashlib.sha1).hexdigest()


ZAMMAD = Desk(
    signature="X-Hub-Signature",
    timestamp="",
    sign=_sign,
    moment=lambda _: None,
    read=read,
    chooses=False,
)
