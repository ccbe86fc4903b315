"""What the queue runs for the installation itself."""

from datetime import timedelta

from django.core.management import call_command
from django.utils import timezone

from contacts.comparing import compare_new, last_compared
from cxsurvey import exports, schedules
from surveys.verifying import verify_addresses

BUDGET = timedelta(seconds=60)
"""Then the rest waits for the next wake-up, well before the queue would stop the task."""
FIRST = timedelta(days=365)
"""So far back the first run looks for answers."""


def beat() -> None:
    """Show that a worker takes jobs."""
    schedules.beat(timezone.now())


def forget_old() -> None:
    """Forget finished jobs of long ago and sessions that have ended."""
    schedules.forget_old_jobs(timezone.now())
    call_command("clearsessions")


def write_exports() -> None:
    """Write the exports that wait, now. Safe to run any number of times at once."""
    exports.write_waiting(timezone.now)


def forget_exports() -> None:
    """Delete the files of exports whose days are over."""
    exports.forget_files(timezone.now())


def find_same_people() -> None:
    """Note which addresses were answered from, then merge or propose records that may be one person."""
    now = timezone.now()
    verify_addresses(last_compared() or now - FIRST, now)
    compare_new(now, enough=lambda: timezone.now() > now + BUDGET)
