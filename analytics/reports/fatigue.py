"""Fatigue: how often customers are contacted, and how many stand at a cap."""

from collections.abc import Mapping
from typing import Any

from analytics import charts
from analytics.asking import contacts_per_customer
from analytics.caps import customers_at_caps
from analytics.page import Headline, Section, section
from analytics.reports.tables import Rows
from analytics.scope import Scope

FATIGUE = {"contacts": "Contacts", "customers": "Customers", "share": "Customers (%)"}
CAPS = {"cap": "Cap", "limit": "Limit", "window": "Window", "n": "Customers at the cap", "share": "Customers (%)"}


def build(scope: Scope) -> dict[str, Any]:
    """Return the contacts per customer and the customers at each cap now, whatever the period."""
    return {"fatigue": contacts_per_customer(scope), "caps": customers_at_caps(scope.period.at)}


def headline(numbers: Mapping[str, Any]) -> Headline:
    """Say how often a customer was contacted on average, and the most often."""
    customers = sum(row["customers"] for row in numbers["fatigue"])
    if not customers:
        return Headline("No customers yet", "Contacts are counted once there are customers.")
    contacts = sum(row["contacts"] * row["customers"] for row in numbers["fatigue"])
    most = numbers["fatigue"][-1]["contacts"]
    text = f"{contacts:,} contacts with {customers:,} customers; nobody was contacted more than {most} times."
    return Headline(f"{contacts / customers:.2f} contacts per customer", text)


def sections(numbers: Mapping[str, Any]) -> list[Section]:
    """Return the sections over what `build` returned."""
    period = numbers["period"]
    return [_contacts(numbers["fatigue"], period["text"]), _caps(numbers["caps"], period["at"])]


def _contacts(rows: Rows, period: str) -> Section:
    return section(
        "contacts",
        "How often did we contact a customer?",
        rows,
        FATIGUE,
        lambda frame: charts.contacts_per_customer(frame, period),
        lead="Invitations, reminders, thank-yous, calls, other systems' messages; what was not sent does not count.",
    )


def _caps(rows: Rows, at: str) -> Section:
    return section(
        "caps",
        "How many customers are at a cap?",
        rows,
        CAPS,
        lambda frame: charts.customers_at_caps(frame, f"on {at[:10]}"),
        lead="Customers for whom the policy in force leaves no room for one more contact that the cap counts.",
    )
