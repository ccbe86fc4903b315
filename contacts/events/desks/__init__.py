"""Webhooks of help desks: who really sent them, and what they tell of whom."""

from contacts.events.desks.chatwoot import CHATWOOT
from contacts.events.desks.signing import Desk, Forged, check
from contacts.events.desks.zammad import ZAMMAD
from contacts.events.desks.zendesk import ZENDESK
from contacts.models import EventSource

__all__ = ["DESKS", "Desk", "Forged", "check"]

DESKS: dict[str, Desk] = {
    EventSource.Sender.CHATWOOT: CHATWOOT,
    EventSource.Sender.ZENDESK: ZENDESK,
    EventSource.Sender.ZAMMAD: ZAMMAD,
}
