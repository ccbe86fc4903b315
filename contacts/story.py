"""What this room knows of a person's story, to be put in order with what the other rooms know."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from contacts.explaining import named, say_decision, say_when
from contacts.models import Appointment, Contact, Decision, OptOut, Override, Touchpoint, Wish
from contacts.models.words import CLOCK_EVENTS, Channel
from contacts.names import in_words


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened: `what` names its kind, `tone` its colour (never the only sign of it)."""

    at: datetime
    what: str
    title: str
    text: str = ""
    tone: str = ""
    simulated: bool = False


def moments(records: Collection[int], zone: str) -> Iterator[Moment]:
    """Yield, in no order, what happened with the person: touchpoints, contacts, decisions, consent, leaves."""
    contacts = Contact.objects.filter(customer__in=records).select_related("by")
    yield from map(_touchpoint, Touchpoint.objects.filter(customer__in=records))
    yield from map(_contact, contacts.exclude(purpose__in=CLOCK_EVENTS))
    for decision in Decision.objects.filter(customer__in=records):
        yield _decision(decision, zone)
    for opt_out in OptOut.objects.filter(customer__in=records):
        yield from _opt_out(opt_out)
    for wish in Wish.objects.filter(customer__in=records):
        yield _wish(wish, zone)
    for override in Override.objects.filter(customer__in=records).select_related("by"):
        yield _override(override, zone)
    for appointment in Appointment.objects.filter(customer__in=records).select_related("by"):
        yield _appointment(appointment, zone)


def _touchpoint(touchpoint: Touchpoint) -> Moment:
    facts = (touchpoint.product, touchpoint.team, touchpoint.agent, touchpoint.outcome, touchpoint.reference)
    title = f"{in_words(touchpoint.kind)} ({in_words(touchpoint.channel, inside=True)})"
    return Moment(
        touchpoint.occurred_at, "touchpoint", title, ", ".join(filter(None, facts)), simulated=touchpoint.simulated
    )


def _contact(contact: Contact) -> Moment:
    title = f"{contact.get_purpose_display()} by {contact.get_channel_display()}"
    where = f"survey {contact.survey}" if contact.survey else contact.source
    by = f", by {named(contact.by)}" if contact.by else ""
    told = f"{contact.get_outcome_display()}, {where}{by}"
    return Moment(contact.at, "contact", title, told, simulated=contact.simulated)


def _decision(decision: Decision, zone: str) -> Moment:
    heads = {"send": "Allowed", "delay": "Has to wait", "skip": "Not allowed"}
    tones = {"send": "allowed", "delay": "waiting", "skip": "refused"}
    means = f" by {decision.get_channel_display()}" if decision.channel else ""
    what = f"{decision.get_purpose_display().lower()}{means} ({decision.get_stage_display().lower()})"
    told = say_decision(decision.result, decision.allowed_at, decision.reasons, zone)
    text = "" if decision.result == Decision.Result.SEND else told
    return Moment(decision.decided_at, "decision", f"{heads[decision.result]}: {what}", text, tones[decision.result])


def _opt_out(opt_out: OptOut) -> Iterator[Moment]:
    what = Channel(opt_out.channel).label if opt_out.channel else "everything"
    yield Moment(opt_out.at, "opt-out", f"Opted out of {what}", opt_out.wording, "refused")
    if opt_out.reopened_at:
        yield Moment(opt_out.reopened_at, "opt-out", f"Took back the opt-out of {what}", "", "allowed")


def _wish(wish: Wish, zone: str) -> Moment:
    told = {
        Wish.Kind.PAUSE: f"until {say_when(wish.pause_until, zone)}" if wish.pause_until else "",
        Wish.Kind.ONCE_IN_DAYS: f"once in {wish.once_in_days} days",
        Wish.Kind.CHANNEL: wish.get_channel_display(),
        Wish.Kind.HOURS: ", ".join(f"{days} {periods}" for days, periods in (wish.hours or {}).items()),
    }
    text = "Withdrawn." if wish.withdrawn_at else ""
    return Moment(wish.at, "wish", f"{wish.get_kind_display()}: {told[Wish.Kind(wish.kind)]}", text, "waiting")


def _override(override: Override, zone: str) -> Moment:
    what = f"Override for one contact by {override.get_channel_display()}, until {say_when(override.ends_at, zone)}"
    return Moment(override.at, "override", what, f"{override.reason} ({named(override.by)})", "allowed")


def _appointment(appointment: Appointment, zone: str) -> Moment:
    what = f"Asked to be called on {say_when(appointment.starts_at, zone)}"
    return Moment(
        appointment.at, "appointment", what, f"{appointment.get_state_display()} ({named(appointment.by)})", "waiting"
    )
