"""A token for the API."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from contacts.scopes import TokenScope
from cxsurvey.models import ApiToken
from cxsurvey.tokens import make_token

READS = (TokenScope.SCORES, TokenScope.EXPORT)


class Command(BaseCommand):
    """Prints a new token once; only its hash is kept."""

    help = "Make an API token for a user; it is printed once and cannot be shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--days", type=int, default=365, help="days until it ends (365)")
        parser.add_argument("--name", default="Made by api_token", help="what will use it, for the list in the admin")
        known = "; ".join(f"{scope}: {scope.label}" for scope in TokenScope)
        parser.add_argument(
            "--scopes",
            nargs="+",
            choices=TokenScope.values,
            default=list(READS),
            metavar="SCOPE",
            help=f"what it may do, as far as the user may ({' '.join(READS)}). {known}",
        )

    def handle(self, *, username: str, days: int, name: str, scopes: list[str], **options: Any) -> None:
        if days < 1:
            raise CommandError("A token lives at least one day: give --days 1 or more.")
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user “{username}”. Add one in the admin, in the group Analyst.")
        token = ApiToken(name=name[:80], user=user, scopes=scopes)
        self.stdout.write(make_token(token, at=timezone.now(), lives=timedelta(days=days)).text)
