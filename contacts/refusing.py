"""A call that is not allowed: why, what counts, when the next one is, and what can be done."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import get_user_model

from contacts.brands import visible_to
from contacts.explaining import ANOTHER_BRAND, named, say_reason, say_when
from contacts.gate import Answer, eligibility
from contacts.models import Contact, Customer, Decision
from contacts.models.words import Channel, Purpose
from contacts.readers import Reader

NO_LEAVE_HELPS = {"consent", "expiry", "wish"}
"""Kinds of reasons that neither an appointment nor an override passes."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a call was not allowed, and what can be done about it, in words.

    `counted`: the contacts that count, newest last. `when`: the next allowed time. `by_leave`: whether an appointment
    or an override can help; `ask` names who may give an override.
    """

    reasons: list[str]
    counted: list[str]
    when: str
    by_leave: bool
    ask: list[str]


def refusal_of(decision: Decision | Answer, customer: Customer, at: datetime, reader: Reader) -> Refusal:
    """Return what to say to somebody about a call that the gate did not allow, or would not."""
    zone = customer.time_zone
    kinds = {reason["kind"] for reason in decision.reasons}
    ids = [key for key in decision.counted if isinstance(key, int)]
    counted = visible_to(reader, Contact.objects.filter(pk__in=ids)).select_related("by").order_by("at", "pk")
    told = [_counted(contact, zone) for contact in counted]
    managers = get_user_model().objects.with_perm("contacts.add_override", is_active=True, include_superusers=False)
    return Refusal(
        reasons=[say_reason(reason, zone) for reason in decision.reasons],
        counted=[*told, *([ANOTHER_BRAND] if len(told) < len(ids) else [])],
        when=_next_call(decision, customer, at),
        by_leave=not kinds & NO_LEAVE_HELPS,
        ask=[named(user) for user in managers.order_by("pk")[:3]],
    )


def _next_call(decision: Decision | Answer, customer: Customer, at: datetime) -> str:
    if decision.allowed_at and decision.result != Decision.Result.SKIP:
        return f"The next call is allowed on {say_when(decision.allowed_at, customer.time_zone)}."
    about_anything = eligibility(customer.pk, Channel.PHONE, at=at, purpose=Purpose.CALL)
    if about_anything.at is None:
        return "No date makes this call allowed."
    when = "now" if about_anything.at <= at else f"from {say_when(about_anything.at, customer.time_zone)} on"
    return f"No date makes this call allowed. A call about something else is allowed {when}."


def _counted(contact: Contact, zone: str) -> str:
    by = f", by {named(contact.by)}" if contact.by else ""
    return f"{say_when(contact.at, zone)}: {_what(contact)}, {contact.get_outcome_display().lower()}{by}"


def _what(contact: Contact) -> str:
    return (
        "call" if contact.purpose == Purpose.CALL else f"{contact.get_purpose_display()} by {contact.channel}".lower()
    )
