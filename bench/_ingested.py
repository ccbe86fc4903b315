"""What `bench.ingesting` measures: events from /v1/batch until they are what they mean, and the rows that they leave.

Each customer tells who she is, on a device, then buys three times and looks at a page that nobody gave a meaning. These
five events leave as many rows of events, a customer, her email address, her number, her device and three touchpoints.
Requests hold as many events as Segment's clients send at once.
"""

import io
import json
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, models, transaction
from django.utils import timezone

from contacts.events.applying import apply_waiting
from contacts.events.keys import hashed
from contacts.models import Customer, Event, EventMeaning, EventSource, Identifier, Touchpoint

KEY = "bench"
BATCH = 1000
"""Rows of a statement of `bulk_create`."""
AT_ONCE = 100
"""Events of a request, as Segment's clients for Python and Node send at most by themselves."""
EACH = 5
"""Events of a customer."""
BOUGHT = "Order Completed"
FIRST = datetime(2026, 5, 5, 12, tzinfo=UTC)
LEFT: tuple[type[models.Model], ...] = (Customer, Identifier, Touchpoint, Event)
TABLES = [model._meta.db_table for model in LEFT]  # noqa: SLF001 (public in all but name)
Application = Callable[..., Any]
Result = dict[str, Any]


def build() -> Result:
    """Make the tables, a source of events, and say what a purchase means."""
    call_command("migrate", verbosity=0)
    source = EventSource.objects.create(name="shop", write_key_hash=hashed(KEY), created_at=FIRST)
    EventMeaning.objects.create(
        source=source,
        name=BOUGHT,
        becomes=EventMeaning.Becomes.TOUCHPOINT,
        kind="purchase",
        channel="shop",
        direction="in",
        columns={"order_id": "reference", "total": "value", "store": "team"},
    )
    return {}


def prepared(name: str, events: int) -> Callable[[], Result]:
    """Return the job, with what it is given made already."""
    if name == "ingest_bare":
        return partial(_inserted, _taken_out())
    if name == "ingest_orm":
        return partial(_created, _taken_apart())
    if name == "ingest_apply":
        apply_waiting(timezone.now(), enough=lambda: True)
        return _applied
    settings.EVENTS_PER_SECOND = 1_000_000
    application = import_module("cxsurvey.wsgi").application
    _send(application, _batch([]))  # what a process loads once in its life
    return partial(_kept, application, [_batch([*made]) for made in _lots(events)])


def _lots(events: int) -> Iterator[Iterator[dict[str, Any]]]:
    """The events of each request: what came at the same time from many customers, each in her order."""
    customers = events // EACH
    for step in range(EACH):
        for begin in range(0, customers, AT_ONCE):
            yield (_event(n, step) for n in range(begin, min(begin + AT_ONCE, customers)))


def _event(n: int, step: int) -> dict[str, Any]:
    moment = FIRST + timedelta(hours=step, seconds=n % 3600)
    told: dict[str, Any] = {
        "messageId": f"node-{step}-{n:08}-7d6f1c9a",
        "userId": f"c{n:07}",
        "anonymousId": f"a2b1c0de-0000-4000-8000-{n:012}",
        "timestamp": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "context": {"library": {"name": "@segment/analytics-node", "version": "2.1.0"}, "ip": "192.0.2.7"},
        "integrations": {},
    }
    if step == 0:
        traits = {"email": f"customer.{n}@example{n % 50}.com", "phone": f"+44770{(n + 1) % 10_000_000:07}"}
        more = {"name": f"Customer Number {n}", "language": "en", "country": "GB", "plan": "plus"}
        return told | {"type": "identify", "traits": traits | more}
    if step == 1:
        return told | {"type": "page", "name": "Prices", "properties": {"path": "/prices", "title": "Our prices"}}
    order = {"order_id": f"o{step}{n:07}", "total": n % 900 + 0.5, "currency": "GBP", "store": f"Store {n % 40}"}
    return told | {"type": "track", "event": BOUGHT, "properties": order}


def _batch(events: list[dict[str, Any]]) -> bytes:
    return json.dumps({"batch": events, "sentAt": None}).encode()


def _kept(application: Application, bodies: list[bytes]) -> Result:
    """What the web does."""
    for body in bodies:
        _send(application, body)
    return _counted()


def _applied() -> Result:
    """What a worker does."""
    return {"taken": apply_waiting(timezone.now()), **_counted()}


def _send(application: Application, body: bytes) -> None:
    """A request as gunicorn hands it on."""
    asked = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/v1/batch",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_AUTHORIZATION": f"Basic {b64encode(f'{KEY}:'.encode()).decode()}",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.url_scheme": "http",
    }
    told: list[str] = []
    answer = application(asked, lambda status, _headers: told.append(status))
    content = b"".join(answer)
    answer.close()
    if told != ["200 OK"]:
        sys.exit(f"A batch was answered with {told}: {content!r}")


def _taken_apart() -> dict[type[models.Model], list[dict[str, Any]]]:
    """Take the rows that were left out of their tables, as values by field."""
    rows = {model: list(model._default_manager.values()) for model in LEFT}  # noqa: SLF001 (public in all but name)
    _empty()
    return rows


def _created(rows: dict[type[models.Model], list[dict[str, Any]]]) -> Result:
    """Put them back as a careful user of the ORM does: objects made of the values, in batches, in one transaction."""
    with transaction.atomic():
        for model, of_model in rows.items():
            model._default_manager.bulk_create([model(**row) for row in of_model], batch_size=BATCH)  # noqa: SLF001
    return _counted()


def _taken_out() -> dict[str, list[Any]]:
    """Take the rows that were left out of their tables, each table's as the database can take them again."""
    rows: dict[str, list[Any]] = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY {table} TO STDOUT") as copy:
                    rows[table] = [b"".join(map(bytes, copy))]
            else:
                rows[table] = connection.connection.execute(f"SELECT * FROM {table}").fetchall()
    _empty()
    return rows


def _empty() -> None:
    """Leave none of the rows that were left."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # What was said about consent refuses to go; there is none of it here.
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
            cursor.execute("RESET session_replication_role")
        else:
            for table in reversed(TABLES):
                cursor.execute(f"DELETE FROM {table}")


def _inserted(rows: dict[str, list[Any]]) -> Result:
    """Put them back by the fastest way that the database has, in one transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table, of_table in rows.items():
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                    for part in of_table:
                        copy.write(part)
            else:
                places = ", ".join("?" * len(of_table[0]))
                connection.connection.executemany(f"INSERT INTO {table} VALUES ({places})", of_table)
    return _counted()


def _counted() -> Result:
    return {model._meta.model_name or "": model.objects.count() for model in LEFT}  # type: ignore[attr-defined]  # noqa: SLF001
