"""One customer, whole: what happened, in order, and when this person may be asked next on each channel."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from contacts import story
from contacts.appointments import appointments_to_keep
from contacts.brands import records_read
from contacts.explaining import say_decision, say_when, words_of_rules
from contacts.gate import read_book
from contacts.models import Appointment, Customer
from contacts.models.words import Channel
from contacts.readers import EVERYTHING, Reader
from contacts.why import question
from recovery import story as recovery_story
from surveys import story as surveys_story


@dataclass(frozen=True, slots=True)
class Next:
    """The gate's answer for one channel: `result` is send, delay or skip, `text` says it with its reasons."""

    channel: Channel
    result: str
    text: str


def open_appointments(customer: Customer, at: datetime, reader: Reader = EVERYTHING) -> list[tuple[int, str]]:
    """Return id and words of the appointments that are still to be kept with the person."""
    records = records_read(customer.pk, reader)
    waiting = appointments_to_keep(at).filter(customer__in=records).select_related("touchpoint")
    return [(appointment.pk, _appointment(appointment, customer.time_zone)) for appointment in waiting]


def timeline(customer: Customer, reader: Reader = EVERYTHING) -> list[story.Moment]:
    """Return everything that happened with the person and that somebody may read, newest first."""
    records = records_read(customer.pk, reader)
    told = [
        *story.moments(records, customer.time_zone),
        *surveys_story.moments(records, reader),
        *recovery_story.moments(records, reader),
    ]
    return sorted((moment.shown(reader) for moment in told), key=lambda moment: moment.at, reverse=True)


def next_contacts(customer: Customer, at: datetime) -> list[Next]:
    """Return for each channel whether the person may be contacted at `at`, else when, and why."""
    book = read_book(customer.pk, at)
    person, answers = book.persons[customer.pk], []
    for channel in Channel:
        verdict = book.verdict(question(customer.pk, channel, at), person, channel, at)
        reasons, words = [reason.as_dict() for reason in verdict.reasons], words_of_rules(person.unfit, channel)
        text = say_decision(verdict.decision, verdict.at, reasons, customer.time_zone, words)
        answers.append(Next(channel, verdict.decision, text))
    return answers


def _appointment(appointment: Appointment, zone: str) -> str:
    until = appointment.ends_at.astimezone(ZoneInfo(zone or "UTC"))
    about = f", about {appointment.touchpoint}" if appointment.touchpoint else ""
    return f"{say_when(appointment.starts_at, zone)} until {until:%H:%M}{about}"
