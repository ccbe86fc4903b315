"""Lets what customers refused, erasures too, hold again in a database that was restored from a backup."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contacts.consent import bring_back
from contacts.models import ErasureDue


class Command(BaseCommand):
    help = (
        "Bring in the opt-outs of a file `refusals`, which each host keeps beside HIGH_WATER_MARK, that are later than "
        "what the database knows. Who was erased since is erased again by a worker within a minute. Safe to repeat."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **options: Any) -> None:
        if not file.is_file():
            raise CommandError(f"There is no file {file}. Give the file `refusals` of a host.")
        try:
            changed = bring_back(file)
        except ValueError as error:
            raise CommandError(f"{file} is no file of refusals: {error}") from error
        self.stdout.write(f"Customer records with words that were brought back: {changed}.")
        if due := ErasureDue.objects.count():
            self.stdout.write(f"Of them are erased again within a minute, by a worker: {due}.")
