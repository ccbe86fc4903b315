"""Due invitation -> channel -> recorded outcome, one invitation at a time.

The steps are `claim`, `hand_over` and `record`; the first and the last are a transaction each, and none is open in
between. A process that dies between them leaves the invitation claimed: after the lease its fate is unknown, and it is
never sent again by itself.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q, QuerySet

from contacts import gate
from contacts.models import Decision
from contacts.models.words import Outcome
from surveys.asking import main_reason
from surveys.channels.base import ChannelError, FateUnknownError, Message, Sent
from surveys.channels.gateways import GATEWAYS, gateway_name
from surveys.composing import compose
from surveys.links import signing_key
from surveys.models import Attempt, Invitation, Response, SurveyVersion
from surveys.texts import Words, words

LOT = 100
LEASE = timedelta(minutes=10)
"""How long a claim may go without an outcome before its fate counts as unknown."""
WAITS = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=6))
"""After each refusal for now; after the last the invitation has failed."""

logger = logging.getLogger(__name__)
State = Invitation.State
Fate = Sent | ChannelError | FateUnknownError


@dataclass
class DeliveryReport:
    """What became of the invitations that were due: `retried` will be tried again, `cancelled` counts by reason.

    `broken`: stopped by an error of ours, which the log tells; tried again later, unless it came after the hand-over.
    """

    due: int = 0
    sent: int = 0
    delayed: int = 0
    retried: int = 0
    failed: int = 0
    unknown: int = 0
    broken: int = 0
    cancelled: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: "DeliveryReport") -> "DeliveryReport":
        return DeliveryReport(**{name: value + getattr(other, name) for name, value in vars(self).items()})

    def as_dict(self) -> dict[str, object]:
        """Return the figures as JSON can hold them."""
        return vars(self) | {"cancelled": dict(self.cancelled)}


def deliver(at: datetime, *, worker: str = "", most: int | None = None) -> DeliveryReport:
    """Hand over what is due at `at`, the longest due first; `most` invitations, or all.

    Any number of passes may run at once: each invitation is claimed by one. `worker` names this one in the claims.
    """
    delivery = Delivery(at, worker)
    for invitation_id in islice(_due(at), most):
        try:
            delivery.deliver(invitation_id)
        except (OperationalError, InterfaceError):
            raise  # the database is in trouble, and not this invitation
        except Exception:
            delivery.report.broken += 1
            logger.exception("Invitation %s could not be delivered; the others go on.", invitation_id)
            _step_aside(invitation_id, at)
    return delivery.report


def settle_expired_claims(at: datetime) -> int:
    """Call unknown what was claimed longer than the lease before `at` and never recorded; return how many."""
    expired = Invitation.objects.filter(state=State.CLAIMED, claimed_at__lt=at - LEASE)
    lost = Attempt.objects.filter(invitation__in=expired, outcome=Attempt.Outcome.STARTED)
    return sum(_lose(attempt, at) for attempt in lost.select_related("invitation"))


@dataclass
class Delivery:
    """One pass: its instant, its worker, what it did, and the words it has read by version and language."""

    at: datetime
    worker: str
    report: DeliveryReport = field(default_factory=DeliveryReport)
    spoken: dict[tuple[int, str], Words] = field(default_factory=dict)

    def deliver(self, invitation_id: int) -> None:
        """Bring one invitation all the way, unless another worker is faster or something stops it."""
        if claimed := self.claim(invitation_id):
            attempt, message = claimed
            fate = self.hand_over(attempt, message)
            self.record(attempt, fate)

    @transaction.atomic
    def claim(self, invitation_id: int) -> tuple[Attempt, Message] | None:
        """Take the invitation and test everything again; return the attempt to make and its message, if it may go."""
        waiting = Invitation.objects.filter(pk=invitation_id, state=State.PLANNED, due_at__lte=self.at)
        claim = {"state": State.CLAIMED, "claimed_at": self.at, "claimed_by": self.worker, "link_key": signing_key()}
        if not waiting.update(**claim):
            return None
        self.report.due += 1
        invitation = _read(invitation_id)
        if not self._may_go(invitation):
            return None
        attempt = Attempt.objects.create(
            invitation=invitation,
            number=invitation.attempts.count() + 1,
            channel=invitation.channel,
            gateway=gateway_name(invitation.channel),
            started_at=self.at,
        )
        # Composed here and not after the claim: a text that cannot be written leaves the invitation planned.
        return attempt, compose(invitation, self._words(invitation), attempt)

    def hand_over(self, attempt: Attempt, message: Message) -> Fate:
        """Give the message to its gateway and return what that says. No transaction may be open here."""
        try:
            return GATEWAYS[attempt.gateway].send(message)
        except (ChannelError, FateUnknownError) as fate:
            return fate

    @transaction.atomic
    def record(self, attempt: Attempt, fate: Fate) -> None:
        """Note what became of an attempt, in the invitation and in the ledger."""
        made = Attempt.Outcome
        match fate:
            case Sent():
                self.report.sent += 1
                _end(attempt, made.ACCEPTED, self.at, reference=fate.reference)
                outcome = Outcome.DELIVERED if fate.delivered else Outcome.ACCEPTED
                _settle(attempt, outcome, self.at, state=State.SENT, sent_at=self.at)
            case FateUnknownError():
                self.report.unknown += 1
                _end(attempt, made.UNKNOWN, self.at, detail=str(fate))
                _settle(attempt, Outcome.UNKNOWN, self.at, state=State.UNKNOWN, state_reason=str(fate)[:200])
            case ChannelError(permanent=False) if attempt.number <= len(WAITS):
                self.report.retried += 1
                _end(attempt, made.PASSING, self.at, detail=str(fate))
                _claimed(attempt.invitation).update(state=State.PLANNED, due_at=self.at + WAITS[attempt.number - 1])
            case ChannelError():
                self.report.failed += 1
                _end(attempt, made.PERMANENT if fate.permanent else made.PASSING, self.at, detail=str(fate))
                outcome = Outcome.REJECTED if fate.bad_address else Outcome.CANCELLED
                _settle(attempt, outcome, self.at, state=State.FAILED, state_reason=str(fate)[:200])

    def _may_go(self, invitation: Invitation) -> bool:
        """Whether the claimed invitation goes out now; otherwise it is cancelled, or planned for later."""
        if obstacle := _obstacle(invitation):
            gate.settle(invitation.contact_id, Outcome.CANCELLED, at=self.at)
            self._cancel(invitation, obstacle)
            return False
        decision = gate.recheck(invitation.contact_id, at=self.at, expires=invitation.expires_at)
        if decision.result == Decision.Result.SKIP:
            self._cancel(invitation, main_reason(decision)["rule"])
        if decision.result == Decision.Result.DELAY:
            self.report.delayed += 1
            _claimed(invitation).update(state=State.PLANNED, due_at=decision.allowed_at)
        return decision.result == Decision.Result.SEND

    def _words(self, invitation: Invitation) -> Words:
        key = (invitation.version_id, invitation.language)
        if key not in self.spoken:
            self.spoken[key] = words(invitation.version, invitation.language)
        return self.spoken[key]

    def _cancel(self, invitation: Invitation, reason: str) -> None:
        self.report.cancelled[reason] += 1
        _claimed(invitation).update(state=State.CANCELLED, state_reason=reason)


def _due(at: datetime) -> Iterator[int]:
    """Yield ids in lots, each from behind the lot before, so that what is put back does not go round and round."""
    waiting = Invitation.objects.filter(state=State.PLANNED, due_at__lte=at).order_by("due_at", "pk")
    lot = list(waiting.values_list("due_at", "pk")[:LOT])
    while lot:
        yield from (pk for _, pk in lot)
        due_at, pk = lot[-1]
        behind = waiting.filter(Q(due_at__gt=due_at) | Q(due_at=due_at, pk__gt=pk))
        lot = list(behind.values_list("due_at", "pk")[:LOT])


def _read(invitation_id: int) -> Invitation:
    related = ("customer", "touchpoint", "address", "program", "version__survey__brand")
    return Invitation.objects.select_related(*related).get(pk=invitation_id)


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


def _claimed(invitation: Invitation) -> QuerySet[Invitation]:
    return Invitation.objects.filter(pk=invitation.pk, state=State.CLAIMED)


def _end(attempt: Attempt, outcome: str, at: datetime, *, reference: str = "", detail: str = "") -> None:
    Attempt.objects.filter(pk=attempt.pk).update(
        outcome=outcome, reference=reference[:200], detail=detail[:500], ended_at=at
    )


def _settle(attempt: Attempt, outcome: str, at: datetime, **fields: object) -> None:
    """Close the claim; one that has become unknown meanwhile stays so, in the ledger too."""
    if _claimed(attempt.invitation).update(**fields):
        gate.settle(attempt.invitation.contact_id, outcome, at=at)


def _step_aside(invitation_id: int, at: datetime) -> None:
    Invitation.objects.filter(pk=invitation_id, state=State.PLANNED).update(due_at=at + WAITS[0])


@transaction.atomic
def _lose(attempt: Attempt, at: datetime) -> bool:
    reason = "The worker stopped before it noted the outcome."
    expired = _claimed(attempt.invitation).filter(claimed_at__lt=at - LEASE)
    if not expired.update(state=State.UNKNOWN, state_reason=reason):
        return False
    _end(attempt, Attempt.Outcome.UNKNOWN, at, detail=reason)
    gate.settle(attempt.invitation.contact_id, Outcome.UNKNOWN, at=at)
    return True
