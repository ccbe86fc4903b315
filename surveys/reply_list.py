"""What a person does with a reply that we could not be sure about."""

from collections.abc import Collection
from datetime import datetime

from django.contrib.admin.models import CHANGE
from django.db import transaction
from django.db.models import Q, QuerySet

from contacts.gate.audit import audit
from surveys.models import IncomingSms, Invitation
from surveys.reply_answers import ASKS_MORE, question_of, settle
from surveys.replying import opt_out
from surveys.senders import Asked, all_asked_of, who_has

Meaning = IncomingSms.Meaning
TO_READ = Q(seen_at=None) & ~Q(for_person="")


class ReplyError(ValueError):
    """A step that a reply does not allow; the text says what to do instead."""


def to_read() -> QuerySet[IncomingSms]:
    """Return the replies that wait for a person."""
    return IncomingSms.objects.filter(TO_READ)


def questions_for(sms: IncomingSms) -> list[Asked]:
    """Return what the reply can be an answer to: what was open at this number when it was written, the newest first."""
    return [asked for asked in all_asked_of(who_has(sms.sender), sms.at) if asked.open]


@transaction.atomic
def mark_seen(ids: Collection[int], *, by_id: int, at: datetime) -> int:
    """Note that somebody has seen to these replies; return how many were waiting."""
    waiting = list(to_read().filter(pk__in=ids).select_for_update(no_key=True).order_by("pk"))
    for sms in waiting:
        _seen(sms, "Seen", by_id, at)
    return len(waiting)


@transaction.atomic
def take_as_answer(sms_id: int, invitation_id: int, number: int, *, by_id: int, at: datetime) -> None:
    """Take the reply as a score (0 to 10), or as yes (1) or no (0), to an invitation that was open at its number.

    Words in it become the comment, as if it had been read like that. Raises ReplyError.
    """
    # Locked in the same order as where a message is applied: the invitation, then what was written about it.
    Invitation.objects.select_for_update(no_key=True).get(pk=invitation_id)
    sms = IncomingSms.objects.select_for_update(no_key=True).get(pk=sms_id)
    if sms.meaning == Meaning.SCORE and not sms.for_person and sms.invitation_id != invitation_id:
        raise ReplyError("It counts as the answer to another question already.")
    asked = next((one for one in questions_for(sms) if one.invitation.pk == invitation_id), None)
    question = question_of(asked.invitation.version) if asked else None
    if asked is None or question is None:
        raise ReplyError("This question could not be answered by the reply any more. Choose another one, or Seen.")
    if number not in range(11 if question.kind == question.Kind.NPS else 2):
        raise ReplyError("This question takes yes or no. Choose 1 for yes or 0 for no.")
    sms.meaning, sms.number, sms.for_person = Meaning.SCORE, number, ""
    sms.invitation, sms.customer_id = asked.invitation, asked.invitation.customer_id
    _seen(sms, "Taken as an answer", by_id, at)
    if settle(invitation_id, at).response is None:
        raise ReplyError(ASKS_MORE)


@transaction.atomic
def take_as_opt_out(sms_id: int, channel: str, *, by_id: int, at: datetime) -> None:
    """Take the reply as the customer's no to a channel, or to everything where it is empty, for all at its number.

    It is the customer's own word, which the staff cannot take back. An unknown number's holds once somebody has it.
    """
    sms = IncomingSms.objects.select_for_update(no_key=True).get(pk=sms_id)
    sender = who_has(sms.sender)
    opt_out(sms, sender, channel, by_id)
    sms.meaning, sms.for_person = Meaning.STOP, ""
    if sms.customer_id is None and sender.identifiers:
        sms.customer_id = sender.identifiers[0].customer_id
    _seen(sms, "Taken as an opt-out", by_id, at)


def _seen(sms: IncomingSms, what: str, by_id: int, at: datetime) -> None:
    sms.seen_at, sms.seen_by_id = at, by_id
    sms.save()
    audit(sms, CHANGE, what, by_id=by_id, at=at)
