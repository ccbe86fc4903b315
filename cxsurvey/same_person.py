"""Two persons side by side, so that somebody can tell whether they are one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, QuerySet

from contacts.models import Contact, Customer, Identifier, OptOut, Touchpoint, Wish
from contacts.models.words import CLOCK_EVENTS
from contacts.persons import read_records
from recovery.models import FollowUp
from surveys.models import Response


@dataclass(frozen=True, slots=True)
class Line:
    """One thing compared: what each of the two has of it, in words; empty for nothing."""

    what: str
    first: str
    second: str

    @property
    def is_same(self) -> bool:
        """Whether both have the same."""
        return bool(self.first) and self.first.casefold() == self.second.casefold()


def records_of_person(customer: Customer) -> list[Customer]:
    """All records of the customer's person with their addresses, the one that stands for the person first."""
    ids = [record.id for record in read_records([customer.pk])]
    found = Customer.objects.filter(pk__in=ids).select_related("account").prefetch_related("identifiers")
    return sorted(found, key=lambda record: (record.merged_into_id is not None, record.pk))


def side_by_side(first: Customer, second: Customer) -> list[Line]:
    """What the two persons have, on all records of each."""
    facts, others = (_facts(records_of_person(customer)) for customer in (first, second))
    return [Line(what, text, others[what]) for what, text in facts.items() if text or others[what]]


def _facts(records: list[Customer]) -> dict[str, str]:
    ids = [record.pk for record in records]
    identifiers = [identifier for record in records for identifier in record.identifiers.all()]
    contacts = Contact.objects.filter(customer__in=ids).exclude(purpose__in=CLOCK_EVENTS)
    return {
        "Name": _told(record.name for record in records),
        "Customer id": _told(f"{record.external_id} ({record.source})" for record in records),
        **{label: _told(i.value for i in identifiers if i.type == type_) for type_, label in Identifier.Type.choices},
        "Account": _told(str(record.account or "") for record in records),
        "Country": _told(record.country for record in records),
        "Time zone": _told(record.time_zone for record in records),
        "Language": _told(record.language for record in records),
        "Touchpoints": _how_many(Touchpoint.objects.filter(customer__in=ids), "occurred_at"),
        "Contacts": _how_many(contacts, "at"),
        "Responses": _how_many(Response.objects.filter(customer__in=ids), "answered_at"),
        "Follow-ups": _how_many(FollowUp.objects.filter(customer__in=ids), "opened_at"),
        "Opt-outs": _told(map(str, OptOut.objects.filter(customer__in=ids, reopened_at=None))),
        "Wishes": _told(map(str, Wish.objects.filter(customer__in=ids, withdrawn_at=None))),
    }


def _told(texts: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(text for text in texts if text))


def _how_many(rows: QuerySet[Touchpoint | Contact | Response | FollowUp], at: str) -> str:
    newest: datetime | None = rows.aggregate(newest=Max(at))["newest"]
    return f"{rows.count()}, the last on {newest.day} {newest:%B %Y}" if newest else ""
