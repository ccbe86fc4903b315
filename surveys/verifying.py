"""Addresses that customers answered from: what we sent there was answered, on a page or by a text message.

Opening a link shows nothing, as scanners of mail open all of them; a page that was sent does.
"""

from datetime import datetime

from contacts.models.words import Channel
from contacts.verifying import BY_ANSWER, verify
from surveys.models import Invitation, Response


def verify_addresses(since: datetime, until: datetime) -> int:
    """Note of the addresses that were answered from in this time that they are their customers'; return how many."""
    answered = Response.objects.filter(updated_at__gt=since, updated_at__lte=until, test=False)
    sent = Invitation.objects.filter(response__in=answered, channel__in=(Channel.EMAIL, Channel.SMS))
    addresses = sent.filter(address__verified_at=None, address__closed_at=None).exclude(address=None)
    return verify(addresses.values_list("address", flat=True), by=BY_ANSWER, at=until)
