"""Events as rows of the tables that files are read into: the same columns, the same rules. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from contacts.events.told import properties_of
from contacts.events.turns import Turn
from contacts.intake import CONSENTS, CONTACTS, CUSTOMERS, TOUCHPOINTS
from contacts.intake.rows import Line, RowReader, Subject
from contacts.intake.tables import Row
from contacts.models import Event, EventMeaning

TRAITS = {
    "email": "email",
    "phone": "phone",
    "name": "name",
    "language": "language",
    "locale": "language",
    "timezone": "timezone",
    "address.country": "country",
    "country": "country",
}
"""What traits are called (Segment, "Spec: Identify") -> our columns; of two for one column the first holds."""
GROUP, TOUCHPOINT = Event.Type.GROUP.value, EventMeaning.Becomes.TOUCHPOINT.value
CONSENT = (EventMeaning.Becomes.OPT_OUT.value, EventMeaning.Becomes.OPT_IN.value)
_JSON = json.JSONEncoder(ensure_ascii=False)
OWN = "the event's {}"
"""Title of a value that the event or its meaning gives, and no property: no property is called so."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A row, and in words which properties could not be put into the columns that they were meant for."""

    subject: Subject
    line: Line
    notes: tuple[str, ...]


class Refused(ValueError):  # noqa: N818 - it is what the event is
    """An event that makes no row; the text says why."""


def customer_row(event: Turn, customer: str, at: datetime) -> Understood:
    """Return the customer that an identify, a group or an alias tells of. Raises Refused where it makes none."""
    told = properties_of(event.type, event.body)
    own = {"external_id": customer}
    if event.type == GROUP:
        own["account"] = _text(event.body.get("groupId"))
        return _understood(CUSTOMERS, own, {}, {}, event.id, at)
    cells = flat(told)
    if "name" not in cells and (
        name := " ".join(filter(None, (cells.get(part) for part in ("firstName", "lastName"))))
    ):
        cells["name"] = name
    cells |= {name: text for name, text in _of_device(event.body).items() if name not in cells}
    mapping: dict[str, str] = {}
    for title, column in TRAITS.items():
        if title in cells and column not in mapping.values():
            mapping[title] = column
    return _understood(CUSTOMERS, own, cells, mapping, event.id, at)


def happening_row(event: Turn, customer: str, meaning: EventMeaning, at: datetime) -> Understood:
    """Return the touchpoint, the ledger's row or the word on consent that an event is, by what those of its name mean.

    Raises Refused where it makes none.
    """
    own = {"external_id": event.message_id, "customer": customer, "channel": meaning.channel}
    if meaning.becomes == TOUCHPOINT:
        subject = TOUCHPOINTS
        own |= {"kind": meaning.kind, "direction": meaning.direction, "occurred_at": event.occurred_at.isoformat()}
    elif meaning.becomes in CONSENT:
        subject = CONSENTS
        own |= {"said": meaning.becomes, "at": event.occurred_at.isoformat()}
    else:
        subject = CONTACTS
        own |= {"purpose": meaning.purpose, "at": event.occurred_at.isoformat()}
    return _understood(subject, own, flat(properties_of(event.type, event.body)), meaning.columns, event.id, at)


def flat(told: Mapping[str, Any]) -> dict[str, str]:
    """Return properties as texts, those of an object as `name.part`; what is empty is left out."""
    cells: dict[str, str] = {}
    for name, value in told.items():
        if not isinstance(value, dict):
            cells[name] = _text(value)
            continue
        cells |= {f"{name}.{part}": _text(inner) for part, inner in value.items()}
    return {title: text for title, text in cells.items() if text}


def _understood(
    subject: Subject,
    own: Mapping[str, str],
    cells: Mapping[str, str],
    mapping: Mapping[str, str],
    number: int,
    at: datetime,
) -> Understood:
    """Read a row; a property that is not what its column takes is kept beside it, as one of no column."""
    columns = {title: column for title, column in mapping.items() if title in cells}
    notes: list[str] = []
    while True:
        taken = set(columns.values())
        given = {_own(column): text for column, text in own.items() if text and column not in taken}
        row, titles = {**cells, **given}, columns | {_own(column): column for column in own if column not in taken}
        read = _reader(subject, tuple(row), tuple(titles.items()), at).read(Row(number, [*row.values()]))
        if isinstance(read, Line):
            return Understood(subject, read, tuple(notes))
        notes.append(f"{read.column}: expected {read.expected}")
        if read.column in given:
            raise Refused(notes[-1])
        del columns[read.column]


@cache
def _own(column: str) -> str:
    return OWN.format(column)


@lru_cache(maxsize=256)
def _reader(subject: Subject, header: tuple[str, ...], mapping: tuple[tuple[str, str], ...], at: datetime) -> RowReader:
    """Events of a name mostly have the same properties."""
    return RowReader(subject, header, dict(mapping), at)


def _of_device(body: Mapping[str, Any]) -> dict[str, str]:
    """The language and the time zone of the device, for who says nothing else."""
    context = body.get("context")
    told = context if isinstance(context, dict) else {}
    return {name: text for name in ("locale", "timezone") if (text := _text(told.get(name)))}


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return _JSON.encode(value)
