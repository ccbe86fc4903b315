"""What the queue runs for the installation itself."""

from datetime import timedelta

from django.core.management import call_command
from django.utils import timezone
from django_q.tasks import async_task

from contacts import import_files
from cxsurvey import import_folder, import_work, schedules

BUDGET = timedelta(seconds=45)
"""Of one task of imports: then others get their turn, and the rest is a task of its own."""


def beat() -> None:
    """Show that a worker takes jobs."""
    schedules.beat(timezone.now())


def forget_old() -> None:
    """Forget finished jobs of long ago and sessions that have ended."""
    schedules.forget_old_jobs(timezone.now())
    call_command("clearsessions")
    import_files.forget(timezone.now())


def bring_in_files() -> None:
    """Work on imports that were asked for. Safe to run any number of times at once."""
    until = timezone.now() + BUDGET
    if import_work.work(timezone.now, lambda: timezone.now() > until):
        async_task("cxsurvey.tasks.bring_in_files")


def look_into_folder() -> None:
    """Take files that were put into the folder of imports, then work on what waits."""
    import_folder.look(timezone.now())
    bring_in_files()
