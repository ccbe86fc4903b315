"""Customers with a phone who were asked by SMS, and what they write back."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from contacts.models import Customer
from surveys.channels.events import IncomingMessage
from surveys.models import IncomingSms, Invitation, SurveyVersion
from surveys.replying import take_in
from tests.surveys.makers import NOON, make_customer, make_invitation, make_touchpoint, make_version

PHONE = "+447700900123"
OURS = "+447700900999"
LATER = NOON + timedelta(minutes=10)
numbers = count(1)


def minutes(n: float) -> datetime:
    """Return an instant after NOON, when the question was sent."""
    return NOON + timedelta(minutes=n)


def ask_by_sms(version: SurveyVersion | None = None, *, phone: str = PHONE, **fields: Any) -> Invitation:
    """Return an invitation that was sent by SMS at NOON to a customer with this number, unless told otherwise."""
    customer: Customer = fields.pop("customer", None) or make_customer(phone=phone)
    touchpoint = make_touchpoint(customer)
    values = {"state": "sent", "sent_at": NOON} | fields
    invitation = make_invitation(
        version or make_version(), customer=customer, touchpoint=touchpoint, channel="sms", **values
    )
    invitation.contact.__class__.objects.filter(pk=invitation.contact_id).update(outcome="delivered", at=NOON)
    return invitation


def message(text: str, at: datetime = LATER, *, sender: str = PHONE, key: str = "") -> IncomingMessage:
    """Return a message to us that a provider hands over."""
    return IncomingMessage(key=key or f"m{next(numbers)}", sender=sender, recipient=OURS, text=text, at=at)


def text_us(text: str, at: datetime = LATER, *, sender: str = PHONE, arrives: datetime | None = None) -> IncomingSms:
    """Send us a message, which arrives at once unless told otherwise, and return what became of it."""
    sent = message(text, at, sender=sender)
    take_in("test", [sent], arrives or at)
    return IncomingSms.objects.get(key=sent.key)
