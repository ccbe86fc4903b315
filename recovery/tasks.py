"""What the queue wakes in this room."""

from django.utils import timezone

from recovery.followups import open_due, reopen_unfixed


def see_to_answers() -> None:
    """Open follow-ups for new unhappy answers, and those again whose customers say that it is not fixed."""
    at = timezone.now()
    open_due(at)
    reopen_unfixed(at)
