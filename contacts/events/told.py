"""What a kept event says of itself, in whichever form it came. Pure."""

from collections.abc import Mapping
from typing import Any

from contacts.events.incoming import Body
from contacts.models import Event

WITH_TRAITS = (Event.Type.IDENTIFY.value, Event.Type.GROUP.value)


def properties_of(type_: str, body: Body) -> Mapping[str, Any]:
    """Return its properties; for who somebody is and where she belongs, the traits, wherever they are.

    RudderStack's clients put traits into the context, some of them into both places. A CloudEvent has its data.
    """
    if "specversion" in body:
        return _object(body.get("data"))
    if type_ in WITH_TRAITS:
        return _object(_object(body.get("context")).get("traits")) | _object(body.get("traits"))
    return _object(body.get("properties"))


def external_ids(body: Body) -> list[Mapping[str, Any]]:
    """Return a customer's ids in other systems, as the event names them (Segment: context.externalIds)."""
    ids = _object(body.get("context")).get("externalIds")
    return [one for one in ids if isinstance(one, dict)] if isinstance(ids, list) else []


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
