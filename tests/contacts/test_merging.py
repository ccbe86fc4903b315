from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts import consent, gate
from contacts.merging import MergeError, merge, split
from contacts.models import (
    Contact,
    Customer,
    Decision,
    Identifier,
    NewestContacts,
    OptOut,
    Touchpoint,
    Wish,
)
from contacts.persons import read_records
from tests.contacts.makers import (
    NOON,
    add_address,
    cap,
    invite,
    make_account,
    make_customer,
    make_touchpoint,
    put_in_force,
    reserve,
    reserved,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def colleague() -> User:
    return User.objects.create(username="colleague")


@pytest.fixture(autouse=True)
def one_in_30_days() -> None:
    put_in_force(cap(1, "30 days"))


def merged(*records: Customer, into: Customer, by: User, why: str = "Rang to say so.") -> None:
    merge(*(record.pk for record in records), into=into.pk, at=LATER, by_id=by.pk, why=why)


def persons() -> dict[str, set[int]]:
    """Return the record that stands for each person with the records that are theirs, by external id."""
    found: dict[str, set[int]] = {}
    for record in Customer.objects.select_related("merged_into"):
        found.setdefault((record.merged_into or record).external_id, set()).add(record.pk)
    return found


def counted(customer: Customer, at: Any = LATER) -> tuple[object, ...]:
    return gate.eligibility(customer.pk, "email", at=at).counted


def recheck(contact: Contact) -> Decision:
    with transaction.atomic():
        return gate.recheck(contact.pk, at=LATER)


def test_merging_unites_the_ledgers_and_a_split_returns_each_row_to_its_owner(colleague: User):
    first, second = make_customer(), make_customer()
    contacts = {customer.pk: (reserved(customer).pk,) for customer in (first, second)}
    before = list(Contact.objects.order_by("pk").values())

    merged(second, into=first, by=colleague)
    together = {*contacts[first.pk], *contacts[second.pk]}
    assert set(counted(first)) == set(counted(second)) == together

    split(second.pk, at=LATER, by_id=colleague.pk)
    assert {customer.pk: counted(customer) for customer in (first, second)} == contacts
    assert list(Contact.objects.order_by("pk").values()) == before


def test_what_came_for_a_merged_record_goes_with_it(colleague: User):
    first, second = make_customer(), make_customer()
    merged(second, into=first, by=colleague)
    contact = reserved(second)

    split(second.pk, at=LATER, by_id=colleague.pk)

    assert (counted(first), counted(second)) == ((), (contact.pk,))


def test_merged_persons_are_asked_as_one(colleague: User):
    first, second = make_customer(), make_customer()
    reserved(first)
    merged(second, into=first, by=colleague)

    [grant] = reserve(invite(second), at=LATER)

    assert (grant.decision.result, grant.decision.allowed_at) == ("delay", NOON + 30 * DAY)


def test_reservations_that_are_too_many_together_are_found_at_hand_over(colleague: User):
    first, second = make_customer(), make_customer()
    contacts = [reserved(first), reserved(second, NOON + timedelta(minutes=1))]

    merged(second, into=first, by=colleague)

    assert recheck(contacts[0]).result == "send"
    gate.settle(contacts[0].pk, "accepted", at=LATER)
    assert recheck(contacts[1]).result == "delay"
    assert Contact.objects.get(customer=second).at == LATER + 30 * DAY


def test_opt_outs_add_up_and_the_stricter_wish_wins(colleague: User):
    first, second = make_customer(), make_customer()
    consent.opt_out(first.pk, "email", at=NOON, via="link")
    consent.opt_out(second.pk, "sms", at=NOON, via="reply")
    consent.ask_less(first.pk, 10, at=NOON, via="link")
    consent.ask_less(second.pk, 60, at=NOON, via="link")
    consent.pause(first.pk, NOON + 2 * DAY, at=NOON, via="link")

    merged(second, into=first, by=colleague)

    for record in (first, second):
        assert [reason.rule for reason in gate.eligibility(record.pk, "sms", at=LATER).reasons] == ["opt-out", "pause"]
        assert gate.eligibility(record.pk, "email", at=LATER).decision == "skip"
    gate.record([gate.Entry(second.pk, NOON, "other", "crm", channel="email")], at=NOON)
    call = gate.eligibility(first.pk, "phone", at=NOON + 59 * DAY, purpose="call")
    assert [reason.rule for reason in call.reasons] == ["once-in-days"]

    split(second.pk, at=LATER, by_id=colleague.pk)
    assert gate.eligibility(second.pk, "email", at=NOON + 60 * DAY).decision == "send"
    assert gate.eligibility(first.pk, "sms", at=NOON + 2 * DAY).decision == "send"


@pytest.mark.parametrize("newer", ["email", "sms"])
def test_of_two_preferred_channels_the_one_asked_for_last_holds(colleague: User, newer: str):
    first, second = make_customer(), make_customer()
    for customer, channel in ((first, "email"), (second, "sms")):
        consent.prefer(customer.pk, channel, at=LATER if channel == newer else NOON, via="link")
    merged(second, into=first, by=colleague)

    [grant] = reserve(invite(first, channels=("email", "sms")), at=LATER)

    assert grant.decision.channel == newer


def test_a_merged_person_belongs_to_the_accounts_of_all_records(colleague: User):
    put_in_force(cap(1, "30 days", per="account"))
    account = make_account()
    member, partner, alone = make_customer(account=account), make_customer(account=account), make_customer()
    merged(member, into=alone, by=colleague)
    reserved(alone)

    [grant] = reserve(invite(partner))

    assert grant.decision.result == "delay"


def test_merging_a_person_brings_all_records_along(colleague: User):
    first, second, third, fourth = (make_customer(external_id=name) for name in "abcd")
    merged(second, into=first, by=colleague)
    merged(fourth, into=third, by=colleague)

    merged(second, into=fourth, by=colleague)

    assert persons() == {"c": {first.pk, second.pk, third.pk, fourth.pk}}
    assert {record.person_id for record in read_records([first.pk])} == {third.pk}


def test_several_records_are_merged_at_once_and_taken_apart_one_by_one(colleague: User):
    first, second, third = (make_customer(external_id=name) for name in "abc")

    merged(second, third, into=first, by=colleague)
    split(third.pk, at=LATER, by_id=colleague.pk)

    assert persons() == {"a": {first.pk, second.pk}, "c": {third.pk}}


def test_the_log_says_who_when_and_why_in_ids_only(colleague: User):
    first, second = make_customer(name="Ada Example"), make_customer(name="A. Example")

    merged(second, into=first, by=colleague)
    split(second.pk, at=LATER, by_id=colleague.pk)

    undone, done = LogEntry.objects.order_by("-pk")
    assert done.change_message == f"Merged into customer {first.pk}: Rang to say so."
    assert undone.change_message == f"Taken apart from customer {first.pk}"
    for entry in (done, undone):
        assert (entry.user, entry.action_time, entry.object_id) == (colleague, LATER, str(second.pk))
        assert entry.get_edited_object() == second
        assert "Example" not in entry.object_repr + entry.change_message


def test_nonsense_is_refused_and_changes_nothing(colleague: User):
    first, second, third = (make_customer(external_id=name) for name in "abc")
    merged(second, into=first, by=colleague)

    with pytest.raises(MergeError, match="into itself"):
        merged(first, into=first, by=colleague)
    for record, into in ((second, first), (first, second)):
        with pytest.raises(MergeError, match="one person already"):
            merged(record, into=into, by=colleague)
    with pytest.raises(MergeError, match="one person already"):
        merged(third, second, into=first, by=colleague)
    with pytest.raises(MergeError, match="how you know"):
        merged(third, into=first, by=colleague, why=" ")
    with pytest.raises(MergeError, match="no customer record 0"):
        merge(0, into=first.pk, at=LATER, by_id=colleague.pk, why="Why not")
    with pytest.raises(MergeError, match=f"was not merged .* Take apart one of {second.pk} instead"):
        split(first.pk, at=LATER, by_id=colleague.pk)
    with pytest.raises(MergeError, match=r"was not merged into another one\.$"):
        split(third.pk, at=LATER, by_id=colleague.pk)

    assert persons() == {"a": {first.pk, second.pk}, "c": {third.pk}}
    assert LogEntry.objects.count() == 1


def test_after_a_split_nothing_goes_to_the_other_person_s_address(colleague: User):
    first, second = make_customer(), make_customer(email=False)
    merged(second, into=first, by=colleague)
    contact = reserved(second)
    assert contact.address == first.identifiers.get(type="email")
    split(second.pk, at=LATER, by_id=colleague.pk)
    add_address(second, "email", "own@example.com")

    decision = recheck(contact)

    assert (decision.result, [reason["rule"] for reason in decision.reasons]) == ("skip", ["no-address"])
    assert Contact.objects.get().outcome == "cancelled"


ACTS = st.sampled_from(["contact", "opt out", "reopen", "pause", "less", "touchpoint", "answer", "address"])
HISTORIES = st.lists(st.tuples(ACTS, st.integers(0, 2), st.integers(0, 3)), max_size=6)


def act(what: str, customer: Customer, number: int) -> None:
    """Let something happen to a record that a merge could mix up with what happened to another."""
    at, channel = NOON + timedelta(minutes=number), ("email", "sms", "phone", "")[number]
    steps: dict[str, Callable[[], object]] = {
        "contact": lambda: gate.record([gate.Entry(customer.pk, at, "other", f"s{number}", channel="email")], at=at),
        "opt out": lambda: consent.opt_out(customer.pk, channel, at=at, via="link"),
        "reopen": lambda: consent.reopen(customer.pk, channel, at=at, via="link"),
        "pause": lambda: consent.pause(customer.pk, at + (number + 1) * DAY, at=at, via="link"),
        "less": lambda: consent.ask_less(customer.pk, number + 1, at=at, via="link"),
        "touchpoint": lambda: make_touchpoint(customer),
        "answer": lambda: gate.record([gate.Entry(customer.pk, at, "response", "old")], at=at),
        "address": lambda: add_address(customer, "email", f"new{number}-{customer.pk}@example.com"),
    }
    if what != "address" or not customer.identifiers.filter(value__startswith=f"new{number}-").exists():
        steps[what]()


def everything(records: list[Customer]) -> dict[str, Any]:
    """Return all rows about the records, and what the gate says of each on each channel."""
    tables = (Contact, OptOut, Wish, Touchpoint, Identifier, NewestContacts)
    rows = {table.__name__: list(table._default_manager.order_by("pk").values()) for table in tables}
    channels = {"email": "invitation", "sms": "invitation", "phone": "call"}
    told = {record.pk: gate.eligibilities(record.pk, channels, at=LATER) for record in records}
    return {**rows, "heads": list(Customer.objects.order_by("pk").values_list("pk", "merged_into")), "gate": told}


@settings(max_examples=8)
@given(history=HISTORIES, order=st.permutations([0, 1, 2]), apart=st.permutations([1, 2]))
def test_merged_and_taken_apart_again_everything_is_as_it_was(
    history: list[tuple[str, int, int]], order: list[int], apart: list[int]
) -> None:
    with transaction.atomic():
        by_id = User.objects.create(username="colleague").pk
        records = [make_customer() for _ in range(3)]
        for what, whose, number in history:
            act(what, records[whose], number)
        before = everything(records)
        into, *joining = (records[place] for place in order)
        for record in joining:
            merge(record.pk, into=into.pk, at=LATER, by_id=None, why="A property.")
        for place in apart:
            split(joining[place - 1].pk, at=LATER, by_id=by_id)
        assert everything(records) == before
        transaction.set_rollback(True)
