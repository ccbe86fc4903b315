"""Chatwoot's webhooks. Pure.

Source: Chatwoot, "Webhooks" (user guide) and chatwoot/chatwoot: webhook_listener.rb, event_data_presenter.rb. A message
says `incoming` of the customer's and `outgoing` of the agents'; private notes and what bots and activities write are
passed over. Signatures (newer versions): HMAC-SHA256 in hex of time, point and body, as `sha256=...`.
"""

import hashlib
import hmac
from datetime import datetime
from typing import Any

from contacts.events.desks.signing import Desk
from contacts.events.desks.telling import RATED, RECEIVED, Happening, Who, each, moment, part, sent, tell, text
from contacts.events.incoming import Body, Incoming

STARTED, RESOLVED, REOPENED = "Conversation Started", "Conversation Resolved", "Conversation Reopened"
CHANNELS = {
    "Channel::Email": "email",
    "Channel::Sms": "sms",
    "Channel::TwilioSms": "sms",
    "Channel::Voice": "phone",
    "Channel::WebWidget": "chat",
}
"""What its channels are called here; another one's own name stays, in lower case."""
RATING = "csat_survey_response"


def read(body: Any, received: datetime, ids_of: str) -> list[Incoming]:
    """Return what a webhook tells; nothing of kinds that tell of no customer."""
    event = text(part(body).get("event"))
    if event.startswith("contact_"):
        return tell(_who(body, {}), [], received, ids_of)
    conversation = part(body, "conversation") if event.startswith("message_") else part(body)
    sender = part(conversation, "meta", "sender") or part(body, "contact")
    who = _who(sender, conversation)
    return tell(who, _happenings(event, body, conversation), received, ids_of)


def _who(contact: Body, conversation: Body) -> Who:
    proven = part(conversation, "meta").get("hmac_verified") is True
    traits: dict[str, Any] = {
        "name": text(contact.get("name")),
        "email": text(contact.get("email")),
        "phone": text(contact.get("phone_number")),
    }
    if proven and traits["email"]:
        traits["email_verified"] = True
    return Who(text(contact.get("id")), traits, text(contact.get("identifier")), proven)


def _happenings(event: str, body: Body, conversation: Body) -> list[Happening]:
    number, told = text(conversation.get("id") or conversation.get("display_id")), _told(conversation, body)
    if event == "conversation_created":
        return [Happening(f"conversation {number} started", STARTED, conversation.get("created_at"), told)]
    if event == "conversation_status_changed":
        return _status(number, conversation, told)
    if event in ("message_created", "message_updated"):
        return _message(event, body, told)
    if event and event != "conversation_updated" and number:
        at = conversation.get("updated_at") or conversation.get("timestamp")
        return [Happening(f"conversation {number} {event} {at}", event, at, told)]
    return []


def _status(number: str, conversation: Body, told: dict[str, Any]) -> list[Happening]:
    status, at = text(conversation.get("status")), conversation.get("updated_at") or conversation.get("timestamp")
    before = [text(part(change, "status").get("previous_value")) for change in each(_changes(conversation))]
    if status == "resolved":
        return [Happening(f"conversation {number} resolved {at}", RESOLVED, at, told)]
    if status == "open" and "resolved" in before:
        return [Happening(f"conversation {number} reopened {at}", REOPENED, at, told)]
    return []


def _changes(conversation: Body) -> Any:
    return conversation.get("changed_attributes")


def _message(event: str, body: Body, told: dict[str, Any]) -> list[Happening]:
    number, kind = text(body.get("id")), text(body.get("message_type"))
    at = body.get("created_at")
    if text(body.get("content_type")) == "input_csat":
        rating = part(body, "content_attributes", "submitted_values", RATING)
        if not text(rating.get("rating")):
            return []
        rated = told | {"outcome": text(rating.get("rating")), "feedback": text(rating.get("feedback_message"))}
        return [Happening(f"rating {number}", RATED, body.get("updated_at"), rated)]
    if event != "message_created" or body.get("private") is True:
        return []
    if kind in ("incoming", "0"):
        return [Happening(f"message {number}", RECEIVED, at, told)]
    if kind in ("outgoing", "1") and text(part(body, "sender").get("type")) in ("", "user"):
        agent = text(part(body, "sender").get("name"))
        return [Happening(f"message {number}", sent(told["channel"]), at, told | ({"agent": agent} if agent else {}))]
    return []


def _told(conversation: Body, body: Body) -> dict[str, Any]:
    meta, given = part(conversation, "meta"), text(conversation.get("channel"))
    channel = CHANNELS.get(given, given.removeprefix("Channel::").lower())
    if text(part(conversation, "contact_inbox").get("source_id")).startswith("whatsapp:"):
        channel = "whatsapp"  # which Twilio carries too
    return {
        "reference": text(conversation.get("id") or conversation.get("display_id")),
        "channel": channel,
        "agent": text(part(meta, "assignee").get("name")),
        "team": text(part(meta, "team").get("name")),
        "status": text(conversation.get("status")),
        "priority": text(conversation.get("priority")),
        "inbox": text(part(body, "inbox").get("name")),
        "labels": conversation.get("labels"),
        "custom": part(conversation, "custom_attributes"),
    }


def _sign(secret: bytes, timestamp: bytes, content: bytes) -> str:
    return "sha256=" + hmac.new(secret, timestamp + b"." + content, hashlib.sha256).hexdigest()


def _moment(timestamp: str) -> datetime | None:
    return moment(int(timestamp)) if timestamp.isdecimal() else None


CHATWOOT = Desk(
    signature="X-Chatwoot-Signature",
    timestamp="X-Chatwoot-Timestamp",
    sign=_sign,
    moment=_moment,
    read=read,
    chooses=True,
)
