"""A case ends: answered, refused, too late, nobody to be reached. What there is of an interview is kept."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, Q, QuerySet

from contacts import gate
from contacts.gate import Answer
from contacts.models import Decision
from contacts.models.customers import PERSON
from surveys.answering import take_call
from surveys.calls.cases import ANSWERED, OPTED_OUT, STILL_ASKED, appointments_about, asks, free, locked
from surveys.calls.dispositions import Disposition, Ended, final
from surveys.models import CallCase, Response
from surveys.questions.reading import AnswerError

LOOK_AGAIN = timedelta(days=1)
"""A case that waits is looked at again so soon at the latest: the policy may change, or an override come."""
NO_MEANS_NO = {"opt-out", "refused"}
NO_NUMBER = {"closed-address", "no-address"}
NOT_CLAIMED = {"claimed_by": None, "claimed_at": None, "claimed_until": None}


def close_over(at: datetime) -> int:
    """Close every case that is over at `at`, and open those again for which the customer named a time; how many closed.

    Over is what was answered meanwhile; whose customer opted out; and, unless somebody is on the phone, what is too
    old or whose survey has closed, but for a time that the customer named.
    """
    reopen_agreed(at)
    return sum(close(pk, at) for pk in list(_over(at).values_list("pk", flat=True)))


def reopen_agreed(at: datetime) -> None:
    """Open those closed cases again, about which nothing is answered, whose customer has named a time since."""
    named = Exists(appointments_about().filter(ends_at__gt=at, touchpoint__isnull=False))
    closed = CallCase.objects.filter(named, ~ANSWERED, state=CallCase.State.CLOSED, response=None)
    closed.update(state=CallCase.State.OPEN, disposition="", closed_at=None, next_at=at)


@transaction.atomic
def close(case_id: int, at: datetime, *, refused: bool = False, unreachable: bool = False) -> bool:
    """Close a case with the disposition that its calls and its answers give; False where it is closed already.

    `refused`: the gate knows of a no; `unreachable`: of no number that is open. An interview that broke off is kept
    as a response where all is answered that has to be.
    """
    case = locked(case_id)
    if case.state == CallCase.State.CLOSED:
        return False
    response = Response.objects.filter(touchpoint=case.touchpoint_id).order_by("answered_at", "pk").first()
    partial = None if response else _partial(case, at)
    ended = Ended(
        answered=response is not None,
        enough=partial is not None,
        begun=bool(case.answers),
        refused=refused or CallCase.objects.annotate(person=PERSON).filter(OPTED_OUT, pk=case.pk).exists(),
        unreachable=unreachable,
    )
    outcomes = set(case.attempts.values_list("outcome", flat=True))
    write_closed(case, final(outcomes, ended), partial, at)
    return True


def write_closed(case: CallCase, disposition: Disposition, response: Response | None, at: datetime) -> None:
    """Write that a case, whose customer is locked, is closed; `response` is what the interview gave."""
    CallCase.objects.filter(pk=case.pk).update(
        state=CallCase.State.CLOSED, disposition=disposition, closed_at=at, response=response, answers={}, **NOT_CLAIMED
    )


def go_on(case: CallCase, answer: Answer, at: datetime) -> None:
    """Bring a case in line with what the gate said about it: to be tried then, or closed where that is never."""
    if answer.result == Decision.Result.SKIP:
        rules = {reason["rule"] for reason in answer.reasons}
        close(case.pk, at, refused=bool(rules & NO_MEANS_NO), unreachable=bool(rules & NO_NUMBER))
    elif answer.allowed_at and answer.result == Decision.Result.DELAY:
        waiting = CallCase.objects.filter(pk=case.pk, state=CallCase.State.OPEN)
        waiting.update(next_at=min(answer.allowed_at, at + LOOK_AGAIN))


def assess(cases: Sequence[CallCase], at: datetime) -> list[Answer]:
    """Return what the gate says to calling about each case at `at`."""
    return gate.assess(asks(cases, at), at) if cases else []


def _over(at: datetime) -> QuerySet[CallCase]:
    promised = Exists(appointments_about().filter(ends_at__gt=at))
    over = Q(expires_at__lt=at) & ~Q(promised) | ~Q(STILL_ASKED) & ~Q(promised)
    still_open = CallCase.objects.filter(state=CallCase.State.OPEN).annotate(person=PERSON)
    return still_open.filter(Q(ANSWERED) | Q(OPTED_OUT) | free(at) & over).order_by("pk")


def _partial(case: CallCase, at: datetime) -> Response | None:
    """What there is of an interview that broke off, stored, if it is enough to be a response."""
    if not case.answers:
        return None
    try:
        return take_call(case, case.answers, at=at, flags=("partial",))
    except AnswerError:
        return None
