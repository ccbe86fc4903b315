"""Keep what came: every event once, whatever the number of copies, before anybody is told that it arrived."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db import transaction

from contacts.events.incoming import Incoming
from contacts.many_rows import Json, add_unless_there
from contacts.models import Event, EventSource

LOT = 2000
"""Events that are deleted at once."""
WAITING, REFUSED = Event.State.WAITING.value, Event.State.REFUSED.value


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of one event; `reason` is empty where it is kept and will be used."""

    message_id: str
    reason: str = ""

    @property
    def accepted(self) -> bool:
        """Whether it is kept and will be used as what it means."""
        return not self.reason


def keep(source: EventSource, events: Sequence[Incoming], received: datetime) -> list[Verdict]:
    """Store the events that are new, all or none, and return a verdict for each, in their order.

    An event that was kept before is accepted again and changes nothing. Another body under the same id is refused, and
    kept to be shown; so is an event that cannot be used. Of what cannot be stored at all only the verdict tells.
    """
    storable = {event.message_id: event for event in reversed(events) if event.message_id}
    with transaction.atomic():
        first = {event.message_id: event.digest for event in storable.values()}
        if _store(source, storable.values(), received) < len(storable):
            of_source = Event.objects.filter(source=source, message_id__in=storable)
            first = dict(of_source.values_list("message_id", "digest"))
        others = {
            event.digest: event for event in events if event.message_id and event.digest != first[event.message_id]
        }
        _store(source, (_as_another(event) for event in others.values()), received)
    return [_verdict(event, first.get(event.message_id, "")) for event in events]


def _store(source: EventSource, events: Iterable[Incoming], received: datetime) -> int:
    """Write those that are new, and return how many these were.

    In the order of their ids, so that copies that come at once wait for each other, and not crosswise.
    """
    rows = [_row(event, received) for event in sorted(events, key=attrgetter("message_id"))]
    return add_unless_there(Event, rows, source_id=source.pk, received_at=received)


def _row(event: Incoming, received: datetime) -> dict[str, Any]:
    return {
        "message_id": event.message_id,
        "type": event.type,
        "name": event.name,
        "user_id": event.user_id,
        "anonymous_id": event.anonymous_id,
        "occurred_at": event.occurred_at or received,
        "body": Json(event.text),
        "digest": event.digest,
        "state": REFUSED if event.problem else WAITING,
        "detail": event.problem[:300],
    }


def _as_another(event: Incoming) -> Incoming:
    return replace(event, message_id=event.digest, problem=_another(event))


def _another(event: Incoming) -> str:
    return f"messageId: another event has the id {event.message_id} already. Give each event an id of its own"


def _verdict(event: Incoming, digest: str) -> Verdict:
    return Verdict(event.message_id, event.problem or ("" if digest == event.digest else _another(event)))
