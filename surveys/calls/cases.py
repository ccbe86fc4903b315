"""Cases and what is known about them: which are open, which were answered, what the gate is asked about one."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from contacts.gate import Ask
from contacts.models import Appointment, OptOut
from contacts.models.customers import PERSON
from contacts.models.words import Channel, Purpose
from contacts.persons import lock_records
from surveys.models import CallCase, Response, SurveyVersion

BY_PHONE = (Channel.PHONE.value,)

#: A case with all that its page and its questions to the gate need.
CASES = CallCase.objects.select_related("customer", "touchpoint", "program", "version__survey__brand", "claimed_by")

ANSWERED = Exists(Response.objects.filter(touchpoint=OuterRef("touchpoint")))
"""Of a case: the customer has answered about its experience, by whichever way."""

OPTED_OUT = Exists(
    OptOut.objects.filter(reopened_at=None, channel__in=("", Channel.PHONE))
    .annotate(person=PERSON)
    .filter(person=OuterRef("person"))
)
"""Of a case with its `person`: she said no to calls, or to everything."""

STILL_ASKED = Exists(
    SurveyVersion.objects.filter(survey=OuterRef("version__survey"), state=SurveyVersion.State.PUBLISHED)
)
"""Of a case: its survey is open."""


def open_cases() -> QuerySet[CallCase]:
    """Return the cases that are still to be called about: open, and not answered meanwhile."""
    return CASES.filter(~ANSWERED, state=CallCase.State.OPEN)


def free(at: datetime) -> Q:
    """Return the filter for cases that nobody holds."""
    return Q(claimed_until=None) | Q(claimed_until__lte=at)


def appointments_about() -> QuerySet[Appointment]:
    """Return the open appointments about the experience of the case of an outer query, or about any of its customer."""
    about_it = Q(touchpoint=OuterRef("touchpoint")) | Q(touchpoint=None, customer=OuterRef("customer"))
    return Appointment.objects.filter(about_it, state=Appointment.State.OPEN)


def agreed(cases: Collection[int], at: datetime) -> set[int]:
    """Return those of the cases for which the customer has named a time that is not over."""
    named = Exists(appointments_about().filter(ends_at__gt=at))
    return set(CallCase.objects.filter(named, pk__in=cases).values_list("pk", flat=True))


def asks(cases: Sequence[CallCase], at: datetime) -> list[Ask]:
    """Return what the gate is asked about each case; one for which a time was agreed on does not expire before it."""
    promised = agreed([case.pk for case in cases], at)
    return [
        Ask(
            customer_id=case.customer_id,
            at=at,
            channels=BY_PHONE,
            purpose=Purpose.CALL,
            survey=case.version.survey.slug,
            program=case.program.slug,
            touchpoint_id=case.touchpoint_id,
            expires=None if case.pk in promised else case.expires_at,
            priority=case.priority,
            seconds=case.version.seconds,
            simulated=case.simulated,
        )
        for case in cases
    ]


def locked(case_id: int) -> CallCase:
    """Return the case as it is once its customer is locked. Raises CallCase.DoesNotExist."""
    customer_id = CallCase.objects.values_list("customer_id", flat=True).get(pk=case_id)
    lock_records([customer_id])
    return CASES.get(pk=case_id)
