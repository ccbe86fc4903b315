"""What is due, in lots to be claimed together."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain, islice
from typing import NamedTuple

from django.db.models import Q, QuerySet

from surveys.channels.gateways import GATEWAYS, gateway_name
from surveys.models import Invitation
from surveys.pausing import paused

LENGTH = 200
"""Messages claimed together, at most: on SQLite everybody who writes waits for as long as that takes."""


class Lot(NamedTuple):
    """Invitations that are due by one gateway. `inside`: it only writes into our own database."""

    ids: list[int]
    channel: str
    gateway: str
    inside: bool


def lots(at: datetime, most: int | None) -> Iterator[Lot]:
    """Yield what is due at an instant and not paused; `most` invitations, or all.

    Our replies to customers first, because a stop has to be confirmed within minutes; then the longest due.
    """
    planned = not_paused(Invitation.objects.filter(state=Invitation.State.PLANNED, due_at__lte=at))
    replies, others = planned.filter(replies_to__isnull=False), planned.filter(replies_to=None)
    due = islice(chain(_in_order(replies), _in_order(others)), most)
    while rows := list(islice(due, LENGTH)):
        for channel in dict.fromkeys(channel for _, channel in rows):
            gateway = gateway_name(channel)
            ids = [pk for pk, by in rows if by == channel]
            yield Lot(ids, channel, gateway, GATEWAYS[gateway].inside)


def not_paused(invitations: QuerySet[Invitation]) -> QuerySet[Invitation]:
    """Leave out what open pauses hold."""
    return invitations.filter(~paused())


def _in_order(waiting: QuerySet[Invitation]) -> Iterator[tuple[int, str]]:
    """Yield id and channel, reading on from behind the last one, so that what is put back does not come up again."""
    ordered = waiting.order_by("due_at", "pk")
    rows = list(ordered.values_list("due_at", "pk", "channel")[:LENGTH])
    while rows:
        yield from ((pk, channel) for _, pk, channel in rows)
        due_at, pk, _ = rows[-1]
        behind = ordered.filter(Q(due_at__gt=due_at) | Q(due_at=due_at, pk__gt=pk))
        rows = list(behind.values_list("due_at", "pk", "channel")[:LENGTH])
