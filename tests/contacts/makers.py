"""Rows that the tests of this room need, each made by one call with what matters to the test."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from django.db import transaction

from contacts import gate
from contacts.gate import Ask, Grant
from contacts.models import Account, Contact, Customer, Decision, Identifier, PolicyVersion, Touchpoint
from contacts.policies import publish

NOON = datetime(2026, 5, 5, 12, tzinfo=UTC)
"""A Tuesday."""
numbers = count(1)


def make_customer(*, email: bool = True, phone: bool = True, **fields: Any) -> Customer:
    """Return a customer in UTC with an email address and a phone number, unless told otherwise."""
    number = next(numbers)
    values = {"source": "test", "external_id": f"c{number}", "time_zone": "UTC"} | fields
    customer = Customer.objects.create(**values, created_at=NOON, updated_at=NOON)
    if email:
        add_address(customer, "email", f"c{number}@example.com")
    if phone:
        add_address(customer, "phone", f"+1212555{number:04}")
    return customer


def add_address(customer: Customer, type_: str, value: str, **fields: Any) -> Identifier:
    values = {"first_seen_at": NOON, "last_seen_at": NOON} | fields
    return Identifier.objects.create(customer=customer, type=type_, value=value, **values)


def make_account() -> Account:
    return Account.objects.create(source="test", external_id=f"a{next(numbers)}")


def make_touchpoint(customer: Customer) -> Touchpoint:
    """Return a call to the hotline at NOON."""
    times = {"occurred_at": NOON, "received_at": NOON, "updated_at": NOON}
    external_id = f"t{next(numbers)}"
    return Touchpoint.objects.create(
        customer=customer, source="test", external_id=external_id, kind="service call", channel="hotline", **times
    )


def put_in_force(*caps: dict[str, object], **document: object) -> PolicyVersion:
    """Put a policy of these caps in force; email and SMS are open at all hours unless told otherwise."""
    hours = {"hours": {"sms": "always", "phone": "always"}}
    return publish("test", "Test", hours | document | {"caps": list(caps)}, at=NOON)


def cap(limit: int, window: str, measure: str = "contacts", **scope: object) -> dict[str, object]:
    """Return a cap named after its measure."""
    return {"name": measure, "limit": limit, "measure": measure, "window": window} | scope


def invite(customer: Customer, at: datetime = NOON, **fields: Any) -> Ask:
    """Return the ask for an invitation by email, unless told otherwise."""
    values = {"channels": ("email",), "purpose": "invitation", "survey": "nps"} | fields
    return Ask(customer.pk, at, **values)


def reserve(*asks: Ask, at: datetime = NOON, stage: str = "plan") -> list[Grant]:
    with transaction.atomic():
        return gate.reserve(asks, at=at, stage=stage)


def reserved(customer: Customer, at: datetime = NOON, **fields: Any) -> Contact:
    """Return the contact that an allowed ask got."""
    [grant] = reserve(invite(customer, at, **fields), at=at)
    assert grant.contact is not None
    return grant.contact


def rules(decision: Decision) -> list[str]:
    """Return the names of the rules among the reasons, in order."""
    return [reason["rule"] for reason in decision.reasons]
