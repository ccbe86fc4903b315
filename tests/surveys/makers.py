"""Rows that the tests of this room need, each made by one call with what matters to the test."""

from collections.abc import Sequence
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.db.models import Model

from contacts.models import Brand, Contact, Customer, Decision, Identifier, Touchpoint
from surveys.defaults import ensure_nps_survey
from surveys.links import signing_key
from surveys.models import CallCase, Invitation, OpenLink, Program, Question, Survey, SurveyVersion, Translation
from surveys.survey_templates import NPS

NOON = datetime(2026, 5, 5, 12, tzinfo=UTC)
"""A Tuesday."""
numbers = count(1)
written: list[Any] = []
"""The rows of the default survey as the product wrote them: its version, the questions, the words."""


def make_brand(name: str = "Northwind Outfitters", **fields: Any) -> Brand:
    slug = fields.pop("slug", f"brand-{next(numbers)}")
    return Brand.objects.create(slug=slug, name=name, **fields)


def make_version(**brand: Any) -> SurveyVersion:
    """Return the published default survey, of a brand made for it.

    The product writes it once in a process; its rows are written again, all at once, where a test has none yet.
    """
    owner = make_brand(**brand)
    if Survey.objects.filter(slug=NPS.slug).exists():
        return ensure_nps_survey(NOON, owner)
    if not written:
        version = ensure_nps_survey(NOON, owner)
        written.extend((version, list(version.questions.all()), list(version.translations.all())))
        return version
    return _written_again(owner, *written)


def _written_again(
    brand: Brand, version: SurveyVersion, questions: Sequence[Question], words: Sequence[Translation]
) -> SurveyVersion:
    survey = Survey.objects.create(**_values(version.survey) | {"brand_id": brand.pk})
    survey.brand = brand
    made = SurveyVersion.objects.create(**_values(version) | {"survey_id": survey.pk})
    made.survey = survey
    rows = Question.objects.bulk_create(Question(**_values(row) | {"version_id": made.pk}) for row in questions)
    new = {old.pk: row.pk for old, row in zip(questions, rows, strict=True)} | {None: None}
    Translation.objects.bulk_create(
        Translation(**_values(row) | {"version_id": made.pk, "question_id": new[row.question_id]}) for row in words
    )
    return made


def _values(row: Model) -> dict[str, Any]:
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    return {field.attname: deepcopy(getattr(row, field.attname)) for field in fields}


def make_customer(*, email: str = "auto", phone: str = "", **fields: Any) -> Customer:
    """Return a customer in UTC with an email address, unless told otherwise."""
    number = next(numbers)
    values = {"source": "test", "external_id": f"c{number}", "name": "Ada Example", "time_zone": "UTC"} | fields
    customer = Customer.objects.create(**values, created_at=NOON, updated_at=NOON)
    addresses = {"email": f"c{number}@example.com" if email == "auto" else email, "phone": phone}
    for type_, value in addresses.items():
        if value:
            Identifier.objects.create(customer=customer, type=type_, value=value, first_seen_at=NOON, last_seen_at=NOON)
    return customer


def make_touchpoint(customer: Customer | None = None, **fields: Any) -> Touchpoint:
    """Return a purchase in the shop a day before NOON, unless told otherwise."""
    values = {"kind": "purchase", "channel": "shop", "occurred_at": NOON - timedelta(days=1)} | fields
    values = {"source": "test", "external_id": f"t{next(numbers)}", "received_at": NOON, "updated_at": NOON} | values
    return Touchpoint.objects.create(customer=customer or make_customer(), **values)


def make_program(version: SurveyVersion | None = None, **fields: Any) -> Program:
    """Return an active program about purchases since a month before NOON, unless told otherwise."""
    version = version or make_version()
    values = {"slug": f"program-{next(numbers)}", "kinds": ["purchase"], "starts_at": NOON - timedelta(days=30)}
    values |= {"name": "After a purchase", "active": True, "survey": version.survey} | fields
    return Program.objects.create(**values)


def make_invitation(version: SurveyVersion | None = None, **fields: Any) -> Invitation:
    """Return an invitation by email that is due at NOON, with its place in the ledger, unless told otherwise."""
    touchpoint = fields["touchpoint"] if "touchpoint" in fields else make_touchpoint(fields.get("customer"))
    customer: Customer = fields.get("customer") or touchpoint.customer
    due_at: datetime = fields.get("due_at", NOON)
    way: dict[str, Any] = {"channel": fields.get("channel", "email"), "purpose": fields.get("purpose", "invitation")}
    contact = _reserve(customer, due_at, way)
    values: dict[str, Any] = {"customer": customer, "touchpoint": touchpoint, "contact": contact, "due_at": due_at}
    values |= {"language": "en", "link_key": signing_key(), "created_at": due_at, "address": contact.address}
    values |= {"expires_at": due_at + timedelta(days=14), "closes_at": due_at + timedelta(days=30)}
    return Invitation.objects.create(**{"version": version or make_version()} | values | way | fields)


def _reserve(customer: Customer, at: datetime, way: dict[str, Any]) -> Contact:
    address = customer.identifiers.filter(type="email" if way["channel"] == "email" else "phone").first()
    times = {"at": at, "recorded_at": at, "updated_at": at}
    contact = Contact.objects.create(
        customer=customer, outcome="reserved", source="cxsurvey", address=address, **times, **way
    )
    Decision.objects.create(
        customer=customer, contact=contact, stage="person", result="send", at=at, allowed_at=at, decided_at=at, **way
    )
    return contact


def make_case(touchpoint: Touchpoint | None = None, **fields: Any) -> CallCase:
    """Return an open case about a purchase of a customer with a phone, whom a program calls, unless told otherwise."""
    touchpoint = touchpoint or make_touchpoint(make_customer(phone=f"+1212555{next(numbers):04}"))
    program: Program = fields.pop("program", None) or make_program(contact_channels=["phone"])
    version = program.survey.versions.get(state="published")
    values: dict[str, Any] = {"program": program, "touchpoint": touchpoint, "customer": touchpoint.customer}
    values |= {"version": version, "language": "en", "opened_at": NOON, "next_at": NOON}
    values |= {"expires_at": touchpoint.occurred_at + timedelta(days=14)} | fields
    return CallCase.objects.create(**values)


def make_open_link(version: SurveyVersion | None = None, **fields: Any) -> OpenLink:
    """Return an open link at a counter about visits, unless told otherwise."""
    version = version or make_version()
    values = {"survey": version.survey, "name": "Counter, Oslo Central", "kind": "visit", "created_at": NOON}
    return OpenLink.objects.create(**values | {"link_key": signing_key()} | fields)
