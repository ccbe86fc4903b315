"""Several planners at once, in processes of their own: nobody above the cap, nobody left out.

They are forked and meet at a barrier before each batch, because planners that drift apart collide so rarely that a
missing lock goes unseen (the last test shows that this race sees one).
"""

import multiprocessing
from collections.abc import Callable, Sequence
from datetime import timedelta
from multiprocessing.synchronize import Barrier
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction

from contacts import gate
from contacts.holdouts import Choice, choose
from contacts.models import Account, Contact, Customer, Decision, Identifier
from contacts.models.words import RELEASED
from contacts.policies import rules_in_force
from tests.contacts.frequency_judge import overfull
from tests.contacts.makers import NOON, cap, invite, put_in_force

PLANNERS = 4
PERSONS = 120
BATCH = 20
CAP = cap(2, "30 days")
DAY = timedelta(days=1)
FORK = multiprocessing.get_context("fork")
Plan = Callable[[list[int]], object]

pytestmark = pytest.mark.django_db(transaction=True)


def make_persons(members: int = 1) -> list[int]:
    """Make persons in accounts of so many, each with up to two contacts of the last 40 days; return the ids."""
    random = Random(2)  # noqa: S311
    times = {"created_at": NOON, "updated_at": NOON}
    accounts = Account.objects.bulk_create(
        Account(source="race", external_id=str(n)) for n in range(PERSONS // members)
    )
    persons = Customer.objects.bulk_create(
        Customer(source="race", external_id=str(n), time_zone="UTC", account=accounts[n // members], **times)
        for n in range(PERSONS)
    )
    seen = {"first_seen_at": NOON, "last_seen_at": NOON}
    Identifier.objects.bulk_create(
        Identifier(customer=person, type="email", value=f"c{person.pk}@example.com", **seen) for person in persons
    )
    days = [(person, random.randrange(1, 40)) for person in persons[::members] for _ in range(random.randrange(3))]
    Contact.objects.bulk_create(contact(person.pk, NOON - ago * DAY, "delivered") for person, ago in days)
    return [person.pk for person in persons]


def contact(customer_id: int, at: Any = NOON, outcome: str = "reserved") -> Contact:
    way = {"channel": "email", "purpose": "invitation", "source": "race", "outcome": outcome}
    return Contact(customer_id=customer_id, at=at, recorded_at=NOON, updated_at=NOON, **way)


def through_the_gate(ids: list[int]) -> None:
    customers = Customer.objects.in_bulk(ids)
    with transaction.atomic():
        gate.reserve([invite(customers[pk], expires=NOON) for pk in ids], at=NOON)


def check_then_insert(ids: list[int]) -> None:
    """Do without the lock what the gate does with it: the control."""
    counting = Contact.objects.filter(customer__in=ids, at__gt=NOON - 30 * DAY).values_list("customer_id", flat=True)
    used = list(counting)
    Contact.objects.bulk_create(contact(pk) for pk in ids if used.count(pk) < CAP["limit"])  # type: ignore[operator]


def override_all(ids: list[int]) -> None:
    by = get_user_model().objects.get()
    for pk in ids:
        gate.override(pk, "email", reason="A promise", ends_at=NOON + DAY, by_id=by.pk, at=NOON)


def race(plan: Plan, orders: Sequence[list[int]], *others: Plan) -> None:
    """Let a planner for each order plan it batch by batch, all at once; the `others` do so in the first order."""
    connection.close()
    plans = [(plan, order) for order in orders] + [(other, orders[0]) for other in others]
    barrier = FORK.Barrier(len(plans))
    planners = [FORK.Process(target=plan_all, args=(*given, barrier)) for given in plans]
    for planner in planners:
        planner.start()
    for planner in planners:
        planner.join(60)
    assert [planner.exitcode for planner in planners] == [0] * len(planners)


def plan_all(plan: Plan, order: list[int], barrier: Barrier) -> None:
    for start in range(0, len(order), BATCH):
        barrier.wait(30)
        plan(order[start : start + BATCH])
    connection.close()


def ledgers(owner: str) -> dict[int, list[dict[str, str]]]:
    """Return the contacts of each person (or account) as the judge reads them."""
    found: dict[int, list[dict[str, str]]] = {}
    for owner_id, at in Contact.objects.exclude(outcome__in=RELEASED).values_list(owner, "at"):
        found.setdefault(owner_id, []).append({"at": at.isoformat(), "purpose": "invitation"})
    return found


def over_the_cap(owner: str = "customer") -> list[int]:
    return [who for who, contacts in ledgers(owner).items() if overfull(CAP, contacts, ZoneInfo("UTC"))]


def left_out(owner: str = "customer") -> list[int]:
    """Return who could have been asked once more: all of them were asked PLANNERS times."""
    at = NOON.isoformat()
    since = (NOON - 30 * DAY).isoformat()
    return [
        who
        for who, contacts in ledgers(owner).items()
        if sum(since < contact["at"] <= at for contact in contacts) < CAP["limit"]  # type: ignore[operator]
    ]


def shuffled(ids: list[int], seed: int) -> list[int]:
    return Random(seed).sample(ids, len(ids))  # noqa: S311


def test_planners_in_one_order_ask_everybody_exactly_as_often_as_allowed():
    put_in_force(CAP)
    ids = make_persons()

    race(through_the_gate, [ids] * PLANNERS)

    assert (over_the_cap(), left_out()) == ([], [])
    assert set(Contact.objects.values_list("customer", flat=True)) == set(ids)


def test_planners_in_orders_of_their_own_do_not_wait_crosswise():
    put_in_force(CAP)
    ids = make_persons()

    race(through_the_gate, [shuffled(ids, seed) for seed in range(PLANNERS)])

    assert (over_the_cap(), left_out()) == ([], [])


def test_households_are_asked_as_often_as_allowed_whichever_member_each_planner_asks():
    put_in_force(CAP | {"per": "account"})
    ids = make_persons(members=PLANNERS)

    race(through_the_gate, [shuffled(ids[n::PLANNERS], seed=n // 2) for n in range(PLANNERS)])

    assert (over_the_cap("customer__account"), left_out("customer__account")) == ([], [])


def test_planners_share_one_override_of_a_customer():
    put_in_force(CAP)
    ids = make_persons()
    get_user_model().objects.create(username="manager")
    override_all(ids)

    race(through_the_gate, [ids] * PLANNERS)

    taken = Contact.objects.exclude(override=None)
    assert sorted(taken.values_list("customer", flat=True)) == sorted(ids), "each is used once, and by one"
    assert left_out() == []
    taken.delete()
    assert over_the_cap() == []


def test_an_override_made_while_planners_ask_lets_at_most_one_more_through():
    put_in_force(CAP)
    ids = make_persons()
    get_user_model().objects.create(username="manager")

    race(through_the_gate, [ids] * (PLANNERS - 1), override_all)

    taken = Contact.objects.exclude(override=None)
    assert taken.count() == taken.values("customer").distinct().count()
    taken.delete()
    assert over_the_cap() == []


@pytest.mark.parametrize("seed", [0, 1])
def test_higher_priorities_take_places_from_each_other_without_ever_passing_the_cap(seed: int):
    put_in_force(CAP)
    ids = make_persons()

    race(with_priority(0), [shuffled(ids, seed)], with_priority(1), with_priority(2), with_priority(3))

    assert (over_the_cap(), left_out()) == ([], [])
    reserved = Contact.objects.filter(outcome="reserved", at=NOON)
    assert set(reserved.values_list("priority", flat=True)) <= {2, 3}, "the two highest have the places"
    assert Decision.objects.filter(stage="give_way").exists()


def with_priority(priority: int) -> Plan:
    def plan(ids: list[int]) -> None:
        customers = Customer.objects.in_bulk(ids)
        with transaction.atomic():
            gate.reserve([invite(customers[pk], priority=priority, expires=NOON) for pk in ids], at=NOON)

    return plan


def test_in_every_arm_nobody_is_asked_more_often_than_what_holds_for_it():
    """The held-out once in 90 days, those with another limit three times in 30, all others twice."""
    put_in_force(CAP)
    ids = make_persons()
    choose(Choice(0.25, str(CAP["name"]), 3, 0.25), at=NOON - 100 * DAY, by_id=None, why="Race")

    race(through_the_gate, [shuffled(ids, seed) for seed in range(PLANNERS)])

    arms = rules_in_force().arms
    held = {"limit": 1, "window": "90 days"}
    promised = {"usual": CAP, "other_limit": CAP | {"limit": 3}, "held_out": CAP | held}
    found = ledgers("customer")
    too_often = [pk for pk in ids if overfull(promised[arms.of_record(pk)], found.get(pk, []), ZoneInfo("UTC"))]
    assert {arms.of_record(pk) for pk in ids} == set(promised)
    # Two contacts of the persons' past may lie within 90 days: what is tested is that none was added to them.
    asked = set(Contact.objects.filter(outcome="reserved").values_list("customer", flat=True))
    assert [pk for pk in too_often if pk in asked] == []
    assert any(len(found.get(pk, [])) == 3 for pk in ids), "the higher limit was reached"


def test_this_race_sees_a_missing_lock():
    ids = make_persons()

    race(check_then_insert, [ids] * PLANNERS)

    assert len(over_the_cap()) > PERSONS // 10
