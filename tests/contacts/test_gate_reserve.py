from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from contacts import consent, gate
from contacts.frequency import Reason
from contacts.gate import Ask
from contacts.models import Contact, Decision
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
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def rules(decision: Decision) -> list[tuple[str, str]]:
    return [(reason["channel"], reason["rule"]) for reason in decision.reasons]


def test_an_allowed_ask_gets_a_place_and_a_decision():
    version = put_in_force(cap(1, "30 days"))
    customer = make_customer()
    ask = invite(customer, program="shop", seconds=40, probability=0.25, simulated=True)

    [grant] = reserve(ask)

    contact, decision = Contact.objects.get(), Decision.objects.get()
    assert (grant.ask, grant.contact, grant.decision) == (ask, contact, decision)
    assert (contact.outcome, contact.at, contact.channel, contact.purpose) == ("reserved", NOON, "email", "invitation")
    assert (contact.survey, contact.program, contact.source) == ("nps", "shop", "cxsurvey")
    assert (contact.seconds, contact.simulated, contact.address) == (40, True, grant.address)
    assert (decision.result, decision.allowed_at, decision.stage, decision.at) == ("send", NOON, "plan", NOON)
    assert (decision.policy_version, decision.probability, decision.contact) == (version, 0.25, contact)
    assert (decision.reasons, decision.counted, decision.decided_at) == ([], [], NOON)


def test_a_later_instant_is_reserved_for_later():
    put_in_force(cap(1, "30 days"))
    customer = make_customer()
    [first] = reserve(invite(customer))

    [second] = reserve(invite(customer, NOON + DAY), at=NOON + DAY)

    assert (second.decision.result, second.contact.at) == ("delay", NOON + 30 * DAY)
    assert second.decision.counted == [first.contact.pk]
    until = "2026-06-04T12:00:00Z"
    told = {"rule": "contacts", "kind": "cap", "used": 1, "limit": 1, "until": until, "channel": "email"}
    assert second.decision.reasons == [told]


def test_a_refusal_is_kept_with_every_reason_of_every_channel_and_the_next_allowed_instant():
    put_in_force(cap(1, "30 days"), hours={"sms": {"mon-sun": "18:00-20:00"}})
    customer = make_customer()
    reserve(invite(customer))
    consent.pause(customer.pk, NOON + 2 * DAY, at=NOON, via="link")

    [grant] = reserve(invite(customer, channels=("email", "sms"), expires=NOON + 10 * DAY))

    assert (grant.contact, grant.address, grant.decision.result) == (None, None, "skip")
    assert rules(grant.decision) == [
        *[("email", rule) for rule in ("contacts", "pause", "expiry")],
        *[("sms", rule) for rule in ("contacts", "pause", "hours", "expiry")],
    ]
    assert grant.decision.allowed_at == NOON + 30 * DAY
    assert Contact.objects.count() == 1


def test_what_never_becomes_possible_has_no_next_instant():
    customer = make_customer()
    consent.opt_out(customer.pk, "", at=NOON, via="link")

    [grant] = reserve(invite(customer, channels=("email", "sms")))

    assert (grant.decision.result, grant.decision.allowed_at) == ("skip", None)
    assert rules(grant.decision) == [("email", "opt-out"), ("sms", "opt-out")]


def test_the_first_channel_that_may_send_now_is_taken_and_the_others_say_why_not():
    put_in_force(hours={"sms": {"mon-sun": "18:00-20:00"}})

    [grant] = reserve(invite(make_customer(), channels=("sms", "email")))

    assert (grant.decision.result, grant.contact.channel, grant.address.type) == ("send", "email", "email")
    assert rules(grant.decision) == [("sms", "hours")]


def test_where_none_may_send_now_the_soonest_is_taken():
    put_in_force(cap(0, "1 day", channels=["email"]), hours={"sms": {"mon-sun": "18:00-20:00"}})

    [grant] = reserve(invite(make_customer(), channels=("email", "sms")))

    assert (grant.decision.result, grant.decision.channel) == ("delay", "sms")
    assert grant.contact.at == NOON + timedelta(hours=6)


