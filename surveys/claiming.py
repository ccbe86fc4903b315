"""Due invitations are taken by one worker, and everything is asked again: who may go now, who later, who not at all."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from contacts import gate
from contacts.models import Decision
from contacts.models.words import Outcome
from surveys.asking import main_reason
from surveys.channels.gateways import gateway_name
from surveys.delivery_report import DeliveryReport
from surveys.links import signing_key
from surveys.lots import not_paused
from surveys.models import Attempt, Invitation, SurveyVersion
from surveys.reminder_threads import ended
from surveys.unknowns import key_for

State = Invitation.State


@dataclass
class Claiming:
    """Invitations claimed at an instant by a worker; `report` counts all that were due, and those that do not go."""

    at: datetime
    worker: str
    report: DeliveryReport = field(default_factory=DeliveryReport)

    @transaction.atomic
    def claim(self, ids: Collection[int]) -> list[Attempt]:
        """Take those of the invitations that nobody else has; return the attempts to be made, not saved yet."""
        invitations = _take(ids, self.at)
        claim = {"state": State.CLAIMED, "claimed_at": self.at, "claimed_by": self.worker, "link_key": signing_key()}
        Invitation.objects.filter(pk__in=[invitation.pk for invitation in invitations]).update(**claim)
        for invitation in invitations:
            invitation.link_key, invitation.claimed_at = signing_key(), self.at
        self.report += DeliveryReport(due=len(invitations))
        newest = _newest_attempts(invitations)
        attempts = [_next_attempt(invitation, newest.get(invitation.pk), self.at) for invitation in invitations]
        self._leave_unknown([attempt.invitation for attempt in attempts if not attempt.key])
        going = self._allowed([attempt.invitation for attempt in attempts if attempt.key])
        return [attempt for attempt in attempts if attempt.invitation_id in going]

    def _leave_unknown(self, invitations: Sequence[Invitation]) -> None:
        """For a person: they may have arrived, and their provider does not know their key any more."""
        if invitations:
            told = "It may have been sent, and the provider does not know it any more."
            claimed([one.pk for one in invitations]).update(state=State.UNKNOWN, state_reason=told)
            gate.settle_all([one.contact_id for one in invitations], Outcome.UNKNOWN, at=self.at)
            self.report += DeliveryReport(unknown=len(invitations))

    def _allowed(self, invitations: Sequence[Invitation]) -> set[int]:
        """Return ids of those that go out now; the others are cancelled, or planned for later."""
        over = ended({one.first_id for one in invitations if one.first_id})
        free = [one for one in invitations if not self._stopped(one, over.get(one.first_id or 0, ""))]
        expiries = {one.contact_id: one.expires_at for one in free if not one.is_confirmation}
        decisions = gate.recheck_all(expiries, at=self.at) if expiries else {}
        return {one.pk for one in free if one.is_confirmation or self._may_go(one, decisions[one.contact_id])}

    def _stopped(self, invitation: Invitation, over: str) -> bool:
        obstacle = _obstacle(invitation, self.at) or over
        if obstacle:
            gate.settle(invitation.contact_id, Outcome.CANCELLED, at=self.at)
            self._cancel(invitation, obstacle)
        return bool(obstacle)

    def _may_go(self, invitation: Invitation, decision: Decision) -> bool:
        if decision.result == Decision.Result.SKIP:
            self._cancel(invitation, main_reason(decision.reasons)["rule"])
        if decision.result == Decision.Result.DELAY:
            self.report += DeliveryReport(delayed=1)
            due_at = decision.allowed_at or invitation.due_at
            closes_at = invitation.closes_at + (due_at - invitation.due_at)
            claimed([invitation.pk]).update(state=State.PLANNED, due_at=due_at, closes_at=closes_at)
        return decision.result == Decision.Result.SEND

    def _cancel(self, invitation: Invitation, reason: str) -> None:
        self.report += DeliveryReport(cancelled=Counter([reason]))
        claimed([invitation.pk]).update(state=State.CANCELLED, state_reason=reason)


def claimed(ids: Collection[int]) -> QuerySet[Invitation]:
    """Those of the invitations that a worker has claimed."""
    return Invitation.objects.filter(pk__in=ids, state=State.CLAIMED)


def _take(ids: Collection[int], at: datetime) -> list[Invitation]:
    """Return those that are still to be sent, locked, with all that a message needs; what another has is left to it."""
    waiting = not_paused(Invitation.objects.filter(pk__in=ids, state=State.PLANNED, due_at__lte=at))
    # What is the same for most of a lot is read once.
    needed = waiting.select_related("customer", "touchpoint", "address").prefetch_related(
        "program", "version__survey__brand__look"
    )
    return list(needed.select_for_update(of=("self",), skip_locked=True).order_by("due_at", "pk"))


def _newest_attempts(invitations: Sequence[Invitation]) -> dict[int, Attempt]:
    """Invitation id -> its newest attempt, where it has one."""
    made = Attempt.objects.filter(invitation__in=invitations).order_by("number")
    return {attempt.invitation_id: attempt for attempt in made}


def _next_attempt(invitation: Invitation, newest: Attempt | None, at: datetime) -> Attempt:
    """The attempt to be made, not saved; without a key where none may be made."""
    attempt = Attempt(
        invitation=invitation,
        number=newest.number + 1 if newest else 1,
        channel=invitation.channel,
        gateway=gateway_name(invitation.channel),
        started_at=at,
    )
    attempt.key = key_for(attempt, newest, at) or ""
    return attempt


def _obstacle(invitation: Invitation, at: datetime) -> str:
    """What only this room knows and what stops the invitation; empty for nothing.

    A version that a newer one replaced is no obstacle: a first ask moves to the newer, a reminder stays with the page
    that it reminds of. What confirms a customer's command is stopped by nothing but its age: the rules are not asked.
    """
    if invitation.is_confirmation:
        return "expiry" if at > invitation.expires_at else ""
    if invitation.program and not invitation.program.active:
        return "program stopped"
    if invitation.version.state != SurveyVersion.State.PUBLISHED:
        published = invitation.version.survey.versions.filter(state=SurveyVersion.State.PUBLISHED)
        newer = published.select_related("survey__brand__look").first()
        if newer is None:
            return "survey closed"
        if not invitation.first_id:
            invitation.version = newer
            invitation.save(update_fields=["version"])
    return ""
