"""What became of attempts -> their invitations, and their places in the ledger."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from contacts import consent, gate
from contacts.copying import among_ids, given, stored
from contacts.models.words import Via
from contacts.proof import Proof
from surveys import allowances
from surveys.channels.base import ChannelError, Fate, FateUnknownError
from surveys.claiming import claimed
from surveys.delivery_report import DeliveryReport
from surveys.fates import Note, note
from surveys.models import Attempt, Invitation

LEASE = timedelta(minutes=10)
"""How long a claim may go without an outcome before its fate counts as unknown."""

State = Invitation.State


@transaction.atomic
def record(fates: Sequence[tuple[Attempt, Fate]], at: datetime) -> DeliveryReport:
    """Note what became of attempts, in their invitations and in the ledger."""
    report = DeliveryReport()
    notes: dict[Note, list[Attempt]] = defaultdict(list)
    for attempt, fate in fates:
        if isinstance(fate, ChannelError) and fate.busy_for:
            allowances.close(attempt.gateway, at + fate.busy_for, at)
        notes[note(fate, attempt.number)].append(attempt)
    for told, attempts in notes.items():
        _write(told, attempts, at)
        figures: dict[str, Any] = {told.counted: len(attempts)}
        report += DeliveryReport(**figures)
    for attempt, fate in fates:
        if isinstance(fate, ChannelError) and fate.opted_out:
            proof = Proof(evidence=f"answer of the gateway to attempt {attempt.pk}")
            consent.opt_out(attempt.invitation.customer_id, attempt.channel, at=at, via=Via.REPLY, proof=proof)
    return report


@transaction.atomic
def settle_expired_claims(at: datetime) -> int:
    """See to what was claimed longer than the lease before `at` and never recorded.

    What was being handed over becomes unknown, what was not started is planned again. Returns how many became unknown.
    """
    held = Invitation.objects.filter(state=State.CLAIMED, claimed_at__lt=at - LEASE)
    expired = list(held.select_for_update(skip_locked=True).order_by("pk"))
    lost = list(Attempt.objects.filter(invitation__in=expired, outcome=Attempt.Outcome.STARTED))
    _write(note(FateUnknownError("The worker stopped before it noted the outcome."), 1), lost, at)
    started = {attempt.invitation_id for attempt in lost}
    unstarted = [invitation for invitation in expired if invitation.pk not in started]
    claimed([invitation.pk for invitation in unstarted]).update(state=State.PLANNED)
    gate.take_back([invitation.contact_id for invitation in unstarted], at=at)
    return len(lost)


def _write(told: Note, attempts: Sequence[Attempt], at: datetime) -> None:
    """Write the same note for attempts, as SQL: for most messages this is all that is done after their call.

    An invitation that became unknown meanwhile is not unknown any more; one that was claimed anew is left as it is.
    """
    if not attempts:
        return
    # Invitations are locked before their attempts, as everywhere: whoever settles and whoever records may meet.
    contact_ids = _write_invitations(told, attempts, at)
    among, ids = among_ids("id", [attempt.pk for attempt in attempts])
    found = [told.attempt, told.reference, told.detail, stored(at)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE surveys_attempt SET outcome = %s, reference = %s, detail = %s, ended_at = %s WHERE {among}",
            [*found, *ids],
        )
    if told.ledger:
        gate.settle_all(contact_ids, told.ledger, at=at)
    else:
        gate.take_back(contact_ids, at=at)


def _write_invitations(told: Note, attempts: Sequence[Attempt], at: datetime) -> list[int]:
    """Write the note for the invitations that still stand as these attempts left them; return their places."""
    fields: dict[str, str] = {"state": told.state, "state_reason": told.detail[:200]}
    fields |= {"sent_at": stored(at)} if told.state == State.SENT else {}
    fields |= {"due_at": stored(at + told.wait)} if told.wait else {}
    changes = ", ".join(f"{name} = %s" for name in fields)
    table, started = given(
        started_id=[attempt.invitation_id for attempt in attempts],
        started_at=[stored(attempt.started_at) for attempt in attempts],
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE surveys_invitation SET {changes} FROM {table} WHERE id = started_id AND claimed_at = started_at "
            "AND state IN (%s, %s) RETURNING contact_id",
            [*fields.values(), *started, State.CLAIMED.value, State.UNKNOWN.value],
        )
        return [contact_id for (contact_id,) in cursor.fetchall()]
