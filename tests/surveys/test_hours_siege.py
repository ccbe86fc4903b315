"""Messages that fall due around the clock changes of every zone there is: none goes out outside the contact hours.

The judge is what the gateway was given, read on the customer's own clock. `make faults` takes all zones (`--whole`),
the suite some.
"""

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo, available_timezones

import pytest
from django.db import transaction
from pytest_django import Settings

from contacts.frequency.windows import clock_changes
from contacts.models import Identifier
from contacts.policies import publish
from surveys.channels.base import Sent
from surveys.channels.gateways import GATEWAYS
from surveys.delivery import deliver
from surveys.models import Invitation
from tests.surveys.gateways import ToldGateway
from tests.surveys.makers import NOON, make_customer, make_invitation, make_touchpoint, make_version, numbers

YEAR = 2026
NO_CHANGE = (datetime(YEAR, 3, 29, 1, tzinfo=UTC), datetime(YEAR, 10, 25, 1, tzinfo=UTC))
DAY = timedelta(days=1)


@pytest.fixture
def told(db: None, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> ToldGateway:
    gateway = ToldGateway(Sent("their-id"))
    monkeypatch.setitem(GATEWAYS, "told", gateway)
    settings.CHANNEL_GATEWAYS = {"sms": "told"}
    return gateway


@pytest.fixture
def zones(pytestconfig: pytest.Config) -> list[str]:
    every = sorted(available_timezones())
    return every if pytestconfig.getoption("whole") else Random(4).sample(every, 12)  # noqa: S311 (chance, not secrecy)


@transaction.atomic
def make_due_around_the_changes(zones: list[str]) -> int:
    """Make a message for each zone within a day of each of its clock changes; return how many."""
    version, rng = make_version(), Random(4)  # noqa: S311 (chance, not secrecy)
    changes = [(zone, change) for zone in zones for change in clock_changes(ZoneInfo(zone), YEAR) or NO_CHANGE]
    for zone, change in changes:
        at = change + rng.uniform(-1, 1) * DAY
        customer = make_customer(phone=f"+1212555{next(numbers):05}", time_zone=zone)
        touchpoint = make_touchpoint(customer, occurred_at=at - DAY, received_at=at - DAY)
        make_invitation(version, customer=customer, touchpoint=touchpoint, channel="sms", due_at=at)
    return len(changes)


def send_all() -> int:
    """Pass whenever something is due; return how many passes that took."""
    planned, passes = Invitation.objects.filter(state="planned").order_by("due_at"), 0
    while (at := planned.values_list("due_at", flat=True).first()) is not None:
        deliver(at)
        passes += 1
    return passes


def outside(told: ToldGateway) -> list[tuple[str, datetime]]:
    """Zone and local time of what went out before 9, after 20 or on a Sunday morning."""
    zones = dict(Identifier.objects.filter(type="phone").values_list("value", "customer__time_zone"))
    sent = [(zone := zones[message.recipient], message.at.astimezone(ZoneInfo(zone))) for message in told.taken]
    return [(zone, at) for zone, at in sent if not (12 if at.weekday() == 6 else 9) <= at.hour < 20]


def test_no_clock_change_lets_a_message_out_of_the_hours(told: ToldGateway, zones: list[str]) -> None:
    messages = make_due_around_the_changes(zones)
    passes = send_all()
    assert outside(told) == []
    assert len(told.taken) == len({message.recipient for message in told.taken}) == messages
    assert passes > messages, "none had to wait"
    print(f"{messages} messages around the clock changes of {len(zones)} zones: none outside the hours")  # noqa: T201


def test_the_judge_sees_what_goes_out_at_night(told: ToldGateway, zones: list[str]) -> None:
    """The control: without contact hours a part goes out at night."""
    publish("always", "No hours", {"hours": {"sms": "always"}}, at=NOON - 365 * DAY)
    make_due_around_the_changes(zones[:8])
    send_all()
    assert outside(told) != []