def test_a_customer_without_an_address_for_a_channel_is_asked_by_another():
    put_in_force()

    [grant] = reserve(invite(make_customer(email=False), channels=("email", "sms")))

    assert (grant.decision.result, grant.decision.channel) == ("send", "sms")
    assert rules(grant.decision) == [("email", "no-address")]


def test_a_customer_without_any_address_is_left_in_peace():
    put_in_force()
    customer = make_customer(email=False, phone=False)
    consent.close_address(add_address(customer, "email", "old@example.com").pk, "bounced", at=NOON)

    [grant] = reserve(invite(customer, channels=("email", "sms")))

    assert (grant.decision.result, grant.decision.allowed_at) == ("skip", None)
    assert rules(grant.decision) == [("email", "closed-address"), ("sms", "no-address")]


LANDLINE, PREMIUM = "+442079460018", "+449098790000"


def test_a_landline_gets_no_sms_and_the_mobile_seen_before_it_does():
    put_in_force()
    customer = make_customer(email=False, phone=False)
    add_address(customer, "phone", LANDLINE, last_seen_at=NOON + DAY)

    [grant] = reserve(invite(customer, channels=("sms",)))

    assert (grant.decision.result, rules(grant.decision)) == ("skip", [("sms", "no-address")])
    mobile = add_address(customer, "phone", "+447700900123")
    [grant] = reserve(invite(customer, channels=("sms",)))
    assert grant.address == mobile


def test_where_the_number_is_a_landline_the_other_channel_is_asked_by():
    put_in_force()
    customer = make_customer(phone=False)
    add_address(customer, "phone", LANDLINE)

    [grant] = reserve(invite(customer, channels=("sms", "email")))

    assert (grant.decision.result, grant.decision.channel) == ("send", "email")


@pytest.mark.parametrize(("number", "decision"), [(LANDLINE, "send"), (PREMIUM, "skip")])
def test_a_landline_is_called_and_a_number_whose_calls_cost_is_not(number: str, decision: str):
    put_in_force()
    customer = make_customer(phone=False)
    add_address(customer, "phone", number)

    assert gate.eligibility(customer.pk, "phone", at=NOON, purpose="call").decision == decision


def test_of_a_closed_mobile_and_a_landline_the_mobile_is_what_an_sms_went_to():
    put_in_force()
    customer = make_customer(email=False, phone=False)
    add_address(customer, "phone", LANDLINE)
    consent.close_address(add_address(customer, "phone", "+447700900123").pk, "bounced", at=NOON)

    [grant] = reserve(invite(customer, channels=("sms",)))

    assert rules(grant.decision) == [("sms", "closed-address")]


def test_the_open_address_seen_last_is_used():
    put_in_force()
    customer = make_customer()
    newest = add_address(customer, "email", "new@example.com", last_seen_at=NOON + DAY)
    closed = add_address(customer, "email", "gone@example.com", last_seen_at=NOON + 2 * DAY)
    consent.close_address(closed.pk, "bounced", at=NOON)

    [grant] = reserve(invite(customer))

    assert grant.address == newest


def test_a_place_reserved_in_the_same_call_counts_for_the_next_ask():
    put_in_force(cap(1, "30 days"))
    customer, other = make_customer(), make_customer()

    first, second, third = reserve(invite(customer), invite(customer), invite(other))

    assert [grant.contact.at for grant in (first, second, third)] == [NOON, NOON + 30 * DAY, NOON]
    assert second.decision.counted == [first.contact.pk]


def test_asks_are_served_by_priority_then_time_then_as_given():
    put_in_force(cap(1, "30 days"))
    customer = make_customer()
    asks = [
        invite(customer, NOON + DAY, priority=9),
        invite(customer, priority=1),
        invite(customer, priority=1),
        invite(customer, NOON - DAY, priority=5),
    ]

    grants = reserve(*asks)

    assert [grant.ask for grant in grants] == asks
    instants = [grant.contact.at for grant in grants]
    assert instants == [NOON + DAY, NOON + 61 * DAY, NOON + 91 * DAY, NOON + 31 * DAY]


