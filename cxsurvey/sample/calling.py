"""What the made-up interviewers do: they take the next case, dial, and log how the call ended."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple
from zlib import crc32

import numpy as np
from django.contrib.auth.models import Group, User
from django.db.models import Exists

from contacts.gate import NamedTime
from contacts.gate.leaves import LeaveError
from cxsurvey.roles import install_roles
from cxsurvey.sample.answers import Invited, say
from cxsurvey.sample.fatigue import contacts_until
from cxsurvey.sample.truth import TRUTH, Truth
from surveys.calls.cases import appointments_about
from surveys.calls.claiming import take_next
from surveys.calls.closing import close_over
from surveys.calls.results import Call, log
from surveys.models import CallCase, CallOutcome

NAMES = ("Robin", "Sasha")
#: Hours (UTC) at which the first and the second call: people are up in Berlin and New York, then in California too.
HOURS = (15, 18)
MOST = 12  # calls of one interviewer in one pass
#: In the last days of the data nobody gets round to it, so that the work list has something on it.
LEFT_OPEN = timedelta(days=14)
NAMED_FOR = timedelta(hours=2)
TALK_SECONDS = {"completed": 150, "not_now": 20, "soft_refusal": 35, "refused": 25, "wrong_number": 15}


class Picked(NamedTuple):
    """How a call ends. `answers` as the form sends them; `in_days`: to when she puts it off, 0 where she does not."""

    outcome: str
    answers: Mapping[str, str]
    in_days: int


def ensure_interviewers() -> list[int]:
    """Return the ids of the users who call; nobody can log in as one."""
    install_roles()
    group = Group.objects.get(name="Interviewer")
    ids = []
    for name in NAMES:
        facts = {"first_name": name, "last_name": "(simulated)", "is_active": False, "password": "!"}
        user, _ = User.objects.get_or_create(username=f"sample-{name.lower()}", defaults=facts)
        user.groups.set([group])
        ids.append(user.pk)
    return ids


def call_customers(at: datetime, end: datetime, interviewers: Sequence[int]) -> None:
    """Call about what may be called about at `at`; not in the last days before `end`."""
    user_id = interviewers[HOURS.index(at.hour)]
    if at.hour == HOURS[0]:
        close_over(at)
    ripe = CallCase.objects.filter(state=CallCase.State.OPEN, next_at__lte=at)
    if at > end - LEFT_OPEN or not ripe.exists():
        return
    for _ in range(MOST):
        case = take_next(user_id, at)
        if case is None:
            break
        _call(case, user_id, at)


def pick_up(invited: Invited, number: int, truth: Truth = TRUTH, *, agreed: bool) -> Picked:
    """Return how the customer takes the call with this number about her touchpoint; `agreed`: at a time she named."""
    rng = np.random.default_rng([truth.seed, 5, crc32(f"{invited.touchpoint}-{number}".encode())])
    ends = truth.kept_call_ends if agreed else truth.call_ends
    outcome = str(rng.choice(list(ends), p=list(ends.values())))
    answers = say(invited, rng, truth) if outcome == CallOutcome.COMPLETED else {}
    puts_off = outcome == CallOutcome.NOT_NOW and rng.random() < truth.names_time
    return Picked(outcome, answers, int(rng.integers(7, 9)) if puts_off else 0)


def _call(case: CallCase, user_id: int, at: datetime) -> None:
    """Log a call about the case, with the time that the customer named if a call could be made then."""
    picked = pick_up(_invited(case, at), case.attempts.count() + 1, agreed=_agreed(case, at))
    call = Call(
        outcome=picked.outcome,
        by_id=user_id,
        offered_at=at,
        seconds=TALK_SECONDS.get(picked.outcome, 0),
        answers=picked.answers,
    )
    starts = at + timedelta(days=picked.in_days)
    named = NamedTime(starts, starts + NAMED_FOR) if picked.in_days else None
    try:
        log(case.pk, replace(call, named=named), at)
    except LeaveError:
        log(case.pk, call, at)


def _agreed(case: CallCase, at: datetime) -> bool:
    now = appointments_about().filter(starts_at__lte=at, ends_at__gt=at)
    return CallCase.objects.filter(Exists(now), pk=case.pk).exists()


def _invited(case: CallCase, at: datetime) -> Invited:
    about = case.touchpoint
    contacts = contacts_until(case.customer_id, at).count()
    return Invited(about.external_id, about.kind, about.outcome, about.team, "phone", case.language, contacts)
