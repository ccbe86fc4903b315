"""Whether what is kept beside the ledger agrees with it, and whether rows point to what exists."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.apps import apps
from django.db import models, transaction
from django.db.models import Exists, OuterRef

from contacts.models import Customer, NewestContacts
from contacts.models.newest import ABSENT, DEPTH
from contacts.newest import Cached, recomputed, refresh
from contacts.persons import lock_records

LENGTH = 5_000
"""Customers looked at together."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOTHING = (ABSENT,) * DEPTH + (0,) * DEPTH


@dataclass(frozen=True, slots=True)
class Difference:
    """A customer whose cache is not what the ledger gives: the instants of the newest contacts, newest first."""

    customer_id: int
    kept: tuple[datetime, ...]
    ledger: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class Dangling:
    """Rows of a table that point to something that does not exist."""

    table: str
    column: str
    rows: int


def differences(*, repair: bool = False) -> Iterator[Difference]:
    """Compare the newest contacts that are kept of each customer with the ledger; with `repair` write them anew.

    Some thousand customers at a time are locked, so that nobody writes in between.
    """
    last = 0
    ids = Customer.objects.order_by("pk").values_list("pk", flat=True)
    while some := list(ids.filter(pk__gt=last)[:LENGTH]):
        yield from _differing(some, repair=repair)
        last = some[-1]


def dangling() -> list[Dangling]:
    """Count the rows that point nowhere, of all relations that the database does not watch itself."""
    relations = (
        field
        for model in apps.get_models()
        for field in model._meta.concrete_fields  # noqa: SLF001 (public in all but name)
        if isinstance(field, models.ForeignKey) and not field.db_constraint  # type: ignore[attr-defined]
    )
    found = [Dangling(field.model._meta.db_table, field.column, _pointing_nowhere(field)) for field in relations]  # noqa: SLF001
    return [one for one in found if one.rows]


@transaction.atomic
def _differing(customer_ids: list[int], *, repair: bool) -> list[Difference]:
    lock_records(customer_ids)
    kept = {row[0]: row[1:] for row in NewestContacts.objects.filter(pk__in=customer_ids).values_list()}
    ledger: dict[int, Cached] = {row[0]: row[1:] for row in recomputed(customer_ids)}
    differing = [pk for pk in customer_ids if kept.get(pk, NOTHING) != ledger[pk]]
    if repair:
        refresh(differing)
    return [Difference(pk, _instants(kept.get(pk, NOTHING)), _instants(ledger[pk])) for pk in differing]


def _instants(cached: Cached) -> tuple[datetime, ...]:
    return tuple(EPOCH + timedelta(microseconds=at) for at in cached[:DEPTH] if at != ABSENT)


def _pointing_nowhere(field: "models.ForeignKey[models.Model, models.Model]") -> int:
    target = field.remote_field.model._default_manager.filter(pk=OuterRef(field.attname))  # noqa: SLF001
    rows = field.model._default_manager.filter(**{f"{field.attname}__isnull": False})  # noqa: SLF001
    return int(rows.filter(~Exists(target)).count())
