"""What a made-up provider tells of the sample's messages: that nobody is at an address, or that somebody complained."""

from collections.abc import Collection
from datetime import datetime
from zlib import crc32

from contacts.models import Identifier
from cxsurvey.sample.truth import TRUTH, Truth
from surveys import events_in
from surveys.channels.events import Status, StatusEvent
from surveys.models import Attempt

GATEWAY = "sample"
NOBODY = "550 5.1.1 There is no such mailbox or number (simulated)."
SPAM = "Marked as spam (simulated)."


def empty_addresses(truth: Truth = TRUTH) -> set[int]:
    """Return the ids of the identifiers at which nobody is: always the same ones."""
    return {
        pk
        for pk, type_, value in Identifier.objects.values_list("pk", "type", "value")
        if crc32(f"{truth.seed}-nobody-{value}".encode()) / 2**32 < truth.nobody_at[type_]
    }


def bounce(sent_at: datetime, empty: Collection[int]) -> None:
    """Tell of the messages that were sent to nobody at `sent_at`."""
    lost = Attempt.objects.filter(invitation__sent_at=sent_at, invitation__address__in=empty)
    _tell(Status.BOUNCED, NOBODY, lost, sent_at)


def complain(invitation_id: int, at: datetime) -> None:
    """Tell that the customer marked a message as spam."""
    _tell(Status.COMPLAINED, SPAM, Attempt.objects.filter(invitation=invitation_id), at)


def _tell(status: Status, detail: str, attempts: Collection[Attempt], at: datetime) -> None:
    events = [
        StatusEvent(f"{status}-{attempt.our_reference}", status, at, attempt.our_reference, detail=detail)
        for attempt in attempts
    ]
    if events:
        events_in.store(GATEWAY, events, at)
        events_in.apply_waiting(at, only=[event.key for event in events])
