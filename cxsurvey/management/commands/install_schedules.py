"""The periodic jobs, for installations that do not use `run`."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from cxsurvey.schedules import JOBS, install_schedules


class Command(BaseCommand):
    """Makes the queue's schedules equal to the list in cxsurvey/schedules.py."""

    help = "Install the periodic jobs in the queue. Run it after every migrate; it may be repeated."

    def handle(self, *args: Any, **options: Any) -> None:
        """Install them and say which."""
        install_schedules(timezone.now())
        for job in JOBS:
            self.stdout.write(f"{job.cron:<12} {job.name}")
