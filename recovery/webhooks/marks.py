"""How far looking for events has come, so that nothing is missed that a long transaction commits late.

A row says when it was written, and its id when it was begun; neither says when it became visible. So a mark moves in
two steps. The instants and ids of now are noted as the next ones, with the transaction that will be begun next; they
become the seen ones once every transaction before that one is over (PostgreSQL, "Transaction ID and Snapshot
Information Functions"). On SQLite nobody writes beside us. What lies beyond the mark is looked at in each pass, and
made into events where there is none.
"""

from datetime import datetime, timedelta

from django.db.models import Max

from contacts.models import OptOut
from contacts.writers import in_flight
from recovery.models import WebhookMark
from surveys.models import Response

SLACK = timedelta(minutes=15)
"""How long before it writes for the first time a job or a request may have read the clock: jobs end after five."""


def begin(at: datetime) -> None:
    """Look for events from now on, where nobody does so far; what is older is not told."""
    response, opt_out = _newest()
    told = {"seen_at": at, "seen_response": response, "seen_opt_out": opt_out}
    following = {"next_at": at, "next_response": response, "next_opt_out": opt_out}
    WebhookMark.objects.get_or_create(pk=1, defaults={**told, **following, "next_transaction": in_flight().following})


def lock() -> WebhookMark | None:
    """Return the mark, locked: one looks after another. None where nobody is told of anything."""
    return WebhookMark.objects.select_for_update().first()


def move(mark: WebhookMark, at: datetime) -> None:
    """Let the mark follow, after all beyond it was looked at in this transaction."""
    over, following = in_flight()
    if mark.next_transaction <= over:
        mark.seen_at = max(mark.seen_at, mark.next_at)
        mark.seen_response, mark.seen_opt_out = mark.next_response, mark.next_opt_out
    elif mark.next_transaction <= following:  # else it is of a server that this database was restored from
        return
    mark.next_response, mark.next_opt_out = _newest()
    mark.next_at, mark.next_transaction = at - SLACK, following


def _newest() -> tuple[int, int]:
    response = Response.objects.aggregate(newest=Max("pk"))["newest"]
    opt_out = OptOut.objects.aggregate(newest=Max("pk"))["newest"]
    return response or 0, opt_out or 0
