"""For an administrator who is locked out, run by whoever has the server."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cxsurvey.login.changing import reset_second_factor, unlock


class Command(BaseCommand):
    """Ends the waiting after wrong tries; and, where the phone is gone, takes the second factor away."""

    help = "Let somebody of the staff log in again who is locked out, or whose phone is gone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument(
            "--new-second-factor",
            action="store_true",
            help="take the second factor away: the next login with the password sets up another one",
        )

    def handle(self, *, username: str, new_second_factor: bool, **options: Any) -> None:
        at, user = timezone.now(), User.objects.filter(username=username, is_active=True, is_staff=True).first()
        if user is None:
            raise CommandError(f"No active user of the staff is called “{username}”. Small and capital letters differ.")
        unlock(user, at=at, by_id=None)
        if new_second_factor:
            reset_second_factor(user, at=at, by_id=None)
        then = "sets up a second factor at the next login" if new_second_factor else "can log in at once"
        self.stdout.write(f"{user} {then}. Password forgotten too? python manage.py changepassword {username}")
