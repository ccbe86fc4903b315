"""Who stands at a cap, by the gate's own rules."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from analytics.caps import customers_at_caps
from contacts.models import Account
from contacts.policies import publish
from tests.analytics.world import days_ago, make_contact
from tests.surveys.makers import NOON, make_customer

pytestmark = pytest.mark.django_db


def in_force(*caps: Mapping[str, Any]) -> None:
    publish("test", "Test", {"caps": list(caps)}, at=days_ago(100))


def cap(name: str = "invitations", limit: int = 1, **fields: Any) -> dict[str, Any]:
    return {"name": name, "limit": limit, "measure": "invitations", "window": "30 days"} | fields


def test_customers_whose_window_is_full_are_counted() -> None:
    in_force(cap(), cap("contacts", 2, measure="contacts"))
    full, fuller, *_ = (make_customer() for _ in range(4))
    for customer in (full, fuller, fuller):
        make_contact(customer, days_ago(29))
    invitations, contacts = customers_at_caps(NOON)
    assert (invitations["cap"], invitations["n"], invitations["customers"], invitations["share"]) == (
        "invitations",
        2,
        4,
        50.0,
    )
    assert (contacts["cap"], contacts["limit"], contacts["window"], contacts["n"]) == ("contacts", 2, "30 days", 1)


@pytest.mark.parametrize(
    ("at", "fields", "n"),
    [
        (days_ago(30), {}, 0),
        (days_ago(30) + timedelta(seconds=1), {}, 1),
        (days_ago(1), {"outcome": "bounced"}, 0),
        (days_ago(1), {"purpose": "reminder"}, 0),
        (NOON + timedelta(days=3), {"outcome": "reserved"}, 1),
    ],
)
def test_what_counts_follows_the_contract(at: Any, fields: dict[str, str], n: int) -> None:
    in_force(cap())
    make_contact(make_customer(), at, **fields)
    assert customers_at_caps(NOON)[0]["n"] == n


def test_cap_per_account_holds_back_every_member() -> None:
    in_force(cap(per="account"))
    account = Account.objects.create(source="test", external_id="household")
    asked, _, _ = make_customer(account=account), make_customer(account=account), make_customer()
    make_contact(asked, days_ago(1))
    assert customers_at_caps(NOON)[0]["n"] == 2


def test_limit_of_zero_holds_back_everybody() -> None:
    in_force(cap(limit=0))
    make_contact(make_customer(), days_ago(1))
    make_customer()
    assert customers_at_caps(NOON)[0]["n"] == 2


def test_many_customers_are_read_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analytics.caps.PERSONS_AT_ONCE", 2)
    in_force(cap())
    for _ in range(5):
        make_contact(make_customer(), days_ago(1))
    assert customers_at_caps(NOON)[0]["n"] == 5


def test_without_customers_no_cap_is_full() -> None:
    in_force(cap())
    [row] = customers_at_caps(NOON)
    assert (row["n"], row["customers"], row["share"]) == (0, 0, 0.0)
