"""One customer, whole: what happened, in order, and when this person may be asked next on each channel."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib.auth import get_user_model

from contacts import story
from contacts.appointments import appointments_to_keep
from contacts.explaining import named, say_decision, say_reason, say_when
from contacts.gate import eligibilities, eligibility
from contacts.models import Appointment, Contact, Customer, Decision
from contacts.models.words import Channel, Purpose
from contacts.persons import read_records
from recovery import story as recovery_story
from surveys import story as surveys_story

NO_LEAVE_HELPS = {"consent", "expiry", "wish"}
"""Kinds of reasons that neither an appointment nor an override passes."""


@dataclass(frozen=True, slots=True)
class Next:
    """The gate's answer for one channel: `result` is send, delay or skip, `text` says it with its reasons."""

    channel: Channel
    result: str
    text: str


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


def refusal_of(decision: Decision, customer: Customer, at: datetime) -> Refusal:
    """Return what to say about a call that the gate did not allow."""
    zone = customer.time_zone
    kinds = {reason["kind"] for reason in decision.reasons}
    counted = Contact.objects.filter(pk__in=decision.counted).select_related("by").order_by("at", "pk")
    managers = get_user_model().objects.with_perm("contacts.add_override", is_active=True, include_superusers=False)
    return Refusal(
        reasons=[say_reason(reason, zone) for reason in decision.reasons],
        counted=[_counted(contact, zone) for contact in counted],
        when=_next_call(decision, customer, at),
        by_leave=not kinds & NO_LEAVE_HELPS,
        ask=[named(user) for user in managers.order_by("pk")[:3]],
    )


def open_appointments(customer: Customer, at: datetime) -> list[tuple[int, str]]:
    """Return id and words of the appointments that are still to be kept with the person."""
    records = [record.id for record in read_records([customer.pk])]
    waiting = appointments_to_keep(at).filter(customer__in=records).select_related("touchpoint")
    return [(appointment.pk, _appointment(appointment, customer.time_zone)) for appointment in waiting]


def timeline(customer: Customer) -> list[story.Moment]:
    """Return everything that happened with the person, newest first."""
    records = [record.id for record in read_records([customer.pk])]
    told = [
        *story.moments(records, customer.time_zone),
        *surveys_story.moments(records),
        *recovery_story.moments(records),
    ]
    return sorted(told, key=lambda moment: moment.at, reverse=True)


def next_contacts(customer: Customer, at: datetime) -> list[Next]:
    """Return for each channel whether the person may be contacted at `at`, else when, and why."""
    purposes: dict[str, str] = {**dict.fromkeys(Channel.values, Purpose.INVITATION), Channel.PHONE: Purpose.CALL}
    answers = []
    for channel, verdict in eligibilities(customer.pk, purposes, at=at).items():
        reasons = [reason.as_dict() for reason in verdict.reasons]
        text = say_decision(verdict.decision, verdict.at, reasons, customer.time_zone)
        answers.append(Next(Channel(channel), verdict.decision, text))
    return answers


def _next_call(decision: Decision, customer: Customer, at: datetime) -> str:
    if decision.allowed_at:
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


def _appointment(appointment: Appointment, zone: str) -> str:
    until = appointment.ends_at.astimezone(ZoneInfo(zone or "UTC"))
    about = f", about {appointment.touchpoint}" if appointment.touchpoint else ""
    return f"{say_when(appointment.starts_at, zone)} until {until:%H:%M}{about}"
