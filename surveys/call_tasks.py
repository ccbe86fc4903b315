"""What the queue wakes for the work list, with the clock read here."""

from django.utils import timezone

from surveys.calls.closing import close_over


def close_cases() -> None:
    """Close the cases that are over, and open those again for which a customer named a time."""
    close_over(timezone.now())
