"""A working example on real purchases, from an empty database to pages that can be opened."""

import os
from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from analytics.churn_runs import learn_if_old
from contacts.models import Customer
from cxsurvey.models import SampleState
from cxsurvey.sample.access import ensure_access, ensure_user
from cxsurvey.sample.journey import run
from cxsurvey.sample.load import load
from cxsurvey.sample.purchases import purchases
from cxsurvey.sample.summary import summary
from cxsurvey.sample.targets import set_targets
from cxsurvey.sample.welcome import welcome
from cxsurvey.supervisor import first_free_port, serve

HOST = "127.0.0.1"
T = TypeVar("T")


class Command(BaseCommand):
    """Loads the sample, runs its days, says what happened and serves it; a second time it only serves."""

    help = "Load real purchases with simulated surveys into an empty database, run them, and serve the result."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whether and where to serve."""
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (default: 8000)")
        parser.add_argument("--no-serve", action="store_true", help="do the job and exit")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what is left to do, then serve until Ctrl-C."""
        at = timezone.now()
        call_command("migrate", verbosity=0)
        state = SampleState.objects.first()
        if state is None and Customer.objects.exists():
            raise CommandError(
                "This database holds customers already, and the demo never mixes with them. Give it a database of "
                "its own: DATABASE_URL=sqlite:///var/demo.sqlite3 python manage.py demo"
            )
        try:
            port = first_free_port(HOST, options["port"])
        except OSError as error:
            raise CommandError(f"Cannot listen on {HOST}: {error.strerror}") from error
        if "SITE_URL" not in os.environ:
            # The links in the messages must lead to where they will be served.
            settings.SITE_URL = f"http://{HOST}:{port}"
        user = ensure_user()
        try:
            state = state or load(purchases(), at, show)
            run(state, user.pk, show)
            learn_if_old(at)
            set_targets(at)
        except KeyboardInterrupt as stopped:
            raise CommandError("Stopped. The next start goes on from here.") from stopped
        self.stdout.write("\n".join(summary(state, at)))
        if not options["no_serve"]:
            access = ensure_access(user, settings.VAR_DIR / "demo.json", timezone.now())
            serve(HOST, port, lambda url: self.stdout.write("\n".join(welcome(url, access, at))))


def show(items: Sequence[T], what: str) -> Iterable[T]:
    """Show how far a loop has come, on a terminal only."""
    return tqdm(items, desc=what, disable=None, leave=False)
