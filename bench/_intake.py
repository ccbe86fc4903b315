"""What `bench.importing` measures: the same customers by a raw COPY, by the product, and by django-import-export.

The COPY gets the rows as the product stores them, made beforehand: it reads no file, checks and updates nothing.
The peer's resource is of customers alone, without their addresses, which spares it two thirds of the rows.
"""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.core.management import call_command
from django.db import connection
from import_export.resources import ModelResource
from tablib import Dataset

from contacts.intake import CUSTOMERS, bring_in
from contacts.models import Customer, Identifier

AT = datetime(2026, 5, 5, 12, tzinfo=UTC)
SOURCE = "bench"
MOMENT = f"{AT:%Y-%m-%d %H:%M:%S}"
COLUMNS = ("external_id", "name", "email", "phone", "timezone", "language", "country", "value", "plan")
LANGUAGES, ZONES, PLANS = ("en", "de", "fr", "es"), ("Europe/London", "Europe/Berlin"), ("basic", "plus", "team")
Result = dict[str, Any]


def build() -> Result:
    """Make the tables."""
    call_command("migrate", verbosity=0)
    return {}


def rows(number: int, changed: int) -> Iterator[tuple[str, ...]]:
    """Customers as a file has them; each `changed` gives others the same ids."""
    for n in range(number):
        yield (
            *(
                f"c{n:07}",
                f"Customer Number {n}",
                f"customer.{n}@example{n % 50}.com",
                f"+44770{(n + 1) % 10_000_000:07}",
            ),
            *(ZONES[n % 2], LANGUAGES[n % 4], "GB", f"{n % 900 + changed}.50", PLANS[n % 3]),
        )


def as_file(number: int, changed: int = 0) -> bytes:
    """The file."""
    text = io.StringIO()
    csv.writer(text).writerows([COLUMNS, *rows(number, changed)])
    return text.getvalue().encode()


def prepared(name: str, number: int) -> Callable[[], Result]:
    """Return the job, with what it is given made already."""
    if name == "import_bare":
        return partial(_copied, *_as_stored(number))
    if name == "import_peer":
        return partial(_by_the_peer, as_file(number).decode())
    return partial(_ours, as_file(number, changed=int(name == "import_changed")))


def _ours(content: bytes) -> Result:
    result = bring_in(CUSTOMERS, io.BytesIO(content), source=SOURCE, at=AT)
    return {"written": result.created + result.updated, "unchanged": result.unchanged, "rejected": result.rejected}


def _as_stored(number: int) -> tuple[str, str]:
    customers, addresses = io.StringIO(), io.StringIO()
    write_customer, write_address = csv.writer(customers).writerow, csv.writer(addresses).writerow
    for n, (key, name, email, phone, zone, language, country, value, plan) in enumerate(rows(number, 0), start=1):
        write_customer((n, SOURCE, key, name, zone, language, country, value, f'{{"plan": "{plan}"}}', "f", AT, AT))
        for kind, address in (("email", email), ("phone", phone)):
            write_address((n, kind, "", address, "", AT, AT, ""))
    return customers.getvalue(), addresses.getvalue()


def _copied(customers: str, addresses: str) -> Result:
    into = {
        "contacts_customer (id, source, external_id, name, time_zone, language, country, value, attributes, simulated, "
        "created_at, updated_at)": customers,
        "contacts_identifier (customer_id, type, issuer, value, verified_by, first_seen_at, last_seen_at, "
        "closed_reason)": addresses,
    }
    with connection.cursor() as cursor:
        for table, content in into.items():
            with cursor.copy(f"COPY {table} FROM STDIN (FORMAT csv, NULL 'null')") as copy:
                copy.write(content)
    return {"written": Customer.objects.count(), "addresses": Identifier.objects.count()}


class _Peers(ModelResource):
    class Meta:
        model = Customer
        import_id_fields = ("source", "external_id")
        fields = (
            "source",
            "external_id",
            "name",
            "time_zone",
            "language",
            "country",
            "value",
            "created_at",
            "updated_at",
        )


def _by_the_peer(content: str) -> Result:
    data = Dataset().load(content, format="csv")
    for name, value in (("source", SOURCE), ("created_at", MOMENT), ("updated_at", MOMENT)):
        data.append_col([value] * data.height, header=name)
    data.headers[data.headers.index("timezone")] = "time_zone"
    result = _Peers().import_data(data, raise_errors=True)
    return {"written": result.totals["new"]}
