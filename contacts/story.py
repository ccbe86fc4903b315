"""What this room knows of a person's story, to be put in order with what the other rooms know."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from contacts.explaining import named, say_decision, say_when
from contacts.hiding import HIDDEN
from contacts.models import Appointment, ConsentEvent, Contact, Decision, OptOut, Override, Touchpoint
from contacts.models.words import CLOCK_EVENTS, OURS, Channel
from contacts.names import in_words
from contacts.readers import Reader


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened: `what` names its kind, `tone` its colour (never the only sign of it).

    `personal`: its text names somebody or is somebody's words.
    """

    at: datetime
    what: str
    title: str
    text: str = ""
    tone: str = ""
    simulated: bool = False
    personal: bool = False

    def shown(self, reader: Reader) -> "Moment":
        """Return it as the reader gets it."""
        return replace(self, text=HIDDEN) if self.personal and self.text and not reader.personal else self


def moments(records: Collection[int], zone: str) -> Iterator[Moment]:
    """Yield, in no order, what happened with the person: touchpoints, contacts, decisions, consent, leaves."""
    contacts = Contact.objects.filter(customer__in=records).select_related("by")
    yield from map(_touchpoint, Touchpoint.objects.filter(customer__in=records))
    yield from map(_contact, contacts.exclude(purpose__in=CLOCK_EVENTS))
    for decision in Decision.objects.filter(customer__in=records):
        yield _decision(decision, zone)
    said = list(ConsentEvent.objects.filter(customer__in=records).select_related("by"))
    yield from (_said(event, zone) for event in said)
    # Of whoever is erased nothing is left but the no itself.
    for opt_out in OptOut.objects.filter(customer__in=records).exclude(customer__in=[one.customer_id for one in said]):
        yield Moment(opt_out.at, "opt-out", f"Opted out of {_channel(opt_out.channel)}", "", "refused")
    for override in Override.objects.filter(customer__in=records).select_related("by"):
        yield _override(override, zone)
    for appointment in Appointment.objects.filter(customer__in=records).select_related("by"):
        yield _appointment(appointment, zone)


def _touchpoint(touchpoint: Touchpoint) -> Moment:
    facts = (touchpoint.product, touchpoint.team, touchpoint.agent, touchpoint.outcome, touchpoint.reference)
    title = f"{in_words(touchpoint.kind)} ({in_words(touchpoint.channel, inside=True)})"
    text, simulated = ", ".join(filter(None, facts)), touchpoint.simulated
    return Moment(touchpoint.occurred_at, "touchpoint", title, text, simulated=simulated, personal=True)


def _contact(contact: Contact) -> Moment:
    title = f"{contact.get_purpose_display()} by {contact.get_channel_display()}"
    where = f"survey {contact.survey}" if contact.survey else contact.source
    by = f", by {named(contact.by)}" if contact.by else ""
    told = f"{contact.get_outcome_display()}, {where}{by}"
    return Moment(contact.at, "contact", title, told, simulated=contact.simulated, personal=contact.by is not None)


def _decision(decision: Decision, zone: str) -> Moment:
    heads = {"send": "Allowed", "delay": "Has to wait", "skip": "Not allowed"}
    tones = {"send": "allowed", "delay": "waiting", "skip": "refused"}
    means = f" by {decision.get_channel_display()}" if decision.channel else ""
    what = f"{decision.get_purpose_display().lower()}{means} ({decision.get_stage_display().lower()})"
    told = say_decision(decision.result, decision.allowed_at, decision.reasons, zone)
    text = "" if decision.result == Decision.Result.SEND else told
    return Moment(decision.decided_at, "decision", f"{heads[decision.result]}: {what}", text, tones[decision.result])


def _said(event: ConsentEvent, zone: str) -> Moment:
    """What was said, and what proves it."""
    proof = (
        f"Said “{event.wording}”" if event.wording else "",
        f"Answered to “{event.shown}”" if event.shown else "",
        event.get_via_display() + (f", told by {event.source}" if event.source != OURS else ""),
        event.evidence,
        f"recorded by {named(event.by)}" if event.by else "",
    )
    what, tone = _words(event, zone)
    kind = "opt-out" if event.said in (ConsentEvent.Said.OPT_OUT, ConsentEvent.Said.OPT_IN) else "wish"
    return Moment(event.at, kind, what, "; ".join(filter(None, proof)), tone, personal=True)


def _words(event: ConsentEvent, zone: str) -> tuple[str, str]:
    if event.said == ConsentEvent.Said.OPT_OUT:
        return f"Opted out of {_channel(event.channel)}", "refused"
    if event.said == ConsentEvent.Said.OPT_IN:
        return f"Said yes to {_channel(event.channel)}", "allowed"
    if event.said == ConsentEvent.Said.WITHDRAWN:
        return "Took back all wishes", "allowed"
    return f"Wished: {'; '.join(_asked(name, value, zone) for name, value in event.asked.items())}", "waiting"


def _asked(name: str, value: Any, zone: str) -> str:
    if name == "pause_until":
        return f"no contact until {say_when(datetime.fromisoformat(value), zone)}"
    if name == "once_in_days":
        return f"at most once in {value} days"
    if name == "hours":
        return f"only {', '.join(f'{days} {periods}' for days, periods in value.items())}"
    return f"to be asked by {Channel(value).label}"


def _channel(channel: str) -> str:
    return str(Channel(channel).label) if channel else "everything"


def _override(override: Override, zone: str) -> Moment:
    what = f"Override for one contact by {override.get_channel_display()}, until {say_when(override.ends_at, zone)}"
    return Moment(override.at, "override", what, f"{override.reason} ({named(override.by)})", "allowed", personal=True)


def _appointment(appointment: Appointment, zone: str) -> Moment:
    what = f"Asked to be called on {say_when(appointment.starts_at, zone)}"
    return Moment(
        appointment.at, "appointment", what, f"{appointment.get_state_display()} ({named(appointment.by)})", "waiting"
    )
