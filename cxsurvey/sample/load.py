"""Puts the sample into an empty database, its dates moved once by whole weeks so that the data end last week."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from django.db import transaction

from contacts.models import Brand, Customer, Identifier, Touchpoint
from cxsurvey.models import SampleState
from cxsurvey.sample.people import Person, people
from cxsurvey.sample.programs import set_up
from cxsurvey.sample.purchases import LAST_DAY, Purchase
from cxsurvey.sample.touchpoints import Happening, happenings

REAL = "cdnow"
MADE_UP = "sample"
CHUNK = 2000
#: In the west a day ends so much later than in UTC.
LATEST_MIDNIGHT = timedelta(hours=12)
#: The shop began to ask its customers so long before the data end.
ASKED_FOR = timedelta(weeks=52)

T = TypeVar("T")


class Progress(Protocol):
    """Shows how far a loop over `items` has come."""

    def __call__(self, items: Sequence[T], what: str) -> Iterable[T]: ...


def weeks_until(at: datetime) -> int:
    """Return by how many whole weeks the data move so that their last day has ended, wherever the customers live."""
    over = at.astimezone(UTC) - LATEST_MIDNIGHT
    return (over.date() - timedelta(days=1) - LAST_DAY).days // 7


def end_of_data(weeks: int) -> datetime:
    """Return the end (UTC) of the last day of data that are moved by so many weeks."""
    return datetime.combine(LAST_DAY + timedelta(weeks=weeks, days=1), time(), UTC)


@transaction.atomic
def load(bought: Sequence[Purchase], at: datetime, progress: Progress) -> SampleState:
    """Load these purchases with everything made up around them, and programs that ask about them.

    Raises IntegrityError, with nothing loaded, where the sample is there already.
    """
    weeks = weeks_until(at)
    asked_from = end_of_data(weeks) - ASKED_FOR
    persons = {person.external_id: person for person in people(sorted({row.customer for row in bought}))}
    rows = happenings(list(persons.values()), bought)
    instants = [_instant(row, persons[row.customer], weeks) for row in rows]
    brand = set_up(asked_from)
    known_since: dict[str, datetime] = {}
    for row, instant in zip(rows, instants, strict=True):
        known_since.setdefault(row.customer, instant)
    customers = _load_customers(persons, known_since, brand, progress)
    touchpoints = [
        touchpoint(row, instant, customers[row.customer]) for row, instant in zip(rows, instants, strict=True)
    ]
    for chunk in progress(_chunks(touchpoints), "Loading touchpoints"):
        Touchpoint.objects.bulk_create(chunk)
    return SampleState.objects.create(weeks=weeks, until=at, reached=asked_from)


def touchpoint(row: Happening, at: datetime, customer_id: int) -> Touchpoint:
    """Return the row of a touchpoint: real purchases say that their time of day is not."""
    real = row.kind == "purchase"
    return Touchpoint(
        customer_id=customer_id,
        source=REAL if real else MADE_UP,
        external_id=row.external_id,
        kind=row.kind,
        channel=row.channel,
        occurred_at=at,
        direction=row.direction,
        agent=row.agent,
        team=row.team,
        product=row.product,
        reference=row.reference,
        outcome=row.outcome,
        value=row.value,
        attributes={"quantity": row.quantity, "time of day": "simulated"} if real else {},
        simulated=not real,
        received_at=at,
        updated_at=at,
    )


def _load_customers(
    persons: Mapping[str, Person], known_since: Mapping[str, datetime], brand: Brand, progress: Progress
) -> dict[str, int]:
    """Save everybody with their addresses; return the customers' ids."""
    ids: dict[str, int] = {}
    for chunk in progress(_chunks(list(persons.values())), "Loading customers"):
        customers = Customer.objects.bulk_create(
            customer(person, known_since[person.external_id], brand) for person in chunk
        )
        ids |= {saved.external_id: saved.pk for saved in customers}
        Identifier.objects.bulk_create(
            Identifier(
                customer_id=ids[person.external_id],
                type=type_,
                value=value,
                first_seen_at=known_since[person.external_id],
                last_seen_at=known_since[person.external_id],
            )
            for person in chunk
            for type_, value in ((Identifier.Type.EMAIL, person.email), (Identifier.Type.PHONE, person.phone))
            if value
        )
    return ids


def customer(person: Person, known_since: datetime, brand: Brand) -> Customer:
    """Return the row of a customer: she bought, but everything said about her is made up."""
    return Customer(
        source=REAL,
        external_id=person.external_id,
        brand=brand,
        name=person.name,
        time_zone=person.time_zone,
        language=person.language,
        country=person.country,
        simulated=True,
        created_at=known_since,
        updated_at=known_since,
    )


def _instant(row: Happening, person: Person, weeks: int) -> datetime:
    """Return when a touchpoint took place, moved to our years; weekday and local time stay."""
    return (row.at + timedelta(weeks=weeks)).replace(tzinfo=ZoneInfo(person.home_zone)).astimezone(UTC)


def _chunks(rows: Sequence[T]) -> list[Sequence[T]]:
    return [rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK)]
