"""Due invitation -> channel -> recorded outcome.

The steps are `claim`, `hand_over` and `record`; the first and the last are a transaction each, and none is open during
an outside call. So messages that leave the house are claimed one at a time: a process that dies leaves one invitation
claimed; after the lease its fate is unknown, and it is never sent again by itself. A gateway that only writes into our
own database takes whole lots, and all three steps are one transaction: there nothing can become unknown.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import QuerySet

from contacts import gate
from contacts.models import Decision
from contacts.models.words import Outcome
from surveys import allowances
from surveys.asking import main_reason
from surveys.channels.base import ChannelError, Fate, FateUnknownError, Message
from surveys.channels.gateways import GATEWAYS, gateway_name
from surveys.composing import compose
from surveys.fates import Note, note
from surveys.high_water import hold_if_older, note_attempt
from surveys.links import signing_key
from surveys.lots import Lot, lots, not_paused
from surveys.models import Attempt, Invitation, Response, SurveyVersion
from surveys.pausing import Stream, watch
from surveys.texts import Words, words
from surveys.unknowns import key_for

LEASE = timedelta(minutes=10)
"""How long a claim may go without an outcome before its fate counts as unknown."""
STEP_ASIDE = timedelta(minutes=5)
"""For an invitation that our own errors stop, so that the others are not behind it."""

logger = logging.getLogger(__name__)
State = Invitation.State


@dataclass(frozen=True)
class DeliveryReport:
    """What became of the invitations that were due: `retried` will be tried again, `cancelled` counts by reason.

    `broken`: stopped by an error of ours, which the log tells; tried again later, unless it came after the hand-over.
    `held_until`: when to go on with what is due and was left because of what a provider allows.
    """

    due: int = 0
    sent: int = 0
    delayed: int = 0
    retried: int = 0
    failed: int = 0
    unknown: int = 0
    broken: int = 0
    cancelled: Counter[str] = field(default_factory=Counter)
    held_until: datetime | None = None

    def __add__(self, other: "DeliveryReport") -> "DeliveryReport":
        figures = {name: value + getattr(other, name) for name, value in vars(self).items() if name != "held_until"}
        return DeliveryReport(**figures, held_until=other.held_until)

    def as_dict(self) -> dict[str, object]:
        """Return the figures as JSON can hold them."""
        held = self.held_until and self.held_until.isoformat()
        return vars(self) | {"cancelled": dict(self.cancelled), "held_until": held}


def deliver(at: datetime, *, worker: str = "", most: int | None = None) -> DeliveryReport:
    """Hand over what is due at `at`, the longest due first; `most` invitations, or all.

    Any number of passes may run at once: each invitation is claimed by one. `worker` names this one in the claims.
    """
    hold_if_older(at)
    delivery = Delivery(at, worker)
    for lot in lots(at, most):
        if lot.inside or delivery.has_leave(lot):
            delivery.deliver(lot.ids, inside=lot.inside)
    if delivery.held:
        delivery.report = replace(delivery.report, held_until=min(delivery.held.values()))
    return delivery.report


@transaction.atomic
def settle_expired_claims(at: datetime) -> int:
    """Call unknown what was claimed longer than the lease before `at` and never recorded; return how many."""
    claimed = Invitation.objects.filter(state=State.CLAIMED, claimed_at__lt=at - LEASE)
    expired = list(claimed.select_for_update(skip_locked=True).order_by("pk"))
    lost = list(Attempt.objects.filter(invitation__in=expired, outcome=Attempt.Outcome.STARTED))
    _write(note(FateUnknownError("The worker stopped before it noted the outcome."), 1), lost, at)
    return len(lost)


@dataclass
class Delivery:
    """One pass: its instant, its worker, what it did, and the words that it has read, by version and language.

    `held`: gateway -> until when its provider takes no more.
    """

    at: datetime
    worker: str
    report: DeliveryReport = field(default_factory=DeliveryReport)
    spoken: dict[tuple[int, str], Words] = field(default_factory=dict)
    held: dict[str, datetime] = field(default_factory=dict)

    def has_leave(self, lot: Lot) -> bool:
        """Whether the provider takes another message now; if not, the pass leaves all that is due by it."""
        if lot.gateway not in self.held and (wait := allowances.take(lot.gateway, lot.channel, self.at)):
            self.held[lot.gateway] = wait
        return lot.gateway not in self.held

    def deliver(self, ids: Sequence[int], *, inside: bool) -> None:
        """Bring invitations all the way, `inside` in one transaction; an error of ours stops the one it is about."""
        before = self.report
        try:
            with transaction.atomic() if inside else nullcontext():
                claimed = self.claim(ids)
                if not inside and claimed:
                    note_attempt(max(attempt.pk for attempt, _ in claimed))
                self.record([(attempt, self.hand_over(attempt, message)) for attempt, message in claimed])
        except (OperationalError, InterfaceError):
            raise  # the database is in trouble, and not an invitation
        except Exception:
            logger.exception("Could not deliver invitation %s; the others go on.", ", ".join(map(str, ids)))
            self.report = before
            if len(ids) == 1:
                self._step_aside(ids[0])
            else:
                for invitation_id in ids:
                    self.deliver([invitation_id], inside=inside)

    @transaction.atomic
    def claim(self, ids: Sequence[int]) -> list[tuple[Attempt, Message]]:
        """Take the invitations and test everything again; return the attempts to make, each with its message."""
        invitations = _take(ids, self.at)
        claim = {"state": State.CLAIMED, "claimed_at": self.at, "claimed_by": self.worker, "link_key": signing_key()}
        Invitation.objects.filter(pk__in=[invitation.pk for invitation in invitations]).update(**claim)
        for invitation in invitations:
            invitation.link_key = signing_key()
        self.report += DeliveryReport(due=len(invitations))
        attempts = self._start(invitations)
        # Composed here and not after the claim: a text that cannot be written leaves the invitation planned.
        return [
            (attempt, compose(attempt.invitation, self._words(attempt.invitation), attempt)) for attempt in attempts
        ]

    def hand_over(self, attempt: Attempt, message: Message) -> Fate:
        """Give the message to its gateway and return what that says."""
        try:
            return GATEWAYS[attempt.gateway].send(message)
        except (ChannelError, FateUnknownError) as fate:
            return fate

    @transaction.atomic
    def record(self, fates: Sequence[tuple[Attempt, Fate]]) -> None:
        """Note what became of attempts, in their invitations and in the ledger."""
        notes: dict[Note, list[Attempt]] = defaultdict(list)
        for attempt, fate in fates:
            if isinstance(fate, ChannelError) and fate.busy_for:
                allowances.close(attempt.gateway, self.at + fate.busy_for, self.at)
            notes[note(fate, attempt.number)].append(attempt)
        for told, attempts in notes.items():
            _write(told, attempts, self.at)
            figures: dict[str, Any] = {told.counted: len(attempts)}
            self.report += DeliveryReport(**figures)
            if told.ledger == Outcome.REJECTED:
                watch(_streams(attempts), self.at)

    def _start(self, invitations: Sequence[Invitation]) -> list[Attempt]:
        """Write down the attempts that are made now."""
        newest = _newest_attempts(invitations)
        attempts = [_next_attempt(invitation, newest.get(invitation.pk), self.at) for invitation in invitations]
        lost = [attempt.invitation for attempt in attempts if not attempt.key]
        self._leave_unknown(lost)
        going = {invitation.pk for invitation in self._allowed([one for one in invitations if one not in lost])}
        return Attempt.objects.bulk_create(attempt for attempt in attempts if attempt.invitation_id in going)

    def _leave_unknown(self, invitations: Sequence[Invitation]) -> None:
        """For a person: they may have arrived, and their provider does not know their key any more."""
        if invitations:
            told = "It may have been sent, and the provider does not know it any more."
            _claimed([one.pk for one in invitations]).update(state=State.UNKNOWN, state_reason=told)
            gate.settle_all([one.contact_id for one in invitations], Outcome.UNKNOWN, at=self.at)
            self.report += DeliveryReport(unknown=len(invitations))

    def _allowed(self, invitations: Sequence[Invitation]) -> list[Invitation]:
        """Return those that go out now; the others are cancelled, or planned for later."""
        free = [invitation for invitation in invitations if not self._stopped(invitation)]
        expiries = {invitation.contact_id: invitation.expires_at for invitation in free}
        decisions = gate.recheck_all(expiries, at=self.at) if expiries else {}
        return [invitation for invitation in free if self._may_go(invitation, decisions[invitation.contact_id])]

    def _stopped(self, invitation: Invitation) -> bool:
        obstacle = _obstacle(invitation)
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
            _claimed([invitation.pk]).update(state=State.PLANNED, due_at=due_at, closes_at=closes_at)
        return decision.result == Decision.Result.SEND

    def _cancel(self, invitation: Invitation, reason: str) -> None:
        self.report += DeliveryReport(cancelled=Counter([reason]))
        _claimed([invitation.pk]).update(state=State.CANCELLED, state_reason=reason)

    def _words(self, invitation: Invitation) -> Words:
        key = (invitation.version_id, invitation.language)
        if key not in self.spoken:
            self.spoken[key] = words(invitation.version, invitation.language)
        return self.spoken[key]

    def _step_aside(self, invitation_id: int) -> None:
        self.report += DeliveryReport(due=1, broken=1)
        planned = Invitation.objects.filter(pk=invitation_id, state=State.PLANNED)
        planned.update(due_at=self.at + STEP_ASIDE)


def _take(ids: Sequence[int], at: datetime) -> list[Invitation]:
    """Return those that are still to be sent, locked, with all that a message needs; what another has is left to it."""
    waiting = not_paused(Invitation.objects.filter(pk__in=ids, state=State.PLANNED, due_at__lte=at))
    needed = waiting.select_related("customer", "touchpoint", "address", "program", "version__survey__brand")
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


def _obstacle(invitation: Invitation) -> str:
    """What only this room knows and what stops the invitation; empty for nothing.

    A version that a newer one replaced is no obstacle: a first ask moves to the newer, a reminder stays with the page
    that it reminds of.
    """
    if invitation.program and not invitation.program.active:
        return "program stopped"
    if invitation.first_id and Response.objects.filter(invitation=invitation.first_id).exists():
        return "answered"
    if invitation.version.state != SurveyVersion.State.PUBLISHED:
        published = invitation.version.survey.versions.filter(state=SurveyVersion.State.PUBLISHED)
        newer = published.select_related("survey__brand").first()
        if newer is None:
            return "survey closed"
        if not invitation.first_id:
            invitation.version = newer
            invitation.save(update_fields=["version"])
    return ""


def _streams(attempts: Sequence[Attempt]) -> set[Stream]:
    programs = {(attempt.invitation.program_id, attempt.channel) for attempt in attempts}
    return {Stream(program_id, channel) for program_id, channel in programs if program_id}


def _claimed(ids: Collection[int]) -> QuerySet[Invitation]:
    return Invitation.objects.filter(pk__in=ids, state=State.CLAIMED)


def _write(told: Note, attempts: Sequence[Attempt], at: datetime) -> None:
    """Write the same note for attempts; an invitation that has become unknown meanwhile stays so, in the ledger too."""
    ids = [attempt.pk for attempt in attempts]
    Attempt.objects.filter(pk__in=ids).update(
        outcome=told.attempt, reference=told.reference, detail=told.detail, ended_at=at
    )
    claimed = _claimed([attempt.invitation_id for attempt in attempts]).select_for_update().order_by("pk")
    contacts = dict(claimed.values_list("pk", "contact"))
    fields: dict[str, object] = {"state": told.state, "state_reason": told.detail[:200]}
    fields |= {"sent_at": at} if told.state == State.SENT else {}
    fields |= {"due_at": at + told.wait} if told.wait else {}
    Invitation.objects.filter(pk__in=contacts).update(**fields)
    if told.ledger:
        gate.settle_all(contacts.values(), told.ledger, at=at)
