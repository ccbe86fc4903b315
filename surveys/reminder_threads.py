"""A thread is an invitation and its reminders; what must be true of one before the customer is reminded (again)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When

from contacts.models import Contact
from contacts.models.words import RELEASED, Outcome, Purpose
from contacts.persons import read_records
from surveys.channels.events import Status
from surveys.models import Attempt, CallAttempt, Invitation, Response, SurveyVersion

State = Invitation.State

ALIVE = (State.PLANNED, State.CLAIMED, State.SENT, State.UNKNOWN)
"""States of a reminder that the customer will get, has got or may have got."""
NOT_ARRIVED = (Status.FAILED, Status.BOUNCED)
UNWELCOME = (Status.UNSUBSCRIBED, Status.COMPLAINED)
DECLINED = "declined"


def _reported(statuses: Collection[Status]) -> Q:
    """Whether a provider reported one of these of any message of a thread, as a condition for its invitation."""
    attempts = Attempt.objects.filter(delivery__in=statuses)
    first, reminder = Q(invitation=OuterRef("pk")), Q(invitation__first=OuterRef("pk"))
    return Q(Exists(attempts.filter(first))) | Q(Exists(attempts.filter(reminder)))


ENDINGS: Mapping[str, Q] = {
    "answered": Q(Exists(Response.objects.filter(invitation=OuterRef("pk"))))
    | Q(Exists(Response.objects.filter(touchpoint=OuterRef("touchpoint")))),
    "refused on the phone": Q(
        Exists(CallAttempt.objects.filter(case__touchpoint=OuterRef("touchpoint"), outcome=Outcome.REFUSED))
    ),
    "unsubscribed or complained": _reported(UNWELCOME),
    "not arrived": _reported(NOT_ARRIVED) | Q(contact__outcome__in=RELEASED),
}
"""Why nobody is reminded any more -> of which invitations that holds. What never arrived is not reminded of, nor what
was answered here, on the phone or elsewhere, nor by a no. A decline, which may be said on any record, comes on top."""


def to_remind(messages: Collection[int], most: int, at: datetime) -> list[Invitation]:
    """Return the invitations to remind of, among those of messages (ids) whose turn it is: the oldest experience first.

    Their threads stay locked until the transaction ends, so that nobody else adds a reminder. `most`: reminders that a
    thread may have, those that the customer asked for among them. The number of statements does not depend on that of
    the messages.
    """
    of_thread = dict(_threads(Invitation.objects.filter(pk__in=messages)))
    firsts = set(of_thread.values())
    # Not their keys: an answer, which points to one, need not wait.
    locked = Invitation.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=firsts).order_by("pk")
    found = {first.pk for first in locked.only("pk")}
    reminders = _reminders(found)
    its_turn = {
        first
        for message, first in of_thread.items()
        if first in found and max(reminders[first], default=first) == message and len(reminders[first]) < most
    }
    asked = _unanswered(Invitation.objects.filter(pk__in=its_turn, state=State.SENT), at)
    declined = _declined(asked)
    return sorted((first for first in asked if first.pk not in declined), key=_age)


def ended(firsts: Collection[int]) -> dict[int, str]:
    """Why nobody is reminded any more of those of the invitations (ids) about which that is so.

    Asked again when a reminder that was planned long ago is handed over. None, one or three statements.
    """
    if not firsts:
        return {}
    invitations = Invitation.objects.filter(pk__in=firsts).select_related("version__survey")
    known = invitations.annotate(ending=Case(*(When(of, Value(why)) for why, of in ENDINGS.items()), default=Value("")))
    found = {first.pk: first.ending for first in known if first.ending}
    return dict.fromkeys(_declined(known), DECLINED) | found


def _threads(messages: QuerySet[Invitation]) -> Iterable[tuple[int, int]]:
    """Message -> the invitation that its thread begins with."""
    return ((pk, first or pk) for pk, first in messages.values_list("pk", "first"))


def _reminders(firsts: Collection[int]) -> Mapping[int, list[int]]:
    """The reminders of each invitation; the larger the id, the later, because one waits at a time."""
    found = defaultdict(list)
    for first, pk in Invitation.objects.filter(first__in=firsts, state__in=ALIVE).values_list("first", "pk"):
        if first is not None:
            found[first].append(pk)
    return found


def _unanswered(firsts: QuerySet[Invitation], at: datetime) -> QuerySet[Invitation]:
    """Leave the invitations that can still be answered and were not."""
    published = SurveyVersion.objects.filter(survey=OuterRef("version__survey"), state=SurveyVersion.State.PUBLISHED)
    open_ones = firsts.filter(Exists(published), expires_at__gt=at, closes_at__gt=at)
    for ending in ENDINGS.values():
        open_ones = open_ones.exclude(ending)
    return open_ones.select_related("touchpoint", "version__survey")


def _declined(firsts: Iterable[Invitation]) -> set[int]:
    """Ids of those after which the person declined this survey, or surveys altogether, on any record."""
    invitations = list(firsts)
    persons = {record.id: record.person_id for record in read_records({first.customer_id for first in invitations})}
    declines = Contact.objects.filter(purpose=Purpose.DECLINE, customer__in=persons).order_by("at")
    declined = {
        (persons[customer], survey): at for customer, survey, at in declines.values_list("customer", "survey", "at")
    }

    def last_no(first: Invitation) -> datetime:
        keys = ((persons[first.customer_id], survey) for survey in (first.version.survey.slug, ""))
        return max((declined[key] for key in keys if key in declined), default=first.created_at)

    return {first.pk for first in invitations if last_no(first) > first.created_at}


def _age(first: Invitation) -> tuple[datetime, int]:
    return (first.touchpoint.occurred_at if first.touchpoint else first.due_at, first.pk)
