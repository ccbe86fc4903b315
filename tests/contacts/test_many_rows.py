"""Many rows by one statement: what the ORM would have written, and whatever is there already stays or changes."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.forms.models import model_to_dict

from contacts.many_rows import Json, add_or_change, add_unless_there, change
from contacts.models import Customer, Identifier
from tests.contacts.makers import NOON

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(microseconds=1)
AWKWARD = {"name": 'Zoë "Z" \\N\t,\n{x} %s', "attributes": {"shoe": "38", "ø": ["\\", "\t"]}, "value": Decimal("12.50")}


def add(*rows: dict[str, Any]) -> int:
    return add_unless_there(Customer, rows, source="shop", created_at=NOON, updated_at=LATER)


def told(customer: Customer) -> dict[str, Any]:
    times = {"created_at": customer.created_at, "updated_at": customer.updated_at}
    return model_to_dict(customer, exclude=["id", "source"]) | times


def by_the_orm(**fields: Any) -> dict[str, Any]:
    made = Customer.objects.create(**{"source": "orm", "external_id": "a", "created_at": NOON} | fields)
    made.refresh_from_db()
    return told(made)


def test_rows_are_what_the_orm_would_have_written() -> None:
    assert add({"external_id": "a", **AWKWARD}) == 1
    assert told(Customer.objects.get()) == by_the_orm(**AWKWARD, updated_at=LATER)


def test_what_is_there_stays_and_what_is_new_is_counted() -> None:
    assert add({"external_id": "a", "name": "Ada"}) == 1
    assert add({"external_id": "a", "name": "Eve"}, {"external_id": "b", "name": "Ben"}) == 1
    assert list(Customer.objects.order_by("external_id").values_list("name", flat=True)) == ["Ada", "Ben"]
    assert add() == 0


def test_rows_change_and_others_stay() -> None:
    add({"external_id": "a"}, {"external_id": "b"})
    first, other = Customer.objects.order_by("external_id")
    change(Customer, [{"id": first.pk, **AWKWARD, "updated_at": NOON}])
    assert told(Customer.objects.get(pk=first.pk)) == by_the_orm(**AWKWARD, updated_at=NOON)
    change(Customer, [{"id": first.pk, "value": None, "updated_at": LATER}])
    assert Customer.objects.get(pk=first.pk).value is None
    assert told(Customer.objects.get(pk=other.pk)) == told(other)
    change(Customer, [])


def test_json_that_is_written_down_already_is_taken_as_it_is() -> None:
    add({"external_id": "a", "attributes": Json('{"shoe":"38","ø":null}')})
    assert Customer.objects.get().attributes == {"shoe": "38", "ø": None}


def test_what_is_seen_again_keeps_all_but_what_is_named() -> None:
    add({"external_id": "a"})
    customer = Customer.objects.get()
    once = ("customer_id", "type", "issuer", "value")
    for at, written in ((NOON, 1), (LATER, 1), (LATER, 0)):
        row = {"customer_id": customer.pk, "type": "email", "issuer": "", "value": "a@b.example"}
        assert add_or_change(Identifier, [row], once, ["last_seen_at"], first_seen_at=at, last_seen_at=at) == written
    kept = Identifier.objects.get()
    assert (kept.first_seen_at, kept.last_seen_at, kept.closed_at) == (NOON, LATER, None)


def test_what_the_database_refuses_is_its_error_and_nothing_is_written() -> None:
    add({"external_id": "a"}, {"external_id": "b"})
    other = Customer.objects.get(external_id="b")
    with pytest.raises(IntegrityError), transaction.atomic():
        change(Customer, [{"id": other.pk, "name": "Ben", "external_id": "a"}])
    assert told(Customer.objects.get(pk=other.pk)) == told(other)
