"""The persons of a past that a policy is tried on: as they are known today, with the contacts that count anyhow.

Whatever there is one of for every customer, contact or touchpoint is read as columns and kept in arrays.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import numpy as np
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce

from contacts import frequency
from contacts.columns import Listed, listed_column, micros_in, read_alike
from contacts.frequency.facts import CHANNELS
from contacts.frequency.past import Booked, Participants, booked
from contacts.frequency.plans import Party
from contacts.frequency.zone_arrays import EPOCH, Bools, Ints, Places
from contacts.frequency.zones import is_zone
from contacts.ledger import BEGINNING, COUNTED_FIELDS, per_account
from contacts.lines import line_of
from contacts.models import Contact, Customer, Identifier, OptOut, Wish
from contacts.models.words import OURS, RELEASED, Purpose
from contacts.persons import Person, read_persons
from contacts.records import read_records
from contacts.sharing import BY_NUMBER, TAKES_NO, addresses, on_another_record

AT_ONCE = 2000
NO_ACCOUNT = 0


@dataclass(frozen=True, slots=True)
class Records:
    """All customer records as columns, by id: their accounts, their kinds (time zone and country), whose they are.

    `head` is the place of the record that stands for the person; sets of persons are truths about these places.
    Accounts are NO_ACCOUNT for all where no cap is per account.
    """

    ids: Ints
    head: Places
    accounts: Ints
    kind: Places
    kinds: Sequence[tuple[str, str]]

    def head_of(self, ids: Ints) -> Places:
        """The heads of these records."""
        return self.head[np.searchsorted(self.ids, ids)]

    def persons(self, ids: Ints) -> Bools:
        """The persons behind these records; one that has come in since then is left out."""
        return self._heads(np.isin(self.ids, ids))

    def fellows(self, persons: Bools) -> Bools:
        """The persons in the accounts of these."""
        accounts = self.accounts[persons[self.head]]
        return self._heads(np.isin(self.accounts, accounts[accounts != NO_ACCOUNT]))

    def _heads(self, records: Bools) -> Bools:
        heads = np.zeros(len(self.ids), np.bool_)
        heads[self.head[records]] = True
        return heads


def read_participants(
    customer_ids: Ints, policies: Collection[frequency.Policy], since: datetime
) -> tuple[Participants, Places]:
    """The persons behind these records and all whose contacts can count for them; and which of them each record is.

    Of the ledger what counts under any of the policies whatever we do from `since`: every contact before `since`, and
    from then on those that another system made. Consent, wishes, addresses and zones are those of today. Most persons
    are one record with a known zone that never said anything about being contacted: only the others are read as the
    gate reads them, which takes longer.
    """
    records = _read_records(policies)
    asked, unusual = records.persons(customer_ids), records.persons(_unusual(records))
    persons = _read(records.ids[asked & unusual])
    sharers = {other for person in persons.values() for others in person.sharers.values() for other in others}
    everybody = asked | records.fellows(asked) | np.isin(records.ids, np.array([*sharers], np.int64))
    persons |= _read(records.ids[everybody & unusual & ~asked])
    parties, party = _parties(records, everybody, persons)
    oldest = since - min(_reach(policies, persons.values()), since - BEGINNING)
    place = np.cumsum(everybody) - 1
    participants = Participants(parties, party, _booked(records, everybody, place, _contacts(oldest, since)))
    return participants, place[records.head_of(customer_ids)]


def _read_records(policies: Iterable[frequency.Policy]) -> Records:
    shared = any(per_account(policy) for policy in policies)
    numbers = ("pk", Coalesce("merged_into", "pk"), Coalesce("account", NO_ACCOUNT) if shared else Value(NO_ACCOUNT))
    kinds, kind, (ids, owners, accounts) = read_alike(Customer.objects.all(), ("time_zone", "country"), *numbers)
    order = np.argsort(ids)
    ids = ids[order]
    return Records(ids, np.searchsorted(ids, owners[order]), accounts[order], kind[order], kinds)


def _unusual(records: Records) -> Ints:
    """Ids of records of whose person more has to be known than the record's zone and country and open addresses."""
    unknown = np.array([bool(zone) and not is_zone(zone) for zone, _ in records.kinds], np.bool_)
    numbers = Identifier.objects.filter(type=Identifier.Type.PHONE, closed_at=None)
    unusual: list[QuerySet[Any]] = [
        addresses().filter(on_another_record()),
        numbers.filter(customer__time_zone=""),
        OptOut.objects.filter(reopened_at=None),
        Wish.objects.filter(withdrawn_at=None),
        Identifier.objects.exclude(closed_at=None),
    ]
    own = records.ids[(records.ids[records.head] != records.ids) | unknown[records.kind]]
    return np.concatenate([own, *(listed_column(rows.aggregate(ids=Listed("customer"))["ids"]) for rows in unusual)])


