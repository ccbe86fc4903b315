import json
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from contacts import frequency
from contacts.management.documents import read_document


class Command(BaseCommand):
    """Print the answer to each request of a file, an object a line; touches no database (docs/frequency.md)."""

    help = "Answer what a frequency policy would decide: reads a JSON file, prints an answer a line; no holdout."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="a file in the format of docs/frequency.md, or - for standard input")

    def handle(self, *, file: str, **_options: object) -> None:
        try:
            document = frequency.parse_document(read_document(file))
        except (OSError, ValueError) as error:
            raise CommandError(f"{file}: {error}", returncode=2) from error
        for warning in document.policy.warnings:
            self.stderr.write(f"Warning: policy.{warning}")
        for answer in frequency.answers(document):
            self.stdout.write(json.dumps(answer))
