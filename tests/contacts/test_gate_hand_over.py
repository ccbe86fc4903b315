from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from contacts import consent, gate
from contacts.gate import GateError
from contacts.models import Contact, Customer, Decision, NewestContacts
from contacts.models.words import CALL_OUTCOMES, RELEASED, Outcome
from contacts.newest import recomputed, refresh
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
SOON = NOON + timedelta(minutes=5)


def recheck(contact: Contact, at: datetime = SOON, expires: datetime | None = None) -> Decision:
    """Return the decision, with the contact read again."""
    with transaction.atomic():
        decision = gate.recheck(contact.pk, at=at, expires=expires)
    contact.refresh_from_db()
    return decision


def told(decision: Decision) -> list[str]:
    return [reason["rule"] for reason in decision.reasons]


def test_its_own_place_does_not_hold_a_contact_back():
    put_in_force(cap(1, "30 days"))
    customer = make_customer()
    touchpoint = make_touchpoint(customer)
    contact = reserved(customer, touchpoint_id=touchpoint.pk, program="shop", probability=0.5)

    decision = recheck(contact)

    assert (decision.result, decision.reasons, decision.counted) == ("send", [], [])
    assert (decision.stage, decision.contact, decision.touchpoint) == ("hand_over", contact, touchpoint)
    assert (decision.program, decision.probability) == ("shop", 0.5)
    assert (contact.at, contact.outcome, contact.updated_at) == (SOON, "reserved", SOON)


def test_a_tightened_policy_moves_it():
    put_in_force(cap(2, "30 days"))
    customer = make_customer()
    gate.settle(reserved(customer).pk, "delivered", at=NOON)
    contact = reserved(customer)
    tightened = put_in_force(cap(1, "30 days"))

    decision = recheck(contact)

    assert (decision.result, decision.allowed_at, told(decision)) == ("delay", NOON + 30 * DAY, ["contacts"])
    assert (decision.policy_version, contact.at, contact.outcome) == (tightened, NOON + 30 * DAY, "reserved")


def test_what_is_on_its_way_counts_although_it_left_later_than_it_was_due():
    put_in_force(cap(2, "30 days"))
    customer = make_customer()
    first, second = reserved(customer), reserved(customer, NOON + timedelta(minutes=1))
    put_in_force(cap(1, "30 days"))

    assert [recheck(first).result, recheck(second).result] == ["send", "delay"]
    assert second.at == SOON + 30 * DAY


def test_a_loosened_policy_sends_nothing_before_its_time():
    put_in_force(cap(1, "30 days"))
    customer = make_customer()
    reserved(customer)
    contact = reserved(customer, NOON + DAY)
    put_in_force(cap(5, "30 days"))

    decision = recheck(contact)

    assert (decision.result, decision.allowed_at, contact.at) == ("delay", NOON + 30 * DAY, NOON + 30 * DAY)


def test_the_hours_are_asked_again_in_the_zone_of_now():
    put_in_force(hours={"email": {"mon-sun": "09:00-20:00"}})
    customer = make_customer()
    contact = reserved(customer)
    Customer.objects.update(time_zone="Asia/Tokyo")

    decision = recheck(contact)

    assert (decision.result, told(decision)) == ("delay", ["hours"])
    assert contact.at == NOON + timedelta(hours=12)


@pytest.mark.parametrize("channel", ["", "email"])
def test_a_no_releases_the_place(channel: str):
    put_in_force(cap(1, "30 days"))
    customer = make_customer()
    contact = reserved(customer)
    consent.opt_out(customer.pk, channel, at=NOON, via="link")

    decision = recheck(contact)

    assert (decision.result, told(decision), decision.allowed_at) == ("skip", ["opt-out"], None)
    assert (contact.outcome, contact.at) == ("cancelled", NOON)


def test_a_closed_address_releases_the_place_although_there_is_another():
    put_in_force()
    customer = make_customer()
    contact = reserved(customer)
    consent.close_address(contact.address_id, "bounced", at=NOON)
    add_address(customer, "email", "new@example.com")

    decision = recheck(contact)

    assert (decision.result, told(decision), contact.outcome) == ("skip", ["closed-address"], "cancelled")


def test_a_place_planned_for_what_is_a_landline_is_released():
    put_in_force()
    customer = make_customer()
    contact = reserved(customer, channels=("sms",))
    customer.identifiers.filter(type="phone").update(value="+442079460018")

    decision = recheck(contact)

    assert (decision.result, told(decision), contact.outcome) == ("skip", ["no-address"], "cancelled")


