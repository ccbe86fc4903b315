"""A stored event while it takes its turn: what it told, and what becomes of it. Pure.

A row of the table `Event` in its own words; as the ORM's object each would cost as much as to read and to judge it.
"""

from dataclasses import dataclass, fields
from datetime import datetime

from contacts.events.incoming import Body


@dataclass(slots=True, eq=False)
class Turn:
    """An event, its fields named as those of `Event`; the last four are written when the turn is over."""

    id: int
    source_id: int
    message_id: str
    type: str
    name: str
    user_id: str
    anonymous_id: str
    occurred_at: datetime
    body: Body
    state: str
    detail: str
    customer_id: int | None
    touchpoint_id: int | None


READ = tuple(field.name for field in fields(Turn))
"""The fields of `Event` that a turn is made of, in its order."""
WRITTEN = ("id", *READ[-4:])
