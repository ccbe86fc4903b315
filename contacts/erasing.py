"""Take out of this room's tables all that says who somebody is, and keep her in peace afterwards.

A record is emptied and not deleted: contacts and decisions hold ids only, so that what we did can still be accounted
for, and no longer says to whom. An opt-out outlives it as keyed hashes of the addresses and ids, because a no that is
forgotten would be broken by the next import (GDPR, articles 17(3)(b) and 21(3); recital 65).
"""

import hashlib
import hmac
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Q, TextField
from django.db.models.functions import Cast

from contacts import import_files
from contacts.models import (
    Appointment,
    Contact,
    Customer,
    Erased,
    Event,
    Identifier,
    ImportRun,
    OptOut,
    Override,
    Proposal,
    Touchpoint,
    Wish,
)
from contacts.models.events import DEVICE
from contacts.models.words import OURS, Via
from contacts.sharing import ADDRESS_TYPES

NOT_KNOWN_ANY_MORE = "Erased."


@dataclass(frozen=True, slots=True)
class Traces:
    """By what a person is found in texts that belong to nobody: `addresses` anywhere in them, `names` as a whole."""

    addresses: frozenset[str]
    names: frozenset[str]

    def are_in(self, text: str) -> bool:
        """Whether a text is one of the names or holds one of the addresses."""
        text = text.strip().casefold()
        return text in self.names or any(address in text for address in self.addresses)


def traces(records: Collection[int]) -> Traces:
    """Return by what the person with these records can be found. Two statements."""
    identifiers = Identifier.objects.filter(customer__in=records).values_list("type", "value")
    people = Customer.objects.filter(pk__in=records, erased_at=None).values_list("name", "external_id")
    addresses = {value.casefold() for type_, value in identifiers if type_ in ADDRESS_TYPES.values()}
    own_ids = {value.casefold() for _, value in identifiers}
    names = {text.casefold() for texts in people for text in texts if text}
    return Traces(frozenset(addresses), frozenset(names | own_ids - addresses))


def erase(records: Collection[int], found_by: Traces, *, at: datetime) -> None:
    """Empty all records of a locked person; what is left says neither who it was nor what she said."""
    _remember(records, at)
    _forget_imports(found_by, at)
    _forget_events(records, found_by)
    Proposal.objects.filter(Q(first__in=records) | Q(second__in=records)).delete()
    Wish.objects.filter(customer__in=records).delete()
    OptOut.objects.filter(customer__in=records).update(wording="")
    Override.objects.filter(customer__in=records).update(reason=NOT_KNOWN_ANY_MORE)
    open_appointments = Appointment.objects.filter(customer__in=records, state=Appointment.State.OPEN)
    open_appointments.update(state=Appointment.State.CANCELLED, updated_at=at)
    Contact.objects.filter(customer__in=records).exclude(source=OURS).update(external_id="", updated_at=at)
    Identifier.objects.filter(customer__in=records).delete()
    for touchpoint in Touchpoint.objects.filter(customer__in=records).only("pk"):
        _empty_touchpoint(touchpoint.pk, at)
    for record in records:
        _empty_record(record, at)


def hashed(*parts: str) -> str:
    """Return the keyed hash of an address (type, value) or of an id (`customer`, source, external id)."""
    text = "\0".join(parts)
    return hmac.digest(settings.ERASURE_KEY.encode(), text.encode(), hashlib.sha256).hex()


def are_erased(source: str, external_ids: Iterable[str]) -> set[str]:
    """Return those customer ids of a source whose customer had everything erased."""
    if not Erased.objects.exists():
        return set()
    by_hash = {hashed("customer", source, key): key for key in external_ids}
    return {by_hash[found] for found in Erased.objects.filter(hash__in=by_hash).values_list("hash", flat=True)}


def stay_in_peace(customer_ids: Collection[int], *, at: datetime) -> None:
    """Close every channel to the customers who come in anew with the address of somebody who had everything erased."""
    if not customer_ids or not Erased.objects.exists():
        return
    addresses = Identifier.objects.filter(customer__in=customer_ids, issuer="").values_list("customer", "type", "value")
    by_hash = {hashed(type_, value): customer for customer, type_, value in addresses}
    found = {by_hash[one] for one in Erased.objects.filter(hash__in=by_hash).values_list("hash", flat=True)}
    # Who took it back meanwhile, by her own word, has a row of it.
    found -= set(OptOut.objects.filter(customer__in=found, channel="").values_list("customer", flat=True))
    refusals = [OptOut(customer_id=pk, channel="", at=at, via=Via.LINK) for pk in sorted(found)]
    OptOut.objects.bulk_create(refusals, ignore_conflicts=True)


def _remember(records: Collection[int], at: datetime) -> None:
    """Keep the hashes of every address and every id."""
    addresses = Identifier.objects.filter(customer__in=records, issuer="").values_list("type", "value")
    ids = Customer.objects.filter(pk__in=records).values_list("source", "external_id")
    ids = ids.filter(erased_at=None)
    hashes = {hashed(*address) for address in addresses} | {hashed("customer", *own) for own in ids}
    Erased.objects.bulk_create([Erased(hash=one, at=at) for one in sorted(hashes)], ignore_conflicts=True)


def _empty_record(record: int, at: datetime) -> None:
    Customer.objects.filter(pk=record).update(
        external_id=f"erased {record}",
        account=None,
        name="",
        time_zone="",
        language="",
        country="",
        value=None,
        attributes={},
        erased_at=at,
        updated_at=at,
    )


def _empty_touchpoint(touchpoint: int, at: datetime) -> None:
    """Leave what, where, when and by which team: what it tells about us."""
    Touchpoint.objects.filter(pk=touchpoint).update(
        external_id=f"erased {touchpoint}",
        product="",
        reference="",
        outcome="",
        value=None,
        attributes={},
        updated_at=at,
    )


def _forget_imports(found_by: Traces, at: datetime) -> None:
    """Let go of uploads that wait with her in them, and of rejected rows that name her."""
    import_files.forget_person(_all(found_by), at)
    for run in ImportRun.objects.exclude(rejects=[]):
        kept = [reject for reject in run.rejects if not found_by.are_in(str(reject.get("value", "")))]
        if len(kept) < len(run.rejects):
            run.rejects = kept
            run.save(update_fields=["rejects"])


def _forget_events(records: Collection[int], found_by: Traces) -> None:
    """Let go of all that other systems sent about her: under her id, from her devices, or with an address of hers."""
    hers = Q(customer__in=records)
    for source, user in Customer.objects.filter(pk__in=records).values_list("source", "external_id"):
        hers |= Q(source__name=source, user_id=user)
    devices = Identifier.objects.filter(customer__in=records, type=Identifier.Type.EXTERNAL)
    for of_source, device in devices.values_list("issuer", "value"):
        hers |= Q(source__name=of_source.removesuffix(DEVICE), user_id="", anonymous_id=device)
    Event.objects.filter(hers).delete()
    of_nobody = Event.objects.filter(customer=None).annotate(text=Cast("body", TextField()))
    for address in found_by.addresses:
        of_nobody.filter(text__icontains=address).delete()


def _all(found_by: Traces) -> Iterable[str]:
    return (*found_by.addresses, *found_by.names)
