"""What the queue wakes in this room."""

from django.utils import timezone

from analytics import comments
from recovery.followups import open_due, reopen_unfixed
from recovery.refusals import heed


def see_to_answers() -> None:
    """Heed what comments refuse; open follow-ups for new unhappy answers, and those again that are not fixed."""
    at = timezone.now()
    comments.hear(at)
    heed(at)
    open_due(at)
    reopen_unfixed(at)
