"""Erase all that is known of a person, in every room at once: the only way it is done."""

from datetime import datetime

from django.db import connection, transaction
from django_q.models import Task

from analytics import erasing as of_analytics
from analytics.models import ReportMail
from contacts import consent, refusals
from contacts import erasing as of_contacts
from contacts.models import Customer, ErasureDue
from contacts.persons import lock_records, read_records
from contacts.traces import NOWHERE, Traces, traces
from cxsurvey import exports, import_folder
from cxsurvey.models import ExportRun
from recovery import erasing as of_recovery
from surveys import erasing as of_surveys

PATIENCE = 500
"""Milliseconds that the customer who erases herself waits for readers of SQLite's log of changes."""


@transaction.atomic
def erase(customer_id: int, *, at: datetime, via: str) -> None:
    """Empty every row about the person behind a customer record, and never contact her again.

    `via`: how the wish reached us. What is left: that somebody was asked, when and what was decided, and the numbers
    of the answers, none of which says who it was; and the hashes by which she stays in peace. Safe to repeat.
    """
    consent.opt_out(customer_id, "", at=at, via=via)  # holds the person locked
    records = [record.id for record in read_records([customer_id])]
    for known in Customer.objects.filter(pk__in=records, erased_at=None).values_list("pk", flat=True):
        refusals.note(known, refusals.ERASED, "", at=at, via=via)
    found_by = traces(records)
    of_recovery.erase(records, at=at)
    of_analytics.erase(records)
    of_surveys.erase(records, found_by, at=at)
    of_contacts.erase(records, found_by, at=at)
    exports.withdraw_files()
    import_folder.forget_person(found_by)
    _forget_failures(found_by)
    transaction.on_commit(overwrite)


@transaction.atomic
def forget(customer_id: int, *, at: datetime) -> None:
    """Empty every row about a person who did not wish it, because she was not heard of for long.

    She may come again; what she said no to then holds again. She is not looked for in files and raw calls, which are
    kept for a shorter time than that.
    """
    records = [record.id for record in lock_records([customer_id])]
    of_recovery.erase(records, at=at)
    of_analytics.erase(records)
    of_surveys.erase(records, NOWHERE, at=at)
    of_contacts.erase(records, NOWHERE, at=at, as_=of_contacts.FORGOTTEN)


def erase_again(at: datetime) -> int:
    """Erase whom a restored backup brought back though she had everything erased; return how many."""
    due = list(ErasureDue.objects.order_by("pk"))
    for one in due:
        with transaction.atomic():
            erase(one.customer_id, at=at, via=one.via)
            one.delete()
    return len(due)


def overwrite() -> None:
    """Leave nothing of what was erased in SQLite's log of changes; where a reader is in the way, the night does it.

    In the file itself deleted content is overwritten at once (`secure_delete`), but for what `write_anew` is there for;
    PostgreSQL does it by vacuuming. Belongs behind a commit.
    """
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        [usual] = cursor.execute("PRAGMA busy_timeout").fetchone()
        cursor.execute(f"PRAGMA busy_timeout = {PATIENCE}")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        cursor.execute(f"PRAGMA busy_timeout = {usual}")


def write_anew() -> None:
    """Leave nothing of what was erased in SQLite's file either, whose indexes keep some keys that moved.

    Others wait with what they write, a second for each 150 MB: for the night, behind a commit.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM")
        overwrite()


def _forget_failures(found_by: Traces) -> None:
    """Let go of what is remembered of jobs and mails that failed over her: their errors may say over what."""
    for task in Task.objects.filter(success=False):
        if found_by.are_mentioned_in(str(task.result)):
            task.delete()
    for table, told in ((ExportRun, "problem"), (ReportMail, "detail")):
        for pk, problem in table.objects.exclude(**{told: ""}).values_list("pk", told):
            if found_by.are_mentioned_in(problem):
                table.objects.filter(pk=pk).update(**{told: of_contacts.NOT_KNOWN_ANY_MORE})
