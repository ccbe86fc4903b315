"""How fast a source may send. Counted is what was kept of it, so that it holds over all web processes and hosts."""

from datetime import datetime, timedelta

from django.conf import settings

from contacts.models import Event, EventSource

WINDOW = timedelta(seconds=10)
REMEMBERED = timedelta(seconds=1)
"""So long a process remembers that a source is too fast, so that refusing it costs nothing."""


class Pace:
    """What a process knows of sources that are too fast."""

    def __init__(self) -> None:
        self._until: dict[int, datetime] = {}

    def wait(self, source: EventSource, at: datetime) -> int:
        """Return the seconds after which a source may send again; 0: now.

        Within ten seconds it may send ten times EVENTS_PER_SECOND; the request that goes beyond is taken whole.
        """
        most = settings.EVENTS_PER_SECOND * WINDOW.seconds
        if not most:
            return 0
        if self._until.get(source.pk, at) > at:
            return WINDOW.seconds
        recent = Event.objects.filter(source=source, received_at__gt=at - WINDOW, received_at__lte=at)
        if not recent.order_by()[most - 1 : most].exists():
            return 0
        self._until[source.pk] = at + REMEMBERED
        return WINDOW.seconds
