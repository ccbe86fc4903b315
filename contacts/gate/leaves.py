"""What may pass the policy: a person's override, and an appointment that the customer asked for (section 8)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.contrib.admin.models import ADDITION, CHANGE
from django.db import transaction

from contacts.explaining import say_reason
from contacts.gate.asks import Ask, GateError
from contacts.gate.audit import audit
from contacts.gate.book import ANSWERED, Book, locked_book, told
from contacts.models import Appointment, Decision, Override
from contacts.models.words import Channel, Purpose
from contacts.persons import lock_records
from contacts.standing import APPOINTMENT, Standing

LONGEST = timedelta(hours=24)
"""An appointment is a time on one day: a longer one would be a leave to call at will."""


class LeaveError(GateError):
    """A leave that cannot be given: `place` is the field that is wrong, the text says what to do instead."""

    def __init__(self, place: str, text: str) -> None:
        super().__init__(f"{place}: {text}")
        self.place, self.text = place, text


@dataclass(frozen=True, slots=True)
class NamedTime:
    """A time that a customer named for a call; `any_hour`: asked for although it is outside the contact hours."""

    starts_at: datetime
    ends_at: datetime
    any_hour: bool = False


@transaction.atomic
def override(customer_id: int, channel: str, *, reason: str, ends_at: datetime, by_id: int, at: datetime) -> Override:
    """Let one contact by this channel pass caps, rests and bad moments until `ends_at`, never a no or the hours.

    `by_id`: who answers for it, and needs the right `contacts.add_override`. Raises LeaveError.
    """
    if channel not in Channel.values:
        raise LeaveError("channel", f"give one of {', '.join(Channel.values)}.")
    if not reason.strip():
        raise LeaveError("reason", "say why this customer may be contacted although the policy says no.")
    if ends_at <= at:
        raise LeaveError("ends_at", "this has passed already; give a later end.")
    lock_records([customer_id])
    made = Override.objects.create(
        customer_id=customer_id, channel=channel, reason=reason.strip(), by_id=by_id, at=at, ends_at=ends_at
    )
    audit(made, ADDITION, f"Override by {channel} until {ends_at.isoformat()}", by_id=by_id, at=at)
    return made


@transaction.atomic
def appoint(
    customer_id: int, time: NamedTime, *, at: datetime, by_id: int, touchpoint_id: int | None = None
) -> Appointment:
    """Record the time at which the customer asked to be called, about an experience or about any.

    Raises LeaveError for a time that has passed or that takes longer than a day, and where no call could be made then.
    """
    _refuse_impossible_times(time, at)
    ask = Ask(customer_id, time.starts_at, (Channel.PHONE.value,), Purpose.CALL, touchpoint_id=touchpoint_id)
    _refuse_where_no_call_may_be_made(locked_book([ask], at), ask, time, at)
    made = Appointment.objects.create(
        customer_id=customer_id,
        touchpoint_id=touchpoint_id,
        starts_at=time.starts_at,
        ends_at=time.ends_at,
        any_hour=time.any_hour,
        by_id=by_id,
        at=at,
        updated_at=at,
    )
    audit(made, ADDITION, f"Appointment from {time.starts_at.isoformat()}", by_id=by_id, at=at)
    return made


@transaction.atomic
def cancel_appointment(appointment_id: int, *, at: datetime, by_id: int) -> None:
    """The customer does not want to be called then any more. Raises GateError for one that is not open."""
    appointment = Appointment.objects.select_for_update().get(pk=appointment_id)
    if appointment.state != Appointment.State.OPEN:
        raise GateError(f"This appointment is {appointment.get_state_display().lower()}: there is nothing to cancel.")
    appointment.state, appointment.updated_at = Appointment.State.CANCELLED, at
    appointment.save(update_fields=["state", "updated_at"])
    audit(appointment, CHANGE, "Appointment cancelled", by_id=by_id, at=at)


def end_answered(answered: Mapping[int, datetime], at: datetime) -> None:
    """End the open appointments about touchpoints (id -> when they were answered about) that were made before.

    Each with a decision that says so; calls about the touchpoint have ended by it. The persons are locked. One
    statement where there is none to end.
    """
    still_open = Appointment.objects.filter(touchpoint__in=answered.keys(), state=Appointment.State.OPEN)
    found = still_open.select_for_update(no_key=True).order_by("pk")
    ended = [made for made in found if made.touchpoint_id and made.at <= answered[made.touchpoint_id]]
    if ended:
        Appointment.objects.filter(pk__in=[made.pk for made in ended]).update(
            state=Appointment.State.CANCELLED, updated_at=at
        )
        Decision.objects.bulk_create(_no_call_any_more(made, at) for made in ended)


def _no_call_any_more(appointment: Appointment, at: datetime) -> Decision:
    return Decision(
        customer_id=appointment.customer_id,
        touchpoint_id=appointment.touchpoint_id,
        stage=Decision.Stage.CALL,
        at=appointment.starts_at,
        channel=Channel.PHONE,
        purpose=Purpose.CALL,
        result=Decision.Result.SKIP,
        reasons=[told(ANSWERED, Channel.PHONE)],
        decided_at=at,
    )


def _refuse_impossible_times(time: NamedTime, at: datetime) -> None:
    if time.ends_at <= time.starts_at:
        raise LeaveError("ends_at", "the time ends before it starts; give a later end.")
    if time.ends_at <= at:
        raise LeaveError("ends_at", "this has passed already; give a later time.")
    if time.ends_at - time.starts_at > LONGEST:
        raise LeaveError("ends_at", "this is longer than a day; give the time that the customer named.")


def _refuse_where_no_call_may_be_made(book: Book, ask: Ask, time: NamedTime, at: datetime) -> None:
    person = book.persons[ask.customer_id]
    leave = Standing(APPOINTMENT, Channel.PHONE, time.starts_at, time.ends_at, any_hour=time.any_hour)
    answer = replace(book, persons={ask.customer_id: replace(person, leaves=(leave,))}).answer(ask, at)
    if answer.result == Decision.Result.SKIP or answer.allowed_at is None or answer.allowed_at >= time.ends_at:
        why = " ".join(say_reason(reason, person.facts.timezone or "") for reason in answer.reasons)
        raise LeaveError("starts_at", f"no call could be made then. {why} Agree on another time with the customer.")
