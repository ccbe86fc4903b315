"""Web and worker in one terminal."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cxsurvey.migrating import unapplied_migrations
from cxsurvey.supervisor import serve


class Command(BaseCommand):
    """Starts web and worker, keeps them running, and stops both on Ctrl-C."""

    help = "Run web and worker until Ctrl-C. The next free port is taken if the one named is not free."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to listen."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (default: 8000)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse a database that does not fit the code, else serve."""
        if missing := unapplied_migrations():
            raise CommandError(f"The database lacks {missing} migrations. Run: python manage.py migrate")
        try:
            serve(options["host"], options["port"], lambda url: self.stdout.write(f"Open {url}/admin/ (Ctrl-C stops)"))
        except OSError as error:
            raise CommandError(f"Cannot listen on {options['host']}: {error.strerror}") from error
