"""We reply to a customer's SMS by ourselves: thanks for a score, or the confirmation of a command.

A thank-you asks for the comment: it is a contact like any other, so the gate is asked, and it is sent within a day or
not at all. The confirmation of STOP, START or HELP is what the customer asked for: the gate is not asked, but the
ledger has it, so it counts (docs/frequency.md). Both are rows of the outbox, and delivered as such.
"""

from datetime import datetime, timedelta

from django.db import transaction

from contacts import gate
from contacts.gate import Ask, Entry
from contacts.models import Contact
from contacts.models.words import OURS, Channel, Outcome, Purpose
from surveys.asking import ask_person, granted
from surveys.models import IncomingSms, Invitation
from surveys.senders import Sender, is_ours, who_has

SMS = Channel.SMS.value
Meaning = IncomingSms.Meaning
WORTH: dict[str, timedelta] = {
    # Within five minutes a confirmation needs no further consent: 47 CFR 64.1200(a)(12). Silence is always lawful.
    Meaning.STOP: timedelta(minutes=5),
    Meaning.START: timedelta(hours=1),
    Meaning.HELP: timedelta(hours=1),
    Meaning.SCORE: timedelta(days=1),
}
"""How long after the message a reply is still worth sending."""
ONCE_IN = timedelta(days=1)
"""A number gets one reply of a kind in so long, so that two machines never talk to each other."""


def reply_due(at: datetime) -> int:
    """Plan the replies that are due, each in a transaction of its own, to be delivered like everything; how many."""
    due = IncomingSms.objects.filter(reply_due=True).order_by("received_at", "pk")
    return sum(_reply(pk, at) for pk in list(due.values_list("pk", flat=True)))


@transaction.atomic
def _reply(pk: int, at: datetime) -> bool:
    """Plan the reply, or none where none may be sent; either way it is not due any more."""
    sms = IncomingSms.objects.select_for_update(no_key=True).get(pk=pk)
    if not sms.reply_due:
        return False
    sms.reply_due = False
    sms.save(update_fields=["reply_due"])
    sender = who_has(sms.sender)
    if not (sms.invitation and sender.identifiers and _may_reply(sms, at)):
        return False
    planned = (
        _thank(sms, sms.invitation, at) if sms.meaning == Meaning.SCORE else _confirm(sms, sms.invitation, sender, at)
    )
    return planned is not None


def _may_reply(sms: IncomingSms, at: datetime) -> bool:
    alike = Invitation.objects.filter(replies_to__sender=sms.sender, replies_to__meaning=sms.meaning)
    return (
        at <= sms.received_at + WORTH[sms.meaning]
        and not alike.filter(created_at__gt=at - ONCE_IN).exists()
        and not is_ours(sms.sender)
    )


def _thank(sms: IncomingSms, answered: Invitation, at: datetime) -> Invitation | None:
    """Ask the gate for a thank-you; it goes to the number that wrote or nowhere."""
    expires = sms.received_at + WORTH[sms.meaning]
    thanks = ask_person(
        answered.customer_id,
        answered.version,
        at=at,
        purpose=Purpose.THANK_YOU,
        channels=(SMS,),
        expires=expires,
        closes=expires,
    )
    if not isinstance(thanks, Invitation):
        return None
    thanks.replies_to, thanks.touchpoint, thanks.language = sms, answered.touchpoint, answered.language
    if thanks.address is None or thanks.address.value != sms.sender:
        gate.settle(thanks.contact_id, Outcome.CANCELLED, at=at)
        thanks.state, thanks.state_reason = Invitation.State.CANCELLED, "other number"
    thanks.save()
    return thanks


def _confirm(sms: IncomingSms, asked: Invitation, sender: Sender, at: datetime) -> Invitation:
    ask = Ask(asked.customer_id, at, (SMS,), Purpose.OTHER, survey=asked.version.survey.slug, simulated=asked.simulated)
    contact = _count(sms, ask)
    expires = sms.received_at + WORTH[sms.meaning]
    confirmation = granted(ask, contact, asked.version, language=asked.language, expires=expires, closes=expires, at=at)
    confirmation.replies_to = sms
    confirmation.address = next(
        (one for one in sender.identifiers if one.customer_id == asked.customer_id), sender.identifiers[0]
    )
    confirmation.save()
    return confirmation


def _count(sms: IncomingSms, ask: Ask) -> Contact:
    """The place of a confirmation in the ledger: on its way at once, so that no other message can take it."""
    entry = Entry(
        ask.customer_id,
        ask.at,
        ask.purpose,
        OURS,
        f"reply:{sms.pk}",
        channel=SMS,
        outcome=Outcome.DEFERRED,
        survey=ask.survey,
        simulated=ask.simulated,
    )
    gate.record([entry], at=ask.at)
    return Contact.objects.get(source=OURS, external_id=entry.external_id)
