"""Statements that are composed once read and write what the ORM does."""

from decimal import Decimal
from threading import Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from contacts.models import Customer, Touchpoint
from contacts.prepared import Insert, ReadOne
from tests.contacts.makers import NOON, make_account, make_customer, make_touchpoint

pytestmark = pytest.mark.django_db
SOME = Touchpoint.objects.select_related("customer__account").only(
    "kind", "occurred_at", "attributes", "customer__name", "customer__account__external_id"
)


def test_a_row_is_read_with_its_columns_and_related_rows_in_one_statement(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    reading = ReadOne(SOME)
    for name, account in (("Ada", make_account()), ("Eve", None)):
        visit = make_touchpoint(make_customer(name=name, account=account))
        visit.attributes = {"shop": ["Oslo", 1]}
        visit.save()
        with django_assert_num_queries(1):
            found = reading.get(visit.pk)
            assert found
            assert (found.pk, found.kind, found.occurred_at, found.attributes) == (
                *(visit.pk, "service call", NOON),
                {"shop": ["Oslo", 1]},
            )
            assert (found.customer.name, found.customer.account) == (name, account)
        assert found.get_deferred_fields() == SOME.get(pk=visit.pk).get_deferred_fields()
        assert found.source == "test"


def test_a_row_that_is_not_there_is_none() -> None:
    assert ReadOne(SOME).get(1) is None


def test_what_depends_on_more_than_the_key_is_refused() -> None:
    with pytest.raises(TypeError, match="Only the key"):
        ReadOne(SOME.filter(kind="visit")).get(1)


@pytest.mark.django_db(transaction=True)
def test_every_thread_reads_by_its_own_connection() -> None:
    reading, found = ReadOne(Customer.objects.all()), list[Any]()
    customer = make_customer(value="12.50")

    def read() -> None:
        found.append(reading.get(customer.pk))
        connection.close()

    for _ in range(2):
        thread = Thread(target=read)
        thread.start()
        thread.join()
    read()
    assert [one.value for one in found] == [Decimal("12.50")] * 3


def test_rows_are_inserted_as_the_orm_does() -> None:
    given = {"source": "test", "name": "Ada", "value": Decimal("1.5"), "attributes": {"a": [None]}, "account": None}
    times = {"created_at": NOON, "updated_at": NOON}
    made = Insert(Customer).one(Customer(external_id="one", **given, **times))
    Insert(Customer).many([Customer(external_id=name, **given, **times) for name in ("two", "three")])
    Customer.objects.create(external_id="four", **given, **times)
    one, *others = Customer.objects.order_by("pk").values()
    assert made.pk == one["id"]
    assert [{**other, "id": one["id"], "external_id": "one"} for other in others] == [one] * 3
    made.name = "Eve"
    made.save()
    assert Customer.objects.get(external_id="one").name == "Eve"


def test_no_rows_are_no_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        Insert(Customer).many([])


def test_what_the_database_forbids_is_told_as_the_orm_tells_it() -> None:
    first = make_customer()
    again = Customer(source=first.source, external_id=first.external_id, created_at=NOON, updated_at=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        Insert(Customer).one(again)


def test_a_new_row_is_as_the_model_makes_it() -> None:
    columns = {"source": "test", "external_id": "one", "created_at": NOON, "updated_at": NOON}
    made, again, ours = Insert(Customer).new(**columns), Insert(Customer).new(**columns), Customer(**columns)
    assert {name: value for name, value in vars(made).items() if name != "_state"} == {
        name: value for name, value in vars(ours).items() if name != "_state"
    }
    assert made.attributes is not again.attributes
    assert made._state.adding
    assert not made.pk
    made.save()
    assert Customer.objects.get().external_id == "one"


def test_what_is_read_is_changed_and_saved_as_any_other_row() -> None:
    visit = make_touchpoint(make_customer(name="Ada"))
    found = ReadOne(SOME).get(visit.pk)
    assert found
    found.kind, found.customer.name = "chat", "Eve"
    found.save()
    found.customer.save()
    assert Touchpoint.objects.values_list("kind", "customer__name").get() == ("chat", "Eve")


def test_a_model_that_makes_its_objects_itself_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Customer, "__init__", object.__init__)
    with pytest.raises(TypeError, match="way of its own"):
        Insert(Customer).new()
    with pytest.raises(TypeError, match="way of its own"):
        ReadOne(Customer.objects.all()).get(1)
