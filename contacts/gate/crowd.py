"""Many customers at once as `contacts.frequency.many` reads them: arrays in place of a `Person` for each."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection

from contacts import frequency
from contacts.copying import among_ids
from contacts.frequency.many import Masks, People, cap_mask
from contacts.frequency.zone_arrays import ABSENT, EPOCH, Bools, Ints, Places
from contacts.frequency.zones import is_zone, possible_zones
from contacts.ledger import per_account
from contacts.models import ContactKind
from contacts.models.newest import DEPTH
from contacts.models.words import Channel
from contacts.newest import ALIKE, COLUMNS
from contacts.persons import ADDRESS_TYPES, Record


@dataclass(eq=False, slots=True)
class Crowd:
    """Persons of whom one record and its newest contacts are all there is to know: arrays of one length.

    `places`: customer id -> index. `addresses` and `opted_out` by channel; an address of 0 is none. `contacts` and
    `caps` [n, DEPTH] and `older` are as in `People`.
    """

    places: Mapping[int, int]
    zones: Sequence[ZoneInfo]
    zone: Places
    contacts: Ints
    caps: Masks
    older: Bools
    addresses: Mapping[str, Ints]
    opted_out: Mapping[str, Bools]

    def people(self, places: Places, channel: str, at: int, expires: Ints) -> People:
        """Some of them, asked at one instant by one channel."""
        return People(
            at=np.full(len(places), at),
            expires=expires,
            zone=self.zone[places],
            opted_out=self.opted_out[channel][places],
            contacts=self.contacts[places],
            caps=self.caps[places],
            older=self.older[places],
        )

    def add(self, places: Places, at: Ints, caps: int) -> None:
        """Count one more contact, which is the newest, of each of some persons; it counts in `caps` (`cap_mask`)."""
        self.older[places] |= self.contacts[places, -1] != ABSENT
        self.contacts[places, 1:] = self.contacts[places, :-1]
        self.contacts[places, 0] = at
        self.caps[places, 1:] = self.caps[places, :-1]
        self.caps[places, 0] = caps


def read_crowd(
    records: Sequence[Record], channels: Collection[str], policy: frequency.Policy, others: Collection[int] = ()
) -> Crowd:
    """Those of the records that `many` can decide about, in four statements; they are locked.

    Left out are `others` and whoever was merged, has a wish, shares an address, has only closed ones, or has an
    account whose members' contacts count.
    """
    channels = tuple(channels)
    ids = [record.id for record in records]
    reached = _read_addresses(ids, {ADDRESS_TYPES[Channel(channel)] for channel in channels})
    strange = {*others, *reached.strange, *_wishing(ids), *_merged(records)}
    if per_account(policy):
        strange.update(record.id for record in records if record.account_id)
    plain = [record for record in records if record.id not in strange]
    places = {record.id: n for n, record in enumerate(plain)}
    zone, zones = _zones(plain, reached.numbers, policy)
    contacts, kinds = _read_newest(places)
    return Crowd(
        places=places,
        zones=zones,
        zone=zone,
        contacts=contacts,
        caps=_masks(policy)[kinds],
        older=contacts[:, -1] != ABSENT,
        addresses={
            channel: np.array([reached.ids.get((id_, ADDRESS_TYPES[Channel(channel)]), 0) for id_ in places], np.int64)
            for channel in channels
        },
        opted_out=_read_refusals(ids, places, channels),
    )


@dataclass(slots=True)
class _Addresses:
    """(customer id, type) -> id of the open address seen last; `numbers` by customer; `strange`: who is left out."""

    ids: dict[tuple[int, str], int] = field(default_factory=dict)
    numbers: dict[int, str] = field(default_factory=dict)
    strange: set[int] = field(default_factory=set)


def _read_addresses(ids: Collection[int], types: Collection[str]) -> _Addresses:
    among, parameter = among_ids("own.customer_id", ids)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT own.customer_id, own.type, own.id, own.value, own.closed_at IS NULL, EXISTS ("
            "SELECT 1 FROM contacts_identifier other WHERE other.type = own.type AND other.issuer = own.issuer "
            "AND other.value = own.value AND other.customer_id <> own.customer_id) "
            f"FROM contacts_identifier own WHERE {among} AND own.type IN ('email', 'phone') "
            "ORDER BY own.last_seen_at, own.id",
            parameter,
        )
        found = cursor.fetchall()
    reached = _Addresses()
    closed = set()
    for customer_id, type_, id_, value, is_open, shared in found:
        if shared:
            reached.strange.add(customer_id)
        if is_open:
            reached.ids[customer_id, type_] = id_
            if type_ == "phone":
                reached.numbers[customer_id] = value
        else:
            closed.add((customer_id, type_))
    reached.strange.update(customer_id for customer_id, type_ in closed - reached.ids.keys() if type_ in types)
    return reached


def _wishing(ids: Collection[int]) -> set[int]:
    among, parameter = among_ids("customer_id", ids)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT customer_id FROM contacts_wish WHERE withdrawn_at IS NULL AND {among}", parameter)
        return {customer_id for (customer_id,) in cursor.fetchall()}


def _merged(records: Iterable[Record]) -> Iterable[int]:
    return chain.from_iterable((record.id, record.person_id) for record in records if record.id != record.person_id)


def _zones(
    plain: Sequence[Record], numbers: Mapping[int, str], policy: frequency.Policy
) -> tuple[Places, list[ZoneInfo]]:
    """The index of each person's zone, -1 where several are possible; and the zones."""
    places = [_where(record, numbers) for record in plain]
    known = {where: _possible(*where, policy) for where in set(places)}
    # In the same order for every crowd, because what is known of the clocks of a sequence of zones is kept by it.
    zones = sorted({zones[0] for zones in known.values() if len(zones) == 1}, key=str)
    index = {zone: n for n, zone in enumerate(zones)}
    places_of = {where: index[zones[0]] if len(zones) == 1 else -1 for where, zones in known.items()}
    return np.array([places_of[where] for where in places], np.intp), zones


