"""Many customers at once as `contacts.frequency.many` reads them: arrays in place of a `Person` for each."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection

from contacts import frequency
from contacts.columns import read_columns
from contacts.copying import among_ids
from contacts.frequency.many import Masks, People, cap_mask
from contacts.frequency.zone_arrays import ABSENT, EPOCH, Bools, Ints, Places
from contacts.frequency.zones import is_zone, possible_zones
from contacts.ledger import per_account
from contacts.models import ContactKind, Identifier
from contacts.models.newest import DEPTH
from contacts.models.words import Channel
from contacts.newest import ALIKE, COLUMNS
from contacts.persons import ADDRESS_TYPES, Record
from contacts.records import among


@dataclass(eq=False, slots=True)
class Crowd:
    """Persons of whom one record and its newest contacts are all there is to know: arrays of one length.

    `ids`: of the records, in order. `addresses` and `opted_out` by channel; an address of 0 is none. `contacts` and
    `caps` [n, DEPTH] and `older` are as in `People`.
    """

    ids: Ints
    zones: Sequence[ZoneInfo]
    zone: Places
    contacts: Ints
    caps: Masks
    older: Bools
    addresses: Mapping[str, Ints]
    opted_out: Mapping[str, Bools]

    def places(self, customers: Ints) -> tuple[Places, Bools]:
        """Where each of these customers is, and whether they are among them."""
        return _find(self.ids, customers)

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
    ids = sorted(record.id for record in records)
    everybody = np.array(ids, np.int64)
    found = _read_addresses(everybody)
    strange = {*others, *_wishing(ids), *_merged(records)}
    if per_account(policy):
        strange.update(record.id for record in records if record.account_id)
    types = {ADDRESS_TYPES[Channel(channel)] for channel in channels}
    left_out = np.isin(everybody, [*strange]) | found.shared
    for type_ in types:
        left_out |= found.closed[type_] & (found.open[type_] == 0)
    plain = everybody[~left_out]
    zone, zones = _zones([record for record in records if record.id not in strange], plain, policy)
    contacts, kinds = _read_newest(plain)
    return Crowd(
        ids=plain,
        zones=zones,
        zone=zone,
        contacts=contacts,
        caps=_masks(policy, kinds),
        older=contacts[:, -1] != ABSENT,
        addresses={channel: found.open[ADDRESS_TYPES[Channel(channel)]][~left_out] for channel in channels},
        opted_out=_read_refusals(plain, channels),
    )


@dataclass(slots=True)
class _Addresses:
    """Of each customer: by type the id of the open address seen last, or 0, and whether one is closed; `shared`."""

    open: dict[str, Ints]
    closed: dict[str, Bools]
    shared: Bools


def _read_addresses(everybody: Ints) -> _Addresses:
    among, parameter = among_ids("own.customer_id", everybody.tolist())
    found = read_columns(
        "SELECT own.customer_id, own.id, own.type = 'phone', own.closed_at IS NULL, EXISTS ("
        "SELECT 1 FROM contacts_identifier other WHERE other.type = own.type AND other.issuer = own.issuer "
        "AND other.value = own.value AND other.customer_id <> own.customer_id) "
        f"FROM contacts_identifier own WHERE {among} AND own.type IN ('email', 'phone') "
        "ORDER BY own.last_seen_at, own.id",
        parameter,
        customer=np.int64,
        id=np.int64,
        is_phone=np.bool_,
        is_open=np.bool_,
        shared=np.bool_,
    )
    places, _ = _find(everybody, found["customer"])
    read = _Addresses({}, {}, np.zeros(len(everybody), np.bool_))
    read.shared[places[found["shared"]]] = True
    for type_, of_type in (("email", ~found["is_phone"]), ("phone", found["is_phone"])):
        read.open[type_] = np.zeros(len(everybody), np.int64)
        # Of several the last one stays: that seen last.
        read.open[type_][places[of_type & found["is_open"]]] = found["id"][of_type & found["is_open"]]
        read.closed[type_] = np.zeros(len(everybody), np.bool_)
        read.closed[type_][places[of_type & ~found["is_open"]]] = True
    return read


def _find(ids: Ints, customers: Ints) -> tuple[Places, Bools]:
    """The place of each customer among the ids, which are in order, and whether it is there."""
    places = np.searchsorted(ids, customers)
    places[places == len(ids)] = 0
    return places, (ids[places] == customers) if len(ids) else np.zeros(len(customers), np.bool_)


def _wishing(ids: Collection[int]) -> Iterable[int]:
    among, parameter = among_ids("customer_id", ids)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT customer_id FROM contacts_wish WHERE withdrawn_at IS NULL AND {among}", parameter)
        return chain.from_iterable(cursor.fetchall())


def _merged(records: Iterable[Record]) -> Iterable[int]:
    return chain.from_iterable((record.id, record.person_id) for record in records if record.id != record.person_id)


def _zones(records: Iterable[Record], plain: Ints, policy: frequency.Policy) -> tuple[Places, list[ZoneInfo]]:
    """The index of each person's zone, -1 where several are possible; and the zones."""
    numbers = _read_numbers([record.id for record in records if not is_zone(record.time_zone)])
    wheres = {record.id: _where(record, numbers) for record in records}
    places = [wheres[id_] for id_ in plain.tolist()]
    known = {where: _possible(*where, policy) for where in set(places)}
    # In the same order for every crowd, because what is known of the clocks of a sequence of zones is kept by it.
    zones = sorted({zones[0] for zones in known.values() if len(zones) == 1}, key=str)
    index = {zone: n for n, zone in enumerate(zones)}
    places_of = {where: index[zones[0]] if len(zones) == 1 else -1 for where, zones in known.items()}
    return np.array([places_of[where] for where in places], np.intp), zones


