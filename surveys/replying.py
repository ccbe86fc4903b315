"""A customer's SMS takes effect: stored once, committed, then applied in a transaction of its own.

Opt-outs come before anything else, and are committed before we reply (`surveys.confirming`). Whatever nobody can be
sure about waits for a person, with the reason. The end state follows from the messages' own times, not from the order
in which they arrive.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, OuterRef, QuerySet

from contacts import consent
from contacts.models import Identifier, OptOut
from contacts.models.words import Channel, Via
from contacts.proof import Proof
from contacts.records import records_of
from surveys.channels.events import IncomingMessage
from surveys.models import IncomingSms, Question
from surveys.replies import STOPS, Reading, Said, read, spoken
from surveys.reply_answers import question_of, settle, text_question_of
from surveys.senders import Asked, Sender, asked_of, is_ours, number_of, who_has

UNKNOWN_NUMBER = "Nobody here has this number."
SHARED = "Several customers have this number: it is not clear who wrote."
NOT_ASKED = "We had not asked this customer anything by SMS."
LATE = "It came after the link had closed."
UNCLEAR = "It may be a score, but which one is not clear."
NO_TEXT = "It has no text. Perhaps it was a picture."
NO_ANSWER = "It does not answer what was asked."
WRONG_NUMBER = "Wrong number: it is closed. Ask the customer for the right one."
STOPPED_AND_MORE = "Nothing more is sent. Read whether the customer wants anything else."
LATER_NO = "The customer said no again after it: nothing was changed."
BROKEN = "An error of ours stopped it; the log tells which."

Meaning = IncomingSms.Meaning
_MEANINGS: dict[Said, str] = {Said.HELP: Meaning.HELP, Said.SCORE: Meaning.SCORE, Said.WORDS: Meaning.COMMENT}
_YES_NO = {Said.YES: 1, Said.NO: 0}
logger = logging.getLogger(__name__)


def take_in(gateway: str, messages: Sequence[IncomingMessage], at: datetime) -> None:
    """Store messages that came in, each once, and apply them; a copy changes nothing. Call it outside a transaction.

    All are stored and committed before the first is applied. What a database error leaves is for `apply_waiting`.
    """
    IncomingSms.objects.bulk_create((_as_row(gateway, message, at) for message in messages), ignore_conflicts=True)
    keys = [message.key for message in messages]
    _apply_all(IncomingSms.objects.filter(gateway=gateway, key__in=keys, applied_at=None), at)


def apply_waiting(at: datetime) -> int:
    """Apply what was stored and not applied, and the opt-outs of numbers that somebody has had since; how many."""
    having = Identifier.objects.filter(type=Identifier.Type.PHONE, issuer="", value=OuterRef("sender"))
    unknown = IncomingSms.objects.filter(customer=None, meaning=Meaning.STOP).filter(Exists(having))
    return _apply_all(IncomingSms.objects.filter(applied_at=None), at) + _apply_all(unknown, at)


def opt_out(sms: IncomingSms, sender: Sender, channel: str, by_id: int | None = None) -> None:
    """Note the opt-out from a channel (empty: everything) for all who have the number. Call it in a transaction."""
    for person in sorted(sender.persons):
        consent.opt_out(person, channel, at=sms.at, via=Via.REPLY, proof=_proof(sms, by_id))


def _proof(sms: IncomingSms, by_id: int | None = None) -> Proof:
    return Proof(evidence=f"SMS {sms.pk}", wording=sms.text, by_id=by_id, recorded_at=sms.received_at)


def _as_row(gateway: str, message: IncomingMessage, at: datetime) -> IncomingSms:
    return IncomingSms(
        gateway=gateway,
        key=message.key,
        sender=number_of(spoken(message.sender))[:40],
        recipient=spoken(message.recipient)[:40],
        text=spoken(message.text),
        at=min(message.at, at),  # a clock that runs ahead must not outdo what is said later
        received_at=at,
    )


def _apply_all(messages: QuerySet[IncomingSms], at: datetime) -> int:
    ids = list(messages.order_by("at", "pk").values_list("pk", flat=True))
    for pk in ids:
        try:
            _apply(pk, at)
        except (OperationalError, InterfaceError):
            raise  # the database is in trouble, and not a message: it is applied later
        except Exception:
            logger.exception("Could not apply incoming SMS %s; a person has to.", pk)
            IncomingSms.objects.filter(pk=pk).update(applied_at=at, meaning=Meaning.OTHER, for_person=BROKEN)
    return len(ids)


@transaction.atomic
def _apply(pk: int, at: datetime) -> None:
    sms = IncomingSms.objects.select_for_update(no_key=True).get(pk=pk)
    sender = who_has(sms.sender)
    if sms.applied_at and not (sms.customer_id is None and sender.persons):
        return  # by another worker, a moment ago
    sms.applied_at = at
    reading, asked = read(sms.text), asked_of(sender, sms.at) if sender.persons else None
    if asked:
        sms.invitation, sms.customer_id = asked.invitation, asked.invitation.customer_id
    elif sender.identifiers:
        sms.customer_id = sender.identifiers[0].customer_id
    if reading.said in STOPS or sms.meaning == Meaning.STOP:
        _stop(sms, sender, reading, at)
    elif reading.said == Said.START or (reading.said == Said.YES and _follows_a_stop(sms)):
        _start(sms, sender)
    else:
        _other(sms, sender, reading, asked)
    sms.save()
    if sms.meaning in (Meaning.SCORE, Meaning.COMMENT) and sms.for_person == "" and sms.invitation_id:
        settled = settle(sms.invitation_id, at)
        if settled.new:
            IncomingSms.objects.filter(pk=pk).update(reply_due=settled.wants_comment)


def _stop(sms: IncomingSms, sender: Sender, reading: Reading, at: datetime) -> None:
    sms.meaning = Meaning.STOP
    if IncomingSms.objects.filter(sender=sms.sender, meaning=Meaning.START, at__gt=sms.at).exists():
        return  # taken back already, by a message that was written later and came before
    if reading.said == Said.WRONG_NUMBER:
        for identifier in sender.identifiers:
            consent.close_address(identifier.pk, "wrong number", at=at)
        sms.for_person = WRONG_NUMBER
    else:
        opt_out(sms, sender, "" if reading.said == Said.STOP_ALL else Channel.SMS)
        sms.for_person = STOPPED_AND_MORE if reading.comment else ""
    sms.reply_due = sms.invitation is not None


def _start(sms: IncomingSms, sender: Sender) -> None:
    sms.meaning = Meaning.START
    if not sender.persons or sender.shared:
        sms.for_person = SHARED if sender.shared else UNKNOWN_NUMBER
        sms.customer = None
        return
    [person] = sender.persons
    later = OptOut.objects.filter(customer__in=records_of([person]), reopened_at=None, at__gt=sms.at)
    stopped = IncomingSms.objects.filter(sender=sms.sender, meaning=Meaning.STOP, at__gte=sms.at)
    if stopped.exists() or later.filter(channel__in=["", Channel.SMS]).exists():
        sms.for_person = LATER_NO
        return
    consent.reopen(person, Channel.SMS, at=sms.at, via=Via.REPLY, proof=_proof(sms))
    sms.reply_due = sms.invitation is not None


def _follows_a_stop(sms: IncomingSms) -> bool:
    """Whether the message before it from the same number was an opt-out, which a yes takes back."""
    before = IncomingSms.objects.filter(sender=sms.sender, at__lt=sms.at).order_by("-at", "-pk")
    return before.values_list("meaning", flat=True).first() == Meaning.STOP


def _other(sms: IncomingSms, sender: Sender, reading: Reading, asked: Asked | None) -> None:
    """Take it as an answer to what was asked, or say why a person has to read it."""
    sms.meaning = _MEANINGS.get(reading.said, Meaning.OTHER)
    if reading.said == Said.HELP and asked:
        sms.reply_due = True
    elif sender.shared:
        sms.customer, sms.invitation, sms.for_person = None, None, SHARED
    elif not sender.persons:
        sms.for_person = "" if is_ours(sender.number) else UNKNOWN_NUMBER
    elif reading.said != Said.POLITE:
        sms.for_person = _unclear(sms, reading, asked)


def _unclear(sms: IncomingSms, reading: Reading, asked: Asked | None) -> str:
    """Why a person has to read what a known customer wrote; empty where it answers the question."""
    if reading.said == Said.NOTHING:
        return NO_TEXT
    if asked is None:
        return NOT_ASKED
    if reading.said == Said.UNCLEAR:
        return UNCLEAR
    if reading.said == Said.WORDS:
        fits = text_question_of(asked.invitation.version) is not None
    else:
        sms.number = _number(reading, question_of(asked.invitation.version))
        fits = sms.number is not None
        sms.meaning = Meaning.SCORE if fits else Meaning.OTHER
    if not fits:
        return NO_ANSWER
    return "" if asked.open else LATE


def _number(reading: Reading, question: Question | None) -> int | None:
    """What the reading answers to the question: a score, or 1 and 0 for yes and no."""
    if question is None:
        return None
    return reading.score if question.kind == Question.Kind.NPS else _YES_NO.get(reading.said)
