"""Rows for the tests of this room, each made in one line; what is not named does not matter."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from contacts.models import Brand, Contact, Customer, Decision, Touchpoint
from surveys.models import Answer, Invitation, Question, Response, Survey, SurveyVersion

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
_ids = count(1)


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def customer(**fields: Any) -> Customer:
    given: dict[str, Any] = {"source": "test", "external_id": f"c{next(_ids)}", "created_at": NOW, "updated_at": NOW}
    return Customer.objects.create(**given | fields)


def touchpoint(kind: str = "call", at: datetime = NOW, of: Customer | None = None, **fields: Any) -> Touchpoint:
    given: dict[str, Any] = {"source": "test", "external_id": f"t{next(_ids)}", "channel": "hotline", "received_at": at}
    given |= {"customer": of or customer(), "kind": kind, "occurred_at": at, "updated_at": at}
    return Touchpoint.objects.create(**given | fields)


def nps_question() -> Question:
    brand, _ = Brand.objects.get_or_create(slug="test", defaults={"name": "Test"})
    survey, _ = Survey.objects.get_or_create(slug="test-nps", defaults={"name": "NPS", "brand": brand})
    version, _ = SurveyVersion.objects.get_or_create(
        survey=survey, number=1, defaults={"seconds": 30, "state": "published", "published_at": NOW}
    )
    question, _ = Question.objects.get_or_create(version=version, key="score", kind="nps", position=1)
    return question


def response(score: int | None, at: datetime = NOW, about: Touchpoint | None = None, **fields: Any) -> Response:
    question = nps_question()
    given: dict[str, Any] = {"source": "test", "customer": about.customer if about else customer(), "touchpoint": about}
    given |= {"version": question.version, "answered_at": at, "updated_at": at}
    made = Response.objects.create(**given | fields)
    if score is not None:
        Answer.objects.create(response=made, question=question, number=score)
    return made


def responses(promoters: int, passives: int, detractors: int, **fields: Any) -> None:
    for score, n in {10: promoters, 8: passives, 3: detractors}.items():
        for _ in range(n):
            response(score, **fields)


def contact(of: Customer, at: datetime = NOW, **fields: Any) -> Contact:
    given: dict[str, Any] = {"source": "test", "channel": "email", "purpose": "invitation", "outcome": "delivered"}
    given |= {"customer": of, "at": at, "recorded_at": at, "updated_at": at}
    return Contact.objects.create(**given | fields)


def invitation(at: datetime = NOW, about: Touchpoint | None = None, **fields: Any) -> Invitation:
    about = about or touchpoint(at=at)
    given: dict[str, Any] = {"touchpoint": about, "customer": about.customer, "version": nps_question().version}
    given |= {"contact": contact(about.customer, at), "channel": "email", "language": "en", "link_key": "1"}
    given |= {"state": "sent", "sent_at": at, "due_at": at, "expires_at": at, "created_at": at}
    return Invitation.objects.create(**given | {"closes_at": at + timedelta(days=30)} | fields)


def decision(result: str, *rules: tuple[str, str], at: datetime = NOW, **fields: Any) -> Decision:
    reasons = [{"rule": rule, "kind": kind, "channel": "email"} for rule, kind in rules]
    given: dict[str, Any] = {
        "customer": customer(),
        "stage": "plan",
        "at": at,
        "purpose": "invitation",
        "decided_at": at,
    }
    return Decision.objects.create(**given | {"result": result, "reasons": reasons} | fields)