def test_an_erased_address_releases_the_place():
    contact = reserved(make_customer())
    contact.address.delete()

    assert told(recheck(contact)) == ["no-address"]
    assert contact.outcome == "cancelled"


def test_after_its_expiry_it_is_never_sent():
    contact = reserved(make_customer())
    assert recheck(contact, expires=SOON).result == "send"

    decision = recheck(contact, SOON + DAY, expires=SOON)

    assert (decision.result, told(decision), contact.outcome) == ("skip", ["expiry"], "expired")


def test_a_delay_beyond_its_expiry_releases_the_place():
    put_in_force(cap(2, "30 days"))
    customer = make_customer()
    reserved(customer)
    contact = reserved(customer)
    put_in_force(cap(1, "30 days"))

    decision = recheck(contact, expires=NOON + 10 * DAY)

    assert (decision.result, told(decision), contact.outcome) == ("skip", ["contacts", "expiry"], "expired")
    assert decision.allowed_at == NOON + 30 * DAY


@pytest.mark.parametrize("per", ["customer", "account"])
def test_what_waits_for_a_later_turn_gives_way(per: str):
    put_in_force(cap(1, "30 days", per=per))
    account = make_account()
    first = reserved(make_customer(account=account))
    partner = first.customer if per == "customer" else make_customer(account=account)
    second = reserved(partner, NOON + DAY)
    assert second.at == NOON + 30 * DAY

    assert (recheck(first).result, first.at) == ("send", SOON)
    gate.settle(first.pk, "accepted", at=SOON)

    assert (recheck(second, NOON + 30 * DAY).result, second.at) == ("delay", SOON + 30 * DAY)
    assert recheck(second, SOON + 30 * DAY).result == "send"


def test_merged_records_are_tested_together_at_hand_over():
    put_in_force(cap(1, "30 days"))
    person, other_record = make_customer(), make_customer()
    gate.settle(reserved(person).pk, "delivered", at=NOON)
    contact = reserved(other_record)
    Customer.objects.filter(pk=other_record.pk).update(merged_into=person)

    assert (recheck(contact).result, contact.at) == ("delay", NOON + 30 * DAY)


def test_a_deferred_contact_may_be_tried_again():
    contact = reserved(make_customer())
    gate.settle(contact.pk, "deferred", at=NOON)

    assert (recheck(contact).result, contact.at) == ("send", SOON)


@pytest.mark.parametrize("outcome", ["accepted", "delivered", "unknown", "cancelled", "bounced"])
def test_what_no_longer_waits_is_never_handed_over(outcome: str):
    contact = reserved(make_customer())
    gate.settle(contact.pk, outcome, at=NOON)

    with pytest.raises(GateError, match=f"is {outcome}: only what is reserved"):
        recheck(contact)

    assert Decision.objects.filter(stage="hand_over").count() == 0


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_rechecked():
    contact = reserved(make_customer())

    with pytest.raises(transaction.TransactionManagementError):
        gate.recheck(contact.pk, at=SOON)


@pytest.mark.parametrize("outcome", ["accepted", "delivered", "deferred", "unknown", *RELEASED])
def test_only_released_outcomes_give_the_place_back(outcome: str):
    put_in_force(cap(1, "30 days"))
    customer = make_customer()
    contact = reserved(customer)

    gate.settle(contact.pk, outcome, at=SOON)

    contact.refresh_from_db()
    assert (contact.outcome, contact.updated_at, contact.at) == (outcome, SOON, NOON)
    [grant] = reserve(invite(customer, channels=("sms",)))
    assert grant.decision.result == ("send" if outcome in RELEASED else "delay")


@pytest.mark.parametrize(("outcome", "closed_at"), [("bounced", SOON), ("rejected", SOON), ("deferred", None)])
def test_a_dead_address_is_closed_and_no_other(outcome: str, closed_at: datetime | None):
    customer = make_customer()
    contact = reserved(customer)

    gate.settle(contact.pk, outcome, at=SOON)

    email, phone = (customer.identifiers.get(type=type_) for type_ in ("email", "phone"))
    assert (email.closed_at, phone.closed_at) == (closed_at, None)
    assert email.closed_reason == (outcome if closed_at else "")


@pytest.mark.parametrize("news", ["delivered", "bounced", "unknown"])
def test_news_about_what_was_handed_over_is_taken(news: str):
    contact = reserved(make_customer())
    gate.settle(contact.pk, "accepted", at=NOON)

    gate.settle(contact.pk, news, at=SOON)

    contact.refresh_from_db()
    assert contact.outcome == news


