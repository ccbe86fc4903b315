"""Take out of this room's tables all that says who somebody is, and keep her in peace afterwards.

A record is emptied and not deleted: contacts and decisions hold ids only, so that what we did can still be accounted
for, and no longer says to whom. An opt-out outlives it as keyed hashes of the addresses and ids, because a no that is
forgotten would be broken by the next import (GDPR, articles 17(3)(b) and 21(3); recital 65).
"""

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from django.conf import settings
from django.db.models import F, Q

from contacts import import_files
from contacts.models import (
    Account,
    Appointment,
    ConsentEvent,
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
from contacts.models.words import OURS
from contacts.traces import NOWHERE, Traces

NOT_KNOWN_ANY_MORE = "Erased."
ERASED, FORGOTTEN = "customer", "forgotten"
"""As what the id of a customer is hashed who wished it, and of one of whom nothing was heard for long."""


def erase(records: Collection[int], found_by: Traces, *, at: datetime, as_: str = ERASED) -> None:
    """Empty all records of a locked person; what is left says neither who it was nor what she said.

    `as_`: how the ids are remembered (`remember`).
    """
    remember(records, as_=as_)
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
    accounts = set(Customer.objects.filter(pk__in=records).exclude(account=None).values_list("account", flat=True))
    for record in records:
        _empty_record(record, at)
    ConsentEvent.objects.filter(customer__in=records).delete()  # the database lets it go only now
    Account.objects.filter(pk__in=accounts, customers=None).delete()  # of nobody else: it says who she was


def hashed(*parts: str) -> str:
    """Return the keyed hash of an address (type, value) or of an id (`ERASED` or `FORGOTTEN`, source, external id)."""
    text = "\0".join(parts)
    return hmac.digest(settings.ERASURE_KEY.encode(), text.encode(), hashlib.sha256).hex()


def are_erased(source: str, external_ids: Iterable[str]) -> set[str]:
    """Return those customer ids of a source whose customer had everything erased, and count that they came again."""
    if not Erased.objects.exists():
        return set()
    by_hash = {hashed("customer", source, key): key for key in external_ids}
    return {by_hash[found] for found in _came_again(by_hash)}


def stay_in_peace(customer_ids: Collection[int], *, at: datetime) -> None:
    """Close channels to the customers who come in anew with the address of somebody who said no and was erased.

    Each channel that she closed, by the word that she gave then.
    """
    if not customer_ids or not Erased.objects.exists():
        return
    addresses = Identifier.objects.filter(customer__in=customer_ids, issuer="").values_list("customer", "type", "value")
    by_hash: dict[str, set[int]] = defaultdict(set)
    for customer, type_, value in addresses:
        by_hash[hashed(type_, value)].add(customer)
    for customer, source, key in Customer.objects.filter(pk__in=customer_ids).values_list(
        "pk", "source", "external_id"
    ):
        by_hash[hashed(FORGOTTEN, source, key)].add(customer)
    found = Erased.objects.filter(hash__in=_came_again(by_hash)).order_by("-at")
    said = {(customer, one.channel): one for one in found for customer in by_hash[one.hash]}
    # Who took it back meanwhile, by her own word, has a row of it.
    known = OptOut.objects.filter(customer__in=customer_ids).values_list("customer", "channel")
    new = sorted(said.keys() - set(known))
    refusals = [
        OptOut(customer_id=pk, channel=channel, at=said[pk, channel].at, via=said[pk, channel].via)
        for pk, channel in new
    ]
    OptOut.objects.bulk_create(refusals, ignore_conflicts=True)
    ConsentEvent.objects.bulk_create(
        ConsentEvent(
            customer_id=no.customer_id,
            said=ConsentEvent.Said.OPT_OUT,
            channel=no.channel,
            at=no.at,
            recorded_at=at,
            via=no.via,
            evidence="hash of an address that was erased",
        )
        for no in refusals
    )


def remember(records: Collection[int], *, as_: str = ERASED) -> None:
    """Keep every no that stands on these records, as hashes of every address and every id.

    `as_` is what is remembered of the ids: `ERASED` ones are refused for good, `FORGOTTEN` ones may come again.
    """
    addresses = Identifier.objects.filter(customer__in=records, issuer="").values_list("type", "value")
    ids = Customer.objects.filter(pk__in=records, erased_at=None).values_list("source", "external_id")
    hashes = sorted({hashed(*address) for address in addresses} | {hashed(as_, *own) for own in ids})
    standing = OptOut.objects.filter(customer__in=records, reopened_at=None).order_by("at")
    Erased.objects.bulk_create(
        [Erased(hash=one, channel=no.channel, at=no.at, via=no.via) for no in standing for one in hashes],
        ignore_conflicts=True,
    )


def _came_again(hashes: Iterable[str]) -> list[str]:
    """Which of these hashes are known; that a row with them came in is counted."""
    found = list(Erased.objects.filter(hash__in=hashes).values_list("hash", flat=True).distinct())
    Erased.objects.filter(hash__in=found).update(came_again=F("came_again") + 1)
    return found


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
    """Let go of uploads that wait with her in them, of rejected rows that name her, and of files called after her."""
    if found_by == NOWHERE:
        return
    import_files.forget_person(found_by, at)
    for run in ImportRun.objects.only("rejects", "file_name", "taken_from", "problem").iterator():
        kept = [reject for reject in run.rejects if not found_by.are_in(str(reject.get("value", "")))]
        is_named = found_by.are_in(run.file_name) or found_by.are_in(run.file_name.rpartition(".")[0])
        if found_by.are_mentioned_in(run.problem):
            ImportRun.objects.filter(pk=run.pk).update(problem=NOT_KNOWN_ANY_MORE)
        if len(kept) < len(run.rejects) or is_named:
            run.rejects = kept
            run.file_name = NOT_KNOWN_ANY_MORE if is_named else run.file_name
            run.taken_from = "" if is_named else run.taken_from
            run.save(update_fields=["rejects", "file_name", "taken_from"])


def _forget_events(records: Collection[int], found_by: Traces) -> None:
    """Let go of all that other systems sent about her: under her id, from her devices, or with an address of hers."""
    hers = Q(customer__in=records)
    for source, user in Customer.objects.filter(pk__in=records).values_list("source", "external_id"):
        hers |= Q(source__name=source, user_id=user)
    devices = Identifier.objects.filter(customer__in=records, type=Identifier.Type.EXTERNAL)
    for of_source, device in devices.values_list("issuer", "value"):
        hers |= Q(source__name=of_source.removesuffix(DEVICE), user_id="", anonymous_id=device)
    Event.objects.filter(hers).delete()
    found_by.rows_with(Event.objects.filter(customer=None), "body").delete()
