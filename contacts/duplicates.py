"""Records that may be one person: those with the same address, and those that somebody looks for."""

from collections.abc import Collection
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from contacts.brands import visible_to
from contacts.identity import IdentityError, normalise_email, normalise_phone
from contacts.models import Customer, OptOut
from contacts.readers import EVERYTHING, Reader
from contacts.sharing import addresses

SHOWN = 20
"""So many records are named at most: behind a switchboard's number there can be thousands."""


@dataclass(frozen=True, slots=True)
class Lookalike:
    """A record of another person with the same `shared` kind of address (Email, Phone); `refuses` if it has a no."""

    customer: Customer
    shared: str
    refuses: bool


def lookalikes(records: Collection[int], reader: Reader = EVERYTHING) -> list[Lookalike]:
    """The records of others that have an address of these, of those that somebody may read, in one statement."""
    own = addresses().filter(customer__in=records).values("value")
    no = OptOut.objects.filter(customer=OuterRef("customer"), reopened_at=None)
    alike = addresses().filter(value__in=own).exclude(customer__in=records).annotate(refuses=Exists(no))
    found = visible_to(reader, alike).select_related("customer").order_by("type", "customer")[:SHOWN]
    return [Lookalike(identifier.customer, identifier.get_type_display(), identifier.refuses) for identifier in found]


def find_customers(text: str, besides: Collection[int], reader: Reader = EVERYTHING) -> list[Customer]:
    """Records that somebody may read, by id, a part of the name, or an address in any form; none of those `besides`."""
    text = text.strip()
    if not text:
        return []
    named = Q(external_id__iexact=text) | Q(name__icontains=text)
    addressed = Q(pk__in=addresses().filter(value__in=_as_addresses(text)).values("customer"))
    found = visible_to(reader, Customer.objects.filter(named | addressed).exclude(pk__in=besides))
    return list(found.prefetch_related("identifiers").order_by("name", "pk")[:SHOWN])


def _as_addresses(text: str) -> list[str]:
    """What the text is as an email address and as a phone number, where it is one."""
    found = []
    for normalise in (normalise_email, lambda text: normalise_phone(text, settings.DEFAULT_PHONE_REGION)):
        try:
            found.append(normalise(text))
        except IdentityError:
            continue
    return found
