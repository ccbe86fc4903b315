"""What several records have in common: an open address, or that one names the id of the other. Read in lots."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef

from contacts.models import Customer, Identifier, Proposal
from contacts.models.events import DEVICE
from contacts.sharing import addresses, on_another_record

Type, Why = Identifier.Type, Proposal.Why
WHY = {Type.EMAIL.value: Why.EMAIL, Type.PHONE.value: Why.PHONE}


@dataclass(frozen=True, slots=True)
class Common:
    """Something that records have: why they may be one person; record -> whether it was shown to be this one's."""

    why: Proposal.Why
    holders: dict[int, bool] = field(default_factory=dict)


def of_identifiers(ids: Collection[int]) -> list[Common]:
    """Return what the records with these identifiers have in common with others by them."""
    shared = addresses().filter(pk__in=ids, closed_at=None).filter(on_another_record())
    named = Identifier.objects.filter(pk__in=ids, type=Type.EXTERNAL, closed_at=None).exclude(issuer="")
    named = named.exclude(issuer__endswith=DEVICE)
    return [
        *_with_addresses(set(shared.values_list("type", "value"))),
        *_with_ids(set(named.values_list("issuer", "value"))),
    ]


def of_customers(ids: Collection[int]) -> list[Common]:
    """Return what these records have in common with others that named their ids before they came."""
    naming = Identifier.objects.filter(type=Type.EXTERNAL, issuer=OuterRef("source"), value=OuterRef("external_id"))
    named = Customer.objects.filter(pk__in=ids).filter(Exists(naming))
    return _with_ids(set(named.values_list("source", "external_id")))


def _with_addresses(wanted: Collection[tuple[str, str]]) -> list[Common]:
    having = addresses().filter(closed_at=None, value__in={value for _, value in wanted})
    found: dict[tuple[str, str], Common] = {}
    for type_, value, customer, verified in having.values_list("type", "value", "customer", "verified_at"):
        if (type_, value) in wanted:
            found.setdefault((type_, value), Common(WHY[type_])).holders[customer] = verified is not None
    return _of_several(found.values())


def _with_ids(wanted: Collection[tuple[str, str]]) -> list[Common]:
    """Records that name an id, and the record whose id it is, which nobody has to show."""
    issuers, values = {issuer for issuer, _ in wanted}, {value for _, value in wanted}
    naming = Identifier.objects.filter(type=Type.EXTERNAL, closed_at=None, value__in=values, issuer__in=issuers)
    named = Customer.objects.filter(source__in=issuers, external_id__in=values)
    found: dict[tuple[str, str], Common] = defaultdict(lambda: Common(Why.ID))
    for issuer, value, customer, verified in naming.values_list("issuer", "value", "customer", "verified_at"):
        found[issuer, value].holders[customer] = verified is not None
    for source, external_id, customer in named.values_list("source", "external_id", "pk"):
        found[source, external_id].holders[customer] = True
    return _of_several(common for key, common in found.items() if key in wanted)


def _of_several(found: Iterable[Common]) -> list[Common]:
    return [common for common in found if len(common.holders) > 1]
