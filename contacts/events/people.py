"""Whose events they are: customers by their id, and by the devices that they were seen on."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db.models import Q

from contacts.intake.customers import see
from contacts.models import Event, EventSource, Identifier
from contacts.models.events import DEVICE

EXTERNAL = Identifier.Type.EXTERNAL.value
SEVERAL = "Several customers used this device, and the event does not say which of them."
NOT_KNOWN = "Nobody knows yet whose device this is. An identify with userId and anonymousId says it."


def issuer(source: EventSource) -> str:
    """Return whose ids anonymous ids are, as identifiers keep it."""
    return f"{source.name}{DEVICE}"


def link(source: EventSource, seen: Mapping[int, Collection[str]], at: datetime) -> None:
    """Note on which devices customers were seen: customer id -> anonymous ids."""
    note_ids(((customer, issuer(source), device) for customer, devices in seen.items() for device in devices), at)


def note_ids(seen: Iterable[tuple[int, str, str]], at: datetime) -> None:
    """Keep by which ids customers are known elsewhere, and when that was seen: customer, whose id it is, the id."""
    see(
        (
            {"customer_id": customer, "type": EXTERNAL, "issuer": whose, "value": value}
            for customer, whose, value in sorted(seen)
        ),
        at,
    )


def users_of(source: EventSource, devices: Collection[str]) -> dict[str, list[str]]:
    """Return by device the ids of those who were seen on it: one for each person, that of the record seen last."""
    found = Identifier.objects.filter(type=EXTERNAL, issuer=issuer(source), value__in=devices)
    of_customer = (f"customer__{name}" for name in ("merged_into", "external_id", "source"))
    users: dict[str, dict[int, str]] = defaultdict(dict)
    rows = found.order_by("last_seen_at", "pk").values_list("value", "customer", *of_customer)
    for device, record, head, name, of_source in rows:
        # Asked for this in the condition, SQLite would begin with all customers of the source.
        if of_source == source.name:
            users[device][head or record] = name
    return {device: list(persons.values()) for device, persons in users.items()}


def wake(source: EventSource, *, users: Iterable[str], devices: Iterable[str]) -> None:
    """Let events of nobody take their turn again where it is known now whose they are.

    `users` are customers now; of `devices` those wake them that one person alone was seen on.
    """
    of_nobody = Event.objects.filter(source=source, state=Event.State.NOBODY)
    if not of_nobody.exists():
        return
    own = [device for device, seen in users_of(source, set(devices)).items() if len(seen) == 1]
    for known in (Q(user_id__in=list(users)), Q(user_id="", anonymous_id__in=own)):
        of_nobody.filter(known).update(state=Event.State.WAITING, detail="")
