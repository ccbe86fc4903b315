"""Contacts that another system made: they count as our own do, so that nobody is asked again on the first day."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from django.utils.text import slugify

from contacts import gate
from contacts.intake import fields
from contacts.intake.customers import known_records
from contacts.intake.erased import without_erased
from contacts.intake.rows import Column, Line, Subject, Tally, Values
from contacts.intake.tables import Reject
from contacts.models import ImportRun
from contacts.models.words import CLOCK_EVENTS, OURS, Channel, Outcome, Purpose

#: What other tools call them, as `fields.plain` writes it. What might mean two things ("failed") is not guessed.
_CHANNELS = {
    "mail": "email",
    "text": "sms",
    "textmessage": "sms",
    "txt": "sms",
    "call": "phone",
    "phonecall": "phone",
    "tel": "phone",
    "telephone": "phone",
    "voice": "phone",
}
_PURPOSES = {
    "invite": "invitation",
    "thanks": "thank_you",
    "phonecall": "call",
    "answer": "response",
    "declined": "decline",
    "message": "other",
}
_OUTCOMES = {
    "sent": "accepted",
    "opened": "delivered",
    "clicked": "delivered",
    "bounce": "bounced",
    "hardbounce": "bounced",
    "softbounce": "deferred",
    "canceled": "cancelled",
    "answered": "completed",
    "complete": "completed",
    "leftmessage": "voicemail",
    "engaged": "busy",
}
#: What can have become of a contact that lies behind us.
_ENDED = [outcome for outcome in Outcome.values if outcome != Outcome.RESERVED]
#: The channels of what is written.
_WRITTEN = (Channel.EMAIL, Channel.SMS)
#: Where the file has no such column, rows that are there keep what they have.
_KEPT = ("survey", "outcome", "program", "seconds")
_FITTING = "a channel that fits: email or sms for a message, phone for a call, none for a response or a decline"
_OTHERS = "the system that made the contact; what cxsurvey did itself is in the ledger already"
_HELD = "the customer it was recorded for; to correct that, cancel the contact and give the right one another id"


@lru_cache(maxsize=1000)
def _survey_key(text: str) -> str:
    return slugify(fields.survey(text))


def _check(values: Values, at: datetime) -> None:
    fields.happened(values["at"], at, "at")
    place = "channel" if "channel" in values else "purpose"
    if values.setdefault("channel", "") not in _channels(values["purpose"]):
        raise fields.FieldError(_FITTING, place)


def _channels(purpose: str) -> Sequence[str]:
    """The channels by which a row of this purpose can have gone; the database takes no others."""
    if purpose in CLOCK_EVENTS:
        return ("",)
    return (Channel.PHONE,) if purpose == Purpose.CALL else _WRITTEN


def _write(lines: Sequence[Line], source: str, at: datetime) -> Tally:
    keep = [name for name in _KEPT if name not in lines[0].values]
    lines, rejects = without_erased(lines, source, "customer")
    records = known_records(source, {line.values["customer"] for line in lines})
    good, entries = [], []
    for line in lines:
        customer, system = line.values["customer"], line.values.get("source") or source
        if system.casefold() == OURS:
            rejects.append(Reject(line.number, "source", system, _OTHERS))
        elif customer not in records:
            expected = f"a customer of the source {source}; import the customers first, or name the source they are of"
            rejects.append(Reject(line.number, "customer", customer, expected))
        else:
            good.append(line)
            entries.append(_entry(line.values, records[customer].id, system))
    recorded = gate.record(entries, at=at, keep=keep)
    held = [good[place] for place in recorded.held]
    rejects += [Reject(line.number, "customer", line.values["customer"], _HELD) for line in held]
    return Tally(recorded.created, recorded.updated, recorded.unchanged, rejects)


def _entry(values: Values, customer_id: int, source: str) -> gate.Entry:
    """The ledger's row; where nothing is said of it, a message arrived, and a call or an answer took place."""
    usual = Outcome.DELIVERED if values["channel"] in _WRITTEN else Outcome.COMPLETED
    return gate.Entry(
        # The record that was named, also where it was merged into another: a split must find its rows again.
        customer_id=customer_id,
        at=values["at"],
        purpose=values["purpose"],
        source=source,
        external_id=values["external_id"],
        channel=values["channel"],
        outcome=values.get("outcome") or usual,
        survey=values.get("survey", ""),
    )


CONTACTS = Subject(
    name=ImportRun.Subject.CONTACTS,
    columns=(
        Column(
            "external_id",
            fields.key,
            required=True,
            also=("id", "contact", "contactid", "messageid", "invitationid", "sendid"),
        ),
        Column(
            "customer",
            fields.customer_key,
            required=True,
            also=("customerid", "customerno", "customernumber", "userid", "recipient"),
        ),
        Column(
            "at",
            fields.instant,
            required=True,
            also=("date", "datetime", "time", "timestamp", "sentat", "senton", "contactedat", "calledat"),
        ),
        Column("channel", fields.word(Channel.values, _CHANNELS), also=("medium", "via")),
        Column("purpose", fields.word(Purpose.values, _PURPOSES), required=True, also=("type", "kind", "messagetype")),
        Column("survey", _survey_key, also=("surveyname", "surveyid", "questionnaire")),
        Column("outcome", fields.word(_ENDED, _OUTCOMES), also=("result", "status", "disposition", "deliverystatus")),
        Column("source", fields.text_up_to(60), also=("system", "tool", "sender", "platform")),
    ),
    check=_check,
    write=_write,
    attributes=False,
)
