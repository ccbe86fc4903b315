"""The cache of newest contacts stays true whatever happens to the ledger, and check_ledger sees it if it does not."""

from datetime import timedelta
from io import StringIO
from random import Random
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from contacts import gate
from contacts.checking import Dangling, dangling, differences
from contacts.gate import Entry
from contacts.models import Contact, Customer, Decision, Identifier, NewestContacts
from contacts.models.newest import DEPTH
from tests.contacts.makers import NOON, cap, make_customer, make_touchpoint, put_in_force, reserved

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def record(customer: Customer, *days_ago: int, **fields: Any) -> None:
    entries = [
        Entry(customer.pk, NOON - days * DAY, "invitation", "crm", channel="email", **fields) for days in days_ago
    ]
    gate.record(entries, at=NOON)


def kept(customer: Customer) -> list[int]:
    """Return how many days before NOON the newest contacts are, as they are kept."""
    row = NewestContacts.objects.filter(pk=customer.pk).values_list().first()
    noon = int(NOON.timestamp() * 1_000_000)
    return [(noon - at) // 86_400_000_000 for at in (row or ())[1 : DEPTH + 1] if at > 0]


def check(*options: str) -> str:
    out = StringIO()
    call_command("check_ledger", *options, stdout=out)
    return out.getvalue()


def test_the_newest_are_kept_newest_first_and_no_more_than_the_depth() -> None:
    customer = make_customer()
    record(customer, *range(20, 5, -1))
    assert kept(customer) == list(range(6, 6 + DEPTH))


def test_a_back_dated_contact_takes_its_place_among_them() -> None:
    customer = make_customer()
    record(customer, 1, 9)
    record(customer, 4)
    assert kept(customer) == [1, 4, 9]


@pytest.mark.parametrize("outcome", ["bounced", "rejected", "cancelled", "expired"])
def test_a_place_that_is_given_back_leaves_them(outcome: str) -> None:
    put_in_force()
    customer = make_customer()
    record(customer, 3)
    contact = reserved(customer)
    assert kept(customer) == [0, 3]
    gate.settle(contact.pk, outcome, at=NOON)
    assert kept(customer) == [3]


def test_a_place_that_moves_at_hand_over_moves_there_too() -> None:
    customer = make_customer()
    contact = reserved(customer, NOON - 2 * DAY)
    gate.recheck(contact.pk, at=NOON - DAY)
    assert kept(customer) == [1]


def test_a_merge_changes_nothing() -> None:
    first, second = make_customer(), make_customer()
    record(first, 1)
    record(second, 2)
    Customer.objects.filter(pk=second.pk).update(merged_into=first)
    assert (kept(first), kept(second), list(differences())) == ([1], [2], [])


def test_whatever_happens_nothing_differs() -> None:
    put_in_force(cap(2, "30 days"))
    random = Random(3)  # noqa: S311
    customers = [make_customer() for _ in range(6)]
    for _ in range(60):
        happen(random, random.choice(customers))
    assert Contact.objects.count() > 30
    assert list(differences()) == []


def happen(random: Random, customer: Customer) -> None:
    """Let one thing of many happen to a customer's ledger."""
    waiting = Contact.objects.filter(customer=customer, outcome="reserved").first()
    if waiting and random.random() < 0.5:
        gate.settle(waiting.pk, random.choice(["accepted", "bounced", "expired"]), at=NOON)
    elif random.random() < 0.5:
        record(customer, random.randrange(100))
    else:
        gate.log_call(customer.pk, "no_answer", at=NOON + random.randrange(100) * DAY, by_id=make_staff())


def make_staff() -> int:
    return User.objects.get_or_create(username="ada")[0].pk


def test_a_cache_that_differs_is_told_and_mended() -> None:
    customer = make_customer()
    record(customer, 2)
    NewestContacts.objects.update(at_1=0)
    with pytest.raises(CommandError, match="--repair"):
        check()
    told = check("--repair")
    assert f"Customer {customer.pk}: kept 1970-01-01 00:00:00+00:00; ledger 2026-05-03 12:00:00+00:00." in told
    assert (kept(customer), check()) == ([2], "Customers whose newest contacts differ from the ledger: 0.\n")


def test_a_cache_row_that_is_missing_is_written() -> None:
    customer = make_customer()
    record(customer, 2)
    NewestContacts.objects.all().delete()
    [difference] = differences(repair=True)
    assert (len(difference.kept), len(difference.ledger), kept(customer)) == (0, 1, [2])


def test_rows_that_point_to_nothing_are_counted() -> None:
    touchpoint = make_touchpoint(make_customer())
    Decision.objects.create(
        customer_id=touchpoint.customer_id,
        touchpoint=touchpoint,
        stage="plan",
        at=NOON,
        purpose="invitation",
        result="skip",
        decided_at=NOON,
        contact_id=987_654,
    )
    Contact.objects.filter(pk=reserved(make_customer()).pk).update(address=987_655)
    assert dangling() == [Dangling("contacts_contact", "address_id", 1), Dangling("contacts_decision", "contact_id", 1)]
    with pytest.raises(CommandError, match="Not clean"):
        check()
    assert Identifier.objects.exists()
