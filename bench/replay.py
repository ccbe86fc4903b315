"""How many decisions a second a replay makes of the sample's 18 months of purchases, on an SQLite file.

The limits are absolute, as the promise is: `engine` is the deciding alone; `replay` reads the touchpoints, the persons
and the ledger too, decides under two policies and reckons the figures, as the page does; `command` is all that
`manage.py replay_policy` takes, also to load Python, Django and us, which is most of it.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import django
from django.core.management import call_command

from bench._report import note

RUNS = 3
LIMITS = {"engine": 100_000, "replay": 100_000, "command": 60_000}
"""Decisions in a CPU second at least."""
POLICIES: tuple[dict[str, Any], ...] = (
    {
        "caps": [
            {"name": "month", "limit": 1, "measure": "contacts", "window": "30 days"},
            {"name": "year", "limit": 3, "measure": "contacts", "window": "365 days"},
        ]
    },
    {"caps": [{"name": "two months", "limit": 1, "measure": "contacts", "window": "60 days"}]},
)
SINCE, UNTIL = datetime(1997, 1, 1, tzinfo=UTC), datetime(1998, 7, 1, tzinfo=UTC)


def load_purchases() -> None:
    """Store every purchase at midnight UTC of its day, of customers of whom nothing else is known."""
    models, sample = import_module("contacts.models"), import_module("cxsurvey.sample.purchases")
    rows, known = sample.purchases(), {"created_at": SINCE, "updated_at": SINCE}
    names = sorted({row.customer for row in rows})
    customers = models.Customer.objects.bulk_create(
        models.Customer(source="shop", external_id=name, **known) for name in names
    )
    ids = {customer.external_id: customer.pk for customer in customers}
    models.Touchpoint.objects.bulk_create(
        models.Touchpoint(
            customer_id=ids[row.customer],
            source="shop",
            external_id=f"{row.customer}-{row.number}",
            kind="purchase",
            channel="shop",
            occurred_at=datetime(row.day.year, row.day.month, row.day.day, tzinfo=UTC),
            received_at=SINCE,
            updated_at=SINCE,
        )
        for row in rows
    )


def rate(decisions: Callable[[], int]) -> float:
    """Return the median number of decisions in a CPU second."""
    rates = []
    for _ in range(RUNS):
        begin = time.process_time()
        count = decisions()
        rates.append(count / (time.process_time() - begin))
    return median(rates)


def measure() -> dict[str, float]:
    """Return the rates in this process by name."""
    what_if, replaying = import_module("cxsurvey.what_if"), import_module("surveys.replaying")
    policies = [import_module("contacts.policies").of_document(document) for document in POLICIES]
    inquiries = [replaying.of_kind("purchase", "email", timedelta(hours=12), timedelta(hours=24))]
    past = what_if.Past(policies, inquiries, SINCE, UNTIL)

    def engine() -> int:
        return sum(len(past.replayed(policy).at) for policy in policies)

    def replay() -> int:
        return sum(figures.touchpoints for figures in what_if.what_if(policies, inquiries, SINCE, UNTIL, UNTIL))

    return {"engine": rate(engine), "replay": rate(replay)}


def command(folder: Path) -> tuple[int, float]:
    """Run the command on the database in the environment; return its decisions and its CPU seconds."""
    policy = folder / "policy.json"
    policy.write_text(json.dumps(POLICIES[0]))
    period = ["--since", f"{SINCE:%Y-%m-%d}", "--until", f"{UNTIL:%Y-%m-%d}"]
    asked = ["--kind", "purchase", "--channel", "email", "--delay", "12h", "--expires", "24h"]
    options = ["--policy", str(policy), *period, *asked, "--json"]
    # As in an installation, whose modules are compiled once.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "manage.py", "replay_policy", *options], env=environment, stdout=subprocess.PIPE, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = json.loads(done.stdout)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return found["touchpoints"] + found["in_force"]["touchpoints"], seconds


def command_rate(folder: Path) -> float:
    """Return the median number of decisions in a CPU second of the command, after a first run."""
    command(folder)
    runs = [command(folder) for _ in range(RUNS)]
    return median(count / seconds for count, seconds in runs)


def main() -> int:
    """Measure, print a table, note it in var/bench.json, and fail below the limits."""
    with TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/bench.sqlite3"
        os.environ["DJANGO_SETTINGS_MODULE"] = "cxsurvey.settings"
        django.setup()
        call_command("migrate", verbosity=0)
        load_purchases()
        rates = measure() | {"command": command_rate(Path(folder))}
    figures = [
        {"name": name, "value": found, "limit": LIMITS[name], "holds": found >= LIMITS[name]}
        for name, found in rates.items()
    ]
    note("replay", {"figures": figures})
    print(f"{'Decisions a CPU second':<24}{'measured':>12}{'at least':>12}")
    for name, found in rates.items():
        print(f"{name:<24}{found:12,.0f}{LIMITS[name]:12,}")
    return int(any(found < LIMITS[name] for name, found in rates.items()))


if __name__ == "__main__":
    sys.exit(main())
