"""What the queue wakes to see what came back of mails, with the clock read here."""

from django.conf import settings
from django.utils import timezone

from surveys.events_in import apply_waiting, store
from surveys.mailbox import MailboxReport, read_bounces


def read_bounce_mailbox() -> MailboxReport:
    """Read the bounce mailbox, where one is set, and let its news take effect. Safe to run any number of times."""
    if not settings.BOUNCE_IMAP_URL:
        return MailboxReport()
    at = timezone.now()
    report = read_bounces(store, at)
    apply_waiting(at)
    return report
