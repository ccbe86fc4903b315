"""A higher priority that comes later: what it may take, who gives way, and what becomes of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts import consent, gate
from contacts.gate import Grant
from contacts.gate.priority import TO_TAKE
from contacts.models import Contact, Customer, Decision, Override
from contacts.models.words import RELEASED
from contacts.records import among
from tests.contacts.frequency_judge import overfull
from tests.contacts.makers import (
    NOON,
    add_address,
    cap,
    invite,
    make_account,
    make_customer,
    put_in_force,
    reserve,
    reserved,
    rules,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def customer() -> Customer:
    """A customer under a policy of one contact in 30 days."""
    put_in_force(cap(1, "30 days"))
    return make_customer()


def places(customer: Customer) -> list[Any]:
    """Return priority and instant of what counts, in order of time."""
    counting = customer.contacts.exclude(outcome__in=RELEASED)
    return list(counting.order_by("at").values_list("priority", "at"))


def test_a_higher_priority_takes_a_place_that_is_only_reserved(customer):
    low = reserved(customer, NOON + 3 * DAY, priority=1)

    [grant] = reserve(invite(customer, priority=5), at=NOON + DAY)

    assert (grant.decision.result, grant.contact.at) == ("send", NOON + DAY)
    [loss] = grant.gave_way
    assert (loss.contact_id, loss.result, loss.stage, loss.allowed_at) == (low.pk, "delay", "give_way", NOON + 31 * DAY)
    assert [(reason["rule"], reason["kind"]) for reason in loss.reasons] == [
        ("priority", "priority"),
        ("contacts", "cap"),
    ]
    assert loss.counted == [grant.contact.pk]
    assert places(customer) == [(5, NOON + DAY), (1, NOON + 31 * DAY)]
    assert Decision.objects.filter(contact=low).count() == 2, "the first decision stays"


def test_who_finds_no_other_place_in_time_is_not_asked(customer):
    low = reserved(customer, NOON + DAY, expires=NOON + 20 * DAY)

    [grant] = reserve(invite(customer, priority=1))

    [loss] = grant.gave_way
    assert (loss.result, rules(loss)) == ("skip", ["priority", "contacts", "expiry"])
    assert loss.allowed_at == NOON + 30 * DAY, "when it would be allowed if it did not expire"
    low.refresh_from_db()
    assert (low.outcome, low.updated_at) == ("cancelled", NOON)


@pytest.mark.parametrize("priority", [3, 2])
def test_the_same_or_a_lower_priority_takes_nothing(customer, priority):
    reserved(customer, NOON + DAY, priority=3)

    [grant] = reserve(invite(customer, priority=priority))

    assert (grant.decision.result, grant.contact.at, grant.gave_way) == ("delay", NOON + 31 * DAY, ())


@pytest.mark.parametrize("outcome", ["accepted", "delivered", "unknown", "deferred"])
def test_what_was_sent_is_never_taken_back(customer, outcome):
    sent = reserved(customer)
    gate.settle(sent.pk, outcome, at=NOON)

    [grant] = reserve(invite(customer, priority=9))

    assert (grant.contact.at, grant.gave_way) == (NOON + 30 * DAY, ())
    assert customer.contacts.get(pk=sent.pk).outcome == outcome


@transaction.atomic
def test_what_may_be_on_its_way_is_never_taken_also_when_it_is_tried_again(customer):
    claimed = reserved(customer)
    gate.recheck(claimed.pk, at=NOON)
    assert customer.contacts.get().handed_over_at == NOON
    put_in_force(cap(1, "30 days"), hours={"email": {"mon-sun": "18:00-20:00"}})
    assert gate.recheck(claimed.pk, at=NOON).result == "delay"
    put_in_force(cap(1, "30 days"))

    [grant] = reserve(invite(customer, priority=9))

    assert (grant.contact.at, grant.gave_way) == (NOON + timedelta(days=30, hours=6), ())


def test_what_another_system_has_planned_is_not_ours_to_take(customer):
    gate.record(
        [gate.Entry(customer.pk, NOON + DAY, "invitation", "crm", channel="email", outcome="reserved")], at=NOON
    )

    [grant] = reserve(invite(customer, priority=9))

    assert (grant.contact.at, grant.gave_way) == (NOON + 31 * DAY, ())


def test_what_an_override_let_through_is_not_taken(customer, django_user_model):
    by = django_user_model.objects.create(username="manager")
    override = Override.objects.create(
        customer=customer, channel="email", reason="Asked by phone", by=by, at=NOON, ends_at=NOON + 9 * DAY
    )
    low = reserved(customer, NOON + DAY)
    Contact.objects.filter(pk=low.pk).update(override=override)

    [grant] = reserve(invite(customer, channels=("sms",), priority=9))

    assert grant.gave_way == ()


def test_only_as_many_give_way_as_are_needed_the_lowest_priority_first_then_the_latest():
    put_in_force(cap(4, "30 days"))
    customer = make_customer()
    first = [reserved(customer, NOON + n * DAY, priority=priority) for n, priority in [(1, 2), (2, 1), (3, 1), (4, 3)]]

    [grant] = reserve(invite(customer, priority=5))

    assert [loss.contact_id for loss in grant.gave_way] == [first[2].pk]
    [second] = reserve(invite(customer, priority=5))
    assert [loss.contact_id for loss in second.gave_way] == [first[1].pk]
    [third] = reserve(invite(customer, priority=5))
    assert [loss.contact_id for loss in third.gave_way] == [first[0].pk]


def test_nobody_gives_way_where_it_helps_nothing(customer):
    sent = reserved(customer)
    gate.settle(sent.pk, "delivered", at=NOON)
    low = reserved(customer, NOON + DAY, priority=1)
    assert low.at == NOON + 30 * DAY

    [grant] = reserve(invite(customer, expires=NOON + 20 * DAY, priority=5))

    assert (grant.contact, grant.decision.result, grant.gave_way) == (None, "skip", ())
    assert places(customer) == [(0, NOON), (1, NOON + 30 * DAY)]


def test_who_gives_way_keeps_its_own_channel_and_hours():
    put_in_force(cap(1, "30 days"), hours={"sms": {"mon-sun": "18:00-20:00"}})
    customer = make_customer()
    low = reserved(customer, channels=("sms",))
    assert low.at == NOON + timedelta(hours=6)

    [grant] = reserve(invite(customer, priority=1))

    low.refresh_from_db()
    assert (low.channel, low.at) == ("sms", NOON + timedelta(days=30, hours=6))
    assert rules(grant.gave_way[0]) == ["priority", "contacts"]


def test_who_opted_out_meanwhile_is_cancelled(customer):
    low = reserved(customer, NOON + DAY, channels=("sms",))
    consent.opt_out(customer.pk, "sms", at=NOON, via="reply")

    [grant] = reserve(invite(customer, priority=1))

    assert (grant.gave_way[0].result, rules(grant.gave_way[0])[:2]) == ("skip", ["priority", "opt-out"])
    assert customer.contacts.get(pk=low.pk).outcome == "cancelled"


def test_the_places_of_all_records_of_a_person_compete(customer):
    twin = make_customer(merged_into=customer)
    low = reserved(twin, NOON + DAY)

    [grant] = reserve(invite(customer, priority=1))

    assert [(loss.contact_id, loss.customer_id) for loss in grant.gave_way] == [(low.pk, twin.pk)]


@pytest.mark.parametrize(("per", "losers"), [("account", 1), ("customer", 0)])
def test_in_a_household_the_place_of_another_member_is_taken_under_a_cap_per_account(per, losers):
    put_in_force(cap(1, "7 days", per=per))
    account = make_account()
    member, partner = make_customer(account=account), make_customer(account=account)
    low = reserved(partner, NOON + DAY)
    consent.ask_less(partner.pk, 60, at=NOON, via="link")
    earlier = reserved(partner, NOON - 20 * DAY)
    Contact.objects.filter(pk=earlier.pk).update(at=NOON - 20 * DAY, outcome="delivered")

    [grant] = reserve(invite(member, priority=1))

    assert (grant.decision.result, len(grant.gave_way)) == ("send", losers)
    low.refresh_from_db()
    assert low.at == (NOON + 40 * DAY if losers else NOON + DAY), "the partner's own wish holds there too"


@pytest.mark.parametrize(("channel", "losers"), [("sms", 1), ("email", 0)])
def test_the_place_of_another_person_at_the_same_number_is_taken(customer, channel, losers):
    sharer = make_customer(phone=False)
    add_address(sharer, "phone", customer.identifiers.get(type="phone").value)
    low = reserved(sharer, NOON + DAY, channels=("sms",))

    [grant] = reserve(invite(customer, channels=(channel,), priority=1))

    assert (grant.decision.result, len(grant.gave_way)) == ("send", losers)
    low.refresh_from_db()
    assert low.at == (NOON + 30 * DAY if losers else NOON + DAY)


def test_a_place_taken_twice_is_decided_about_twice(customer):
    low = reserved(customer, NOON + DAY)
    asks = [invite(customer, priority=2), invite(customer, NOON + 35 * DAY, priority=1)]

    first, second = reserve(*asks)

    assert [loss.contact_id for grant in (first, second) for loss in grant.gave_way] == [low.pk, low.pk]
    assert places(customer) == [(2, NOON), (1, NOON + 35 * DAY), (0, NOON + 65 * DAY)]


def test_the_winners_of_many_cost_the_statements_of_one(customer):
    def statements(count: int) -> int:
        customers = [make_customer() for _ in range(count)]
        for other in customers:
            reserved(other, NOON + DAY)
        with CaptureQueriesContext(connection) as queries:
            grants = reserve(*[invite(other, priority=1) for other in customers])
        assert sum(len(grant.gave_way) for grant in grants) == count
        return sum("SAVEPOINT" not in query["sql"] for query in queries)

    assert statements(15) == statements(1)


def test_what_lost_its_place_is_answered_with_that_decision_at_hand_over(customer):
    low = reserved(customer, NOON + DAY, expires=NOON + 20 * DAY)
    [grant] = reserve(invite(customer, priority=1))

    with transaction.atomic():
        answer = gate.recheck(low.pk, at=NOON + DAY)

    assert (answer, answer.result) == (grant.gave_way[0], "skip")


@transaction.atomic
def test_what_was_moved_waits_at_hand_over(customer):
    low = reserved(customer, NOON + DAY)
    reserve(invite(customer, priority=1))

    answer = gate.recheck(low.pk, at=NOON + DAY)

    assert (answer.result, answer.allowed_at) == ("delay", NOON + 30 * DAY)


def test_which_customers_have_a_place_to_take(customer):
    others = [make_customer() for _ in range(2)]
    reserved(customer, priority=1)
    gate.settle(reserved(others[0]).pk, "accepted", at=NOON)
    reserved(others[1], priority=3)
    everybody = [customer.pk, *[other.pk for other in others]]

    found = {priority: gate.takeable(everybody, priority) for priority in (1, 2, 4)}

    assert found == {1: set(), 2: {customer.pk}, 4: {customer.pk, others[1].pk}}


def test_the_index_finds_the_places_to_take(customer):
    reserved(customer)
    question = Contact.objects.filter(TO_TAKE, among("customer", [customer.pk]), priority__lt=5)

    assert question.exists()
    if connection.vendor == "sqlite":
        assert "contact_place_to_take" in question.explain()


CAPS = [cap(2, "7 days", name="own"), cap(3, "10 days", per="account", name="household")]


@settings(max_examples=6)
@given(seed=st.integers(0, 10**6))
def test_no_cap_is_ever_over_its_limit_whoever_comes_in_whichever_order(seed):
    random = Random(seed)  # noqa: S311
    with rolled_back():
        put_in_force(*CAPS)
        account = make_account()
        members = [make_customer(account=account) for _ in range(2)]
        for n in range(12):
            at = NOON + n * DAY
            asks = [
                invite(
                    random.choice(members),
                    at + random.randrange(6) * DAY,
                    priority=random.randrange(4),
                    expires=random.choice([None, at + 20 * DAY]),
                )
                for _ in range(random.randrange(1, 4))
            ]
            consistent(reserve(*asks, at=at))
            hand_over_what_is_due(random, at)
        judge(CAPS, members)


def consistent(grants: list[Grant]) -> None:
    for grant in grants:
        for loss in grant.gave_way:
            loser = loss.contact
            assert loser is not None
            assert loser.priority < grant.ask.priority
            assert loser.handed_over_at is None
            assert loser.expires_at is None or loser.at <= loser.expires_at


def hand_over_what_is_due(random: Random, at: Any) -> None:
    """Hand over in time: what is late moves on, and what waits behind it is only tested at its own turn."""
    due = Contact.objects.filter(outcome="reserved", handed_over_at=None, at__lte=at).values_list("pk", flat=True)
    for contact_id, decision in gate.recheck_all(dict.fromkeys(due), at=at).items():
        assert decision.result == "send"
        if random.random() < 0.7:
            gate.settle(contact_id, "accepted", at=at)


def judge(caps: list[dict[str, Any]], members: list[Customer]) -> None:
    own, household = caps
    rows = [
        (customer_id, {"at": at.isoformat(), "purpose": "invitation"})
        for customer_id, at in Contact.objects.exclude(outcome__in=RELEASED).values_list("customer_id", "at")
    ]
    for member in members:
        mine = [row for customer_id, row in rows if customer_id == member.pk]
        assert overfull(own, mine, ZoneInfo("UTC")) == []
    assert overfull(household, [row for _, row in rows], ZoneInfo("UTC")) == []


@contextmanager
def rolled_back() -> Iterator[None]:
    """Leave no rows of the block behind, for the examples of one test."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
