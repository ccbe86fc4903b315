"""Due invitation -> channel -> recorded outcome.

A lot is claimed and everything asked again in one transaction. Then each message is started (a transaction: nobody said
stop meanwhile and nothing was paused; the attempt is written down), handed over (no transaction) and recorded (a
transaction). So a process that dies leaves one message whose fate is unknown, which is never sent again by itself; what
it had claimed and not started is planned again. A gateway that only writes into our own database does all of it in one
transaction: there nothing can become unknown.
"""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from django.db import InterfaceError, OperationalError, transaction

from contacts import gate, heeding
from contacts.models.words import Channel
from surveys import allowances
from surveys.channels.base import ChannelError, Fate, FateUnknownError, Message
from surveys.channels.gateways import GATEWAYS
from surveys.claiming import Claiming, claimed
from surveys.composing import compose
from surveys.delivery_report import DeliveryReport
from surveys.high_water import hold_if_older, note_attempt
from surveys.lots import LENGTH, Lot, lots
from surveys.models import Attempt, Invitation
from surveys.pausing import LEAST_BOUNCES, Stream, watch
from surveys.recording import record
from surveys.reminder_threads import ended
from surveys.sms import segments
from surveys.starting import start_claimed, write_down
from surveys.stopped import step_aside
from surveys.texts import Words, words

FRESH = timedelta(seconds=5)
"""For so long what was asked again holds: contact hours may end, a policy may change."""

logger = logging.getLogger(__name__)
State = Invitation.State
T = TypeVar("T")


def deliver(
    at: datetime,
    *,
    worker: str = "",
    most: int | None = None,
    clock: Callable[[], datetime] | None = None,
    until: datetime | None = None,
) -> DeliveryReport:
    """Hand over what is due at `at`, the longest due first; `most` invitations, or all.

    Any number of passes may run at once: each invitation is claimed by one. `worker` names this one in the claims.
    `clock`: what time it is meanwhile; without it the pass takes no time. Nothing is claimed from `until` on.
    """
    hold_if_older(at)
    delivery = Delivery(at, worker, clock or (lambda: at), until)
    for lot in lots(at, most):
        if delivery.over:
            break
        if lot.inside:
            delivery.bring_inside(lot.ids)
        else:
            delivery.bring_out(lot)
    return delivery.report


