"""What belongs to an installation, for those that do not use `run`."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from cxsurvey.installing import first_logins, install
from cxsurvey.roles import ROLES
from cxsurvey.schedules import JOBS


class Command(BaseCommand):
    """Brings roles and periodic jobs to what the code says, and gives an empty installation its first survey."""

    help = "Install roles, periodic jobs and a first survey. Run it after every migrate; it may be repeated."

    def handle(self, *args: Any, **options: Any) -> None:
        """Install them and say which."""
        install(timezone.now())
        self.stdout.write(f"Roles: {', '.join(ROLES)}")
        for job in JOBS:
            self.stdout.write(f"{job.cron:<12} {job.name}")
        self.stdout.write("\n".join(first_logins()))
