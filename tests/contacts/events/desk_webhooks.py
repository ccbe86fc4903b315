"""Webhooks as help desks send them: the shapes that their documentation shows, cut down to what matters, and signed.

Chatwoot: "Webhooks" in its user guide, and event_data_presenter.rb; Zendesk: "Ticket events", "User events"; Zammad:
"Webhook payload" in its admin documentation.
"""

import hashlib
import hmac
import json
from base64 import b64encode
from datetime import datetime
from typing import Any

from django.test import Client
from django.utils import timezone

from contacts.events.keys import address_key, token
from contacts.models import EventSource

SECRET = "whsec"


def conversation(**fields: Any) -> dict[str, Any]:
    """Return a conversation of Chatwoot, resolved."""
    sender = {"id": 17, "name": "Emily Adams", "email": "emily@example.com", "phone_number": "+12125550117"}
    sender |= {"identifier": "c-17", "type": "contact", "thumbnail": ""}
    usual = {
        "id": 42,
        "inbox_id": 5,
        "channel": "Channel::WebWidget",
        "status": "resolved",
        "can_reply": True,
        "meta": {
            "sender": sender,
            "assignee": {"id": 3, "name": "Kim Lee", "type": "user"},
            "team": {"id": 2, "name": "Support"},
            "hmac_verified": False,
        },
        "labels": ["billing"],
        "priority": "high",
        "custom_attributes": {"plan": "pro"},
        "created_at": 1777975200,
        "timestamp": 1777978800,
        "updated_at": 1777978800.25,
    }
    return usual | fields


def status_changed(now: str = "resolved", before: str = "open", **fields: Any) -> dict[str, Any]:
    """Return Chatwoot's webhook that a conversation's status has changed."""
    changes = [{"status": {"current_value": now, "previous_value": before}}]
    told = conversation(status=now, **fields)
    return told | {"event": "conversation_status_changed", "changed_attributes": changes}


def chat_message(type_: str = "incoming", **fields: Any) -> dict[str, Any]:
    """Return Chatwoot's webhook that a message was written."""
    usual = {
        "event": "message_created",
        "id": 501,
        "content": "Where is my order?",
        "created_at": "2026-05-05 10:30:00 UTC",
        "message_type": type_,
        "content_type": "text",
        "content_attributes": {},
        "private": False,
        "sender": {"id": 3, "name": "Kim Lee", "email": "kim@shop.example", "type": "user"},
        "conversation": conversation(status="open"),
        "inbox": {"id": 5, "name": "Website"},
        "account": {"id": 1, "name": "Shop"},
    }
    return usual | fields


def zendesk_event(kind: str = "status_changed", event: dict[str, Any] | None = None, **detail: Any) -> dict[str, Any]:
    """Return an event of a ticket that a webhook of Zendesk has subscribed to."""
    ticket = {
        "id": "35436",
        "status": "SOLVED",
        "priority": "NORMAL",
        "requester_id": "20978392",
        "assignee_id": "235323",
        "group_id": "98738",
        "via": {"channel": "mail"},
        "tags": ["billing"],
        "created_at": "2026-05-05T09:00:00Z",
        "updated_at": "2026-05-05T10:30:00Z",
    }
    return {
        "type": f"zen:event-type:ticket.{kind}",
        "account_id": 12514403,
        "id": "2b24ef10-19d4-4740-93cf-8f98ec4776c0",
        "time": "2026-05-05T10:30:00Z",
        "zendesk_event_version": "2022-11-06",
        "subject": "zen:ticket:35436",
        "detail": ticket | detail,
        "event": {"current": "SOLVED", "previous": "OPEN"} if event is None else event,
    }


def zendesk_trigger(event: str = "Ticket Solved", **fields: Any) -> dict[str, Any]:
    """Return what a trigger of Zendesk sends that was set up as the source's page says."""
    requester = {"id": "20978392", "external_id": "c-17", "name": "Emily Adams", "email": "emily@example.com"}
    ticket = {"id": "35436", "status": "Solved", "priority": "Normal", "channel": "Mail", "agent": "Kim Lee"}
    usual = {"event": event, "at": "2026-05-05T10:30:00Z", "satisfaction": "Offered"}
    return usual | {"ticket": ticket | {"team": "Billing", "tags": "billing vip"}, "requester": requester} | fields


def zammad(article: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """Return Zammad's webhook about a new ticket, or one with these fields about another article."""
    customer = {"id": 8, "firstname": "Emily", "lastname": "Adams", "email": "emily@example.com", "verified": False}
    customer |= {"phone": "0061 2 1234 7777", "country": "", "updated_at": "2026-05-05T10:30:37.366Z"}
    ticket = {
        "id": 81,
        "number": "10081",
        "title": "Webhook-Test",
        "state": "open",
        "article_count": 1,
        "article_ids": [104],
        "created_at": "2026-05-05T10:30:35.282Z",
        "updated_at": "2026-05-05T10:30:35.333Z",
        "close_at": None,
        "create_article_type": "phone",
        "customer": customer,
        "customer_id": 8,
        "group": {"id": 3, "name": "Service Desk"},
        "owner": {"id": 5, "firstname": "Emma", "lastname": "Taylor", "login": "emma@chrispresso.com"},
        "priority": {"id": 2, "name": "2 normal"},
        "organization": {"id": 3, "name": "Awesome Customer Inc."},
    }
    first = {"id": 104, "type": "phone", "sender": "Customer", "internal": False, "body": "This is a <b>test</b>"}
    first |= {
        "created_at": "2026-05-05T10:30:35.318Z",
        "created_by": {"firstname": "Christopher", "lastname": "Miller"},
    }
    return {"ticket": ticket | fields, "article": first | (article or {})}


def make_desk(sender: str, name: str = "support", **fields: Any) -> EventSource:
    """Return a help desk that sends us webhooks."""
    return EventSource.objects.create(
        name=name, sender=sender, write_key_hash=f"{name:0<64}", created_at=timezone.now(), **fields
    )


def address(source: EventSource) -> str:
    """Return where the desk's webhooks go."""
    return f"/v1/desks/{source.name}/{address_key(source)}/"


def signed(source: EventSource, content: bytes, at: datetime, secret: str = SECRET) -> dict[str, str]:
    """Return the headers with which a desk signs at an instant, computed from its documentation and not by our code."""
    if source.sender == "chatwoot":
        stamp = str(int(at.timestamp()))
        mac = hmac.new(secret.encode(), f"{stamp}.".encode() + content, hashlib.sha256)
        return {"X-Chatwoot-Signature": f"sha256={mac.hexdigest()}", "X-Chatwoot-Timestamp": stamp}
    if source.sender == "zendesk":
        stamp = f"{at:%Y-%m-%dT%H:%M:%SZ}"
        mac = hmac.new(secret.encode(), stamp.encode() + content, hashlib.sha256)
        own = {"X-Zendesk-Webhook-Signature": b64encode(mac.digest()).decode()}
        return own | {"X-Zendesk-Webhook-Signature-Timestamp": stamp, "X-Zendesk-Webhook-Invocation-Id": "8350205582"}
    mac = hmac.new((token(source) if secret == SECRET else secret).encode(), content, hashlib.sha1)
    return {"X-Hub-Signature": f"sha1={mac.hexdigest()}", "X-Zammad-Delivery": "d-1", "X-Zammad-Trigger": "All"}


def post(source: EventSource, body: Any, headers: dict[str, str] | None = None) -> Any:
    """Send a webhook, signed as the desk does, or with other headers."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = signed(source, content, timezone.now()) if headers is None else headers
    return Client().post(address(source), content, content_type="application/json", headers=sent)
