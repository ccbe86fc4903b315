"""Two persons side by side, so that somebody can tell whether they are one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, QuerySet

from contacts.brands import records_read
from contacts.models import Contact, Customer, Identifier, OptOut, Touchpoint, Wish
from contacts.models.words import CLOCK_EVENTS
from contacts.readers import EVERYTHING, Reader
from recovery.models import FollowUp
from surveys.models import Response


@dataclass(frozen=True, slots=True)
class Line:
    """One thing compared: what each of the two has of it, in words; `alike` where they have some of it in common."""

    what: str
    first: str
    second: str
    alike: bool = False


def records_of_person(customer: Customer, reader: Reader = EVERYTHING) -> list[Customer]:
    """The records of the customer's person that somebody may read, the one that stands for the person first."""
    ids = records_read(customer.pk, reader)
    found = Customer.objects.filter(pk__in=ids).select_related("account").prefetch_related("identifiers")
    return sorted(found, key=lambda record: (record.merged_into_id is not None, record.pk))


def side_by_side(first: Customer, second: Customer, reader: Reader = EVERYTHING) -> list[Line]:
    """What the two persons have, on all records of each that somebody may read; without what neither has."""
    both = records_of_person(first, reader), records_of_person(second, reader)
    (named, counted), (others_named, others_counted) = ((_named(records), _counted(records)) for records in both)
    lines = [
        Line(what, ", ".join(own), ", ".join(others_named[what]), _alike(own, others_named[what]))
        for what, own in named.items()
    ]
    lines += [Line(what, text, others_counted[what]) for what, text in counted.items()]
    return [line for line in lines if line.first or line.second]


def _named(records: list[Customer]) -> dict[str, list[str]]:
    ids = [record.pk for record in records]
    identifiers = [identifier for record in records for identifier in record.identifiers.all()]
    named: dict[str, Iterable[str]] = {
        "Name": (record.name for record in records),
        "Customer id": (f"{record.external_id} ({record.source})" for record in records),
        **{label: [i.value for i in identifiers if i.type == type_] for type_, label in Identifier.Type.choices},
        "Account": (str(record.account or "") for record in records),
        "Country": (record.country for record in records),
        "Time zone": (record.time_zone for record in records),
        "Language": (record.language for record in records),
        "Opt-outs": map(str, OptOut.objects.filter(customer__in=ids, reopened_at=None)),
        "Wishes": map(str, Wish.objects.filter(customer__in=ids, withdrawn_at=None)),
    }
    return {what: list(dict.fromkeys(text for text in texts if text)) for what, texts in named.items()}


def _counted(records: list[Customer]) -> dict[str, str]:
    ids = [record.pk for record in records]
    contacts = Contact.objects.filter(customer__in=ids).exclude(purpose__in=CLOCK_EVENTS)
    return {
        "Touchpoints": _how_many(Touchpoint.objects.filter(customer__in=ids), "occurred_at"),
        "Contacts": _how_many(contacts, "at"),
        "Responses": _how_many(Response.objects.filter(customer__in=ids), "answered_at"),
        "Follow-ups": _how_many(FollowUp.objects.filter(customer__in=ids), "opened_at"),
    }


def _alike(texts: Iterable[str], others: Iterable[str]) -> bool:
    return not {text.casefold() for text in texts}.isdisjoint(text.casefold() for text in others)


def _how_many(rows: QuerySet[Touchpoint | Contact | Response | FollowUp], at: str) -> str:
    newest: datetime | None = rows.aggregate(newest=Max(at))["newest"]
    return f"{rows.count()}, the last on {newest.day} {newest:%B %Y}" if newest else ""
