"""Messages whose fate is unknown: looked up where the provider can be asked, handed over again only under its own key.

What neither settles is for a person. Nothing is ever sent again on a guess.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.contrib.admin.models import CHANGE
from django.db import transaction
from django.db.models import DurationField as Duration
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery

from contacts import gate
from contacts.gate.audit import audit
from contacts.models.words import Outcome
from surveys.channels.base import Certainty, FateUnknownError, Gateway, Message, Sent
from surveys.channels.gateways import GATEWAYS
from surveys.composing import compose
from surveys.models import Attempt, Invitation
from surveys.texts import words

ASKED_FOR = timedelta(days=1)
"""For so long a provider is asked; then the message is for a person."""
SOONEST = timedelta(minutes=1)
LOT = 100
State = Invitation.State


@dataclass(frozen=True)
class UnknownReport:
    """What became of unknown fates: `sent` after all, planned `again` as never sent, `left` as they were."""

    sent: int = 0
    again: int = 0
    left: int = 0


def settle_unknown(at: datetime) -> UnknownReport:
    """Ask the providers that can be asked, and plan again what a key makes safe to hand over again."""
    report = UnknownReport()
    for attempt in _askable(at):
        report = _asked(attempt, GATEWAYS[attempt.gateway], report, at)
    return report


def for_a_person(at: datetime) -> QuerySet[Invitation]:
    """Invitations whose fate only a person can find out: no provider can be asked (any more)."""
    asking = _unknown_attempts().filter(_can_be_settled(at))
    return Invitation.objects.filter(state=State.UNKNOWN).exclude(pk__in=asking.values("invitation"))


@transaction.atomic
def say_sent(invitation_id: int, *, at: datetime, by_id: int) -> bool:
    """A person found that the message went out. False where its fate is not unknown any more."""
    return _by_person(invitation_id, at, by_id, sent=True)


@transaction.atomic
def say_not_sent(invitation_id: int, *, at: datetime, by_id: int) -> bool:
    """A person found that the message never went out: it is planned again, and tested again when its turn comes."""
    return _by_person(invitation_id, at, by_id, sent=False)


def key_for(attempt: Attempt, newest: Attempt | None, at: datetime) -> str | None:
    """The key of the attempt that follows the newest one: its own reference, or the key of one whose fate is unknown.

    None where an attempt may have arrived and this gateway's provider does not know its key, or not any more.
    """
    if newest is None or newest.outcome != Attempt.Outcome.UNKNOWN:
        return attempt.our_reference
    gateway = GATEWAYS[attempt.gateway]
    if newest.gateway != attempt.gateway or gateway.certainty != Certainty.KEYED:
        return None
    used = Attempt.objects.filter(invitation=newest.invitation_id, key=newest.key).earliest("number")
    return newest.key if at < used.started_at + gateway.key_window else None


def _unknown_attempts() -> QuerySet[Attempt]:
    """The newest attempts of unknown fate, with `since`: when their key was first used, from which providers count."""
    same_invitation = Attempt.objects.filter(invitation=OuterRef("invitation"))
    first_use = same_invitation.filter(key=OuterRef("key")).order_by("number").values("started_at")[:1]
    newer = same_invitation.filter(number__gt=OuterRef("number"))
    return Attempt.objects.filter(~Exists(newer), outcome=Attempt.Outcome.UNKNOWN).alias(since=Subquery(first_use))


def _can_be_settled(at: datetime) -> Q:
    found = Q(pk__in=())
    for name, gateway in GATEWAYS.items():
        if gateway.certainty == Certainty.LOOK_UP:
            found |= Q(gateway=name, started_at__gt=at - ASKED_FOR)
        if gateway.certainty == Certainty.KEYED:
            oldest = at - gateway.key_window
            # The first of the two is what an index finds; the second counts.
            found |= Q(gateway=name, started_at__gt=oldest, since__gt=oldest)
    return found


def _askable(at: datetime) -> list[Attempt]:
    """Those to be asked about now, each again after half as long as it has been unknown."""
    waited = ExpressionWrapper(at - F("ended_at"), output_field=Duration())
    known = ExpressionWrapper((F("ended_at") - F("since")) / 2, output_field=Duration())
    unknown = _unknown_attempts().filter(_can_be_settled(at), invitation__state=State.UNKNOWN)
    due = unknown.filter(ended_at__lte=at - SOONEST).alias(waited=waited, known=known).filter(waited__gte=F("known"))
    needed = ("customer", "touchpoint", "address", "version__survey__brand__look")
    found = due.select_related(*(f"invitation__{name}" for name in needed))
    return list(found.order_by("ended_at", "pk")[:LOT])


def _asked(attempt: Attempt, gateway: Gateway, report: UnknownReport, at: datetime) -> UnknownReport:
    if gateway.certainty == Certainty.KEYED:
        return replace(report, again=report.again + _again(attempt, Attempt.Outcome.UNKNOWN, "", at))
    try:
        found = gateway.look_up(_message(attempt))
    except FateUnknownError as error:
        Attempt.objects.filter(pk=attempt.pk).update(ended_at=at, detail=str(error)[:500])
        return replace(report, left=report.left + 1)
    if found is None:
        told = "The provider says that it never got the message."
        return replace(report, again=report.again + _again(attempt, Attempt.Outcome.PASSING, told, at))
    return replace(report, sent=report.sent + _sent(attempt, found, at))


def _message(attempt: Attempt) -> Message:
    """The message as it went out. Raises FateUnknownError where that cannot be told any more."""
    invitation = attempt.invitation
    try:
        return compose(invitation, words(invitation.version, invitation.language), attempt)
    except (ValueError, KeyError) as error:
        raise FateUnknownError("Its address was erased, or the key of its link is gone: nobody can ask.") from error


@transaction.atomic
def _sent(attempt: Attempt, found: Sent, at: datetime) -> int:
    """Note that it was sent, unless its provider's own news came first."""
    changed: Mapping[str, object] = {"state": State.SENT, "state_reason": "", "sent_at": attempt.started_at}
    noted = Invitation.objects.filter(pk=attempt.invitation_id, state=State.UNKNOWN).update(**changed)
    if noted:
        reference = found.reference[:200] or attempt.reference
        Attempt.objects.filter(pk=attempt.pk).update(outcome=Attempt.Outcome.ACCEPTED, reference=reference, ended_at=at)
        outcome = Outcome.DELIVERED if found.delivered else Outcome.ACCEPTED
        gate.settle(attempt.invitation.contact_id, outcome, at=at)
    return noted


@transaction.atomic
def _again(attempt: Attempt, outcome: str, detail: str, at: datetime) -> int:
    """Plan the invitation again with its place kept, unless its provider's own news came first."""
    planned = Invitation.objects.filter(pk=attempt.invitation_id, state=State.UNKNOWN).update(
        state=State.PLANNED, state_reason="", due_at=at
    )
    if planned:
        Attempt.objects.filter(pk=attempt.pk).update(outcome=outcome, detail=detail, ended_at=at)
        gate.take_back([attempt.invitation.contact_id], at=at)
    return planned


def _by_person(invitation_id: int, at: datetime, by_id: int, *, sent: bool) -> bool:
    made = Attempt.objects.filter(invitation=invitation_id, invitation__state=State.UNKNOWN)
    attempt = made.select_related("invitation").order_by("-number").first()
    if attempt is None:
        return False
    told = "A person found that it was sent." if sent else "A person found that it was not sent."
    done = _sent(attempt, Sent(), at) if sent else _again(attempt, Attempt.Outcome.PASSING, told, at)
    if done:
        audit(attempt.invitation, CHANGE, told, by_id=by_id, at=at)
    return bool(done)
