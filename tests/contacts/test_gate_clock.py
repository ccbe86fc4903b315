"""An event's clock starts in few statements, and leaves behind what `record` would: the same row, the same cache."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from contacts import gate
from contacts.gate import Entry, NamedTime
from contacts.merging import merge
from contacts.models import Appointment, Contact, Customer, Touchpoint
from contacts.newest import COLUMNS, recomputed, refresh
from tests.contacts.makers import NOON, add_address, make_customer, make_touchpoint, put_in_force, reserved

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ON_POSTGRES = connection.vendor == "postgresql"


def start_clock(customer: Customer, about: Touchpoint | None = None, at: datetime = NOON + DAY, **fields: Any) -> None:
    pk = about.pk if about else None
    gate.clock_event(customer.pk, "response", at=at, survey="nps", program="shop", touchpoint_id=pk, **fields)


def cached(customer: Customer) -> list[Any]:
    names = ", ".join(["customer_id", *COLUMNS])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {names} FROM contacts_newestcontacts WHERE customer_id = %s", [customer.pk])  # noqa: S608
        return [*cursor.fetchall()]


def fresh(customer: Customer, about: Touchpoint) -> None:
    """Leave the customer as made: never asked."""


def asked(customer: Customer, about: Touchpoint) -> None:
    put_in_force()
    reserved(customer)


def asked_and_answered(customer: Customer, about: Touchpoint) -> None:
    asked(customer, about)
    gate.clock_event(make_customer().pk, "response", at=NOON, survey="nps", program="shop")


def asked_for_later(customer: Customer, about: Touchpoint) -> None:
    put_in_force()
    reserved(customer, NOON + 7 * DAY)


def asked_ten_times(customer: Customer, about: Touchpoint) -> None:
    gate.record([Entry(customer.pk, NOON, "other", "crm", channel="sms") for _ in range(10)], at=NOON)


def without_cache(customer: Customer, about: Touchpoint) -> None:
    times = {"at": NOON, "recorded_at": NOON, "updated_at": NOON}
    Contact.objects.create(customer=customer, purpose="other", channel="sms", outcome="sent", source="crm", **times)


def merged(customer: Customer, about: Touchpoint) -> None:
    by = User.objects.create(username="merger")
    merge(customer.pk, into=make_customer().pk, at=NOON, by_id=by.pk, why="The same card.")


def sharing_a_number(customer: Customer, about: Touchpoint) -> None:
    add_address(make_customer(phone=False), "phone", customer.identifiers.get(type="phone").value)


def to_be_called(customer: Customer, about: Touchpoint) -> None:
    put_in_force()
    by = User.objects.create(username="interviewer")
    time = NamedTime(NOON + 14 * DAY, NOON + 14 * DAY + HOUR)
    gate.appoint(customer.pk, time, at=NOON, by_id=by.pk, touchpoint_id=about.pk)


@pytest.mark.parametrize(
    "before",
    [
        *(fresh, asked, asked_and_answered, asked_for_later, asked_ten_times),
        *(without_cache, merged, sharing_a_number, to_be_called),
    ],
)
def test_whoever_it_is_the_row_the_cache_and_the_appointments_are_those_of_record(
    before: Callable[[Customer, Touchpoint], None],
) -> None:
    customer = make_customer()
    visit = make_touchpoint(customer)
    before(customer, visit)
    start_clock(customer, visit, seconds=20, external_id="response:1")
    row = Contact.objects.get(external_id="response:1")
    assert (row.customer, row.at, row.outcome, row.channel) == (customer, NOON + DAY, "completed", "")
    assert (row.purpose, row.survey, row.program, row.seconds) == ("response", "nps", "shop", 20)
    assert (row.tags, row.priority, row.simulated, row.recorded_at) == ([], 0, False, NOON + DAY)
    assert cached(customer) == recomputed([customer.pk])
    assert not Appointment.objects.filter(state="open").exists()


def test_most_answers_take_few_statements(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    customer = make_customer()
    visit = make_touchpoint(customer)
    asked_and_answered(customer, visit)
    with django_assert_num_queries(4 if ON_POSTGRES else 3):
        start_clock(customer, visit, external_id="response:1")


def test_who_shares_a_number_is_locked_with_whom_it_is_shared() -> None:
    customer = make_customer()
    visit = make_touchpoint(customer)
    sharing_a_number(customer, visit)
    with CaptureQueriesContext(connection) as seen:
        start_clock(customer, visit)
    assert len(seen) > 6


def test_events_without_an_id_are_all_kept() -> None:
    customer = make_customer()
    for _ in range(2):
        start_clock(customer)
    assert Contact.objects.count() == 2


def test_a_cache_that_is_not_there_is_made_from_the_ledger() -> None:
    customer = make_customer()
    without_cache(customer, make_touchpoint(customer))
    start_clock(customer)
    kept = cached(customer)
    refresh([customer.pk])
    assert kept == cached(customer)
    assert Contact.objects.count() == 2
