"""What the queue wakes in this room."""

from datetime import timedelta

from django.utils import timezone

from analytics import comments
from recovery.followups import open_due, reopen_unfixed
from recovery.refusals import heed
from recovery.webhooks.delivering import deliver
from recovery.webhooks.noticing import notice

BUDGET = timedelta(seconds=30)
"""Then no more calls are begun; the next minute goes on."""


def see_to_answers() -> None:
    """Heed what comments refuse; open follow-ups for new unhappy answers, and those again that are not fixed."""
    at = timezone.now()
    comments.hear(at)
    heed(at)
    open_due(at)
    reopen_unfixed(at)


def tell_others() -> None:
    """Call the webhooks of other systems for what has happened. Safe to run any number of times at once."""
    until = timezone.now() + BUDGET
    while notice(timezone.now()) and timezone.now() < until:
        pass
    while timezone.now() < until and deliver(timezone.now, until=until):
        pass
