"""Compares what is kept beside the ledger with it, and mends it if asked to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contacts.checking import dangling, differences


class Command(BaseCommand):
    help = (
        "Recompute the newest contacts of every customer from the ledger and say what differs from what is kept; "
        "count the rows that point to nothing. Exit status 1 if anything is left to mend."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="write what differs anew from the ledger")

    def handle(self, *, repair: bool, **options: Any) -> None:
        differing = 0
        for difference in differences(repair=repair):
            differing += 1
            self.stdout.write(
                f"Customer {difference.customer_id}: kept {_told(difference.kept)}; ledger {_told(difference.ledger)}."
            )
        lost = dangling()
        for one in lost:
            self.stdout.write(
                f"{one.table}.{one.column}: {one.rows} rows point to nothing. Restore what they point to."
            )
        mended = " Mended." if repair and differing else ""
        self.stdout.write(f"Customers whose newest contacts differ from the ledger: {differing}.{mended}")
        if lost or (differing and not repair):
            raise CommandError("Run check_ledger --repair to mend the newest contacts." if differing else "Not clean.")


def _told(instants: Sequence[datetime]) -> str:
    return ", ".join(at.isoformat(" ", "seconds") for at in instants) or "none"
