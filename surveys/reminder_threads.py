"""A thread is an invitation and its reminders; what must be true of one before the customer is reminded (again)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from contacts.models import Contact
from contacts.models.words import RELEASED, Outcome, Purpose
from contacts.persons import read_records
from surveys.channels.events import Status
from surveys.models import Attempt, CallAttempt, Invitation, Response, SurveyVersion

State = Invitation.State

ALIVE = (State.PLANNED, State.CLAIMED, State.SENT, State.UNKNOWN)
"""States of a reminder that the customer will get, has got or may have got."""
UNWELCOME = (Status.FAILED, Status.BOUNCED, Status.UNSUBSCRIBED, Status.COMPLAINED)
"""What never arrived is not reminded of, nor what was answered by a no."""


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
    return sorted(_without_declined(asked), key=_age)


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
    """Leave the invitations that can still be answered and were not: neither here, nor on the phone, nor elsewhere."""
    refused = CallAttempt.objects.filter(case__touchpoint=OuterRef("touchpoint"), outcome=Outcome.REFUSED)
    unwelcome = Attempt.objects.filter(delivery__in=UNWELCOME)
    published = SurveyVersion.objects.filter(survey=OuterRef("version__survey"), state=SurveyVersion.State.PUBLISHED)
    return (
        firsts.filter(Exists(published), expires_at__gt=at, closes_at__gt=at)
        .exclude(contact__outcome__in=RELEASED)
        .exclude(Exists(Response.objects.filter(invitation=OuterRef("pk"))))
        .exclude(Exists(Response.objects.filter(touchpoint=OuterRef("touchpoint"))))
        .exclude(Exists(refused))
        .exclude(Exists(unwelcome.filter(invitation=OuterRef("pk"))))
        .exclude(Exists(unwelcome.filter(invitation__first=OuterRef("pk"))))
        .select_related("touchpoint", "version__survey")
    )


def _without_declined(firsts: Iterable[Invitation]) -> list[Invitation]:
    """Leave out those after which the person declined this survey, or surveys altogether, on any record."""
    invitations = list(firsts)
    persons = {record.id: record.person_id for record in read_records({first.customer_id for first in invitations})}
    declines = Contact.objects.filter(purpose=Purpose.DECLINE, customer__in=persons).order_by("at")
    declined = {
        (persons[customer], survey): at for customer, survey, at in declines.values_list("customer", "survey", "at")
    }

    def last_no(first: Invitation) -> datetime:
        keys = ((persons[first.customer_id], survey) for survey in (first.version.survey.slug, ""))
        return max((declined[key] for key in keys if key in declined), default=first.created_at)

    return [first for first in invitations if last_no(first) <= first.created_at]


def _age(first: Invitation) -> tuple[datetime, int]:
    return (first.touchpoint.occurred_at if first.touchpoint else first.due_at, first.pk)
