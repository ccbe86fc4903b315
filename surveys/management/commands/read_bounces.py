"""Reads the bounce mailbox once, to try out its settings or to see what waits there for a person."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from surveys.bounce_tasks import read_bounce_mailbox
from surveys.mailbox import MailboxError


class Command(BaseCommand):
    help = "Read what came back of mails from the mailbox that BOUNCE_IMAP_URL names, and let it take effect."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the report as JSON, and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.BOUNCE_IMAP_URL:
            raise CommandError("No mailbox is named. Set BOUNCE_IMAP_URL and BOUNCE_ADDRESS; .env.example shows how.")
        try:
            report = vars(read_bounce_mailbox())
        except MailboxError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(report) if options["json"] else "\n".join(f"{k}: {v}" for k, v in report.items()))
