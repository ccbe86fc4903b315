"""Take out of this room's tables what a customer wrote and was written to; numbers stay, and belong to nobody."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q

from contacts.models import Identifier
from contacts.traces import Traces
from surveys.models import (
    Answer,
    Attempt,
    CallAttempt,
    CallCase,
    IncomingSms,
    Invitation,
    OutboxMessage,
    ProviderEvent,
    ProviderRequest,
    Response,
)
from surveys.questions.kinds import Kind

#: What stays of a response: whether its answers may be trusted.
KEPT_ATTRIBUTES = ("flags",)
#: Chosen from what a manager offered; whatever else is answered may tell who it was.
OFFERED = [kind for kind in Kind if kind not in (Kind.TEXT, Kind.SHORT_TEXT, Kind.NUMBER, Kind.DATE)]


def erase(records: Collection[int], found_by: Traces, *, at: datetime) -> None:
    """Empty all that belongs to a locked person, and remove what names her and belongs to nobody.

    Call it before `contacts.erasing.erase`, which forgets her addresses.
    """
    _erase_answers(records, at)
    _erase_messages(records, at)
    _erase_calls(records)
    _erase_texts_from_her(records)
    _erase_what_providers_told(found_by)


def _erase_answers(records: Collection[int], at: datetime) -> None:
    answers = Answer.objects.filter(response__customer__in=records)
    answers.exclude(question__kind__in=OFFERED).delete()
    answers.exclude(text="").update(text="")
    for response in Response.objects.filter(customer__in=records).only("attributes"):
        kept = {name: value for name, value in response.attributes.items() if name in KEPT_ATTRIBUTES}
        Response.objects.filter(pk=response.pk).update(attributes=kept, external_id="", updated_at=at)


def _erase_messages(records: Collection[int], at: datetime) -> None:
    """What was sent to her, and what was told about it; her links are closed."""
    invitations = Invitation.objects.filter(customer__in=records)
    invitations.filter(closes_at__gt=at).update(closes_at=at)
    invitations.update(state_reason="", address=None)
    attempts = Attempt.objects.filter(invitation__customer__in=records)
    OutboxMessage.objects.filter(attempt__in=attempts).delete()
    ProviderEvent.objects.filter(attempt__in=attempts).update(detail="")
    attempts.update(detail="")


def _erase_calls(records: Collection[int]) -> None:
    CallCase.objects.filter(customer__in=records).update(answers={})
    CallAttempt.objects.filter(case__customer__in=records).update(note="")


def _erase_texts_from_her(records: Collection[int]) -> None:
    """Her SMS, also those from a number that is hers alone and that nobody could give to a customer."""
    numbers = Identifier.objects.filter(type=Identifier.Type.PHONE, issuer="")
    hers = numbers.filter(customer__in=records).values("value")
    others = numbers.exclude(customer__in=records).values("value")
    alone = Q(customer=None, sender__in=hers) & ~Q(sender__in=others)
    written = IncomingSms.objects.filter(Q(customer__in=records) | alone)
    written.update(sender="", text="", for_person="")


def _erase_what_providers_told(found_by: Traces) -> None:
    """The raw calls in which her addresses stand, and news of messages that nobody knows."""
    for column in ("body", "query"):
        found_by.rows_with(ProviderRequest.objects.all(), column).delete()
    found_by.rows_with(ProviderEvent.objects.filter(attempt=None), "detail").update(detail="")
    found_by.rows_with(OutboxMessage.objects.filter(attempt=None), "recipient").delete()
