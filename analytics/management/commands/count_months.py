"""Counts the months that are over, or forgets those that are counted otherwise than their answers say."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from analytics.counted_months import count_months, differences


class Command(BaseCommand):
    help = "Count the scores of the months that are over, so that reports need not. Every night does so too."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="count what is kept again, forget what differs")

    def handle(self, *, check: bool, **options: Any) -> None:
        at = timezone.now()
        if not check:
            self.stdout.write(f"Months counted: {count_months(at)}.")
            return
        found = list(differences(at))
        for month, kept, counted in found:
            month.delete()
            self.stdout.write(f"{month}: kept {kept}; answers {counted}. Forgotten: reports count the answers.")
        if found:
            raise CommandError("Run migrate, which puts missing triggers on, and then count_months.")
        self.stdout.write("Every month is counted as its answers say.")
