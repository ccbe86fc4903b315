"""For how long what customers wrote, and were written to, is kept."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from contacts.retention import Kind, deleted, in_lots
from surveys.erasing import KEPT_ATTRIBUTES
from surveys.models import (
    Answer,
    Attempt,
    CallAttempt,
    CallCase,
    IncomingSms,
    OutboxMessage,
    ProviderEvent,
    ProviderRequest,
    Response,
    Wave,
)
from surveys.questions.kinds import Kind as QuestionKind
from surveys.wave_states import forget

WRITTEN = [QuestionKind.TEXT, QuestionKind.SHORT_TEXT]


def _with_comments(before: datetime) -> QuerySet[Response]:
    written = Answer.objects.filter(response=OuterRef("pk")).exclude(text="")
    return Response.objects.filter(Exists(written), answered_at__lt=before)


def forget_comments(ids: Sequence[int], _at: datetime) -> None:
    """Take out of these responses what was written, and what was noted beside them; numbers and choices stay.

    `updated_at` stays as it is: the customer did not change her answer, and nobody is to be told so.
    """
    written = Answer.objects.filter(response__in=ids).exclude(text="")
    written.filter(Q(question__kind__in=WRITTEN) | Q(number=None)).delete()
    written.update(text="")
    for pk, noted in Response.objects.filter(pk__in=ids).values_list("pk", "attributes"):
        kept = {name: value for name, value in noted.items() if name in KEPT_ATTRIBUTES}
        Response.objects.filter(pk=pk).update(attributes=kept)


def _texts(before: datetime) -> QuerySet[IncomingSms]:
    """SMS of customers; the STOP of a number that nobody has yet stays, as it holds once somebody has it."""
    of_nobody = Q(customer=None, meaning=IncomingSms.Meaning.STOP)
    return IncomingSms.objects.filter(at__lt=before).exclude(of_nobody).exclude(sender="", text="")


def _forget_texts(ids: Sequence[int], _at: datetime) -> None:
    IncomingSms.objects.filter(pk__in=ids).update(sender="", text="", for_person="")


def _cases(before: datetime) -> QuerySet[CallCase]:
    noted = CallAttempt.objects.filter(case=OuterRef("pk")).exclude(note="")
    return CallCase.objects.filter(~Q(answers={}) | Exists(noted), closed_at__lt=before)


def _forget_notes(ids: Sequence[int], _at: datetime) -> None:
    CallCase.objects.filter(pk__in=ids).update(answers={})
    CallAttempt.objects.filter(case__in=ids).update(note="")


def _said_by_providers(before: datetime) -> QuerySet[Attempt]:
    told = ProviderEvent.objects.filter(attempt=OuterRef("pk")).exclude(detail="")
    return Attempt.objects.filter(~Q(detail="") | Exists(told), started_at__lt=before)


def _forget_details(ids: Sequence[int], _at: datetime) -> None:
    ProviderEvent.objects.filter(attempt__in=ids).update(detail="")
    Attempt.objects.filter(pk__in=ids).update(detail="")


KINDS = (
    Kind(
        key="comments",
        name="Comments, and hidden fields of answers",
        becomes="removed; scores, choices and the themes that were found stay in the reports",
        why="Two years compare a season with the one before; what for is said to customers (GDPR, article 5(1)(c, e)).",
        days=730,
        **in_lots(_with_comments, forget_comments),
    ),
    Kind(
        key="texts",
        name="SMS from customers",
        becomes="number and text removed; that one came, when, and what it was taken for stay",
        why="A reply is dealt with within days; a year settles disputes about it.",
        days=365,
        **in_lots(_texts, _forget_texts),
    ),
    Kind(
        key="call_notes",
        name="Notes of calls, and answers to calls that became no response",
        becomes="removed; the calls, their outcome and length stay",
        why="They help with the next calls about the same case; a year settles disputes.",
        days=365,
        **in_lots(_cases, _forget_notes),
    ),
    Kind(
        key="outbox",
        name="Messages in the built-in outbox",
        becomes="deleted",
        why="They can be written anew from survey and invitation.",
        days=180,
        **deleted(OutboxMessage, lambda before: OutboxMessage.objects.filter(at__lt=before)),
    ),
    Kind(
        key="provider_requests",
        name="Calls of providers of email and SMS, as they came",
        becomes="deleted; what they told is kept",
        why="They are needed to find out what went wrong.",
        days=30,
        **deleted(ProviderRequest, lambda before: ProviderRequest.objects.filter(received_at__lt=before)),
    ),
    Kind(
        key="provider_details",
        name="What mail servers and providers wrote about messages",
        becomes="removed; what became of the message stays",
        why="Such texts often repeat the address; after half a year nobody asks a provider any more.",
        days=180,
        **in_lots(_said_by_providers, _forget_details),
    ),
    Kind(
        key="waves",
        name="Passes of planning",
        becomes="deleted; what they decided stays in the decisions",
        why="They are needed to watch, hold back and cancel what was planned.",
        days=30,
        count=lambda before: Wave.objects.filter(open=False, at__lt=before).count(),
        forget=lambda before, _at, _enough: forget(before),
    ),
)
