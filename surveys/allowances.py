"""What a provider allows, obeyed by all workers together: messages a second, messages a day, none for a while."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction

from contacts.cell_rate import turn
from surveys.models import Allowance

SECOND = timedelta(seconds=1)
"""What was not used of the last second may be made up for."""


class Limits(NamedTuple):
    """What the provider of a channel allows; 0 for no limit. A day is one of UTC."""

    per_second: float = 0
    per_day: int = 0


class State(NamedTuple):
    """What is used up: when the next message may go, at the rate allowed, and how many went on a day."""

    next_at: datetime
    day: datetime
    sent: int
    closed_until: datetime | None = None


def use(state: State, limits: Limits, at: datetime) -> State | datetime:
    """The state after one more message at an instant, or when to ask again.

    A message goes when it comes less than a second before it is due (`contacts.cell_rate`).
    """
    today = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    sent = state.sent if state.day == today else 0
    if state.closed_until and state.closed_until > at:
        return state.closed_until
    if limits.per_day and sent >= limits.per_day:
        return today + timedelta(days=1)
    next_at = at
    if limits.per_second:
        may_go, next_at = turn(state.next_at, at, SECOND / limits.per_second, SECOND)
        if may_go > at:
            return may_go
    return State(next_at, today, sent + 1, None)


class Allowed(NamedTuple):
    """What a provider allows, how many of today's messages are used, and when it takes the next one, if not now."""

    per_second: float
    per_day: int
    used_today: int
    closed_until: datetime | None


def allowed(channel: str, row: Allowance | None, at: datetime) -> Allowed:
    """What is left of what is allowed, by the row of the channel's gateway; waits below a second are not told."""
    limits = Limits(*settings.CHANNEL_LIMITS.get(channel, ()))
    if row is None:
        return Allowed(*limits, 0, None)
    state, wait = _state(row), use(_state(row), limits, at)
    used_today = state.sent if state.day <= at < state.day + timedelta(days=1) else 0
    return Allowed(*limits, used_today, wait if isinstance(wait, datetime) and wait > at + SECOND else None)


def take(gateway: str, channel: str, at: datetime) -> datetime | None:
    """Use up one message of what the provider allows; None if it may go, else when to ask again.

    A message that does not go after all leaves it used: less goes out, never more.
    """
    limits = Limits(*settings.CHANNEL_LIMITS[channel])
    # Without a limit no transaction either: on SQLite it would take the lock of all writers for each message.
    return None if limits == Limits() else _take(gateway, limits, at)


def closed_until(gateway: str, at: datetime) -> datetime | None:
    """Until when the provider asked to be left alone, if that is still so."""
    closed = Allowance.objects.filter(gateway=gateway, closed_until__gt=at)
    return closed.values_list("closed_until", flat=True).first()


@transaction.atomic
def close(gateway: str, until: datetime, at: datetime) -> None:
    """Leave a provider alone until an instant: it asked for that."""
    row = _row(gateway, at)
    if row.closed_until is None or row.closed_until < until:
        Allowance.objects.filter(pk=row.pk).update(closed_until=until)


@transaction.atomic
def _take(gateway: str, limits: Limits, at: datetime) -> datetime | None:
    used = use(_state(_row(gateway, at)), limits, at)
    if isinstance(used, datetime):
        return used
    Allowance.objects.filter(gateway=gateway).update(
        next_at=used.next_at, day=used.day.date(), sent=used.sent, closed_until=used.closed_until
    )
    return None


def _row(gateway: str, at: datetime) -> Allowance:
    """The row of the gateway, locked."""
    Allowance.objects.get_or_create(gateway=gateway, defaults={"next_at": at, "day": at.astimezone(UTC).date()})
    return Allowance.objects.select_for_update().get(gateway=gateway)


def _state(row: Allowance) -> State:
    return State(row.next_at, datetime.combine(row.day, datetime.min.time(), UTC), row.sent, row.closed_until)
