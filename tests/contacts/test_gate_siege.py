"""Everybody at the gate at once, round after round, and some of them killed: the promise holds.

Planners in bulk and one by one, an import of another system's messages and an interviewer start from one line over
the same customers. The judge replays the ledger in the order in which it was written and shares no code with the gate.
`make faults` runs 50 rounds (`--whole`), the suite a few.
"""

import os
import signal
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction

from contacts import gate
from contacts.checking import differences
from contacts.gate import Ask, Entry
from contacts.gate.rounds import Terms
from contacts.models import Contact, Decision, Touchpoint
from tests.contacts.frequency_judge import expiry, in_scope
from tests.contacts.makers import NOON, cap, make_customer, put_in_force
from tests.contacts.turns import Turn, serve_all
from tests.processes import FORK, StartLine

pytestmark = pytest.mark.django_db(transaction=True)

PERSONS, LOT = 60, 12
CAPS = [cap(2, "30 days"), cap(1, "30 days", "invitations"), cap(1, "7 days", "call_attempts")]
APART = timedelta(days=31)
"""From round to round, so that nothing of one round counts in the next."""
Row = dict[str, Any]
Act = Callable[[Sequence[int], datetime], object]


def plan_in_bulk(lot: Sequence[int], at: datetime) -> object:
    terms = Terms("siege", "nps", ("email",), "invitation", 40, 0)
    with transaction.atomic():
        return serve_all([Turn(terms, pk, touch(pk, at), at) for pk in lot], at=at)


def touch(customer_id: int, at: datetime) -> int:
    """Make a touchpoint of its own for every question, so that no question is taken for another."""
    times = {"occurred_at": at, "received_at": at, "updated_at": at}
    unique = f"{os.getpid()}-{customer_id}-{at:%Y%m%d}"
    made = Touchpoint.objects.create(customer_id=customer_id, source="siege", external_id=unique, kind="visit", **times)
    return made.pk


def plan_one_by_one(lot: Sequence[int], at: datetime) -> object:
    asks = [Ask(pk, at, ("email",), "invitation", "nps", expires=at) for pk in lot]
    with transaction.atomic():
        return gate.reserve(asks, at=at, stage=Decision.Stage.PERSON)


def thank(lot: Sequence[int], at: datetime) -> object:
    asks = [Ask(pk, at, ("sms",), "thank_you", "nps", expires=at) for pk in lot]
    with transaction.atomic():
        return gate.reserve(asks, at=at, stage=Decision.Stage.PERSON)


def import_messages(lot: Sequence[int], at: datetime) -> object:
    some = [pk for pk in lot if pk % 3 == 0]
    return gate.record([Entry(pk, at - timedelta(hours=1), "other", "crm", channel="sms") for pk in some], at=at)


def call(lot: Sequence[int], at: datetime) -> object:
    by = User.objects.get().pk
    return [gate.log_call(pk, "no_answer", at=at, by_id=by) for pk in lot if pk % 4 == 0]


def check_then_insert(lot: Sequence[int], at: datetime) -> object:
    """Do without the lock what the gate does with it: the control."""
    since = at - timedelta(days=30)
    counted = Contact.objects.filter(customer__in=lot, at__gt=since, purpose="invitation")
    asked = set(counted.values_list("customer", flat=True))
    common = {"channel": "email", "purpose": "invitation", "source": "cxsurvey", "recorded_at": at, "updated_at": at}
    return Contact.objects.bulk_create(
        Contact(customer_id=pk, at=at, outcome="reserved", **common) for pk in lot if pk not in asked
    )


EVERYBODY: list[Act] = [
    *(plan_in_bulk, plan_one_by_one, plan_in_bulk, thank),
    *(import_messages, call, plan_one_by_one, plan_in_bulk),
]


def make_persons() -> list[int]:
    User.objects.create(username="interviewer")
    return [make_customer().pk for _ in range(PERSONS)]


def besiege(acts: Sequence[Act], orders: Sequence[list[int]], at: datetime, *, kill: Sequence[int] = ()) -> int:
    """Let each act in a process of its own, all at once; kill some meanwhile and return how many were still at it."""
    connection.close()
    line = StartLine()
    workers = [
        FORK.Process(target=act_on_all, args=(act, order, at, line)) for act, order in zip(acts, orders, strict=True)
    ]
    for worker in workers:
        worker.start()
    line.open(len(workers))
    for place in kill:
        time.sleep(0.15)
        os.kill(workers[place].pid or 0, signal.SIGKILL)
    for worker in workers:
        worker.join(120)
    fates = [worker.exitcode for worker in workers]
    assert [fate for place, fate in enumerate(fates) if place not in kill] == [0] * (len(acts) - len(kill))
    return fates.count(-signal.SIGKILL)


def act_on_all(act: Act, order: Sequence[int], at: datetime, line: StartLine) -> None:
    line.wait()
    for start in range(0, len(order), LOT):
        act(order[start : start + LOT], at)
    connection.close()


def over_a_cap(since: datetime) -> list[tuple[int, str]]:
    """Return the places that the gate gave although a cap was full by then: rows have ids in the order of writing.

    `since`: the round to look at; nothing of the rounds before counts in it.
    """
    found: list[tuple[int, str]] = []
    written: dict[int, list[Row]] = defaultdict(list)
    of_the_round = Contact.objects.filter(at__gte=since - timedelta(days=1)).order_by("pk")
    rows = of_the_round.values("customer", "at", "channel", "purpose", "source")
    for row in cast("list[Row]", list(rows)):
        before = written[row["customer"]]
        if row["source"] == "cxsurvey":
            found += [(row["customer"], str(rule["name"])) for rule in CAPS if is_full(rule, row, before)]
        before.append(row)
    return found


def is_full(rule: dict[str, object], row: Row, before: Sequence[Row]) -> bool:
    """Whether a rule that is about this row counted its limit already when the row was written."""
    utc = ZoneInfo("UTC")
    counted = [old for old in before if in_scope(rule, old) and expiry(old["at"], str(rule["window"]), utc) > row["at"]]
    return in_scope(rule, row) and len(counted) >= int(str(rule["limit"]))


def left_out(ids: Sequence[int], at: datetime) -> int:
    """Return how many could still be invited, by asking everybody once more when it is over."""
    with transaction.atomic():
        asks = [Ask(pk, at, ("email",), "invitation", "nps", expires=at) for pk in ids]
        granted = [grant for grant in gate.reserve(asks, at=at, stage=Decision.Stage.PERSON) if grant.contact]
        transaction.set_rollback(True)
    return len(granted)


@pytest.mark.parametrize("in_one_order", [True, False])
def test_nobody_is_asked_too_often_and_nobody_left_out(in_one_order: bool, rounds: int) -> None:
    put_in_force(*CAPS)
    ids = make_persons()
    random = Random(in_one_order)  # noqa: S311
    killed = 0
    for number in range(rounds):
        at = NOON + number * APART
        orders = [ids if in_one_order else random.sample(ids, PERSONS) for _ in EVERYBODY]
        killed += besiege(EVERYBODY, orders, at, kill=random.sample(range(len(EVERYBODY)), 2))
        assert (over_a_cap(at), left_out(ids, at)) == ([], 0), f"round {number}"
    assert list(differences()) == []
    assert killed >= rounds


def test_the_judge_sees_what_a_missing_lock_does(rounds: int) -> None:
    ids = make_persons()
    seen = 0
    for number in range(rounds):
        at = NOON + number * APART
        besiege([check_then_insert] * 8, [ids] * 8, at)
        seen += len(over_a_cap(at))
    assert seen
