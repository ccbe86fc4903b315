"""The world of the benchmarks: customers of very different activity, their ledger of two years, one wave to plan.

Made in numpy and copied in: the indexes of the ledger are made when it is full.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import numpy as np
from django.core.management import call_command
from django.db import connection, transaction
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from contacts.columns import write_columns
from contacts.frequency.zone_arrays import SECOND, micros
from contacts.models import Brand, Contact, Customer, Identifier, OptOut, Touchpoint
from contacts.newest import refresh
from contacts.policies import publish
from contacts.texts import Texts
from surveys.defaults import ensure_nps_survey
from surveys.links import signing_key
from surveys.models import Invitation, Program, SurveyVersion

AT = datetime(2026, 5, 5, 12, tzinfo=UTC)
"""A Tuesday at noon, when a part of the zones has closed hours."""
DAY = timedelta(days=1)
PROGRAM = "after-purchase"
HISTORY = timedelta(days=730)
ACTIVITY = 1.5
"""Standard deviation of the logarithm of a customer's activity: 18% have no row at 10 on average."""
OPTED_OUT = 0.03
INVITATIONS = 50_000
"""Sent invitations that can be answered, at most."""
KINDS = (("email", "invitation", "crm"), ("email", "other", "shop"), ("sms", "other", "shop"), ("phone", "call", "crm"))
SHARES = (0.35, 0.25, 0.25, 0.15)
"""Channel, purpose and source of the ledger's rows, and how many are of each."""
CHUNK = 20_000
ZONES = (
    *("Pacific/Honolulu", "America/Anchorage", "America/Los_Angeles", "America/Denver", "America/Chicago"),
    *("America/New_York", "America/Halifax", "America/Sao_Paulo", "UTC", "Europe/London", "Europe/Berlin"),
    *("Europe/Athens", "Africa/Nairobi", "Asia/Dubai", "Asia/Karachi", "Asia/Kolkata", "Asia/Bangkok"),
    *("Asia/Shanghai", "Asia/Tokyo", "Australia/Sydney"),
)
POLICY = {
    "caps": [
        {"name": "quarantine", "limit": 1, "measure": "contacts", "window": "30 days"},
        {"name": "year", "limit": 3, "measure": "contacts", "window": "365 days"},
        {"name": "emails", "limit": 2, "measure": "contacts", "window": "90 days", "channels": ["email"]},
    ],
    "hours": {"email": {"mon-sun": "08:00-21:00"}},
}


def build(customers: int, rows: int) -> dict[str, int]:
    """Fill the empty database with so many customers and rows of the ledger; returns what was made."""
    call_command("migrate", verbosity=0)
    random = default_rng([customers, rows])
    with transaction.atomic():
        program = _make_program()
        _make_customers(customers, random)
    with without_indexes(Contact._meta.db_table):  # noqa: SLF001 (public in all but name)
        owners = _make_ledger(customers, rows, random)
    with transaction.atomic():
        invitations = _make_invitations(program, owners, random)
    for first in range(1, customers + 1, CHUNK):
        with transaction.atomic():
            refresh(range(first, min(first + CHUNK, customers + 1)))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    counts = np.bincount(owners, minlength=customers + 1)[1:]
    return {
        "customers": customers,
        "rows": rows,
        "invitations": invitations,
        "median": int(np.median(counts)),
        "p99": int(np.percentile(counts, 99)),
        "most": int(counts.max()),
        "none_percent": round(100 * float((counts == 0).mean())),
    }


def _make_program() -> Program:
    publish("bench", "Bench", POLICY, at=AT - HISTORY)
    brand = Brand.objects.create(slug="bench", name="Bench")
    version = ensure_nps_survey(AT - HISTORY, brand)
    return Program.objects.create(
        slug=PROGRAM,
        name="After a purchase",
        active=True,
        survey=version.survey,
        kinds=["purchase"],
        starts_at=AT - 30 * DAY,
        worth=2 * DAY,
        contact_channels=["email"],
    )


