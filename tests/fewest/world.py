"""A month of touchpoints whose customers answer by lot, lived day by day as the product would."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from contacts.models import Customer, Identifier, Touchpoint
from surveys.delivery import deliver
from surveys.models import Answer, Invitation, Question, Response
from surveys.planning import plan

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Coming:
    """Of one kind of touchpoint: so many a day, of customers who answer with this probability."""

    a_day: int
    answer: float


def make_people(number: int, at: datetime) -> list[Customer]:
    """Customers in UTC with an email address each."""
    times = {"created_at": at, "updated_at": at}
    people = Customer.objects.bulk_create(
        Customer(source="test", external_id=f"person-{n}", time_zone="UTC", **times) for n in range(number)
    )
    seen = {"first_seen_at": at, "last_seen_at": at}
    Identifier.objects.bulk_create(
        Identifier(customer=one, type="email", value=f"{one.external_id}@example.com", **seen) for one in people
    )
    return people


def make_touchpoints(
    kinds: Mapping[str, Coming], people: list[Customer], since: datetime, days: int, rng: np.random.Generator
) -> None:
    """So many touchpoints of each kind on each day, of customers drawn at random."""
    rows = []
    for day in range(days):
        for kind, coming in kinds.items():
            for n, who in enumerate(rng.choice(len(people), coming.a_day, replace=False).tolist()):
                at = since + day * DAY + timedelta(minutes=int(rng.integers(8 * 60, 18 * 60)))
                rows.append(
                    Touchpoint(
                        customer=people[who],
                        source="test",
                        external_id=f"{kind}-{since:%Y%m%d}-{day}-{n}",
                        kind=kind,
                        channel="shop",
                        occurred_at=at,
                        received_at=at,
                        updated_at=at,
                    )
                )
    Touchpoint.objects.bulk_create(rows)


def live(
    days: Iterator[datetime],
    chances: Callable[[str], float],
    rng: np.random.Generator,
    nightly: Callable[[datetime], object],
) -> None:
    """Plan whom to ask in the night, then touchpoints, invitations and answers of the day."""
    for day in days:
        nightly(day + timedelta(minutes=3))
        plan(day + timedelta(hours=10))
        deliver(day + timedelta(hours=10), worker="test")
        answer(day + timedelta(hours=10), chances, rng)


def answer(sent_at: datetime, chances: Callable[[str], float], rng: np.random.Generator) -> None:
    """Let customers answer what was sent then, some hours later, by lot."""
    sent = Invitation.objects.filter(sent_at=sent_at).select_related("touchpoint", "version").order_by("pk")
    answering = [one for one in sent if one.touchpoint and rng.random() < chances(one.touchpoint.kind)]
    questions = {one.version_id: one for one in Question.objects.filter(kind=Question.Kind.NPS)}
    responses = Response.objects.bulk_create(
        Response(
            invitation=one,
            customer_id=one.customer_id,
            touchpoint_id=one.touchpoint_id,
            version=one.version,
            source="cxsurvey",
            answered_at=sent_at + timedelta(hours=int(rng.integers(1, 12))),
            updated_at=sent_at,
        )
        for one in answering
    )
    Answer.objects.bulk_create(
        Answer(response=one, question=questions[one.version_id], number=int(rng.choice([10, 8, 3], p=[0.5, 0.3, 0.2])))
        for one in responses
    )
