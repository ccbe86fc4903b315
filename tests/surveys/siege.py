"""What the campaigns of faults share: a wave that is due, senders in processes of their own, and the judge."""

import os
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from multiprocessing.process import BaseProcess
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from contacts.models import Contact, Customer, Decision, Identifier, Touchpoint
from surveys.delivery import deliver
from surveys.links import signing_key
from surveys.models import Invitation
from surveys.recording import LEASE, settle_expired_claims
from surveys.unknowns import for_a_person
from tests.processes import FORK
from tests.surveys.makers import make_version, numbers
from tests.surveys.provider_log import LoggingProvider

DAY = timedelta(days=1)
AFTER_LEASE = LEASE + timedelta(seconds=1)
WITHIN = timedelta(minutes=15)
"""By then every message has to be sent, or on somebody's list."""
TROUBLE = (OperationalError, InterfaceError)
"""What a database in trouble raises; a worker goes on with a new connection at its next turn."""
FINAL = {"sent", "failed", "cancelled"}


@transaction.atomic
def make_due(messages: int, channel: str = "email", at: datetime | None = None, **fields: Any) -> None:
    """Make messages that are due at an instant, now if none is given, each to a customer of its own."""
    version, at = make_version(), at or timezone.now()
    way = {"channel": channel, "purpose": "invitation"}
    customers = Customer.objects.bulk_create(
        Customer(source="siege", external_id=f"c{next(numbers)}", time_zone="UTC", created_at=at, updated_at=at)
        for _ in range(messages)
    )
    touchpoints = Touchpoint.objects.bulk_create(
        Touchpoint(customer=one, source="siege", external_id=one.external_id, kind="purchase", **_times(at - DAY))
        for one in customers
    )
    addresses = Identifier.objects.bulk_create(_address(one, channel, at) for one in customers)
    contacts = Contact.objects.bulk_create(
        Contact(customer=one.customer, address=one, outcome="reserved", source="cxsurvey", **_reserved(at), **way)
        for one in addresses
    )
    Decision.objects.bulk_create(
        Decision(customer=one.customer, contact=one, stage="person", result="send", **_decided(at), **way)
        for one in contacts
    )
    lasting = {"expires_at": at + 14 * DAY, "closes_at": at + 30 * DAY, "created_at": at, "due_at": at}
    rest: dict[str, Any] = {"version": version, "language": "en", "link_key": signing_key()} | lasting | way | fields
    Invitation.objects.bulk_create(
        Invitation(customer=contact.customer, touchpoint=touchpoint, contact=contact, address=contact.address, **rest)
        for contact, touchpoint in zip(contacts, touchpoints, strict=True)
    )


def _address(customer: Customer, channel: str, at: datetime) -> Identifier:
    number = next(numbers)
    type_, value = ("phone", f"+1212555{number:05}") if channel == "sms" else ("email", f"c{number}@example.com")
    return Identifier(customer=customer, type=type_, value=value, first_seen_at=at, last_seen_at=at)


def _times(at: datetime) -> dict[str, Any]:
    return {"channel": "shop", "occurred_at": at, "received_at": at, "updated_at": at}


def _reserved(at: datetime) -> dict[str, Any]:
    return {"at": at, "recorded_at": at, "updated_at": at}


def _decided(at: datetime) -> dict[str, Any]:
    return {"at": at, "allowed_at": at, "decided_at": at}


def start(work: Callable[..., object], *about: Any) -> BaseProcess:
    """Run work in a process of its own, with database connections of its own."""
    connection.close()
    process = FORK.Process(target=work, args=about, daemon=True)
    process.start()
    return process


def is_due() -> bool:
    """Whether anything waits to be claimed."""
    return Invitation.objects.filter(state="planned", due_at__lte=timezone.now()).exists()


def is_open() -> bool:
    """Whether anything waits or is in somebody's hands."""
    return Invitation.objects.filter(state__in=["planned", "claimed"]).exists()


def send_all() -> None:
    """Send what is due, pass after pass, as long as there is any; also what others have in their hands just now."""
    worker = f"sender {os.getpid()}"
    while True:
        try:
            if not deliver(timezone.now(), worker=worker, most=20, clock=timezone.now).due:
                if not is_due():
                    return
                time.sleep(0.05)
        except TROUBLE:
            connection.close()
            time.sleep(0.05)


def end_leases() -> None:
    """Settle what claims hold, as a host does whose clock is ten minutes ahead: those of the living too."""
    settle_expired_claims(timezone.now() + AFTER_LEASE)


def heal() -> int:
    """What is left to do is done within a quarter of an hour, by the passes of every minute; return how many it took.

    More than one, because the server of the database may hold the rows of a client that was killed a moment longer.
    """
    at = timezone.now()
    for passes in range(1, 16):
        settle_expired_claims(at + AFTER_LEASE)
        deliver(at + WITHIN)
        if not is_open():
            return passes
        time.sleep(0.5)
    raise AssertionError("not final within the passes of a quarter of an hour")


def judge(provider: LoggingProvider, messages: int, at: datetime | None = None) -> None:
    """Nobody got two, and everybody got one or is on a person's list; nothing is called sent that was not."""
    accepted, refused = provider.accepted(), provider.noted("refused")
    states = dict(Invitation.objects.values_list("address__value", "state"))
    assert [address for address, times in accepted.items() if times > 1] == [], "got it twice"
    assert len(states) == messages
    unknown = {address for address, state in states.items() if state not in FINAL}
    on_a_list = for_a_person(at or timezone.now()).values_list("address__value", flat=True)
    stuck = {address: states[address] for address in unknown ^ set(on_a_list)}
    assert stuck == {}, "neither final nor on a person's list"
    assert [address for address, state in states.items() if state == "sent" and address not in accepted] == []
    without = states.keys() - accepted.keys() - unknown
    assert [address for address in without if states[address] != "failed" or not refused[address]] == [], "forgotten"


def unknown_now() -> int:
    """Return of how many messages nobody knows whether they went out."""
    return Invitation.objects.filter(state="unknown").count()
