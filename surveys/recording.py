"""What became of attempts -> their invitations, and their places in the ledger."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from contacts import consent, gate
from contacts.models.words import Via
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
            consent.opt_out(attempt.invitation.customer_id, attempt.channel, at=at, via=Via.REPLY)
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
    """Write the same note for attempts.

    An invitation that became unknown meanwhile is not unknown any more; one that was claimed anew is left as it is.
    """
    started = {attempt.invitation_id: attempt.started_at for attempt in attempts}
    open_ = Invitation.objects.filter(pk__in=started, state__in=[State.CLAIMED, State.UNKNOWN]).select_for_update()
    rows = open_.order_by("pk").values_list("pk", "contact", "claimed_at")
    contacts = {pk: contact for pk, contact, claimed_at in rows if claimed_at == started[pk]}
    # Invitations are locked before their attempts, as everywhere: whoever settles and whoever records may meet.
    Attempt.objects.filter(pk__in=[attempt.pk for attempt in attempts]).update(
        outcome=told.attempt, reference=told.reference, detail=told.detail, ended_at=at
    )
    fields: dict[str, object] = {"state": told.state, "state_reason": told.detail[:200]}
    fields |= {"sent_at": at} if told.state == State.SENT else {}
    fields |= {"due_at": at + told.wait} if told.wait else {}
    Invitation.objects.filter(pk__in=contacts).update(**fields)
    if told.ledger:
        gate.settle_all(contacts.values(), told.ledger, at=at)
    else:
        gate.take_back(contacts.values(), at=at)
