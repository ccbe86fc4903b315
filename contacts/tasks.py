"""What the queue wakes: the steps of this room, with the clock read here."""

from datetime import timedelta

from django.utils import timezone

from contacts.events.applying import apply_waiting

BUDGET = timedelta(seconds=60)
"""Then the rest waits for the next wake-up, well before the queue would stop the task."""


def take_in_events() -> None:
    """Let events that came take effect, now. Safe to run any number of times at once."""
    until = timezone.now() + BUDGET
    apply_waiting(timezone.now(), enough=lambda: timezone.now() > until)
