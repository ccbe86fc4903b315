"""Addresses that several persons have: the caps of a number and a no to an address hold for all of them."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce

from contacts.models import Identifier
from contacts.models.customers import PERSON
from contacts.models.words import Channel
from contacts.records import among, records_of

ADDRESS_TYPES = {
    Channel.EMAIL: Identifier.Type.EMAIL,
    Channel.SMS: Identifier.Type.PHONE,
    Channel.PHONE: Identifier.Type.PHONE,
}
"""What a message by each channel is addressed to."""
BY_NUMBER = frozenset(channel for channel, type_ in ADDRESS_TYPES.items() if type_ == Identifier.Type.PHONE)
"""The channels that reach a phone number."""


class Address(NamedTuple):
    """An email address or a phone number, whoever has it."""

    type: str
    value: str


@dataclass(frozen=True, slots=True)
class Sharing:
    """Of a number of persons: their addresses that are on other records too, who has each, and all records of these."""

    shared: Mapping[int, Collection[Address]]
    holders: Mapping[Address, Collection[int]]
    records: Mapping[int, Collection[int]]

    def others(self, person_id: int) -> Iterator[tuple[Address, int]]:
        """Each shared address of the person, with the id of each other person who has it."""
        for address in self.shared.get(person_id, ()):
            yield from ((address, holder) for holder in self.holders[address] if holder != person_id)

    def sharers(self, person_id: int) -> dict[str, dict[int, Collection[int]]]:
        """Phone number -> the records of each other person who has it too, by the id of that person."""
        found: dict[str, dict[int, Collection[int]]] = defaultdict(dict)
        for address, other in self.others(person_id):
            if address.type == Identifier.Type.PHONE:
                found[address.value][other] = self.records[other]
        return dict(found)


def addresses() -> QuerySet[Identifier]:
    """All that somebody can be contacted at."""
    return Identifier.objects.filter(type__in=set(ADDRESS_TYPES.values()), issuer="")


def on_another_record() -> Exists:
    """Whether another customer record has the address of an identifier too: one look into an index for each."""
    alike = Identifier.objects.filter(type=OuterRef("type"), issuer=OuterRef("issuer"), value=OuterRef("value"))
    return Exists(alike.exclude(customer=OuterRef("customer")))


def read_holders(shared: Collection[Address]) -> dict[Address, set[int]]:
    """Ids of the persons who have each of these addresses: one statement, or none for none."""
    holders: dict[Address, set[int]] = defaultdict(set)
    if shared:
        alike = addresses().filter(value__in={address.value for address in shared})
        for *address, person_id in alike.values_list("type", "value", PERSON):
            holders[Address(*address)].add(person_id)
    return holders


def read_sharing(shared: Mapping[int, Collection[Address]]) -> Sharing:
    """Who else has these addresses (person id -> those on other records too): two statements, or none for none."""
    holders = read_holders(set().union(*shared.values()))
    records: dict[int, list[int]] = defaultdict(list)
    if holders:
        everybody = records_of(set().union(*holders.values()))
        for record_id, person_id in everybody.values_list("pk", Coalesce("merged_into", "pk")):
            records[person_id].append(record_id)
    return Sharing(shared, holders, records)


def channels_refused(type_: str, opt_outs: Collection[str]) -> set[str]:
    """Which channels to an address of this type these opt-outs close; `all` closes every one of them."""
    channels = {channel.value for channel, addressed in ADDRESS_TYPES.items() if addressed == type_}
    return channels if "all" in opt_outs else channels.intersection(opt_outs)


def sharing_a_number(records: Collection[int]) -> set[int]:
    """Ids of all persons who have a phone number of these records: one statement, and one more where there are any."""
    own = Identifier.objects.filter(among("customer", records), type=Identifier.Type.PHONE, issuer="")
    shared = own.filter(on_another_record()).values_list("type", "value")
    return set().union(*read_holders({Address(*address) for address in shared}).values())