def test_an_instant_that_has_passed_means_now():
    put_in_force()

    [grant] = reserve(invite(make_customer(), NOON - 3 * DAY))

    assert (grant.contact.at, grant.decision.at) == (NOON, NOON)


def test_a_refusal_found_elsewhere_is_kept_without_asking_the_rules():
    ask = invite(make_customer(), refusal=Reason("sampling", "sampling"), probability=0.1)

    [grant] = reserve(ask)

    assert (grant.contact, grant.decision.result, grant.decision.probability) == (None, "skip", 0.1)
    assert [reason["rule"] for reason in grant.decision.reasons] == ["sampling"]


def test_a_touchpoint_is_decided_about_once_per_program():
    put_in_force()
    customer = make_customer()
    touchpoint = make_touchpoint(customer)
    ask = invite(customer, touchpoint_id=touchpoint.pk, program="shop")
    other_program = invite(customer, touchpoint_id=touchpoint.pk, program="care")
    reserve(ask)

    again = reserve(ask, other_program)

    assert [grant.ask for grant in again] == [other_program]
    assert Contact.objects.count() == Decision.objects.count() == 2


def test_a_person_may_ask_about_a_touchpoint_again():
    put_in_force()
    customer = make_customer()
    ask = invite(customer, touchpoint_id=make_touchpoint(customer).pk)
    reserve(ask)

    [grant] = reserve(ask, stage="person")

    assert (grant.decision.stage, grant.decision.result) == ("person", "send")


def test_all_records_of_a_person_count_together():
    put_in_force(cap(1, "30 days"))
    person = make_customer()
    records = [person, make_customer(merged_into=person), make_customer(merged_into=person)]

    grants = reserve(*[invite(record) for record in records])

    assert [grant.decision.result for grant in grants] == ["send", "delay", "delay"]
    assert [grant.decision.customer_id for grant in grants] == [record.pk for record in records]
    for record in records:
        assert gate.eligibility(record.pk, "email", at=NOON).decision == "delay"


@pytest.mark.parametrize(("per", "results"), [("account", ["send", "delay", "send"]), ("customer", ["send"] * 3)])
def test_a_cap_per_account_counts_all_its_members(per: str, results: list[str]):
    put_in_force(cap(1, "7 days", per=per))
    account = make_account()
    member, partner, stranger = make_customer(account=account), make_customer(account=account), make_customer()
    reserve(invite(member))

    second, third = reserve(invite(partner), invite(stranger))

    assert [second.decision.result, third.decision.result] == results[1:]
    assert second.decision.counted == ([member.contacts.get().pk] if per == "account" else [])


def test_members_of_an_account_count_for_each_other_within_one_call():
    put_in_force(cap(2, "7 days", per="account"))
    account = make_account()
    merged = make_customer()
    members = [make_customer(account=account), make_customer(account=account), merged]
    merged.merged_into = members[0]
    merged.save()

    grants = reserve(*[invite(member) for member in members])

    assert [grant.decision.result for grant in grants] == ["send", "send", "delay"]


@pytest.mark.parametrize("outcome", ["cancelled", "rejected", "bounced", "expired"])
def test_released_places_are_free_again(outcome: str):
    put_in_force(cap(1, "30 days"))
    customer = make_customer()
    reserve(invite(customer))
    Contact.objects.update(outcome=outcome)

    [grant] = reserve(invite(customer))

    assert (grant.decision.result, grant.decision.counted) == ("send", [])


def test_an_unknown_zone_means_every_zone_of_the_number():
    put_in_force(hours={"sms": {"mon-sun": "09:00-20:00"}})
    customer = make_customer(time_zone="", phone=False)
    add_address(customer, "phone", "+61491570156")  # an Australian mobile phone
    midnight_in_sydney = datetime(2026, 5, 5, 14, tzinfo=UTC)

    [grant] = reserve(invite(customer, channels=("sms",)), at=midnight_in_sydney)

    assert grant.contact.at == datetime(2026, 5, 6, 2, 30, tzinfo=UTC), "09:00 on the Cocos Islands, 12:30 in Sydney"


