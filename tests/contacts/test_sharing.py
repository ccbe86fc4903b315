"""Addresses that several persons have: the caps of a number, and a no to an address."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from contacts import consent, gate
from contacts.locking import lock_records
from contacts.models import Account, Contact, Customer
from tests.contacts.files import customers as bring_customers
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
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NUMBER = "+12125559000"


def at_the_number(account: Account | None = None) -> Customer:
    """Return a customer with an email address of their own and the number that is shared."""
    customer = make_customer(phone=False, account=account)
    add_address(customer, "phone", NUMBER)
    return customer


@pytest.fixture
def couple() -> tuple[Customer, Customer]:
    """Two persons at one number, under a cap of 1 contact in 30 days."""
    put_in_force(cap(1, "30 days"))
    return at_the_number(), at_the_number()


def by_sms(customer: Customer, at: datetime = NOON) -> Contact:
    """Return the contact that an ask by SMS got."""
    return reserved(customer, at, channels=("sms",))


def recheck(contact: Contact) -> str:
    with transaction.atomic():
        return gate.recheck(contact.pk, at=NOON + timedelta(minutes=5)).result


def told(customer: Customer, channel: str, at: datetime = NOON) -> list[str]:
    purpose = "call" if channel == "phone" else "invitation"
    return [reason.rule for reason in gate.eligibility(customer.pk, channel, at=at, purpose=purpose).reasons]


@pytest.mark.parametrize("channel", ["sms", "phone"])
def test_a_cap_holds_per_number(couple: tuple[Customer, Customer], channel: str):
    her, him = couple
    contact = by_sms(her)

    purpose = "call" if channel == "phone" else "invitation"
    verdict = gate.eligibility(him.pk, channel, at=NOON, purpose=purpose)

    assert (verdict.decision, verdict.at, verdict.counted) == ("delay", NOON + 30 * DAY, (contact.pk,))


def test_other_addresses_of_the_two_are_their_own(couple: tuple[Customer, Customer]):
    her, him = couple
    by_sms(her)
    assert told(him, "email") == []

    stranger = make_customer()
    assert told(stranger, "sms") == []


def test_what_came_by_email_counts_for_its_person_only(couple: tuple[Customer, Customer]):
    her, him = couple
    reserved(her)

    assert (told(her, "sms"), told(him, "sms")) == (["contacts"], [])


def test_both_asked_at_once_get_one_place(couple: tuple[Customer, Customer]):
    grants = reserve(*(invite(customer, channels=("sms",)) for customer in couple))

    first, second = Contact.objects.order_by("at")
    assert [grant.contact for grant in grants] == [first, second]
    assert (second.at, grants[1].decision.counted) == (NOON + 30 * DAY, [first.pk])


def test_a_person_with_two_numbers_shares_only_what_went_to_the_shared_one(couple: tuple[Customer, Customer]):
    her, him = couple
    by_sms(her)
    newest = add_address(her, "phone", "+12125559001", last_seen_at=NOON + DAY)

    assert told(him, "sms") == ["contacts"]
    Contact.objects.all().delete()
    assert by_sms(her).address == newest
    assert told(him, "sms") == []


def test_a_message_of_which_we_do_not_know_the_number_counts_at_the_number(couple: tuple[Customer, Customer]):
    her, him = couple
    gate.record([gate.Entry(her.pk, NOON - DAY, "other", "crm", channel="sms")], at=NOON)
    gate.record([gate.Entry(her.pk, NOON - DAY, "other", "crm", channel="email")], at=NOON)

    verdict = gate.eligibility(him.pk, "sms", at=NOON)

    assert verdict.counted == (Contact.objects.get(channel="sms").pk,)


def test_a_call_refused_or_missed_at_the_number_rests_the_phone_for_both(couple: tuple[Customer, Customer]):
    put_in_force()
    her, him = couple
    gate.record([gate.Entry(her.pk, NOON, "call", "crm", channel="phone", outcome="busy")], at=NOON)
    assert told(him, "phone") == ["retry"]

    gate.record([gate.Entry(her.pk, NOON, "call", "crm", channel="phone", outcome="refused")], at=NOON)

    assert told(him, "phone", NOON + 300 * DAY) == ["refused"]
    assert told(him, "sms") == []


def test_a_shared_number_in_a_shared_account_counts_once():
    put_in_force(cap(2, "30 days", per="account"))
    account = make_account()
    her, him = at_the_number(account=account), at_the_number(account=account)
    by_sms(her)

    assert told(him, "sms") == []
    by_sms(him)
    assert told(him, "sms") == ["contacts"]


def test_the_number_is_asked_again_at_hand_over():
    put_in_force(cap(1, "30 days"))
    her, him = make_customer(phone=False), at_the_number()
    number = add_address(her, "phone", "+12125559009")
    first, second = by_sms(her), by_sms(him, NOON + timedelta(minutes=1))
    type(number).objects.filter(pk=number.pk).update(value=NUMBER)

    assert recheck(first) == "send"
    gate.settle(first.pk, "accepted", at=NOON)
    assert recheck(second) == "delay"


def test_two_who_share_a_number_are_rechecked_as_if_one_after_the_other():
    put_in_force(cap(1, "30 days"))
    contacts = [by_sms(customer) for customer in (make_customer(), make_customer())]
    numbers = [contact.address for contact in contacts]
    type(numbers[1]).objects.filter(pk=numbers[1].pk).update(value=numbers[0].value)
    Contact.objects.filter(pk=contacts[1].pk).update(at=NOON + timedelta(minutes=1))

    with transaction.atomic():
        decisions = gate.recheck_all(
            dict.fromkeys([contact.pk for contact in contacts]), at=NOON + timedelta(minutes=5)
        )

    assert [decisions[contact.pk].result for contact in contacts] == ["send", "delay"]


def test_who_is_asked_is_locked_with_whoever_shares_the_number(couple: tuple[Customer, Customer]):
    her, him = couple
    other_record = make_customer(merged_into=him)

    with CaptureQueriesContext(connection) as queries, transaction.atomic():
        records = lock_records([her.pk])

    assert [record.id for record in records] == [her.pk]
    [locking] = [query["sql"] for query in queries if "ORDER BY" in query["sql"]]
    [ids] = re.findall(r"[\[{](\d[\d, ]*)[\]}]", locking)
    assert {int(pk) for pk in ids.split(",")} == {her.pk, him.pk}
    with transaction.atomic():
        assert {record.id for record in lock_records([other_record.pk])} == {him.pk, other_record.pk}


REFUSALS = [("email", "", ["email"]), ("email", "email", ["email"]), ("email", "sms", [])]
REFUSALS += [("phone", "", ["phone", "sms"]), ("phone", "sms", ["sms"]), ("phone", "phone", ["phone"])]
REFUSALS += [("phone", "email", [])]


def stopped(customer: Customer) -> list[str]:
    put_in_force()
    return sorted(channel for channel in ("email", "sms", "phone") if "opt-out" in told(customer, channel))


@pytest.mark.parametrize(("shared", "refused", "held"), REFUSALS)
def test_a_no_holds_for_every_record_with_the_address(shared: str, refused: str, held: list[str]):
    owner, newcomer = make_customer(), make_customer()
    address = owner.identifiers.get(type=shared)
    add_address(newcomer, shared, address.value)

    consent.opt_out(owner.pk, refused, at=NOON, via="link")

    assert stopped(newcomer) == held
    assert stopped(make_customer()) == []


def test_a_no_holds_for_an_address_that_comes_in_under_a_new_external_id():
    owner = make_customer(phone=False)
    consent.opt_out(owner.pk, "email", at=NOON, via="link")
    email = owner.identifiers.get().value

    bring_customers(f"external_id,email\nnew,{email.upper()}\n", source="shop")

    newcomer = Customer.objects.get(external_id="new")
    assert stopped(newcomer) == ["email"]
    [grant] = reserve(invite(newcomer))
    assert (grant.decision.result, grant.contact) == ("skip", None)


def test_a_no_holds_whenever_it_is_said_and_the_address_comes():
    owner, newcomer = make_customer(), make_customer(email=False)
    contact = reserved(newcomer, channels=("sms",))
    consent.opt_out(owner.pk, "", at=NOON, via="link")
    assert stopped(newcomer) == []

    add_address(newcomer, "phone", owner.identifiers.get(type="phone").value, last_seen_at=NOON - DAY)
    assert stopped(newcomer) == ["phone", "sms"]
    assert recheck(contact) == "skip"

    consent.reopen(owner.pk, "", at=NOON + DAY, via="link")
    assert stopped(newcomer) == []


def test_a_no_of_any_record_of_the_other_person_holds_for_any_record_of_this_one():
    owner, newcomer = make_customer(email=False), make_customer()
    with_address, with_the_no = make_customer(merged_into=owner), make_customer(merged_into=owner)
    also = make_customer(merged_into=newcomer, email=False)
    add_address(also, "email", with_address.identifiers.get(type="email").value)

    consent.opt_out(with_the_no.pk, "email", at=NOON, via="link")

    assert stopped(newcomer) == stopped(also) == ["email"]


def test_wishes_stay_with_their_person():
    owner, newcomer = make_customer(), make_customer(email=False)
    add_address(newcomer, "email", owner.identifiers.get(type="email").value)
    consent.pause(owner.pk, NOON + DAY, at=NOON, via="link")

    assert told(newcomer, "email") == []


def statements(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as queries:
        act()
    return len(queries)


def test_the_statements_do_not_depend_on_how_many_share(couple):
    def ask(customer: Customer) -> int:
        return statements(lambda: reserve(invite(customer, channels=("sms",))))

    reserve(invite(couple[0], channels=("sms",)))
    of_two = ask(couple[0])
    for _ in range(30):
        at_the_number()

    assert ask(couple[1]) == of_two


def test_a_higher_priority_takes_the_place_that_another_has_at_the_number() -> None:
    put_in_force(cap(1, "30 days"))
    her, him = make_customer(), make_customer(phone=False)
    add_address(him, "phone", her.identifiers.get(type="phone").value)
    taken = by_sms(her)

    [grant] = reserve(invite(him, channels=("sms",), priority=1))

    taken.refresh_from_db()
    assert (grant.decision.result, taken.at) == ("send", NOON + 30 * DAY)