def _make_customers(count: int, random: Generator) -> None:
    """Customers 1 to count, each with an address and a touchpoint about a day before AT; some have opted out."""
    long_ago, ids = AT - HISTORY, np.arange(1, count + 1)
    names = np.char.add(b"c", ids.astype(np.bytes_))
    zones = Texts.chosen(ZONES, random.choice(len(ZONES), count))
    known = {"external_id": Texts.of(names), "time_zone": zones}
    write_columns(Customer, known, language="en", source="crm", created_at=long_ago, updated_at=long_ago)
    addresses = {"customer_id": ids, "value": Texts.of(np.char.add(names, b"@example.com"))}
    write_columns(Identifier, addresses, type="email", first_seen_at=long_ago, last_seen_at=long_ago)
    touchpoints = {
        "customer_id": ids,
        "external_id": Texts.of(np.char.add(b"t", ids.astype(np.bytes_))),
        "occurred_at": _instants(AT - DAY - timedelta(hours=2), random.integers(0, 4 * 3600, count)),
    }
    times = {"received_at": AT - DAY, "updated_at": AT - DAY}
    write_columns(Touchpoint, touchpoints, source="shop", kind="purchase", channel="shop", **times)
    refusing = random.choice(count, round(count * OPTED_OUT), replace=False) + 1
    write_columns(OptOut, {"customer_id": refusing}, channel="email", at=long_ago, via="link")


def _make_ledger(customers: int, rows: int, random: Generator) -> NDArray[np.int64]:
    """Rows in the order of time, as a ledger grows; returns whose each is. Row n has the id n + 1."""
    activity = random.lognormal(0, ACTIVITY, customers)
    owners = np.repeat(np.arange(1, customers + 1), random.multinomial(rows, activity / activity.sum()))
    random.shuffle(owners)
    instants = _instants(AT - HISTORY, np.sort(random.integers(0, int(HISTORY.total_seconds()), rows)))
    kinds = random.choice(len(KINDS), rows, p=SHARES)
    for first in range(0, rows, CHUNK):
        part = slice(first, first + CHUNK)
        alike = zip(("channel", "purpose", "source"), zip(*KINDS, strict=True), strict=True)
        words = {name: Texts.chosen(values, kinds[part]) for name, values in alike}
        times = dict.fromkeys(("at", "recorded_at", "updated_at"), instants[part])
        write_columns(Contact, {"customer_id": owners[part], **times, **words}, outcome="delivered")
    return owners


def _make_invitations(program: Program, owners: NDArray[np.int64], random: Generator) -> int:
    """Invitations that were sent, each with a row of the ledger for its place; none is about a touchpoint."""
    count = min(INVITATIONS, len(owners) // 5)
    rows = random.choice(len(owners), count, replace=False)
    version = SurveyVersion.objects.get(state=SurveyVersion.State.PUBLISHED)
    sent = AT - DAY
    write_columns(
        Invitation,
        {"customer_id": owners[rows], "contact_id": rows + 1},
        program_id=program.pk,
        version_id=version.pk,
        channel="email",
        language="en",
        state=Invitation.State.SENT.value,
        due_at=sent,
        expires_at=AT + DAY,
        closes_at=AT + 30 * DAY,
        sent_at=sent,
        link_key=signing_key(),
        created_at=sent,
    )
    return count


def _instants(begin: datetime, seconds: NDArray[np.int64]) -> NDArray[np.int64]:
    """Instants so many seconds after one, in microseconds since the epoch."""
    return micros(begin) + seconds * SECOND


@contextmanager
def without_indexes(*tables: str) -> Iterator[None]:
    """Drop the indexes of tables that enforce nothing, and make them again afterwards."""
    source = {
        "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s",
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s AND sql IS NOT NULL",
    }
    with connection.cursor() as cursor:
        indexes = []
        for table in tables:
            cursor.execute(source[connection.vendor], [table])
            indexes += [(name, definition) for name, definition in cursor.fetchall() if "UNIQUE" not in definition]
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        yield
        for _, definition in indexes:
            cursor.execute(definition)