@dataclass
class Delivery:
    """One pass: its instant, its worker, its end, what it did, and the words that it has read, by version and language.

    `pace`: how many messages are claimed together, so that the last is handed over while what was asked is fresh.
    """

    at: datetime
    worker: str
    clock: Callable[[], datetime]
    until: datetime | None = None
    report: DeliveryReport = field(default_factory=DeliveryReport)
    spoken: dict[tuple[int, str], Words] = field(default_factory=dict)
    pace: int = 20
    refused: Counter[Stream] = field(default_factory=Counter)
    """How many addresses were refused since the rates were last looked at."""

    @property
    def over(self) -> bool:
        """Whether its time is up."""
        return self.until is not None and self.clock() >= self.until

    def bring_inside(self, ids: Sequence[int]) -> None:
        """Bring a lot all the way in one transaction; if an error of ours stops it, bring each alone."""
        if not self._minded(ids, lambda: self._bring_all(ids)) and len(ids) > 1:
            for invitation_id in ids:
                self.bring_inside([invitation_id])

    def bring_out(self, lot: Lot) -> None:
        """Claim as many at once as can be handed over while that is fresh, and hand over one after the other."""
        ids = lot.ids
        while ids and not self.over and not self._held(allowances.closed_until(lot.gateway, self.clock())):
            at = self.clock()
            attempts, ids = self._claim_out(ids[: self.pace], at), ids[self.pace :]
            heard = heeding.whose_no_counts(
                {one.invitation_id: (one.invitation.customer_id, one.invitation.address_id) for one in attempts}
            )
            left = len(attempts)
            while left and self.clock() - at < FRESH and not self._held(allowances.take(lot.gateway, lot.channel, at)):
                attempt = attempts[-left]
                bring = partial(self._bring, attempt, heard[attempt.invitation_id])
                left -= 1
                if self._minded([attempt.invitation_id], bring):
                    break
            self._put_back([attempt.invitation for attempt in attempts[len(attempts) - left :]])
            self._watch(1)
            took = self.clock() - at
            self.pace = max(1, min(LENGTH, int(len(attempts) * FRESH / 2 / took))) if took else LENGTH

    def claim(self, ids: Sequence[int], at: datetime) -> list[Attempt]:
        """Claim invitations and ask everything again; return the attempts to be made, not saved yet."""
        claiming = Claiming(at, self.worker)
        attempts = claiming.claim(ids)
        self.report += claiming.report
        return attempts

    def start(self, attempt: Attempt, heard: Collection[int]) -> Message | None:
        """Write down that the message is handed over now; None if it may not be any more.

        `heard`: the customer records whose no counts. Composed first, so that a text that cannot be written leaves no
        attempt, and that nobody waits for the writing of it.
        """
        attempt.started_at = self.clock()
        message = self.compose(attempt)
        return message if self._started(attempt, heard) else None

    def compose(self, attempt: Attempt) -> Message:
        """The message as it goes out."""
        invitation = attempt.invitation
        key = (invitation.version_id, invitation.language)
        if key not in self.spoken:
            self.spoken[key] = words(invitation.version, invitation.language)
        message = compose(invitation, self.spoken[key], attempt)
        attempt.segments = segments(message.text) if message.channel == Channel.SMS else 0
        return message

    @transaction.atomic
    def _started(self, attempt: Attempt, heard: Collection[int]) -> bool:
        """Whether nothing stands against the message at this instant; its attempt is then written down."""
        invitation = attempt.invitation
        if not invitation.is_confirmation and not heeding.hold_open(heard, invitation.channel):
            return False
        if not start_claimed(invitation, self.worker, attempt.started_at):
            return False
        if invitation.first_id and ended([invitation.first_id]):
            return False
        write_down(attempt)
        return True

    @transaction.atomic
    def _bring_all(self, ids: Sequence[int]) -> bool:
        attempts = self.claim(ids, self.at)
        messages = [self.compose(attempt) for attempt in attempts]
        Attempt.objects.bulk_create(attempts)
        fates = [hand_over(attempt, message) for attempt, message in zip(attempts, messages, strict=True)]
        self.report += record(list(zip(attempts, fates, strict=True)), self.at)
        return True

    def _claim_out(self, ids: Sequence[int], at: datetime) -> list[Attempt]:
        """Claim a lot; if an error of ours stops it, each alone."""
        attempts = self._minded(ids, lambda: self.claim(ids, at))
        if attempts is None and len(ids) > 1:
            return [attempt for one in ids for attempt in self._claim_out([one], at)]
        return attempts or []

    def _bring(self, attempt: Attempt, heard: Collection[int]) -> bool:
        """Hand over one message; whether its provider then wants to be left alone."""
        message = self.start(attempt, heard)
        if message is None:
            self._put_back([attempt.invitation])
            return False
        note_attempt(attempt.pk)
        fate = hand_over(attempt, message)
        self.report += record([(attempt, fate)], self.clock())
        if not isinstance(fate, ChannelError):
            return False
        program_id = attempt.invitation.program_id
        if fate.bad_address and program_id:
            self.refused[Stream(program_id, attempt.channel)] += 1
            self._watch(LEAST_BOUNCES)
        busy_for = fate.busy_for
        return self._held(self.clock() + busy_for if busy_for else None)

    def _watch(self, least: int) -> None:
        """Look at the rates where at least so many addresses were refused since."""
        looked_at = {stream for stream, refused in self.refused.items() if refused >= least}
        watch(looked_at, self.clock())
        for stream in looked_at:
            del self.refused[stream]

    def _put_back(self, invitations: Sequence[Invitation]) -> None:
        """Plan again what was claimed and not started; what stopped it is found when it is claimed the next time."""
        if not invitations:
            return
        put_back([invitation.pk for invitation in invitations], self.worker, self.clock())
        self.report += DeliveryReport(due=-len(invitations))

    def _held(self, until: datetime | None) -> bool:
        """Note until when the provider takes no more; whether that is so."""
        if until:
            self.report = replace(self.report, held_until=min(until, self.report.held_until or until))
        return until is not None

    def _minded(self, ids: Sequence[int], step: Callable[[], T]) -> T | None:
        """Take a step. None where an error of ours stopped it: it is logged, and a single invitation steps aside."""
        before = self.report
        try:
            return step()
        except (OperationalError, InterfaceError):
            raise  # the database is in trouble, and not an invitation
        except Exception as error:
            logger.exception("Could not deliver invitation %s; the others go on.", ", ".join(map(str, ids)))
            self.report = before
            if len(ids) == 1:
                self._step_aside(ids[0], error)
            return None

    @transaction.atomic
    def _step_aside(self, invitation_id: int, error: Exception) -> None:
        """Leave it for later; what was handed over already stays claimed, until its fate counts as unknown."""
        put_back([invitation_id], self.worker, self.clock())
        step_aside(invitation_id, error, self.clock())
        self.report += DeliveryReport(broken=1)


def hand_over(attempt: Attempt, message: Message) -> Fate:
    """Give the message to its gateway and return what that says."""
    try:
        return GATEWAYS[attempt.gateway].send(replace(message, attempt_id=attempt.pk))
    except (ChannelError, FateUnknownError) as fate:
        return fate


@transaction.atomic
def put_back(ids: Collection[int], worker: str, at: datetime) -> None:
    """Plan again what a worker claimed and never started to hand over; its places are kept."""
    started = Attempt.objects.filter(invitation__in=ids, outcome=Attempt.Outcome.STARTED).values("invitation")
    unstarted = claimed(ids).filter(claimed_by=worker).exclude(pk__in=started).select_for_update(of=("self",))
    contacts = dict(unstarted.order_by("pk").values_list("pk", "contact"))
    Invitation.objects.filter(pk__in=contacts).update(state=State.PLANNED)
    gate.take_back(contacts.values(), at=at)
