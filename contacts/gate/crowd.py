"""Many customers at once as `contacts.frequency.many` reads them: arrays in place of a `Person` for each."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection

from contacts import frequency
from contacts.columns import read_columns
from contacts.copying import among_ids, micros_of, stored
from contacts.frequency.many import Masks, People, cap_mask
from contacts.frequency.zone_arrays import ABSENT, EPOCH, Bools, Ints, Places
from contacts.frequency.zones import is_zone, possible_zones
from contacts.gate.customers import Customers
from contacts.ledger import BEGINNING, per_account
from contacts.models import ContactKind, Identifier
from contacts.models.newest import DEPTH
from contacts.newest import ALIKE, COLUMNS, COUNTING
from contacts.records import among
from contacts.sharing import BY_NUMBER, ELSEWHERE, unfit_line


@dataclass(frozen=True, eq=False, slots=True)
class Crowd:
    """Persons of whom one record and its newest contacts are all there is to know: arrays of one length.

    `addresses` and `opted_out` by channel; an address of 0 is none. `contacts` and `caps` [n, depth] and `older` are as
    in `People`.
    """

    customers: Customers
    zones: Sequence[ZoneInfo]
    zone: Places
    contacts: Ints
    caps: Masks
    older: Bools
    addresses: Mapping[str, Ints]
    opted_out: Mapping[str, Bools]

    def __len__(self) -> int:
        return len(self.customers.ids)

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
    customers: Customers,
    channels: Collection[str],
    policy: frequency.Policy,
    at: datetime,
    others: Collection[int] = (),
) -> Crowd:
    """Those of the customers that `many` can decide about, in five statements; they are locked.

    Left out are `others` and whoever was merged, has a wish or an override, shares an address, has only closed ones, or
    has an account whose members' contacts count.
    """
    found = _read_addresses(customers, channels)
    left_out = np.isin(customers.ids, [*others, *_set_apart(customers, at)]) | customers.merged | found.shared
    if per_account(policy):
        left_out |= customers.has_account
    for channel in channels:
        left_out |= found.closed[channel] & (found.open[channel] == 0)
    plain = customers.some(~left_out)
    zone, zones = _zones(plain, policy)
    contacts, kinds = _read_newest(plain)
    return Crowd(
        customers=plain,
        zones=zones,
        zone=zone,
        contacts=contacts,
        caps=_masks(policy, kinds),
        older=contacts[:, -1] != ABSENT,
        addresses={channel: ids[~left_out] for channel, ids in found.open.items()},
        opted_out=_read_refusals(plain, channels),
    )


def deepened(crowd: Crowd, customers: Ints, policy: frequency.Policy, at: datetime) -> Crowd:
    """Some of the crowd, with every contact that can count: where the newest ones do not tell, these do."""
    chosen = np.isin(crowd.customers.ids, customers)
    some = crowd.customers.some(chosen)
    reach = max((cap.window.longest for cap in policy.caps), default=timedelta()) + SLACK
    contacts, kinds = _read_ledger(some, at - min(reach, at - BEGINNING))
    return replace(
        crowd,
        customers=some,
        zone=crowd.zone[chosen],
        contacts=contacts,
        caps=_masks(policy, kinds),
        older=np.zeros(len(some.ids), np.bool_),
        addresses={channel: ids[chosen] for channel, ids in crowd.addresses.items()},
        opted_out={channel: refused[chosen] for channel, refused in crowd.opted_out.items()},
    )


SLACK = timedelta(days=2)
"""By as much more than its length a window may reach back, where the clocks are changed."""


@dataclass(slots=True)
class _Addresses:
    """Of each customer: by channel the id of the open address seen last, or 0, and whether one is closed; `shared`."""

    open: dict[str, Ints]
    closed: dict[str, Bools]
    shared: Bools


def _read_addresses(customers: Customers, channels: Collection[str]) -> _Addresses:
    # A text for each customer, which nobody looks at where all are asked by email.
    by_number = not BY_NUMBER.isdisjoint(channels)
    number = ", CASE own.type WHEN 'phone' THEN own.value ELSE '' END" if by_number else ""
    chosen, parameter = among_ids("own.customer_id", customers.ids.tolist())
    found = read_columns(
        f"SELECT own.customer_id, own.id, own.type = 'phone', own.closed_at IS NULL, {ELSEWHERE}{number} "
        f"FROM contacts_identifier own WHERE {chosen} AND own.type IN ('email', 'phone') "
        "ORDER BY own.last_seen_at, own.id",
        parameter,
        customer=np.int64,
        id=np.int64,
        is_phone=np.bool_,
        is_open=np.bool_,
        shared=np.bool_,
        **({"number": np.str_} if by_number else {}),
    )
    places, rows = customers.places(found["customer"]), len(customers.ids)
    read = _Addresses({}, {}, np.zeros(rows, np.bool_))
    read.shared[places[found["shared"]]] = True
    for channel in channels:
        fit = found["is_phone"] == (channel in BY_NUMBER)
        if channel in BY_NUMBER:
            fit[fit] = [unfit_line(number, channel) is None for number in found["number"][fit].tolist()]
        read.open[channel] = np.zeros(rows, np.int64)
        # Of several the last one stays: that seen last.
        read.open[channel][places[fit & found["is_open"]]] = found["id"][fit & found["is_open"]]
        read.closed[channel] = np.zeros(rows, np.bool_)
        read.closed[channel][places[fit & ~found["is_open"]]] = True
    return read


def _set_apart(customers: Customers, at: datetime) -> Iterable[int]:
    """Who has a wish, or an override."""
    chosen, parameter = among_ids("customer_id", customers.ids.tolist())
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT customer_id FROM contacts_wish WHERE withdrawn_at IS NULL AND {chosen} "
            f"UNION ALL SELECT customer_id FROM contacts_override WHERE ends_at > %s AND {chosen}",
            [*parameter, stored(at), *parameter],
        )
        return chain.from_iterable(cursor.fetchall())


def _zones(plain: Customers, policy: frequency.Policy) -> tuple[Places, list[ZoneInfo]]:
    """The index of each person's zone, -1 where several are possible; and the zones."""
    wheres: list[tuple[str, str, str]] = [
        (zone, "", "") if is_zone(zone) else ("", country, "")
        for zone, country in zip(plain.time_zone.tolist(), plain.country.tolist(), strict=True)
    ]
    unknown = {id_: n for n, (id_, (zone, *_)) in enumerate(zip(plain.ids.tolist(), wheres, strict=True)) if not zone}
    for id_, number in _read_phones(unknown.keys()).items():
        wheres[unknown[id_]] = ("", wheres[unknown[id_]][1], number)
    known = {where: _possible(*where, policy) for where in set(wheres)}
    # In the same order for every crowd, because what is known of the clocks of a sequence of zones is kept by it.
    zones = sorted({zones[0] for zones in known.values() if len(zones) == 1}, key=str)
    index = {zone: n for n, zone in enumerate(zones)}
    places_of = {where: index[zones[0]] if len(zones) == 1 else -1 for where, zones in known.items()}
    return np.array([places_of[where] for where in wheres], np.intp), zones