@pytest.mark.parametrize("outcome", [Outcome.CANCELLED, Outcome.EXPIRED, Outcome.RESERVED])
def test_what_was_handed_over_cannot_be_taken_back(outcome: Outcome):
    contact = reserved(make_customer())
    gate.settle(contact.pk, "accepted", at=NOON)

    with pytest.raises(GateError, match="it was handed over"):
        gate.settle(contact.pk, outcome, at=SOON)

    contact.refresh_from_db()
    assert contact.outcome == "accepted"


def test_the_same_news_twice_changes_nothing():
    contact = reserved(make_customer())

    for _ in range(2):
        gate.settle(contact.pk, "cancelled", at=SOON)

    contact.refresh_from_db()
    assert (contact.outcome, contact.updated_at) == ("cancelled", SOON)


def recheck_all(*contacts: Contact, at: datetime = SOON) -> list[str]:
    with transaction.atomic():
        decisions = gate.recheck_all(dict.fromkeys([contact.pk for contact in contacts]), at=at)
    return [decisions[contact.pk].result for contact in contacts]


def test_many_are_rechecked_as_if_one_after_the_other():
    put_in_force(cap(2, "30 days"))
    customer, other = make_customer(), make_customer()
    late, early = reserved(customer, NOON + timedelta(minutes=2)), reserved(customer)
    stopped, alone = reserved(other), reserved(make_customer())
    put_in_force(cap(1, "30 days"))
    consent.opt_out(other.pk, "", at=NOON, via="link")

    assert recheck_all(late, early, stopped, alone) == ["delay", "send", "skip", "send"]
    ats = {contact: Contact.objects.get(pk=contact.pk).at for contact in (late, early, alone)}
    assert ats == {late: SOON + 30 * DAY, early: SOON, alone: SOON}
    assert Contact.objects.get(pk=stopped.pk).outcome == "cancelled"


def test_a_released_place_is_free_for_the_next_in_the_same_recheck():
    put_in_force(cap(2, "30 days"))
    customer = make_customer()
    first, second = reserved(customer), reserved(customer, NOON + timedelta(minutes=1))
    put_in_force(cap(1, "30 days"))
    with transaction.atomic():
        decisions = gate.recheck_all({first.pk: NOON, second.pk: None}, at=SOON)
    assert [decisions[contact.pk].result for contact in (first, second)] == ["skip", "send"]


@pytest.mark.parametrize("many", [1, 20])
def test_the_statements_of_a_recheck_do_not_depend_on_how_many(many: int, django_assert_num_queries):
    contacts = [reserved(make_customer()) for _ in range(many)]
    with transaction.atomic(), django_assert_num_queries(14):
        gate.recheck_all(dict.fromkeys([contact.pk for contact in contacts]), at=SOON)


def test_many_are_settled_or_none():
    going, gone = reserved(make_customer()), reserved(make_customer())
    gate.settle(gone.pk, "delivered", at=NOON)
    with pytest.raises(GateError):
        gate.settle_all([going.pk, gone.pk], "cancelled", at=SOON)
    assert Contact.objects.get(pk=going.pk).outcome == "reserved"
    gate.settle_all([going.pk, gone.pk], "accepted", at=SOON)
    assert set(Contact.objects.values_list("outcome", flat=True)) == {"accepted"}


NO_CALLS = [one for one in Outcome if one not in CALL_OUTCOMES]


@pytest.mark.parametrize("before", NO_CALLS)
@pytest.mark.parametrize("outcome", NO_CALLS)
def test_whatever_a_contact_becomes_its_newest_contacts_are_those_of_the_ledger(before: str, outcome: str):
    contacts = [reserved(make_customer()) for _ in range(2)]
    Contact.objects.filter(pk=contacts[1].pk).update(outcome=before)
    customers = [contact.customer_id for contact in contacts]
    refresh(customers)

    with suppress(GateError):
        gate.settle_all([contact.pk for contact in contacts], outcome, at=SOON)

    assert list(NewestContacts.objects.order_by("pk").values_list()) == recomputed(customers)
    found = set(Contact.objects.values_list("outcome", flat=True))
    assert found in ({outcome}, {Outcome.RESERVED.value, before})


def test_noting_that_many_were_accepted_takes_one_statement(django_assert_num_queries: DjangoAssertNumQueries):
    contacts = [reserved(make_customer()) for _ in range(3)]

    with django_assert_num_queries(1):
        gate.settle_all([contact.pk for contact in contacts], Outcome.ACCEPTED, at=SOON)

    assert set(Contact.objects.values_list("outcome", "updated_at")) == {("accepted", SOON)}
