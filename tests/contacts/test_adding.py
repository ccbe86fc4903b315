"""New rows by the fastest way: what the ORM would have written, on either database."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.forms.models import model_to_dict

from contacts.intake.adding import add_rows
from contacts.models import Account, Customer
from tests.contacts.makers import NOON

pytestmark = pytest.mark.django_db
AWKWARD = {"name": 'Zoë "Z" \\N\t,\n{x}', "attributes": {"shoe": "38", "ø": ["\\", "\t"]}, "value": Decimal("12.50")}


def add(*rows: dict[str, object]) -> None:
    add_rows(Customer, rows, source="shop", created_at=NOON, updated_at=NOON + timedelta(microseconds=1))


def test_rows_are_what_the_orm_would_have_written() -> None:
    account = Account.objects.create(source="shop", external_id="acme")
    add({"external_id": "a", **AWKWARD, "account_id": account.pk})
    written = Customer.objects.get()
    times = {"created_at": NOON, "updated_at": NOON + timedelta(microseconds=1)}
    by_the_orm = Customer.objects.create(source="orm", external_id="a", **AWKWARD, account=account, **times)
    by_the_orm.refresh_from_db()
    assert model_to_dict(written, exclude=["id", "source"]) == model_to_dict(by_the_orm, exclude=["id", "source"])
    assert (written.created_at, written.updated_at) == (by_the_orm.created_at, by_the_orm.updated_at)


def test_what_a_row_lacks_has_its_default() -> None:
    add({"external_id": "a", "name": "Ada"}, {"external_id": "b", "country": "DE"})
    assert list(Customer.objects.order_by("external_id").values_list("name", "country", "value", "attributes")) == [
        ("Ada", "", None, {}),
        ("", "DE", None, {}),
    ]


def test_a_row_that_is_there_already_is_an_error_and_nothing_is_written() -> None:
    add({"external_id": "a"})
    with pytest.raises(IntegrityError), transaction.atomic():
        add({"external_id": "b"}, {"external_id": "a"})
    assert Customer.objects.count() == 1
