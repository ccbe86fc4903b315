"""What `bench.sending` compares: the product's sender and a bare loop, both handing over to the same sink."""

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from contacts.models import Contact
from surveys.channels.base import Gateway, Message, Sent
from surveys.channels.gateways import GATEWAYS
from surveys.models import Attempt, Invitation
from surveys.tasks import deliver_now
from tests.surveys.makers import make_customer, make_invitation, make_program, make_touchpoint, make_version

TAKEN = Sent("sunk")


class Sink(Gateway):
    """A gateway outside the house that takes everything at once."""

    def send(self, message: Message | None) -> Sent:
        """Take it."""
        return TAKEN


def make_due(messages: int) -> dict[str, Any]:
    """Fill the empty database with so many customers who are due an email of one program."""
    call_command("migrate", verbosity=0)
    at = timezone.now()
    with transaction.atomic():
        version = make_version()
        program = make_program(version, starts_at=at - timedelta(days=2))
        for _ in range(messages):
            customer = make_customer()
            touchpoint = make_touchpoint(customer, occurred_at=at - timedelta(days=1))
            make_invitation(version, program=program, customer=customer, touchpoint=touchpoint, due_at=at)
    return {"due": messages}


def send() -> dict[str, Any]:
    """Hand over all that is due, as the worker does when the queue wakes it."""
    GATEWAYS["sink"] = Sink()
    settings.CHANNEL_GATEWAYS = {"email": "sink"}
    with TemporaryDirectory() as folder:
        settings.HIGH_WATER_MARK = Path(folder) / "high_water"
        return {"sent": deliver_now().sent}


def send_bare() -> dict[str, Any]:
    """Claim, call and note, and nothing else, as Django's ORM writes it.

    The least that sends at most once and forgets nothing: a conditional update that only one of two senders wins and
    the attempt, committed before the call; the outcome in the attempt, the invitation and the ledger, committed after
    it. No rule is asked, no stop or pause looked for, no text written and no decision kept.
    """
    sent, sink = 0, Sink()
    due = Invitation.objects.filter(state="planned", due_at__lte=timezone.now()).order_by("due_at", "pk")
    for pk, contact_id in list(due.values_list("pk", "contact")):
        at = timezone.now()
        with transaction.atomic():
            mine = Invitation.objects.filter(pk=pk, state="planned")
            if not mine.update(state="claimed", claimed_at=at, claimed_by="bare"):
                continue
            attempt = Attempt.objects.create(invitation_id=pk, number=1, channel="email", gateway="sink", started_at=at)
        told = sink.send(None)
        at = timezone.now()
        with transaction.atomic():
            Attempt.objects.filter(pk=attempt.pk).update(outcome="accepted", reference=told.reference, ended_at=at)
            Invitation.objects.filter(pk=pk, state="claimed").update(state="sent", sent_at=at)
            Contact.objects.filter(pk=contact_id).update(outcome="accepted", updated_at=at)
        sent += 1
    return {"sent": sent}