def _read(person_ids: Ints) -> dict[int, Person]:
    """Person id -> person, as the gate reads them."""
    left = iter(person_ids.tolist())
    found: dict[int, Person] = {}
    while ids := list(islice(left, AT_ONCE)):
        found |= {person.id: person for person in read_persons(read_records(ids)).values()}
    return found


def _reach(policies: Iterable[frequency.Policy], persons: Iterable[Person]) -> timedelta:
    """How far back a contact can lie that still counts."""
    wished = max((person.facts.once_in_days or 0 for person in persons), default=0)
    return max([timedelta(days=wished + 2), *(cap.window.longest for policy in policies for cap in policy.caps)])


def _contacts(oldest: datetime, since: datetime) -> QuerySet[Contact]:
    """The contacts that count anyhow; calls are read however old, as a refusal on the phone holds for good."""
    counting = Q(at__gt=oldest) | Q(purpose=Purpose.CALL)
    made = Q(at__lt=since) | ~Q(source=OURS)
    return Contact.objects.filter(counting, made).exclude(outcome__in=RELEASED)


def _booked(records: Records, everybody: Bools, place: Places, contacts: QuerySet[Contact]) -> Booked:
    """Those of everybody; `place` is that of each among the participants."""
    instant = micros_in("contacts_contact.at")
    kinds, kind, (customer, at) = read_alike(contacts, COUNTED_FIELDS[1:], "customer", instant)
    # Nothing in the database keeps a contact from pointing to nobody.
    own = np.isin(customer, records.ids[everybody[records.head]])
    return booked(place[records.head_of(customer[own])], at[own], kind[own], [_row(*values) for values in kinds])


def _row(*values: Any) -> frequency.Row:
    """A row of which all is known but the instant."""
    channel, purpose, outcome, survey, program, source, tags, seconds = values
    return frequency.Row(EPOCH, channel, purpose, outcome, survey, program, source, frozenset(tags), seconds)


def _parties(records: Records, everybody: Bools, persons: Mapping[int, Person]) -> tuple[list[Party], Places]:
    """The different parties among everybody, and which of them each is."""
    ids, head, ways = records.ids[everybody], np.flatnonzero(everybody), _open_channels(records)
    plain = np.isin(ids, np.array([*persons], np.int64), invert=True)
    traits = (records.accounts * len(records.kinds) + records.kind) * 2 ** len(CHANNELS) + ways
    _, first, alike = np.unique(traits[head[plain]], return_index=True, return_inverse=True)
    parties = [_plain_party(records, place, ways[place]) for place in head[plain][first]]
    places = {id_: place for place, id_ in enumerate(ids.tolist())}
    parties += [_party(persons[id_], places) for id_ in ids[~plain].tolist()]
    party = np.empty(len(ids), np.intp)
    party[plain], party[~plain] = alike, np.arange(len(first), len(parties))
    return parties, party


def _open_channels(records: Records) -> Places:
    """A bit for each of CHANNELS by which a person has an open address."""
    ways = np.zeros(len(records.ids), np.intp)
    opened = Identifier.objects.filter(closed_at=None)
    _, _, (mailed,) = read_alike(opened.filter(type=Identifier.Type.EMAIL), ("type",), "customer")
    _, _, (called, number) = read_alike(opened.filter(type=Identifier.Type.PHONE), ("type",), "customer", "value")
    lines = list(map(line_of, number.tolist()))
    for place, channel in enumerate(CHANNELS):
        fit = np.array([line not in TAKES_NO[channel] for line in lines], np.bool_)
        reached = called[fit] if channel in BY_NUMBER else mailed
        ways[records.persons(reached)] |= 1 << place
    return ways


def _plain_party(records: Records, place: int, ways: int) -> Party:
    """Everybody of whom nothing is known but what is in the record at this place, and the ways to reach them."""
    time_zone, country = records.kinds[records.kind[place]]
    account = int(records.accounts[place])
    return Party(
        frequency.Customer("", time_zone or None, country or None),
        accounts=frozenset({account} - {NO_ACCOUNT}),
        reachable=frozenset(channel for place, channel in enumerate(CHANNELS) if ways >> place & 1),
    )


def _party(person: Person, places: Mapping[int, int]) -> Party:
    numbers = {address.value for channel, address in person.addresses.items() if channel in BY_NUMBER}
    sharers = set().union(*(person.sharers.get(number, ()) for number in numbers))
    return Party(
        person.facts,
        person.account_ids,
        frozenset(places[other] for other in sharers if other in places),
        frozenset(person.addresses),
        person.preferred,
    )
