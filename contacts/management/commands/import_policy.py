from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from contacts.management.documents import read_document
from contacts.policies import publish, slug_and_name


class Command(BaseCommand):
    """Publish the policy in a file. Exit status 2, and nothing changed, for a file that must not be published."""

    help = "Put the policy of a JSON file in force at once (docs/frequency.md)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="the policy object of docs/frequency.md as JSON, or - for standard input")
        parser.add_argument("--name", default="", help="which policy it is a version of (default: the one in force)")
        parser.add_argument("--why", required=True, help="why the policy changes; kept with the version")

    def handle(self, *, file: str, name: str, why: str, **_options: object) -> None:
        if not why.strip():
            raise CommandError("why: say why the policy changes", returncode=2)
        try:
            version = publish(*slug_and_name(name.strip()), read_document(file), at=timezone.now(), why=why.strip())
        except (OSError, ValueError) as error:
            raise CommandError(f"{file}: {error}", returncode=2) from error
        self.stdout.write(f"{version} is in force.")
