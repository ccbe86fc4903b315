"""How fast a source may send, and how much may wait. Counted is what was kept, so that it holds over all processes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from contacts.models import Event, EventSource

WINDOW = timedelta(seconds=10)
MOST_WAITING = 200_000
"""Events that may wait for their turn; then senders have to wait too, and do, as their clients keep what they have."""
REMEMBERED = timedelta(seconds=1)
"""So long a process remembers what it has counted."""


@dataclass(slots=True)
class Look:
    """What a process has counted: until when that holds, and how many events may come before it counts again.

    None: there is room for no more, and refusing them costs nothing.
    """

    until: datetime
    more: int | None


class Pace:
    """What a process knows of how fast sources are, and of how many events wait for their turn."""

    def __init__(self) -> None:
        self._looks: dict[int | None, Look] = {}

    def wait(self, source: EventSource, at: datetime, events: int = 1) -> int:
        """Return the seconds after which a source may send so many events; 0: now.

        Within ten seconds it may send ten times EVENTS_PER_SECOND; the request that goes beyond is taken whole.
        """
        most = settings.EVENTS_PER_SECOND * WINDOW.seconds
        recent = Event.objects.filter(source=source, received_at__gt=at - WINDOW, received_at__lte=at)
        return 0 if not most or self._has_room(source.pk, recent, most, at, events) else WINDOW.seconds

    def too_many_wait(self, at: datetime, events: int) -> bool:
        """Whether MOST_WAITING events wait for their turn, so that no more are taken."""
        return not self._has_room(None, Event.objects.filter(state=Event.State.WAITING), MOST_WAITING, at, events)

    def _has_room(self, of: int | None, kept: QuerySet[Event], most: int, at: datetime, events: int) -> bool:
        """Counting takes the longer the more there are, so half of what there is room for comes before the next one."""
        look = self._looks.get(of)
        if look is None or look.until <= at or (look.more is not None and look.more < events):
            left = most - kept.order_by()[:most].count()
            look = self._looks[of] = Look(at + REMEMBERED, left // 2 if left else None)
        if look.more is None:
            return False
        look.more -= events
        return True
