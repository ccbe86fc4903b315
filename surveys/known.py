"""What is known about a customer or an experience already, so that nobody is asked for it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from contacts.models import Customer, Touchpoint
from surveys.questions.answers import Answers
from surveys.questions.reading import Problem, read_one
from surveys.questions.spec import Spec

#: What a fact may name besides the attributes, which come after.
COLUMNS: Mapping[str, Sequence[str]] = {
    "customer": ("language", "country", "value"),
    "touchpoint": (
        *("kind", "channel", "direction", "agent", "team", "product", "reference", "outcome", "value", "occurred_at"),
    ),
}


def known(questions: Sequence[Spec], customer: Customer | None, touchpoint: Touchpoint | None, today: date) -> Answers:
    """Return the answers that need not be asked for (`Spec.fact`): those that the question itself would accept.

    `customer.NAME` or `touchpoint.NAME`: a column, else an attribute. A value that is no answer to the question (an
    option that it does not offer, a number out of its bounds) is not known, and the customer is asked.
    """
    about: dict[str, Customer | Touchpoint | None] = {"customer": customer, "touchpoint": touchpoint}
    found: dict[str, Any] = {}
    for question in questions:
        if question.fact:
            whose, _, name = question.fact.partition(".")
            parts = read_one(question, {question.key: _said(_value(about.get(whose), whose, name))}, today)
            if parts and not isinstance(parts, Problem):
                found[question.key] = {part.part: part for part in parts}
    return found


def read_facts(customer: Customer, touchpoint: Touchpoint | None) -> None:
    """Read what facts may name of rows that were read without it. A statement for each row at most."""
    for whose, row in (("customer", customer), ("touchpoint", touchpoint)):
        if row and (missing := row.get_deferred_fields() & {*COLUMNS[whose], "attributes"}):
            row.refresh_from_db(fields=missing)


def hidden(names: Sequence[str], touchpoint: Touchpoint | None) -> dict[str, Any]:
    """Return the touchpoint's attributes that a version keeps with each answer (`SurveyVersion.hidden_fields`)."""
    attributes = touchpoint.attributes if touchpoint and names else {}  # a page does not read them (`INVITATIONS`)
    return {name: attributes[name] for name in names if name in attributes}


def _value(row: Customer | Touchpoint | None, whose: str, name: str) -> object:
    if row is None:
        return None
    return getattr(row, name) if name in COLUMNS[whose] else row.attributes.get(name)


def _said(value: object) -> str | list[str]:
    """The value as a form would send it."""
    match value:
        case None:
            return ""
        case bool():
            return str(int(value))
        case datetime():
            return value.date().isoformat()
        case list():
            return [str(one) for one in value]
    return str(value)
