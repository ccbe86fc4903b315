"""What sending costs, beside a bare loop that claims, calls the same sink and notes the outcome, on SQLite.

The bare loop asks no rule, writes no text and keeps no decision; both commit a claim before each call and its outcome
after it. Rounds alternate, so that a busy moment hits both alike.
"""

import os
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import django
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from bench._report import note

ROUNDS, MESSAGES = 5, 200
LIMIT = 1.5


def make_due(at: datetime) -> None:
    """Plan so many messages by email."""
    makers = import_module("tests.surveys.makers")  # models: only after django.setup()
    with transaction.atomic():
        version = makers.make_version()
        for _ in range(MESSAGES):
            customer = makers.make_customer()
            touchpoint = makers.make_touchpoint(customer, occurred_at=at - timedelta(days=1))
            makers.make_invitation(version, customer=customer, touchpoint=touchpoint, due_at=at)


def sink() -> Any:
    """A gateway outside the house that takes everything at once."""
    base = import_module("surveys.channels.base")

    class Sink(base.Gateway):  # type: ignore[misc, name-defined]
        def send(self, message: Any) -> Any:
            return base.Sent("sunk")

    return Sink()


def product(_: Any) -> int:
    """Deliver as the worker does; returns how many messages were sent."""
    at = timezone.now()
    return int(import_module("surveys.delivery").deliver(at, worker="bench", clock=timezone.now).sent)


def bare(gateway: Any) -> int:
    """Claim, call and note, and nothing else; returns how many messages were sent."""
    models, contacts = import_module("surveys.models"), import_module("contacts.models")
    sent, planned = 0, models.Invitation.objects.filter(state="planned").order_by("due_at", "pk")
    for pk, contact_id in list(planned.values_list("pk", "contact")):
        at = timezone.now()
        with transaction.atomic():
            mine = models.Invitation.objects.filter(pk=pk, state="planned")
            if not mine.update(state="claimed", claimed_at=at, claimed_by="bare"):
                continue
            attempt = models.Attempt.objects.create(
                invitation_id=pk, number=1, channel="email", gateway="sink", started_at=at
            )
        told = gateway.send(None)
        at = timezone.now()
        with transaction.atomic():
            models.Attempt.objects.filter(pk=attempt.pk).update(
                outcome="accepted", reference=told.reference, ended_at=at
            )
            models.Invitation.objects.filter(pk=pk, state="claimed").update(state="sent", sent_at=at)
            contacts.Contact.objects.filter(pk=contact_id).update(outcome="accepted", updated_at=at)
        sent += 1
    return sent


def cpu(run: Callable[[Any], int], gateway: Any) -> float:
    """CPU milliseconds a message."""
    make_due(timezone.now())
    before = time.process_time()
    sent = run(gateway)
    used = time.process_time() - before
    if sent != MESSAGES:
        sys.exit(f"{run.__name__} sent {sent} of {MESSAGES} messages.")
    return 1000 * used / sent


def main() -> int:
    """Measure, print a table, and fail above the limit."""
    with TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/bench.sqlite3"
        os.environ["HIGH_WATER_MARK"] = f"{folder}/high_water"
        os.environ["DJANGO_SETTINGS_MODULE"] = "cxsurvey.settings"
        django.setup()
        call_command("migrate", verbosity=0)
        gateway = sink()
        import_module("surveys.channels.gateways").GATEWAYS["sink"] = gateway
        import_module("django.conf").settings.CHANNEL_GATEWAYS = {"email": "sink"}
        runs = {run: [cpu(run, gateway) for _ in range(2)][1:] for run in (bare, product)}
        for _ in range(ROUNDS - 1):
            for run, figures in runs.items():
                figures.append(cpu(run, gateway))
    used = {run.__name__: median(figures) for run, figures in runs.items()}
    ratio = used["product"] / used["bare"]
    print(f"{'CPU ms per message':<26}{'bare loop':>12}{'product':>12}{'ratio':>9}{'limit':>9}")
    print(f"{'SQLite, one sender':<26}{used['bare']:12.2f}{used['product']:12.2f}{ratio:9.2f}{LIMIT:9.2f}")
    note("sending", {"cpu_ms": used, "ratio": ratio, "limit": LIMIT, "per_cpu_second": 1000 / used["product"]})
    return int(ratio > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
