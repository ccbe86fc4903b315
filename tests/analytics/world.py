"""Rows for the tests of this room, on top of those of the surveys' room."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from contacts.models import Contact, Customer, Decision
from surveys.models import Answer, Invitation, Question, Response
from tests.surveys.answered import make_response, question
from tests.surveys.makers import NOON, make_customer, make_invitation, make_touchpoint, make_version


def days_ago(days: float) -> datetime:
    return NOON - timedelta(days=days)


def make_responses(promoters: int, passives: int, detractors: int, **fields: Any) -> None:
    """Make so many answers of each category, about one touchpoint, each of another customer unless told otherwise."""
    touchpoint, version = fields.get("touchpoint") or make_touchpoint(), make_version()
    given: dict[str, Any] = {"source": "test", "touchpoint": touchpoint, "version": version, "channel": "email"}
    given |= {"answered_at": NOON, "updated_at": NOON} | fields
    scores = [9] * promoters + [7] * passives + [6] * detractors
    owners = [fields["customer"]] * len(scores) if "customer" in fields else make_customers(len(scores))
    made = Response.objects.bulk_create(Response(**given | {"customer": owner}) for owner in owners)
    asked = question(version, "nps")
    Answer.objects.bulk_create(
        Answer(response=response, question=asked, number=score) for response, score in zip(made, scores, strict=True)
    )


def make_customers(number: int) -> list[Customer]:
    """Make so many customers of whom nothing is known."""
    return Customer.objects.bulk_create(
        Customer(source="crowd", external_id=uuid4().hex, created_at=NOON, updated_at=NOON) for _ in range(number)
    )


def make_contact(customer: Customer, at: datetime = NOON, **fields: Any) -> Contact:
    """Make a delivered invitation by email, unless told otherwise."""
    given: dict[str, Any] = {"channel": "email", "purpose": "invitation", "outcome": "delivered", "source": "test"}
    return Contact.objects.create(customer=customer, at=at, recorded_at=at, updated_at=at, **given | fields)


def make_sent(sent: int, answered: int, at: datetime = NOON, **fields: Any) -> list[Invitation]:
    """Make `sent` invitations that went out at `at`, of which `answered` were answered at once."""
    version = make_version()
    made = [make_invitation(version, due_at=at, sent_at=at, state="sent", **fields) for _ in range(sent)]
    for invitation in made[:answered]:
        make_response(9, version=version, invitation=invitation, answered_at=at, touchpoint=invitation.touchpoint)
    return made


def make_decision(result: str, *rules: tuple[str, str, str], **fields: Any) -> Decision:
    """Make a planning decision; `rules` are the rule, its kind and the channel of each reason."""
    reasons = [{"rule": rule, "kind": kind, "channel": channel} for rule, kind, channel in rules]
    given: dict[str, Any] = {"customer": make_customer(), "stage": "plan", "purpose": "invitation"}
    given |= {"at": NOON, "decided_at": NOON, "result": result, "reasons": reasons}
    return Decision.objects.create(**given | fields)


def make_lives(kind: str, customers: int, lost: int) -> None:
    """Make customers with one touchpoint of the kind 200 days ago, of whom `lost` buy only after 100 days."""
    made = Customer.objects.bulk_create(
        Customer(source=kind, external_id=str(n), created_at=NOON, updated_at=NOON) for n in range(customers)
    )
    for n, customer in enumerate(made):
        make_touchpoint(customer, kind=kind, occurred_at=days_ago(200))
        make_touchpoint(customer, kind="purchase", occurred_at=days_ago(100 if n < lost else 190))


def make_ratings(kind: str, numbers: Sequence[int], **fields: Any) -> None:
    """Make an answer of each of these numbers to a question of the kind, each of another customer."""
    version, place = make_version(), 90 + list(Question.Kind).index(Question.Kind(kind))
    asked, _ = Question.objects.get_or_create(version=version, key=kind, defaults={"kind": kind, "position": place})
    given = {"source": "test", "version": version, "channel": "email", "answered_at": NOON, "updated_at": NOON} | fields
    given.setdefault("touchpoint", make_touchpoint())
    made = Response.objects.bulk_create(Response(**given, customer=one) for one in make_customers(len(numbers)))
    Answer.objects.bulk_create(
        Answer(response=response, question=asked, number=number) for response, number in zip(made, numbers, strict=True)
    )
