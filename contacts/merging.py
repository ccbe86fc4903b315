"""Records that turn out to be one person are merged, and taken apart again where that was wrong.

Only a pointer changes: every row stays with the record that it came for, so that a split returns each to its owner.
"""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from contacts.locking import lock_records
from contacts.models import Customer
from contacts.proposing import keep_apart, settle
from contacts.records import Record, records_of

BY_ITSELF = "cxsurvey-by-itself"
"""Whose name stands in the log for what nobody did; nobody can log in with it."""


class MergeError(ValueError):
    """Records that cannot be merged or taken apart like this; the text says why, and what to do instead."""


@transaction.atomic
def merge(*record_ids: int, into: int, at: datetime, by_id: int | None, why: str) -> None:
    """Make these records, with all that were merged into them, one person with the record `into`.

    From the commit on ledgers, opt-outs and wishes count together; what was reserved for both and is now too much is
    found at hand-over. If `into` was merged itself, the record that stands for that person stands for all. `by_id`
    (None: by itself) and `why` are kept in the admin's log. Raises MergeError for records that are one person already,
    and without a reason.
    """
    if not why.strip():
        raise MergeError("Say how you know that these records are one person: the next reader of the log will ask.")
    if into in record_ids:
        raise MergeError("A record cannot be merged into itself: choose another one.")
    records = {record.id: record for record in lock_records([*record_ids, into])}
    if unknown := {*record_ids, into} - records.keys():
        raise MergeError(f"There is no customer record {min(unknown)}: look the customer up again.")
    head = records[into].person_id
    if one := [record_id for record_id in record_ids if records[record_id].person_id == head]:
        raise MergeError(f"Records {one[0]} and {into} are one person already.")
    joining = [record.id for record in records.values() if record.person_id != head]
    Customer.objects.filter(pk__in=joining).update(merged_into=head, updated_at=at)
    settle(records_of([head]).values_list("pk", flat=True), at=at, by_id=by_id)
    _log(joining, f"Merged into customer {head}: {why.strip()}", at=at, by_id=by_id)


@transaction.atomic
def are_different(one: int, other: int, *, at: datetime, by_id: int) -> None:
    """Remember that two records are two persons'; they are not asked about again.

    Raises MergeError where they are one person already.
    """
    owners = {record.id: record.person_id for record in lock_records([one, other])}
    if owners[one] == owners[other]:
        raise MergeError(f"Records {one} and {other} are one person already. Take them apart on the customer's page.")
    keep_apart(one, [other], at=at, by_id=by_id)
    _log([one, other], f"Not the same person: customers {one} and {other}", at=at, by_id=by_id)


@transaction.atomic
def split(record_id: int, *, at: datetime, by_id: int) -> None:
    """Make a record that was merged a person of its own again, with the rows that came for it.

    It is remembered, so that the two are neither merged by themselves nor asked about again. A message that waits for
    one of the two at an address of the other is stopped at hand-over. Raises MergeError for a record that was not
    merged.
    """
    records = lock_records([record_id])
    merged = {record.id: record for record in records if record.id != record.person_id}
    if record_id not in merged:
        others = f" Take apart one of {_numbers(merged.values())} instead." if merged else ""
        raise MergeError(f"Record {record_id} was not merged into another one.{others}")
    Customer.objects.filter(pk=record_id).update(merged_into=None, updated_at=at)
    keep_apart(record_id, {record.id for record in records} - {record_id}, at=at, by_id=by_id)
    _log([record_id], f"Taken apart from customer {merged[record_id].person_id}", at=at, by_id=by_id)


def _numbers(records: Iterable[Record]) -> str:
    return ", ".join(str(record.id) for record in records)


def _log(record_ids: Iterable[int], message: str, *, at: datetime, by_id: int | None) -> None:
    """Keep in the admin's log what became of each record, by its id: a name would outlive its erasure there."""
    customers = ContentType.objects.get_for_model(Customer)
    LogEntry.objects.bulk_create(
        LogEntry(
            user_id=by_id or _nobody_id(),
            content_type=customers,
            object_id=str(record_id),
            object_repr=f"Customer {record_id}",
            action_flag=CHANGE,
            action_time=at,
            change_message=message,
        )
        for record_id in record_ids
    )


def _nobody_id() -> int:
    """Id of the user that stands in the log for what nobody did."""
    closed = {"is_active": False, "password": make_password(None)}
    user, _ = get_user_model().objects.get_or_create(username=BY_ITSELF, defaults=closed)
    return user.pk
