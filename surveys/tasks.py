"""What the queue wakes: the steps of this room, with the clock read here."""

import os
import socket
import time
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from surveys import durations, events_in, replying, waves
from surveys.cancelling import being_cancelled, give_back
from surveys.confirming import reply_due
from surveys.delivery import deliver
from surveys.delivery_report import DeliveryReport
from surveys.open_marks import forget_marks
from surveys.planning import plan
from surveys.recording import settle_expired_claims
from surveys.reminding import remind
from surveys.unknowns import settle_unknown

LOT = 500
"""Messages of one pass; the next begins with what came in meanwhile: our replies to customers go first."""
BUDGET = timedelta(seconds=60)
"""Then the rest waits for the next wake-up, well before the queue would stop the task."""
REMINDERS = 5_000
"""Messages that are looked at for a reminder in one go; the rest waits for the next minute."""
GIVEN_BACK = 2_000
"""Places of a cancelled wave that are given back before others may write."""


def plan_and_deliver() -> None:
    """Plan what is ripe and hand over what is due, now. Safe to run any number of times at once."""
    started = timezone.now()
    settle_expired_claims(started)
    settle_unknown(started)
    events_in.apply_waiting(started)
    replying.apply_waiting(started)
    plan(started)
    reply_due(timezone.now())
    remind(timezone.now(), most=REMINDERS)
    deliver_now(until=timezone.now() + BUDGET)


def give_back_cancelled() -> None:
    """Give back what is left of waves that somebody cancelled. Safe to run any number of times at once."""
    until = timezone.now() + BUDGET
    for wave in being_cancelled():
        while timezone.now() < until and give_back(wave, at=timezone.now(), most=GIVEN_BACK) == GIVEN_BACK:
            time.sleep(waves.PAUSES[connection.vendor])


def learn_seconds() -> None:
    """Let published surveys tell how long they take from what answering them took."""
    durations.learn_seconds()


def forget_open_marks() -> None:
    """Forget which browsers answered open links on the days before."""
    forget_marks(timezone.now())


def deliver_now(*, until: datetime | None = None) -> DeliveryReport:
    """Hand over what is due, each lot at its own instant: contact hours may end while a long pass runs."""
    worker = f"{socket.gethostname()}-{os.getpid()}"[:100]
    total = DeliveryReport()
    while until is None or timezone.now() < until:
        lot = deliver(timezone.now(), worker=worker, most=LOT, clock=timezone.now, until=until)
        total += lot
        if lot.held_until and until:
            time.sleep(max(0.0, (min(lot.held_until, until) - timezone.now()).total_seconds()))
        elif not lot.due:
            break
    return total