def _where(record: Record, numbers: Mapping[int, str]) -> tuple[str, str, str]:
    """What tells a person's zone: the zone, or else country and number."""
    return (record.time_zone, "", "") if is_zone(record.time_zone) else ("", record.country, numbers.get(record.id, ""))


def _possible(time_zone: str, country: str, number: str, policy: frequency.Policy) -> tuple[ZoneInfo, ...]:
    customer = frequency.Customer("", time_zone or None, country or None, number or None)
    return possible_zones(customer, policy.zones)


def _read_newest(places: Mapping[int, int]) -> tuple[Ints, Places]:
    """Instants and kinds of the newest contacts, [n, DEPTH] each."""
    among, parameter = among_ids("customer_id", places.keys())
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT customer_id, {', '.join(COLUMNS)} FROM contacts_newestcontacts WHERE {among}", parameter
        )
        found = np.array(cursor.fetchall(), np.int64).reshape(-1, 1 + 2 * DEPTH)
    contacts = np.full((len(places), DEPTH), ABSENT)
    kinds = np.zeros((len(places), DEPTH), np.intp)
    rows = [places[customer_id] for customer_id in found[:, 0].tolist()]
    contacts[rows] = found[:, 1 : DEPTH + 1]
    kinds[rows] = found[:, DEPTH + 1 :]
    return contacts, kinds


def _masks(policy: frequency.Policy) -> Masks:
    """The `cap_mask` of each kind of contact, by its id."""
    kinds = list(ContactKind.objects.values_list("pk", *ALIKE))
    masks = np.zeros(max((pk for pk, *_ in kinds), default=0) + 1, np.uint64)
    for pk, channel, purpose, survey, program, source, tags in kinds:
        row = frequency.Row(EPOCH, channel, purpose, "delivered", survey, program, source, frozenset(tags))
        masks[pk] = cap_mask(policy, row)
    return masks


def _read_refusals(ids: Collection[int], places: Mapping[int, int], channels: Iterable[str]) -> dict[str, Bools]:
    among, parameter = among_ids("customer_id", ids)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT customer_id, channel FROM contacts_optout WHERE reopened_at IS NULL AND {among}", parameter
        )
        refusals = [(customer_id, refused) for customer_id, refused in cursor.fetchall() if customer_id in places]
    opted_out = {channel: np.zeros(len(places), np.bool_) for channel in channels}
    for customer_id, refused in refusals:
        for channel in [refused] if refused else opted_out:
            if channel in opted_out:
                opted_out[channel][places[customer_id]] = True
    return opted_out