def test_an_unknown_zone_without_number_and_country_is_the_organisation_s(settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    put_in_force(hours={"email": {"mon-sun": "09:00-20:00"}})
    customer = make_customer(time_zone="", phone=False)

    [grant] = reserve(invite(customer))

    assert grant.contact.at == datetime(2026, 5, 6, 0, tzinfo=UTC)


def test_a_zone_that_does_not_exist_is_an_unknown_zone(settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    put_in_force(hours={"email": {"mon-sun": "09:00-20:00"}})

    lost, found = reserve(
        invite(make_customer(time_zone="Mars/Olympus", phone=False)), invite(make_customer(time_zone="Asia/Dubai"))
    )

    assert lost.contact.at == datetime(2026, 5, 6, 0, tzinfo=UTC)
    assert found.contact.at == NOON, "one bad row holds nobody else up"


def test_a_tightened_policy_applies_to_the_next_ask():
    put_in_force(cap(2, "30 days"))
    customer = make_customer()
    reserve(invite(customer))

    tightened = put_in_force(cap(1, "30 days"))
    [grant] = reserve(invite(customer))

    assert (grant.decision.result, grant.decision.policy_version) == ("delay", tightened)


def test_old_contacts_count_in_a_long_window_and_not_in_a_short_one():
    put_in_force(cap(1, "400 days"))
    customer = make_customer()
    reserve(invite(customer))

    assert gate.eligibility(customer.pk, "email", at=NOON + 399 * DAY).decision == "delay"
    put_in_force(cap(1, "30 days"))
    assert gate.eligibility(customer.pk, "email", at=NOON + 399 * DAY).counted == ()


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_reserved():
    customer = make_customer()

    with pytest.raises(transaction.TransactionManagementError, match=r"inside transaction\.atomic"):
        gate.reserve([invite(customer)], at=NOON)

    assert not Decision.objects.exists()


def test_nobody_is_asked_about_nothing():
    assert reserve() == []


def statements(act: Callable[[], Any]) -> list[str]:
    """Return the statements of `act`, without the savepoints of the tests."""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        act()
    return [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]


@pytest.mark.parametrize("per", ["customer", "account"])
def test_two_hundred_asks_need_the_statements_of_one(per: str):
    put_in_force(cap(1, "30 days", per=per))
    account = make_account()
    customers = [make_customer(account=account) for _ in range(201)]
    asks = [invite(customer, touchpoint_id=make_touchpoint(customer).pk) for customer in customers]

    for_one = statements(lambda: reserve(asks[0]))
    for_many = statements(lambda: reserve(*asks[1:]))

    reading = 9 if per == "customer" else 11
    assert len(for_one) == reading + 4, "one for the contact, one for the decision, two for the newest contacts"
    # The household has a place now that could be taken: one statement more.
    more = 2 + (per == "account")
    assert len(for_many) == reading + more + inserts(Contact, 200) + inserts(Decision, 200)


def inserts(model: type[Contact | Decision], rows: int) -> int:
    """Return how many statements Django makes of one insert: SQLite gets at most 999 values in each."""
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    most = connection.ops.bulk_batch_size(fields, [None] * rows)
    return -(-rows // most)


def test_eligibility_says_what_reserve_would():
    put_in_force(cap(1, "30 days"))
    customer = make_customer()
    [grant] = reserve(invite(customer))

    verdict = gate.eligibility(customer.pk, "email", at=NOON + DAY, survey="nps")

    assert (verdict.decision, verdict.at, verdict.counted) == ("delay", NOON + 30 * DAY, (grant.contact.pk,))
    assert gate.eligibility(make_customer(phone=False).pk, "sms", at=NOON).reasons[-1].rule == "no-address"


def test_an_ask_is_for_one_of_its_channels_only():
    put_in_force()
    customer = make_customer()

    [grant] = reserve(Ask(customer.pk, NOON, ("sms",), "reminder"))

    assert (grant.contact.channel, grant.contact.purpose) == ("sms", "reminder")
