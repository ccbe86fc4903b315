"""What providers tell us about messages -> what it means for attempts, invitations, the ledger and consent.

Providers repeat, delay and reorder. So each event is stored once, and what a message's events mean depends on which
there are and not on how they came: the highest rank counts, a bounce closes the address, a complaint is an opt-out.
"""

import logging
import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from contacts import consent, gate
from contacts.models import Contact
from contacts.models.words import Outcome, Via
from contacts.proof import Proof
from contacts.records import among
from surveys.channels.events import Status, StatusEvent
from surveys.models import Attempt, Invitation, ProviderEvent
from surveys.pausing import Stream, watch

RANK = {status: rank for rank, status in enumerate(Status)}
REFERENCE = re.compile(r"invitation-(\d{1,18})-attempt-(\d{1,4})")
ARRIVED = {Status.DELIVERED, Status.UNSUBSCRIBED, Status.COMPLAINED}
VIA = {Status.COMPLAINED: Via.COMPLAINT, Status.UNSUBSCRIBED: Via.LINK}
"""How the customer said no to a channel at the provider."""
JOINED_WITHIN = timedelta(days=7)
"""For so long an event waits for the message that it is about."""
LOT = 200

logger = logging.getLogger(__name__)
State = Invitation.State


def store(gateway: str, events: Sequence[StatusEvent], at: datetime) -> None:
    """Keep the events that are new; what is known of them already is left as it is."""
    attempts = _attempts_of(events)
    ProviderEvent.objects.bulk_create(
        (
            ProviderEvent(
                gateway=gateway,
                key=event.key[:200],
                status=event.status,
                reference=event.reference[:200],
                provider_reference=event.provider_reference[:200],
                detail=event.detail[:500],
                at=event.at,
                received_at=at,
                attempt_id=attempts.get(event.reference),
            )
            for event in events
        ),
        ignore_conflicts=True,
    )


def apply_waiting(at: datetime, *, only: Collection[str] = ()) -> int:
    """Let stored events take effect that have not yet; return on how many messages. `only`: those with these keys.

    An error of ours about one message is logged and leaves its events waiting; the others go on.
    """
    _join(at)
    waiting = ProviderEvent.objects.filter(_ready(), applied_at=None)
    if only:
        waiting = waiting.filter(key__in=only)
    done = 0
    for attempt_ids in _lots(waiting):
        streams: set[Stream] = set()
        for attempt_id in attempt_ids:
            try:
                streams |= _apply(attempt_id, at)
                done += 1
            except Exception:
                logger.exception("Could not apply what the provider says of attempt %s; the others go on.", attempt_id)
        watch(streams, at)
    return done


def _attempts_of(events: Iterable[StatusEvent]) -> dict[str, int]:
    """Our reference -> the attempt that it names."""
    named = {int(match[1]) for event in events if (match := REFERENCE.fullmatch(event.reference))}
    return {attempt.our_reference: attempt.pk for attempt in Attempt.objects.filter(among("invitation", named))}


def _join(at: datetime) -> None:
    """Find the messages of events that came before we knew the provider's name for them."""
    sent = Attempt.objects.filter(gateway=OuterRef("gateway"), reference=OuterRef("provider_reference"))
    alone = ProviderEvent.objects.filter(attempt=None, applied_at=None, received_at__gt=at - JOINED_WITHIN)
    alone.exclude(provider_reference="").filter(Exists(sent)).update(attempt=Subquery(sent.values("pk")[:1]))


def _ready() -> Q:
    """Events of a message whose handing over is not going on any more: its own outcome is noted first."""
    return Q(attempt__isnull=False) & ~Q(attempt__outcome=Attempt.Outcome.STARTED)


def _lots(waiting: QuerySet[ProviderEvent]) -> Iterable[list[int]]:
    """Yield attempts with waiting events, in the order of their ids; one whose events stay waiting is not met again."""
    behind = 0
    while True:
        ids = waiting.filter(attempt__gt=behind).order_by("attempt").values_list("attempt", flat=True).distinct()[:LOT]
        lot = [pk for pk in ids if pk is not None]
        if not lot:
            return
        yield lot
        behind = lot[-1]


@transaction.atomic
def _apply(attempt_id: int, at: datetime) -> set[Stream]:
    """Bring a message to what all of its events add up to; return what should be watched."""
    invitation = Invitation.objects.select_for_update(of=("self",)).get(attempts=attempt_id)
    attempt = Attempt.objects.get(pk=attempt_id)
    # What comes in from here on is not among these, and is left to whoever brought it.
    events = dict(ProviderEvent.objects.filter(attempt=attempt_id).values_list("pk", "status"))
    told = {Status(status) for status in events.values()}
    highest = max(told, key=RANK.__getitem__)
    if attempt.delivery != highest:
        Attempt.objects.filter(pk=attempt_id).update(delivery=highest)
    if attempt.outcome == Attempt.Outcome.UNKNOWN:
        _resolve(invitation, attempt, at)
    if _is_newest(attempt):
        _settle(invitation, told, at)
    for status in sorted(told & VIA.keys(), reverse=True, key=RANK.__getitem__):
        proof = Proof(evidence=f"report of the provider about attempt {attempt_id}")
        consent.opt_out(invitation.customer_id, invitation.channel, at=at, via=VIA[status], proof=proof)
    ProviderEvent.objects.filter(pk__in=events, applied_at=None).update(applied_at=at)
    if invitation.program_id and told & {Status.BOUNCED, Status.COMPLAINED}:
        return {Stream(invitation.program_id, attempt.channel)}
    return set()


def _is_newest(attempt: Attempt) -> bool:
    """Whether no later message of the invitation went out; those under the same key are the same message."""
    later = Attempt.objects.filter(invitation=attempt.invitation_id, number__gt=attempt.number)
    return not later.exclude(key=attempt.key).exists()


def _resolve(invitation: Invitation, attempt: Attempt, at: datetime) -> None:
    """The provider knows a message whose fate we did not: it was sent."""
    Attempt.objects.filter(pk=attempt.pk).update(outcome=Attempt.Outcome.ACCEPTED, ended_at=at)
    if invitation.state == State.UNKNOWN:
        Invitation.objects.filter(pk=invitation.pk).update(
            state=State.SENT, state_reason="", sent_at=attempt.started_at
        )
        gate.settle(invitation.contact_id, Outcome.ACCEPTED, at=at)


def _settle(invitation: Invitation, told: set[Status], at: datetime) -> None:
    """The place in the ledger: given back for a bounce, kept for all else (contract, section 5)."""
    if Status.BOUNCED in told:
        bounced = Invitation.objects.filter(pk=invitation.pk).exclude(state=State.FAILED)
        if bounced.update(state=State.FAILED, state_reason="The address takes no messages (bounced)."):
            gate.settle(invitation.contact_id, Outcome.BOUNCED, at=at)
    elif told & ARRIVED and Contact.objects.filter(pk=invitation.contact_id, outcome=Outcome.ACCEPTED).exists():
        gate.settle(invitation.contact_id, Outcome.DELIVERED, at=at)
