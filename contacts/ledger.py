"""The ledger as the rules read it: what a number of persons and their accounts have behind and before them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from contacts import frequency
from contacts.frequency import Row
from contacts.models import Account, Contact, Customer
from contacts.models.customers import PERSON
from contacts.models.words import RELEASED, Purpose
from contacts.persons import Person
from contacts.records import records_of
from contacts.sharing import BY_NUMBER

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
    """The rows that count: person id -> rows, and account id -> ids of the persons that belong to it.

    `numbers`: key of a row -> the phone number that it went to, where that is known and others have the number too.
    """

    rows: Mapping[int, list[Row]]
    members: Mapping[int, Collection[int]]
    numbers: dict[object, str]

    def of(self, person: Person) -> list[Row]:
        """The person's own rows."""
        return self.rows[person.id]

    def of_account(self, person: Person) -> list[Row]:
        """The rows of the other members of the person's accounts; empty unless the policy has a cap per account."""
        return [row for member in self._fellows(person) for row in self.rows[member]]

    def of_number(self, person: Person, channel: str) -> list[Row]:
        """What other persons got at the number at which the person is reached by this channel.

        A message of which we do not know the number has gone to each that its person has.
        """
        address = person.addresses.get(channel)
        number = address.value if address else ""
        return [
            row
            for sharer in person.sharers.get(number, ())
            for row in self.rows[sharer]
            if row.channel in BY_NUMBER and self.numbers.get(row.key, number) == number
        ]

    def histories(self, person: Person, channel: str) -> tuple[list[Row], list[Row]]:
        """What the rules count for a request by this channel: as the person's own, and as the accounts' others'.

        By SMS and phone, what others got at the same number counts as the person's own.
        """
        at_number = self.of_number(person, channel)
        counted = {row.key for row in at_number}
        return [*self.of(person), *at_number], [row for row in self.of_account(person) if row.key not in counted]

    def concerning(self, person: Person) -> set[int]:
        """Ids of all persons whose rows can count for this one, the person's own among them."""
        return {person.id, *self._fellows(person), *(other for others in person.sharers.values() for other in others)}

    def add(self, person: Person, contact: Contact) -> None:
        """Count a contact that is not saved yet, or that has been taken out."""
        place: object = contact.pk or Place(contact)
        values = (getattr(contact, name) for name in COUNTED_FIELDS)
        self.rows[person.id].append(_row(*values, place))
        if contact.address:
            self.numbers[place] = contact.address.value

    def remove(self, person: Person, contact_id: int) -> None:
        """Count a contact of the person no more."""
        self.rows[person.id][:] = [row for row in self.rows[person.id] if row.key != contact_id]

    def _fellows(self, person: Person) -> set[int]:
        members = (self.members.get(account_id, ()) for account_id in person.account_ids)
        return set().union(*members) - {person.id}


def read_ledger(
    persons: Collection[Person],
    policy: frequency.Policy,
    at: datetime,
    members: Mapping[int, Collection[int]] | None = None,
) -> Ledger:
    """What counts for these persons at `at` or later, in one statement.

    One more where a cap is per account and the accounts' `members` (account id -> ids of persons) are not given.
    """
    if members is None:
        members = _members(_accounts(persons)) if per_account(policy) else {}
    own = {record: person.id for person in persons for record in person.records}
    sharers = {other for person in persons for others in person.sharers.values() for other in others}
    others = sharers.union(*members.values()).difference(own.values())
    rows: dict[int, list[Row]] = {person_id: [] for person_id in {*own.values(), *others}}
    contacts = Contact.objects.filter(Q(at__gt=at - _reach(policy, persons, at)) | Q(purpose=Purpose.CALL))
    if not (others or sharers):
        for record_id, row in read_counting(contacts.filter(customer_id__in=own.keys())):
            rows[own[record_id]].append(row)
        return Ledger(rows, members, {})
    numbers: dict[object, str] = {}
    for person_id, row, number in _read_of_persons(contacts.filter(customer__in=records_of(rows.keys()))):
        rows[person_id].append(row)
        if number and row.channel in BY_NUMBER:
            numbers[row.key] = number
    return Ledger(rows, members, numbers)


def read_counting(contacts: QuerySet[Contact]) -> Iterator[tuple[int, Row]]:
    """Record id and row of each of these contacts that holds its place."""
    found = contacts.exclude(outcome__in=RELEASED).values_list("customer_id", *COUNTED_FIELDS, "pk")
    for customer_id, *values in found:
        yield customer_id, _row(*values)


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
    wishes = [timedelta(days=(person.facts.once_in_days or 0) + 2) for person in persons]
    quiet = [person.facts.quiet for person in persons if person.facts.quiet]
    spans = [timedelta(days=2), *wishes, *quiet, *(cap.window.longest for cap in policy.caps)]
    return min(max(spans), at - BEGINNING)


def _accounts(persons: Iterable[Person]) -> set[int]:
    return {account_id for person in persons for account_id in person.account_ids}


def _members(account_ids: Collection[int]) -> dict[int, set[int]]:
    """Account id -> ids of the persons who belong to it: to the accounts of all records."""
    members: dict[int, set[int]] = defaultdict(set)
    found = Customer.objects.filter(account__in=account_ids).values_list("account_id", Coalesce("merged_into", "pk"))
    for account_id, person_id in found:
        members[account_id].add(person_id)
    return members


def _read_of_persons(contacts: QuerySet[Contact]) -> Iterator[tuple[int, Row, str | None]]:
    """Person id and row of each of these contacts that holds its place, and the address where it is known."""
    found = contacts.exclude(outcome__in=RELEASED)
    for person_id, address, *values in found.values_list(PERSON, "address__value", *COUNTED_FIELDS, "pk"):
        yield person_id, _row(*values), address


def _row(*values: Any) -> Row:
    """A row for the rules of the values of COUNTED_FIELDS and a key."""
    at, channel, purpose, outcome, survey, program, source, tags, seconds, key = values
    counted_tags = frozenset(tags) if tags else NO_TAGS
    return Row(at, channel, purpose, outcome, survey, program, source, counted_tags, seconds, key)
