"""This room's own tables: follow-ups, what we changed, and what other systems are told."""

from recovery.models.followups import FollowUp, FollowUpNote, Improvement
from recovery.models.webhooks import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookEvent, WebhookMark

__all__ = [
    "FollowUp",
    "FollowUpNote",
    "Improvement",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookEvent",
    "WebhookMark",
]