def _read_phones(ids: Collection[int]) -> dict[int, str]:
    """Customer id -> the open phone number seen last."""
    numbers = Identifier.objects.filter(among("customer", ids), type=Identifier.Type.PHONE, closed_at=None)
    return dict(numbers.order_by("last_seen_at", "pk").values_list("customer", "value")) if ids else {}


def _possible(time_zone: str, country: str, number: str, policy: frequency.Policy) -> tuple[ZoneInfo, ...]:
    customer = frequency.Customer("", time_zone or None, country or None, number or None)
    return possible_zones(customer, policy.zones)


def _read_newest(plain: Customers) -> tuple[Ints, Places]:
    """Instants and kinds of the newest contacts, [n, DEPTH] each."""
    chosen, parameter = among_ids("customer_id", plain.ids.tolist())
    found = read_columns(
        f"SELECT customer_id, {', '.join(COLUMNS)} FROM contacts_newestcontacts WHERE {chosen}",
        parameter,
        **dict.fromkeys(["customer", *COLUMNS], np.int64),
    )
    customer, *columns = found.values()
    places = plain.places(customer)
    contacts, kinds = np.full((len(plain.ids), DEPTH), ABSENT), np.zeros((len(plain.ids), DEPTH), np.intp)
    for n in range(DEPTH):
        contacts[places, n] = columns[n]
        kinds[places, n] = columns[DEPTH + n]
    return contacts, kinds


def _read_ledger(some: Customers, since: datetime) -> tuple[Ints, Places]:
    """Instants and kinds of all contacts that are later, newest first, [n, as many as the most active one has]."""
    chosen, parameter = among_ids("contact.customer_id", some.ids.tolist())
    alike = " AND ".join(f"kind.{name} = contact.{name}" for name in ALIKE)
    found = read_columns(
        f"SELECT contact.customer_id, {micros_of('contact.at')}, kind.id FROM contacts_contact contact "
        f"JOIN contacts_contactkind kind ON {alike} WHERE {chosen} AND contact.at > %s AND {COUNTING} "
        "ORDER BY contact.customer_id, contact.at DESC, contact.id DESC",
        [*parameter, stored(since)],
        customer=np.int64,
        at=np.int64,
        kind=np.int64,
    )
    places = some.places(found["customer"])
    nth = np.arange(len(places)) - np.searchsorted(places, places)
    shape = len(some.ids), int(nth.max(initial=0)) + 1
    contacts, kinds = np.full(shape, ABSENT), np.zeros(shape, np.intp)
    contacts[places, nth], kinds[places, nth] = found["at"], found["kind"]
    return contacts, kinds


def _masks(policy: frequency.Policy, kinds: Places) -> Masks:
    """The `cap_mask` of each of these kinds of contact, told by its id; 0 is none."""
    masks = np.zeros(int(kinds.max(initial=0)) + 1, np.uint64)
    known = np.flatnonzero(np.bincount(kinds.ravel()))
    for pk, *alike in ContactKind.objects.filter(pk__in=known.tolist()).values_list("pk", *ALIKE):
        channel, purpose, survey, program, source, tags = alike
        row = frequency.Row(EPOCH, channel, purpose, "delivered", survey, program, source, frozenset(tags))
        masks[pk] = cap_mask(policy, row)
    return masks[kinds]


def _read_refusals(plain: Customers, channels: Iterable[str]) -> dict[str, Bools]:
    chosen, parameter = among_ids("customer_id", plain.ids.tolist())
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT customer_id, channel FROM contacts_optout WHERE reopened_at IS NULL AND {chosen}", parameter
        )
        refusals: list[tuple[int, str]] = cursor.fetchall()
    return {
        channel: np.isin(plain.ids, [customer for customer, refused in refusals if refused in ("", channel)])
        for channel in channels
    }
