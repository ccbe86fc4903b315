"""What the queue runs for the installation itself."""

from django.core.management import call_command
from django.utils import timezone

from cxsurvey import exports, schedules


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
