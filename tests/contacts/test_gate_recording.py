from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from contacts import gate
from contacts.gate import Entry, Recorded
from contacts.models import Contact, Customer, Decision, NewestContacts
from contacts.newest import COLUMNS, recomputed
from tests.contacts.makers import NOON, cap, invite, make_customer, put_in_force, reserve

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def newsletter(customer: Customer, external_id: str = "", **fields: Any) -> Entry:
    values: dict[str, Any] = {"channel": "email", "seconds": 10} | fields
    return Entry(customer.pk, NOON, "other", "mailer", external_id, **values)


def test_messages_of_other_systems_count():
    put_in_force(cap(1, "30 days"))
    customer = make_customer()

    assert gate.record([newsletter(customer, "m1")], at=NOON + DAY).created == 1

    [grant] = reserve(invite(customer), at=NOON + DAY)
    row = Contact.objects.get(source="mailer")
    assert (row.at, row.outcome, row.seconds, row.recorded_at) == (NOON, "delivered", 10, NOON + DAY)
    assert (grant.decision.result, grant.decision.counted) == ("delay", [row.pk])


def test_the_same_file_twice_changes_nothing():
    customer = make_customer()
    entries = [newsletter(customer, "m1"), newsletter(customer, "m2")]
    gate.record(entries, at=NOON)

    assert gate.record([*entries, newsletter(customer, "m3")], at=NOON).created == 1
    assert sorted(Contact.objects.values_list("external_id", flat=True)) == ["m1", "m2", "m3"]


def test_of_two_entries_with_one_id_the_later_holds():
    entry = newsletter(make_customer(), "m1")

    recorded = gate.record([entry, replace(entry, seconds=99), replace(entry, seconds=99)], at=NOON)

    assert recorded == Recorded(created=1, updated=1, unchanged=1)
    assert Contact.objects.get().seconds == 99


def test_what_another_system_says_anew_of_its_row_holds():
    entry = newsletter(make_customer(), "m1")
    gate.record([entry], at=NOON)

    later = replace(entry, at=NOON - DAY, outcome="bounced", survey="nps", program="old", seconds=99)
    assert gate.record([later], at=NOON + DAY) == Recorded(updated=1)

    row = Contact.objects.get()
    assert (row.at, row.outcome, row.survey, row.program, row.seconds) == (NOON - DAY, "bounced", "nps", "old", 99)
    assert (row.recorded_at, row.updated_at) == (NOON, NOON + DAY)


def test_what_an_entry_does_not_speak_of_is_kept():
    entry = newsletter(make_customer(), "m1")
    gate.record([replace(entry, survey="nps", outcome="bounced")], at=NOON)

    assert gate.record([entry], at=NOON + DAY, keep=["survey", "outcome"]) == Recorded(unchanged=1)
    gate.record([replace(entry, seconds=5)], at=NOON + DAY, keep=["survey", "outcome"])

    row = Contact.objects.get()
    assert (row.survey, row.outcome, row.seconds) == ("nps", "bounced", 5)


def test_a_row_stays_with_its_customer():
    first, second = make_customer(), make_customer()
    gate.record([newsletter(first, "m1")], at=NOON)

    assert gate.record([newsletter(second, "m2"), newsletter(second, "m1")], at=NOON) == Recorded(created=1, held=[1])
    assert Contact.objects.get(external_id="m1").customer == first


def test_what_we_did_ourselves_is_not_told_anew():
    customer = make_customer()
    entry = replace(newsletter(customer, "m1"), source="cxsurvey")
    gate.record([entry], at=NOON)

    assert gate.record([replace(entry, outcome="cancelled")], at=NOON) == Recorded(unchanged=1)
    assert Contact.objects.get().outcome == "delivered"


def test_a_bounce_that_is_told_later_gives_the_place_back():
    put_in_force(cap(1, "30 days"))
    customer = make_customer()
    entry = newsletter(customer, "m1")
    gate.record([entry], at=NOON)
    assert gate.eligibility(customer.pk, "email", at=NOON + DAY).decision == "delay"

    gate.record([replace(entry, outcome="bounced")], at=NOON + DAY)

    assert gate.eligibility(customer.pk, "email", at=NOON + DAY).decision == "send"


def test_sources_do_not_share_their_ids():
    customer = make_customer()
    entry = newsletter(customer, "1")

    assert gate.record([entry, replace(entry, source="crm")], at=NOON).created == 2


def test_entries_without_an_id_are_all_written():
    entry = newsletter(make_customer())

    assert gate.record([entry, entry], at=NOON).created == 2


@pytest.mark.parametrize("change", [{"outcome": "bounced"}, {"at": NOON - 9 * DAY}, {"survey": "nps"}])
def test_the_newest_contacts_follow_what_is_recorded_and_told_anew(change: dict[str, Any]):
    customer = make_customer()
    entries = [newsletter(customer, "m1"), replace(newsletter(customer, "m2"), at=NOON - 3 * DAY)]

    for told in (entries, [replace(entries[0], **change)]):
        gate.record(told, at=NOON)
        cached = list(NewestContacts.objects.values_list("customer", *COLUMNS))
        assert cached == recomputed([customer.pk])


def test_an_entry_that_no_contact_can_be_is_refused_with_all_others():
    customer = make_customer()

    with pytest.raises(IntegrityError), transaction.atomic():
        gate.record([newsletter(customer), newsletter(customer, channel="phone")], at=NOON)

    assert not Contact.objects.exists()


@pytest.mark.parametrize(("purpose", "measure"), [("response", "responses"), ("decline", "declines")])
def test_an_answer_starts_a_clock_and_is_no_contact(purpose: str, measure: str):
    put_in_force(cap(1, "90 days", measure), cap(1, "1 day"))
    customer = make_customer()

    gate.clock_event(customer.pk, purpose, at=NOON, survey="nps", program="shop", seconds=35, simulated=True)

    row = Contact.objects.get()
    assert (row.purpose, row.channel, row.survey, row.program) == (purpose, "", "nps", "shop")
    assert (row.seconds, row.simulated, row.source) == (35, True, "cxsurvey")
    verdict = gate.eligibility(customer.pk, "email", at=NOON + timedelta(hours=1))
    assert [(reason.rule, reason.until) for reason in verdict.reasons] == [(measure, NOON + 90 * DAY)]


def test_the_same_answer_starts_its_clock_once():
    customer = make_customer()

    for at in (NOON, NOON + DAY):
        gate.clock_event(customer.pk, "response", at=at, survey="nps", external_id="response:7")

    assert Contact.objects.get().at == NOON


def test_recording_asks_no_rule():
    put_in_force(cap(0, "30 days"))

    assert gate.record([newsletter(make_customer())], at=NOON).created == 1
    assert not Decision.objects.exists()
