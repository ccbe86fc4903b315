"""The ledger as the rules read it: what a number of persons and their accounts have behind and before them."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q

from contacts import frequency
from contacts.copying import given, stored
from contacts.frequency import Row
from contacts.frequency.caps import Cap
from contacts.models import Account, Contact, Customer
from contacts.models.words import RELEASED, Outcome, Purpose
from contacts.newest import ALIKE
from contacts.persons import Person

BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)
COUNTED_FIELDS = ("at", "channel", "purpose", "outcome", "survey", "program", "source", "tags", "seconds")
"""What the rules read of a contact, in the order of frequency.Row."""
NO_TAGS: frozenset[str] = frozenset()


@dataclass(eq=False, slots=True)
class Place:
    """Stands for the id of a contact that has none yet."""

    contact: Contact


@dataclass(frozen=True, slots=True)
class Ledger:
    """The rows that count: person id -> rows, and account id -> ids of the persons that belong to it."""

    rows: Mapping[int, list[Row]]
    members: Mapping[int, Collection[int]]

    def of(self, person: Person) -> list[Row]:
        """The person's own rows."""
        return self.rows[person.id]

    def add(self, person: Person, contact: Contact) -> None:
        """Count a contact that is not saved yet."""
        values = (getattr(contact, name) for name in COUNTED_FIELDS)
        self.rows[person.id].append(_row(*values, Place(contact)))

    def of_account(self, person: Person) -> list[Row]:
        """The rows of the other members of the person's account; empty unless the policy has a cap per account."""
        members = self.members.get(person.account_id, ()) if person.account_id else ()
        return [row for member in members if member != person.id for row in self.rows[member]]


def read_ledger(persons: Collection[Person], policy: frequency.Policy, at: datetime) -> Ledger:
    """What counts for these persons at `at` or later: one statement, and one more where a cap is per account."""
    owners = {record: person.id for person in persons for record in person.records}
    members: dict[int, set[int]] = defaultdict(set)
    if per_account(policy):
        for record, person_id, account_id in _members(_accounts(persons)):
            owners[record] = person_id
            members[account_id].add(person_id)
    return Ledger(_rows(owners, at - _reach(policy, persons, at)), members)


def count_since(cap: Cap, since: Mapping[int, datetime], at: datetime) -> dict[int, int]:
    """Customer id -> how many contacts a cap counts of this record that are later than `since`, up to `at`.

    One statement; the contacts are counted by the database, by what caps tell them apart by.
    """
    table, parameters = given(customer_id=list(since), begin=[stored(begin) for begin in since.values()])
    alike = ", ".join(f"contact.{name}" for name in ALIKE)
    released = ", ".join(f"'{outcome.value}'" for outcome in RELEASED)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT given.customer_id, {alike}, count(*) FROM {table} CROSS JOIN contacts_contact contact "
            f"WHERE contact.customer_id = given.customer_id AND contact.at > given.begin "
            f"AND contact.at <= %s AND contact.outcome NOT IN ({released}) GROUP BY given.customer_id, {alike}",
            [*parameters, stored(at)],
        )
        found = cursor.fetchall()
    counts: dict[int, int] = defaultdict(int)
    for customer_id, channel, purpose, survey, program, source, tags, count in found:
        row = Row(at, channel, purpose, Outcome.DELIVERED, survey, program, source, frozenset(json.loads(tags)))
        counts[customer_id] += count * cap.counts(row)
    return counts


def per_account(policy: frequency.Policy) -> bool:
    """Whether any cap counts over the members of an account."""
    return any(cap.per == "account" for cap in policy.caps)


def lock_accounts(persons: Iterable[Person]) -> None:
    """Lock the persons' accounts in the order of their ids: always after the persons, so that none waits crosswise."""
    ids = _accounts(persons)
    accounts = Account.objects.filter(pk__in=ids).select_for_update(no_key=True).order_by("pk")
    list(accounts.values_list("pk"))


def _reach(policy: frequency.Policy, persons: Iterable[Person], at: datetime) -> timedelta:
    """How far back a row can lie that still counts; the calls, which rest and refuse longer, are always read."""
    wishes = [person.facts.once_in_days or 0 for person in persons]
    spans = [timedelta(days=max(wishes, default=0) + 2), *(cap.window.longest for cap in policy.caps)]
    return min(max(spans), at - BEGINNING)


def _accounts(persons: Iterable[Person]) -> set[int]:
    return {person.account_id for person in persons if person.account_id}


def _members(account_ids: Collection[int]) -> Iterable[tuple[int, int, int]]:
    """Record, person and account of everybody in these accounts; a merged record is where its person is."""
    heads = Q(merged_into=None, account_id__in=account_ids) | Q(merged_into__account_id__in=account_ids)
    found = Customer.objects.filter(heads).values_list("pk", "merged_into_id", "account_id", "merged_into__account_id")
    for record, merged_into, account_id, persons_account_id in found:
        yield record, merged_into or record, persons_account_id if merged_into else account_id


def _rows(owners: Mapping[int, int], since: datetime) -> dict[int, list[Row]]:
    rows: dict[int, list[Row]] = {person_id: [] for person_id in owners.values()}
    counting = Contact.objects.filter(Q(at__gt=since) | Q(purpose=Purpose.CALL), customer_id__in=owners.keys())
    found = counting.exclude(outcome__in=RELEASED).values_list("customer_id", *COUNTED_FIELDS, "pk")
    for customer_id, *values in found:
        rows[owners[customer_id]].append(_row(*values))
    return rows


def _row(*values: Any) -> Row:
    """A row for the rules of the values of COUNTED_FIELDS and a key."""
    at, channel, purpose, outcome, survey, program, source, tags, seconds, key = values
    counted_tags = frozenset(tags) if tags else NO_TAGS
    return Row(at, channel, purpose, outcome, survey, program, source, counted_tags, seconds, key)
