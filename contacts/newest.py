"""The newest contacts of each customer record, kept beside the ledger so that a wave need not scan it.

Every writer of the ledger calls `refresh` (or `push`, for what is certainly the newest) in its own transaction. Kept
per record and not per person, so that a merge or a split changes nothing here.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from contacts.copying import among_ids, given, micros_of
from contacts.models import ContactKind
from contacts.models.newest import ABSENT, DEPTH
from contacts.models.words import RELEASED

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PLACES = range(1, DEPTH + 1)
COLUMNS = [f"{name}_{place}" for name in ("at", "kind") for place in PLACES]
MOVED = ", ".join(f"{name}_{place} = newest.{name}_{place - 1}" for name in ("at", "kind") for place in PLACES[1:])
"""SQL that moves each contact of `newest` down by one place."""
ALIKE = ("channel", "purpose", "survey", "program", "source", "tags")
"""What the kind of a contact consists of."""

COUNTING = f"contact.outcome NOT IN ({', '.join(repr(outcome.value) for outcome in RELEASED)})"
"""SQL for the rows of the ledger that hold their place."""

Cached = tuple[Any, ...]
"""The customer's id, then the values of COLUMNS."""


def refresh(customer_ids: Collection[int]) -> None:
    """Write the cache of these records anew from the ledger, in two statements; their persons are locked."""
    if not customer_ids:
        return
    make_kinds(customer_ids)
    replaced = ", ".join(f"{column} = excluded.{column}" for column in COLUMNS)
    columns = ", ".join(["customer_id", *COLUMNS])
    found, ids = _newest(customer_ids)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO contacts_newestcontacts ({columns}) {found} "
            f"ON CONFLICT (customer_id) DO UPDATE SET {replaced}",
            ids,
        )


def push(customer_ids: Sequence[int], instants: Sequence[int], **alike: str) -> None:
    """Put one more contact, the newest of all, on top of each of these records, each of which is there once.

    `instants` in microseconds since the epoch; `alike`: channel, purpose, survey, program and source of all of them.
    """
    if not customer_ids:
        return
    kind = _kind(**alike)
    table, parameters = given(customer_id=customer_ids, at=instants)
    empty = ", ".join(f"CAST('{absent}' AS bigint)" for absent in (ABSENT, 0) for _ in PLACES[1:])
    columns = ["at_1", "kind_1", *(f"{name}_{n}" for name in ("at", "kind") for n in PLACES[1:])]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO contacts_newestcontacts AS newest (customer_id, {', '.join(columns)}) "
            f"SELECT customer_id, at, {kind}, {empty} FROM {table} WHERE true "
            f"ON CONFLICT (customer_id) DO UPDATE SET at_1 = excluded.at_1, kind_1 = excluded.kind_1, {MOVED}",
            parameters,
        )


def push_one(customer_id: int, at: datetime, **alike: str) -> bool:
    """Put one more contact on top of a record, if it is the newest and there is such a kind; return whether it was so.

    One statement, for what happens with every answer; where it was not so, `refresh` has to see to it.
    """
    instant = (at - EPOCH) // timedelta(microseconds=1)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE contacts_newestcontacts AS newest SET at_1 = %s, kind_1 = kind.id, {MOVED} "
            f"FROM contacts_contactkind kind WHERE customer_id = %s AND at_1 <= %s AND {_without_tags(alike)}",
            [instant, customer_id, instant, *alike.values()],
        )
        return bool(cursor.rowcount)


def _without_tags(alike: Iterable[str]) -> str:
    """SQL for kinds that have given values in these columns, and no tags."""
    tags = "CAST('[]' AS jsonb)" if connection.vendor == "postgresql" else "'[]'"
    return " AND ".join([*(f"{name} = %s" for name in alike), f"tags = {tags}"])


def _kind(**alike: str) -> int:
    """The id of a kind without tags, which is made where there is none yet."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM contacts_contactkind WHERE {_without_tags(alike)}", [*alike.values()])
        known = cursor.fetchone()
    return known[0] if known else ContactKind.objects.get_or_create(defaults={}, **alike, tags=[])[0].pk


def make_kinds(customer_ids: Collection[int]) -> None:
    """Make sure that each contact of these records has its kind."""
    among, ids = among_ids("customer_id", customer_ids)
    alike = ", ".join(ALIKE)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO contacts_contactkind ({alike}) SELECT DISTINCT {alike} FROM contacts_contact "
            f"WHERE {among} ORDER BY {alike} ON CONFLICT DO NOTHING",
            ids,
        )


def recomputed(customer_ids: Collection[int]) -> list[Cached]:
    """What the cache should hold for these records, by id."""
    found, ids = _newest(customer_ids)
    with connection.cursor() as cursor:
        cursor.execute(f"{found} ORDER BY 1", ids)
        rows: list[Cached] = cursor.fetchall()
    return rows


def _newest(customer_ids: Collection[int]) -> tuple[str, list[Any]]:
    among, ids = among_ids("customer_id", customer_ids)
    among_customers, again = among_ids("customer.id", customer_ids)
    ranked = ", ".join(
        f"coalesce(max({column}) FILTER (WHERE place = {n}), CAST('{absent}' AS bigint))"
        for column, absent in (("at", ABSENT), ("kind", 0))
        for n in PLACES
    )
    alike = " AND ".join(f"kind.{name} = contact.{name}" for name in ALIKE)
    newest = (
        f"SELECT contact.customer_id, {micros_of('contact.at')} AS at, kind.id AS kind, row_number() OVER "
        "(PARTITION BY contact.customer_id ORDER BY contact.at DESC, contact.id DESC) AS place "
        f"FROM contacts_contact contact JOIN contacts_contactkind kind ON {alike} "
        f"WHERE contact.{among} AND {COUNTING}"
    )
    found = (
        f"SELECT customer.id, {ranked} FROM contacts_customer customer LEFT JOIN ({newest}) newest "
        f"ON newest.customer_id = customer.id AND place <= {DEPTH} WHERE {among_customers} GROUP BY customer.id"
    )
    return found, [*ids, *again]
