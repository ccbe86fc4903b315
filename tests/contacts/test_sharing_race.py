"""Persons who share a number, asked at once by planners of their own; and a merge in the midst of locking."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction

from contacts import gate
from contacts.locking import lock_records
from contacts.merging import merge, split
from contacts.models import Contact, Customer, Identifier
from tests.contacts.makers import NOON, cap, invite, make_customer, put_in_force
from tests.contacts.test_gate_race import PLANNERS, race, shuffled

NUMBERS = 40
TIMES = {"first_seen_at": NOON, "last_seen_at": NOON}

pytestmark = pytest.mark.django_db(transaction=True)


def make_sharers() -> list[int]:
    """Make as many persons at each number as there are planners, none with an account; return the ids."""
    put_in_force(cap(1, "30 days"))
    persons = Customer.objects.bulk_create(
        Customer(source="race", external_id=str(n), time_zone="UTC", created_at=NOON, updated_at=NOON)
        for n in range(NUMBERS * PLANNERS)
    )
    Identifier.objects.bulk_create(
        Identifier(customer=person, type="phone", value=f"+1212555{n // PLANNERS:04}", **TIMES)
        for n, person in enumerate(persons)
    )
    return [person.pk for person in persons]


def through_the_gate(ids: list[int]) -> None:
    customers = Customer.objects.in_bulk(ids)
    with transaction.atomic():
        gate.reserve([invite(customers[pk], expires=NOON, channels=("sms",)) for pk in ids], at=NOON)


def check_then_insert(ids: list[int]) -> None:
    """Do without the lock what the gate does with it: the control."""
    numbers = dict(Identifier.objects.filter(customer__in=ids).values_list("customer_id", "value"))
    used = set(Identifier.objects.filter(customer__contacts__isnull=False).values_list("value", flat=True))
    way = {"channel": "sms", "purpose": "invitation", "source": "race", "outcome": "reserved"}
    times = {"at": NOON, "recorded_at": NOON, "updated_at": NOON}
    Contact.objects.bulk_create(Contact(customer_id=pk, **way, **times) for pk in ids if numbers[pk] not in used)


def contacts_by_number() -> Counter[str]:
    return Counter(Contact.objects.values_list("customer__identifiers__value", flat=True))


def orders(ids: list[int]) -> list[list[int]]:
    """For each planner one person of every number, two planners in one order of the numbers, two in another."""
    return [shuffled(ids[n::PLANNERS], seed=n // 2) for n in range(PLANNERS)]


def test_a_number_is_asked_once_whichever_of_its_persons_each_planner_asks():
    ids = make_sharers()

    race(through_the_gate, orders(ids))

    assert sorted(contacts_by_number().values()) == [1] * NUMBERS


def test_this_race_sees_a_missing_lock():
    ids = make_sharers()

    race(check_then_insert, orders(ids))

    assert max(contacts_by_number().values()) > 1


def locked_records(customer_id: int) -> dict[int, int]:
    """Return record -> person as a transaction of its own finds and locks them."""
    try:
        with transaction.atomic():
            return {record.id: record.person_id for record in lock_records([customer_id])}
    finally:
        connection.close()


@pytest.mark.parametrize("asked", ["first", "second"])
@pytest.mark.parametrize("step", ["merge", "split"])
def test_who_waits_for_the_lock_while_records_are_merged_or_taken_apart_gets_the_person_of_now(step: str, asked: str):
    first, second, colleague = make_customer(), make_customer(), User.objects.create(username="colleague")
    if step == "split":
        Customer.objects.filter(pk=second.pk).update(merged_into=first)
    with ThreadPoolExecutor(1) as waiting:
        with transaction.atomic():
            if step == "merge":
                merge(second.pk, into=first.pk, at=NOON, by_id=colleague.pk, why="Rang to say so.")
            else:
                split(second.pk, at=NOON, by_id=colleague.pk)
            found = waiting.submit(locked_records, {"first": first.pk, "second": second.pk}[asked])
            time.sleep(0.3)
            assert not found.done()

        both = {first.pk: first.pk, second.pk: first.pk}
        alone = {"first": {first.pk: first.pk}, "second": {second.pk: second.pk}}[asked]
        assert found.result(timeout=60) == (both if step == "merge" else alone)
