"""What the queue runs for the installation itself."""

from django.core.management import call_command
from django.utils import timezone

from cxsurvey import schedules


def beat() -> None:
    """Show that a worker takes jobs."""
    schedules.beat(timezone.now())


def forget_old() -> None:
    """Forget finished jobs of long ago and sessions that have ended."""
    schedules.forget_old_jobs(timezone.now())
    call_command("clearsessions")
