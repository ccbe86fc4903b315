"""The next call for an interviewer: the best case that may be called about now, held for one person for a while."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, Q, Subquery, Value, When

from contacts.brands import visible_to
from contacts.models import Decision
from contacts.models.words import Channel
from contacts.persons import lock_records
from contacts.readers import EVERYTHING, Reader
from contacts.records import records_of
from contacts.sharing import sharing_a_number
from surveys.calls.cases import appointments_about, free, open_cases
from surveys.calls.closing import NOT_CLAIMED, assess, go_on, reopen_agreed
from surveys.models import CallAttempt, CallCase, CallOutcome
from surveys.pausing import paused

HELD = timedelta(minutes=15)
"""How long a case is one person's without a sign of life."""
LOT = 50
"""Cases that the gate is asked about together."""


def held_by(user_id: int, at: datetime) -> CallCase | None:
    """Return the case that the interviewer has in hand."""
    return open_cases().filter(claimed_by=user_id, claimed_until__gt=at).order_by("-claimed_at").first()


def take_next(user_id: int, at: datetime, reader: Reader = EVERYTHING) -> CallCase | None:
    """Give the interviewer the next best case of those she may read, or the one in hand; None where there is none.

    First the times that customers named, those agreed on with this interviewer before the others; then what the gate
    lets through now, by priority and the oldest experience. What it does not let through is put off, or closed.
    """
    if held := held_by(user_id, at):
        return held
    reopen_agreed(at)
    for lot in _candidates(user_id, at, reader):
        for case, answer in zip(lot, assess(lot, at), strict=True):
            if answer.result == Decision.Result.SEND and take(case.pk, user_id, at):
                return case
            go_on(case, answer, at)
    return None


@transaction.atomic
def take(case_id: int, user_id: int, at: datetime) -> bool:
    """Claim a case for the interviewer, who gives back any other; False where somebody else was first.

    The customer is locked meanwhile, and with her whoever has her number: of the cases of one person or one number only
    one is in somebody's hands.
    """
    customer_id = CallCase.objects.values_list("customer_id", flat=True).get(pk=case_id)
    records = lock_records([customer_id])
    persons = {record.person_id for record in records} | sharing_a_number([record.id for record in records])
    others = CallCase.objects.filter(customer__in=records_of(persons), claimed_until__gt=at).exclude(pk=case_id)
    if others.exclude(claimed_by=user_id).exists():
        return False
    mine = open_cases().filter(free(at) | Q(claimed_by=user_id), pk=case_id)
    claimed = mine.update(claimed_by=user_id, claimed_at=at, claimed_until=at + HELD)
    if claimed:
        CallCase.objects.filter(claimed_by=user_id).exclude(pk=case_id).update(**NOT_CLAIMED)
    return bool(claimed)


def hold(case_id: int, user_id: int, at: datetime) -> bool:
    """Hold a case on while the interviewer works on it; False where it is not hers any more."""
    hers = CallCase.objects.filter(pk=case_id, claimed_by=user_id, claimed_until__gt=at, state=CallCase.State.OPEN)
    return bool(hers.update(claimed_until=at + HELD))


def release(case_id: int, user_id: int) -> None:
    """Give a case back uncalled."""
    CallCase.objects.filter(pk=case_id, claimed_by=user_id).update(**NOT_CLAIMED)


def _candidates(user_id: int, at: datetime, reader: Reader) -> Iterator[Sequence[CallCase]]:
    """Yield the cases that could be next, in lots, the best first; each once."""
    refused_her = CallAttempt.objects.filter(by=user_id, outcome=CallOutcome.SOFT_REFUSAL).values("case")
    there = open_cases().filter(free(at), ~paused(Value(Channel.PHONE))).exclude(pk__in=refused_her)
    possible = visible_to(reader, there)
    due = appointments_about().filter(starts_at__lte=at, ends_at__gt=at).order_by("starts_at", "pk")
    named = possible.annotate(named_at=Subquery(due.values("starts_at")[:1]), named_to=Subquery(due.values("by")[:1]))
    hers_first = Case(When(named_to=user_id, then=Value(0)), default=Value(1))
    promised = list(named.filter(named_at__isnull=False).order_by(hers_first, "named_at", "pk"))
    yield promised
    seen = [case.pk for case in promised]
    ripe = possible.filter(next_at__lte=at, expires_at__gte=at, program__active=True)
    ripe = ripe.order_by("-priority", "touchpoint__occurred_at", "pk")
    while lot := list(ripe.exclude(pk__in=seen)[:LOT]):
        seen += [case.pk for case in lot]
        yield lot
