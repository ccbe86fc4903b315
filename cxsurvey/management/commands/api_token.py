"""A token for the API."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from knox.models import AuthToken


class Command(BaseCommand):
    """Prints a new token once; only its hash is kept."""

    help = "Make an API token for a user; it is printed once and cannot be shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--days", type=int, default=365, help="days until it ends (365)")

    def handle(self, *, username: str, days: int, **options: Any) -> None:
        if days < 1:
            raise CommandError("A token lives at least one day: give --days 1 or more.")
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user “{username}”. Add one in the admin, in the group Analyst.")
        token = AuthToken.objects.create(user, expiry=timedelta(days=days))[1]
        self.stdout.write(token)
