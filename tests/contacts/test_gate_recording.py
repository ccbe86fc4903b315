from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from contacts import gate
from contacts.gate import Entry
from contacts.models import Contact, Customer, Decision
from tests.contacts.makers import NOON, cap, invite, make_customer, put_in_force, reserve

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def newsletter(customer: Customer, external_id: str = "", **fields: Any) -> Entry:
    values: dict[str, Any] = {"channel": "email", "seconds": 10} | fields
    return Entry(customer.pk, NOON, "other", "mailer", external_id, **values)


def test_messages_of_other_systems_count():
    put_in_force(cap(1, "30 days"))
    customer = make_customer()

    assert gate.record([newsletter(customer, "m1")], at=NOON + DAY) == 1

    [grant] = reserve(invite(customer), at=NOON + DAY)
    row = Contact.objects.get(source="mailer")
    assert (row.at, row.outcome, row.seconds, row.recorded_at) == (NOON, "delivered", 10, NOON + DAY)
    assert (grant.decision.result, grant.decision.counted) == ("delay", [row.pk])


def test_the_same_file_twice_changes_nothing():
    customer = make_customer()
    entries = [newsletter(customer, "m1"), newsletter(customer, "m2")]
    gate.record(entries, at=NOON)

    assert gate.record([*entries, newsletter(customer, "m3")], at=NOON) == 1
    assert sorted(Contact.objects.values_list("external_id", flat=True)) == ["m1", "m2", "m3"]


def test_of_two_entries_with_one_id_the_first_is_kept():
    customer = make_customer()
    entry = newsletter(customer, "m1")

    assert gate.record([entry, replace(entry, seconds=99)], at=NOON) == 1
    assert Contact.objects.get().seconds == 10


def test_sources_do_not_share_their_ids():
    customer = make_customer()
    entry = newsletter(customer, "1")

    assert gate.record([entry, replace(entry, source="crm")], at=NOON) == 2


def test_entries_without_an_id_are_all_written():
    entry = newsletter(make_customer())

    assert gate.record([entry, entry], at=NOON) == 2


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

    assert gate.record([newsletter(make_customer())], at=NOON) == 1
    assert not Decision.objects.exists()
