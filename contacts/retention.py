"""For how long a kind of data is kept, and what becomes of it then; those of this room."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from django.db import connection, transaction
from django.db.models import Model, QuerySet

from contacts.models import Event

LOT = 500
"""Rows of one transaction: answers that come meanwhile do not have to wait."""
PAUSES = {"postgresql": 0.0, "sqlite": 0.05}
"""Seconds between two lots: SQLite does not serve waiting writers in turn, but whoever asks at the right moment."""
Enough = Callable[[], bool]
"""Whether the rest has to wait for the next night."""


class Steps(TypedDict):
    """How much is older than an instant, and letting it go."""

    count: Callable[[datetime], int]
    forget: Callable[[datetime, datetime, Enough], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of data: what becomes of it after so many `days` (None: it is kept), and why that is usual.

    `count` tells how much there is that is older than an instant, `forget` lets it go: given that instant, now, and
    whether it was enough; safe to repeat and to kill. `contract`: the rules on how often may still need it.
    """

    key: str
    name: str
    becomes: str
    why: str
    days: int | None
    count: Callable[[datetime], int]
    forget: Callable[[datetime, datetime, Enough], None]
    contract: bool = False


def in_lots(
    rows: Callable[[datetime], QuerySet[Any]], let_go: Callable[[Sequence[Any], datetime], object], first: Any = 0
) -> Steps:
    """Return the steps for rows of a table, which are looked for without holding up writers and let go lot by lot.

    `first` is smaller than any id.
    """

    def forget(before: datetime, at: datetime, enough: Enough) -> None:
        behind = first
        while not enough():
            ids = list(rows(before).filter(pk__gt=behind).order_by("pk").values_list("pk", flat=True)[:LOT])
            if not ids:
                return
            with transaction.atomic():
                let_go(ids, at)
            behind = ids[-1]
            time.sleep(PAUSES[connection.vendor])

    return {"count": lambda before: rows(before).count(), "forget": forget}


def deleted(model: type[Model], rows: Callable[[datetime], QuerySet[Any]]) -> Steps:
    """Return the steps for rows of a model that are deleted."""
    return in_lots(rows, lambda ids, _at: model._base_manager.filter(pk__in=ids).delete())  # noqa: SLF001


KINDS = (
    Kind(
        key="events",
        name="Events of other systems, as they came",
        becomes="deleted; the touchpoints, contacts and words on consent that they became stay",
        why="They are needed to find out what went wrong, and to use them once somebody says what they mean.",
        days=90,
        **deleted(Event, lambda before: Event.objects.filter(received_at__lt=before)),
    ),
)
