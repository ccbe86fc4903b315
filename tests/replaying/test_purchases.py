"""Purchases of the sample under several policies, beside a plain loop that shares no code with the product."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from contacts.models import Contact, Customer, Decision, Touchpoint
from cxsurvey.sample.purchases import purchases

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
ALL_DAYS = ("1997-01-01", "1998-07-01")

#: Caps as (limit, hours), delay and expires in hours, and the period.
POLICIES: list[tuple[list[tuple[int, int]], int, int, tuple[str, str]]] = [
    ([(1, 30 * 24), (3, 365 * 24)], 12, 24, ALL_DAYS),
    ([(1, 30 * 24)], 12, 240, ALL_DAYS),
    ([(2, 7 * 24), (4, 90 * 24)], 6, 36, ALL_DAYS),
    ([(1, 36), (5, 60 * 24)], 0, 100, ("1997-03-05", "1998-02-01")),
    ([(1, 60 * 24), (2, 60 * 24)], 48, 24, ALL_DAYS),
    ([], 12, 24, ALL_DAYS),
    ([(0, 24)], 12, 24, ("1998-01-01", "1998-01-08")),
]


def plain_loop(
    bought: Mapping[str, Sequence[int]], caps: Sequence[tuple[int, int]], delay: int, expires: int
) -> tuple[int, int]:
    """How many purchases are asked about, and how many of them later than due; instants are hours."""
    asked = delayed = 0
    for days in bought.values():
        made: list[int] = []
        for hour in sorted(days):
            due, last = hour + delay, hour + expires
            found = next((at for at in instants(made, caps, due, last) if fits(made, caps, at)), None)
            if found is not None:
                made.append(found)
                asked += 1
                delayed += found > due
    return asked, delayed


def instants(made: Sequence[int], caps: Sequence[tuple[int, int]], due: int, last: int) -> Iterator[int]:
    """When a place can be free: when it is due, and when an earlier contact has just become old enough."""
    yield from sorted({at for at in [due, *(one + hours for one in made for _, hours in caps)] if due <= at <= last})


def fits(made: Sequence[int], caps: Sequence[tuple[int, int]], at: int) -> bool:
    """Whether one more contact at `at` leaves every window of every cap at its limit or under it."""
    for limit, hours in caps:
        near = [one for one in made if at - hours < one < at + hours]
        for begin in [*near, at]:
            if sum(begin - hours < one <= begin for one in [*near, at]) > limit:
                return False
    return True


def day_hour(day: str) -> int:
    return date.fromisoformat(day).toordinal() * 24


@pytest.fixture
def shop() -> dict[str, list[int]]:
    """Import purchases at midnight UTC of their day, of customers of whom nothing else is known."""
    rows = [row for row in purchases() if int(row.customer) % 3 == 0]
    now = datetime(2026, 5, 5, tzinfo=UTC)
    customers = Customer.objects.bulk_create(
        Customer(source="shop", external_id=id_, created_at=now, updated_at=now)
        for id_ in sorted({row.customer for row in rows})
    )
    ids = {customer.external_id: customer.pk for customer in customers}
    Touchpoint.objects.bulk_create(
        Touchpoint(
            customer_id=ids[row.customer],
            source="shop",
            external_id=f"{row.customer}-{row.number}",
            kind="purchase",
            channel="shop",
            occurred_at=datetime.combine(row.day, time(), UTC),
            received_at=now,
            updated_at=now,
        )
        for row in rows
    )
    bought = defaultdict(list)
    for row in rows:
        bought[row.customer].append(row.day.toordinal() * 24)
    return bought


def replayed(policy: Path, caps: Sequence[tuple[int, int]], delay: int, expires: int, days: tuple[str, str]) -> Any:
    """What the command prints."""
    written = [
        {
            "name": f"cap {n}",
            "limit": limit,
            "measure": "contacts",
            # Days and hours are the same where the zone is UTC.
            "window": f"{hours // 24} days" if hours % 24 == 0 else f"{hours} hours",
        }
        for n, (limit, hours) in enumerate(caps)
    ]
    policy.write_text(json.dumps({"caps": written}))
    out = StringIO()
    options = {"kind": "purchase", "channel": "email", "delay": f"{delay}h", "expires": f"{expires}h"}
    period = {"since": days[0], "until": days[1]}
    call_command("replay_policy", policy=str(policy), json=True, stdout=out, **options, **period)
    return json.loads(out.getvalue())


def test_the_purchases_are_asked_about_as_a_plain_loop_asks(shop: dict[str, list[int]], tmp_path: Path) -> None:
    for caps, delay, expires, days in POLICIES:
        begin, end = map(day_hour, days)
        inside = {id_: [hour for hour in hours if begin <= hour < end] for id_, hours in shop.items()}
        found = replayed(tmp_path / "policy.json", caps, delay, expires, days)
        assert found["touchpoints"] == sum(map(len, inside.values()))
        assert (found["asked"], found["delayed"]) == plain_loop(inside, caps, delay, expires), caps
        assert found["asked"] + sum(found["skipped"].values()) == found["touchpoints"]
    assert not Decision.objects.exists()
    assert not Contact.objects.exists()
