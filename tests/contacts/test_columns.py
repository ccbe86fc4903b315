"""Rows that are written and read as columns are those that the ORM writes and reads."""

from datetime import UTC, datetime

import numpy as np
import pytest
from django.db import DatabaseError

from contacts.columns import read_columns, read_numbers, write_columns
from contacts.frequency.zone_arrays import micros
from contacts.models import Contact, Customer, Decision, Touchpoint
from contacts.texts import Texts
from tests.contacts.makers import NOON, make_customer, make_touchpoint

pytestmark = pytest.mark.django_db

ODD = ["Zoë\tTab", "back\\slash", "line\nbreak", "“quoted”, 'x'", ""]
EXACT = datetime(2026, 3, 29, 1, 2, 3, 456_789, tzinfo=UTC)


def test_texts_arrive_as_they_are_whatever_letters_they_have():
    names = Texts.of(np.array([f"c{n}".encode() for n, _ in enumerate(ODD)], np.bytes_))
    known = {"external_id": names, "name": Texts.of(np.array([name.encode() for name in ODD], np.bytes_))}
    write_columns(Customer, known, source="crm", created_at=NOON, updated_at=NOON)

    customers = Customer.objects.order_by("external_id")
    assert [customer.name for customer in customers] == ODD
    assert {customer.created_at for customer in customers} == {NOON}
    found = read_columns("SELECT id, name FROM contacts_customer ORDER BY external_id", [], id=np.int64, name=np.str_)
    assert (found["name"].tolist(), found["id"].tolist()) == (ODD, [customer.pk for customer in customers])


def test_numbers_truths_instants_and_nulls_arrive():
    customer = make_customer()
    at = np.array([micros(EXACT), micros(NOON)], np.int64)
    columns = {
        "customer_id": np.array([customer.pk] * 2),
        "at": at,
        "expires_at": np.ma.masked_equal(at, micros(NOON)),
        "simulated": np.array([True, False]),
        "address_id": np.ma.masked_all(2, np.int64),
    }
    same = {"channel": "email", "purpose": "invitation", "outcome": "reserved", "source": "crm"}
    write_columns(Contact, columns, recorded_at=EXACT, updated_at=NOON, seconds=7, tags=["vip", "“x”"], **same)

    one, two = Contact.objects.order_by("at")
    assert (one.at, one.expires_at, one.simulated, one.recorded_at) == (EXACT, EXACT, True, EXACT)
    assert (two.at, two.expires_at, two.simulated, two.updated_at) == (NOON, None, False, NOON)
    assert (one.address_id, one.seconds, one.tags, one.survey, one.handed_over_at) == (
        None,
        7,
        ["vip", "“x”"],
        "",
        None,
    )
    assert Contact.objects.filter(at=EXACT, expires_at=EXACT).count() == 1


def test_documents_and_fractions_arrive_and_one_row_of_a_text_stands_for_all():
    customer = make_customer()
    touchpoints = [make_touchpoint(customer).pk for _ in range(3)]
    columns = {"touchpoint_id": np.array(touchpoints), "reasons": Texts.same('[{"rule": "sampling"}]')}
    about = {"customer_id": customer.pk, "stage": "plan", "purpose": "invitation", "result": "skip", "channel": "sms"}
    write_columns(Decision, columns, at=NOON, decided_at=NOON, probability=0.25, **about)

    decisions = Decision.objects.order_by("touchpoint")
    assert [decision.touchpoint_id for decision in decisions] == touchpoints
    assert {decision.probability for decision in decisions} == {0.25}
    assert [decision.reasons for decision in decisions] == [[{"rule": "sampling"}]] * 3
    assert [decision.counted for decision in decisions] == [[]] * 3


def test_what_the_database_refuses_is_refused():
    columns = {"customer_id": np.array([make_customer().pk]), "at": np.array([micros(NOON)])}
    with pytest.raises(DatabaseError):
        write_columns(Contact, columns, channel="fax", purpose="invitation", recorded_at=NOON, updated_at=NOON)


def test_truths_and_no_rows_at_all_are_read():
    make_customer()
    sql = "SELECT id, simulated, name FROM contacts_customer WHERE id > %s"
    types = {"id": np.int64, "simulated": np.bool_, "name": np.str_}
    some, none = read_columns(sql, [0], **types), read_columns(sql, [10**9], **types)

    assert some["simulated"].tolist() == [False]
    assert {name: (len(column), column.dtype.kind) for name, column in none.items()} == {
        "id": (0, "i"),
        "simulated": (0, "b"),
        "name": (0, "U"),
    }


def test_nulls_among_numbers_are_refused_and_not_left_out():
    sql = "SELECT * FROM (SELECT 1 AS n UNION ALL SELECT NULL UNION ALL SELECT 3) AS one"
    with pytest.raises(TypeError, match="nulls"):
        read_columns(sql, [], n=np.int64)


def test_a_query_set_is_read_as_columns_also_where_it_can_hold_nothing():
    customer = make_customer()
    touchpoints = [make_touchpoint(customer).pk for _ in range(3)]
    rows = Touchpoint.objects.order_by("pk")

    assert [column.tolist() for column in read_numbers(rows, "customer", "pk")] == [[customer.pk] * 3, touchpoints]
    assert [column.tolist() for column in read_numbers(rows.filter(kind__in=[]), "customer", "pk")] == [[], []]