def _read_numbers(ids: Collection[int]) -> dict[int, str]:
    """Customer id -> the open phone number seen last."""
    numbers = Identifier.objects.filter(among("customer", ids), type=Identifier.Type.PHONE, closed_at=None)
    return dict(numbers.order_by("last_seen_at", "pk").values_list("customer", "value")) if ids else {}


def _where(record: Record, numbers: Mapping[int, str]) -> tuple[str, str, str]:
    """What tells a person's zone: the zone, or else country and number."""
    return (record.time_zone, "", "") if is_zone(record.time_zone) else ("", record.country, numbers.get(record.id, ""))


def _possible(time_zone: str, country: str, number: str, policy: frequency.Policy) -> tuple[ZoneInfo, ...]:
    customer = frequency.Customer("", time_zone or None, country or None, number or None)
    return possible_zones(customer, policy.zones)


def _read_newest(plain: Ints) -> tuple[Ints, Places]:
    """Instants and kinds of the newest contacts, [n, DEPTH] each."""
    among, parameter = among_ids("customer_id", plain.tolist())
    found = read_columns(
        f"SELECT customer_id, {', '.join(COLUMNS)} FROM contacts_newestcontacts WHERE {among}",
        parameter,
        **dict.fromkeys(["customer", *COLUMNS], np.int64),
    )
    customer, *columns = found.values()
    places, _ = _find(plain, customer)
    contacts, kinds = np.full((len(plain), DEPTH), ABSENT), np.zeros((len(plain), DEPTH), np.intp)
    contacts[places] = np.column_stack(columns[:DEPTH])
    kinds[places] = np.column_stack(columns[DEPTH:])
    return contacts, kinds


def _masks(policy: frequency.Policy, kinds: Places) -> Masks:
    """The `cap_mask` of each of these kinds of contact, told by its id; 0 is none."""
    different, which = np.unique(kinds, return_inverse=True)
    known = {0: 0}
    for pk, channel, purpose, survey, program, source, tags in ContactKind.objects.filter(
        pk__in=different.tolist()
    ).values_list("pk", *ALIKE):
        row = frequency.Row(EPOCH, channel, purpose, "delivered", survey, program, source, frozenset(tags))
        known[pk] = cap_mask(policy, row)
    masks = np.array([known[pk] for pk in different.tolist()], np.uint64)
    return masks[which].reshape(kinds.shape)


def _read_refusals(plain: Ints, channels: Iterable[str]) -> dict[str, Bools]:
    among, parameter = among_ids("customer_id", plain.tolist())
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT customer_id, channel FROM contacts_optout WHERE reopened_at IS NULL AND {among}", parameter
        )
        refusals: list[tuple[int, str]] = cursor.fetchall()
    return {
        channel: np.isin(plain, [customer for customer, refused in refusals if refused in ("", channel)])
        for channel in channels
    }
