"""What the rules have to know of a person: addresses, words, zone; read in bulk."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from contacts import frequency
from contacts.arms import NOBODY, QUIET, Arm, Arms
from contacts.frequency.hours import Week
from contacts.frequency.zones import is_zone
from contacts.lines import Line
from contacts.locking import lock_records
from contacts.models import Identifier, Wish
from contacts.records import Record, read_records
from contacts.sharing import (
    ADDRESS_TYPES,
    CHANNELS_TO,
    Address,
    addresses,
    channels_refused,
    holders_elsewhere,
    unfit_line,
)
from contacts.standing import APPOINTMENT, OPT_OUT, OVERRIDE, Standing, read_standing

__all__ = ["ADDRESS_TYPES", "Person", "Record", "lock_records", "read_persons", "read_records"]


class Words(NamedTuple):
    """What a person asked of us, and what was agreed on, on all records; of several wishes the strictest holds.

    `opt_outs`: channels or `all`, also what others said no to at an address of the person. `preferred`: a channel or
    empty; the one asked for last. `leaves`: overrides, appointments.
    """

    opt_outs: frozenset[str] = frozenset()
    pause_until: datetime | None = None
    once_in_days: int | None = None
    preferred: str = ""
    preferred_hours: tuple[Week, ...] = ()
    leaves: tuple[Standing, ...] = ()


NOTHING = Words()

Shared = Mapping[Address, Collection[int]]
"""A person's addresses that others have too -> ids of these persons."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person as the gate sees one: `records` are all customer records that are theirs.

    `addresses`: channel -> the open address seen last. `preferred` is a channel or empty. `sharers`: phone number ->
    ids of the other persons who have it too. `leaves`: overrides, appointments. `arm`: what was drawn for the person.
    `unfit`: channel -> what the open number seen last is, where the person has none that takes the channel.
    """

    id: int
    records: tuple[int, ...]
    account_ids: frozenset[int]
    facts: frequency.Customer
    addresses: Mapping[str, Identifier]
    preferred: str
    sharers: Mapping[str, Collection[int]]
    leaves: tuple[Standing, ...] = ()
    arm: Arm = Arm.USUAL
    unfit: Mapping[str, Line] = field(default_factory=dict)

    def drawn_for(self, arms: Arms) -> "Person":
        """The person with the arm that was drawn."""
        arm = arms.of_person(self.records)
        if arm == Arm.USUAL:
            return self
        quiet = QUIET if arm == Arm.HELD_OUT else None
        return replace(self, arm=arm, facts=replace(self.facts, quiet=quiet))

    def reached_at(self, channel: str, address: Identifier | None) -> "Person":
        """The person as reached by this channel at this address only; at none if it is not theirs (any more)."""
        own = address if address and address.customer_id in self.records else None
        usable = {channel: own} if own and own.closed_at is None and not unfit_line(own.value, channel) else {}
        closed = frozenset({channel}) if own and own.closed_at else frozenset()
        return replace(self, addresses=usable, facts=replace(self.facts, closed=closed))


def read_persons(records: Sequence[Record], arms: Arms = NOBODY) -> dict[int, Person]:
    """Record id -> the person that it belongs to; `records` hold all records of each. Two statements.

    `arms`: what was drawn for whom; needed where the rules decide about them.
    """
    owners = {record.id: record.person_id for record in records}
    together: dict[int, list[Record]] = defaultdict(list)
    for record in sorted(records, key=lambda record: (record.id != record.person_id, record.id)):
        together[record.person_id].append(record)
    identifiers, sharing = _identifiers(owners)
    words = _words(owners, sharing)
    persons = {
        id_: _person(own, identifiers[id_], words.get(id_, NOTHING), sharing.get(id_, {})).drawn_for(arms)
        for id_, own in together.items()
    }
    return {record_id: persons[person_id] for record_id, person_id in owners.items()}


def _identifiers(owners: Mapping[int, int]) -> tuple[dict[int, list[Identifier]], dict[int, Shared]]:
    """Person id -> addresses, the one seen last at the end; and person id -> those that others have too."""
    found: dict[int, list[Identifier]] = defaultdict(list)
    sharing: dict[int, dict[Address, set[int]]] = defaultdict(dict)
    own = addresses().filter(customer_id__in=owners.keys()).annotate(elsewhere=holders_elsewhere())
    needed = own.only("customer_id", "type", "value", "closed_at").order_by("last_seen_at", "pk")
    for identifier in needed:
        person_id = owners[identifier.customer_id]
        found[person_id].append(identifier)
        if others := {*(identifier.elsewhere or ())} - {person_id}:
            sharing[person_id][Address(identifier.type, identifier.value)] = others
    return found, dict(sharing)


def _words(owners: Mapping[int, int], sharing: Mapping[int, Shared]) -> dict[int, Words]:
    """Person id -> what they asked of us, for those who did, or who share an address with somebody who said no."""
    others = {other for shared in sharing.values() for holders in shared.values() for other in holders}
    spoken: dict[int, list[Standing]] = defaultdict(list)
    for id_, word in read_standing(own=owners.keys(), others=others.difference(owners.values())):
        spoken[owners.get(id_, id_)].append(word)
    words = {}
    for person_id in {*owners.values()} & {*spoken, *sharing}:
        refused = _refused(spoken[person_id])
        for address, holders in sharing.get(person_id, {}).items():
            for other in holders:
                refused |= channels_refused(address.type, _refused(spoken[other]))
        if refused or spoken[person_id]:
            words[person_id] = _all_together(refused, spoken[person_id])
    return words


def _refused(words: Iterable[Standing]) -> set[str]:
    return {word.channel or "all" for word in words if word.kind == OPT_OUT}


def _all_together(refused: Collection[str], words: Sequence[Standing]) -> Words:
    preferences = [word for word in words if word.kind == Wish.Kind.CHANNEL]
    return Words(
        opt_outs=frozenset(refused),
        pause_until=max((word.until for word in words if word.kind == Wish.Kind.PAUSE and word.until), default=None),
        once_in_days=max((word.days for word in words if word.days), default=None),
        preferred=max(preferences, key=lambda word: word.since).channel if preferences else "",
        preferred_hours=tuple(frequency.parse_wish(word.hours) for word in words if word.hours),
        leaves=tuple(word for word in words if word.kind in (APPOINTMENT, OVERRIDE)),
    )


def _person(own: Sequence[Record], identifiers: Sequence[Identifier], words: Words, shared: Shared) -> Person:
    """One person of its records, the one that stands for all first."""
    ways = _ways(identifiers)
    facts = frequency.Customer(
        id=str(own[0].id),
        timezone=next((record.time_zone for record in own if is_zone(record.time_zone)), None),
        country=next((record.country for record in own if record.country), None),
        phone=ways.number,
        opt_outs=words.opt_outs,
        pause_until=words.pause_until,
        once_in_days=words.once_in_days,
        preferred_hours=words.preferred_hours,
        closed=ways.closed,
    )
    return Person(
        id=own[0].id,
        records=tuple(record.id for record in own),
        account_ids=frozenset(record.account_id for record in own if record.account_id),
        facts=facts,
        addresses=ways.addresses,
        preferred=words.preferred,
        sharers={address.value: others for address, others in shared.items() if address.type == Identifier.Type.PHONE},
        leaves=words.leaves,
        unfit=ways.unfit,
    )


class Ways(NamedTuple):
    """How a person can be reached; `closed`: the channels for which all addresses are closed.

    `addresses` and `unfit` as in `Person`. `number`: the open one seen last, whatever it takes; its zones are hers.
    """

    addresses: Mapping[str, Identifier]
    closed: frozenset[str]
    unfit: Mapping[str, Line]
    number: str | None


def _ways(identifiers: Iterable[Identifier]) -> Ways:
    """The ways to somebody with these addresses, the one seen last at the end."""
    found: dict[str, Identifier] = {}
    fit, unfit, number = set(), {}, None
    for identifier in identifiers:
        is_open = identifier.closed_at is None
        for channel in CHANNELS_TO[identifier.type]:
            line = unfit_line(identifier.value, channel)
            if line is None:
                fit.add(channel)
            if is_open and line:
                unfit[channel] = line
            elif is_open:
                found[channel] = identifier
        if is_open and identifier.type == Identifier.Type.PHONE:
            number = identifier.value
    unfit = {channel: line for channel, line in unfit.items() if channel not in fit}
    return Ways(found, frozenset(fit - found.keys()), unfit, number)
