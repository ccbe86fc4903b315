"""What is counted by `bench.counting`: a world of answers, the statements that one would write by hand, and ours."""

import time
from datetime import UTC, datetime
from statistics import median
from typing import Any

import numpy as np
from django.core.management import call_command
from django.db import connection

from analytics import month_triggers
from analytics.counted_months import count_months
from analytics.metrics import definitions
from analytics.month_cells import from_answers, month_cells, month_rows
from analytics.period import Period
from analytics.scope import Scope
from analytics.scores import repeated_n_eff
from bench._world import without_indexes
from contacts.columns import write_columns
from contacts.frequency.zone_arrays import micros
from contacts.models import Brand, Customer, Touchpoint
from contacts.texts import Texts
from surveys.defaults import ensure_nps_survey
from surveys.models import Answer, Response

AT = datetime(2026, 5, 5, 12, tzinfo=UTC)
SINCE = datetime(2024, 5, 1, tzinfo=UTC)
KINDS = 40
EACH = 3
"""Answers of a customer on average."""
CHUNK = 500_000
EVERYTHING = Scope(Period(None, None, AT))
TABLES = ("contacts_customer", "contacts_touchpoint", "surveys_response", "surveys_answer")
MONTH = {
    "postgresql": "date_trunc('month', r.answered_at AT TIME ZONE 'UTC')",
    "sqlite": "strftime('%%Y-%%m', r.answered_at)",
}
FROM = (
    " FROM surveys_answer a JOIN surveys_response r ON r.id = a.response_id JOIN surveys_question q "
    "ON q.id = a.question_id LEFT JOIN contacts_touchpoint t ON t.id = r.touchpoint_id {join} "
    "WHERE q.kind = 'nps' AND a.number IS NOT NULL AND NOT a.known AND NOT r.test AND r.open_link_id IS NULL "
    "AND r.customer_id IS NOT NULL AND r.answered_at <= %s GROUP BY 1, 2"
)
COUNTED = (
    "SELECT COALESCE(t.kind, ''), {month}, COUNT(*), COUNT(*) FILTER (WHERE a.number >= 9), "
    "COUNT(*) FILTER (WHERE a.number <= 6)"
)
PERSONS = ", COUNT(DISTINCT COALESCE(c.merged_into_id, c.id))"
Result = dict[str, Any]


def build(responses: int) -> Result:
    """Fill an empty database: each response about a touchpoint of its own, customers at random, time in order."""
    call_command("migrate", verbosity=0)
    month_triggers.remove()
    version = ensure_nps_survey(SINCE, Brand.objects.create(slug="bench", name="Bench"))
    question = version.questions.get(kind="nps")
    customers = responses // EACH
    random = np.random.default_rng(responses)
    seconds = np.sort(random.integers(0, int((AT - SINCE).total_seconds()), responses))
    moments = micros(SINCE) + seconds * 1_000_000
    with without_indexes(*TABLES):
        for ids in _chunks(customers):
            known = {"external_id": Texts.of(np.char.add(b"c", ids.astype(np.bytes_)))}
            write_columns(Customer, known, source="bench", created_at=SINCE, updated_at=SINCE)
        for ids in _chunks(responses):
            at, owners = moments[ids - 1], random.integers(1, customers + 1, len(ids))
            names = Texts.of(np.char.add(b"t", ids.astype(np.bytes_)))
            kinds = Texts.chosen([f"kind_{n}" for n in range(KINDS)], random.integers(0, KINDS, len(ids)))
            about = {"customer_id": owners, "external_id": names, "kind": kinds, "occurred_at": at, "received_at": at}
            write_columns(Touchpoint, about | {"updated_at": at}, source="bench", channel="shop")
            given = {"customer_id": owners, "touchpoint_id": ids, "answered_at": at, "updated_at": at}
            write_columns(Response, given, source="bench", channel="email", version_id=version.pk)
            answers = {"response_id": ids, "number": random.integers(0, 11, len(ids))}
            write_columns(Answer, answers, question_id=question.pk)
    month_triggers.install()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    return {"responses": responses, "customers": customers}


def _chunks(rows: int) -> list[Any]:
    return [np.arange(first, min(first + CHUNK, rows + 1)) for first in range(1, rows + 1, CHUNK)]


def warm() -> None:
    """Load what a worker loads once in its life: half a second of SciPy."""
    repeated_n_eff((2, 1, 1), [(2, 1, 1, 1)])


def bare() -> Result:
    """Counts alone, by hand."""
    return _by_hand(COUNTED + FROM.format(join=""))


def persons() -> Result:
    """Counts and customers, by hand: an interval needs more than that, but no less."""
    return _by_hand(COUNTED + PERSONS + FROM.format(join="JOIN contacts_customer c ON c.id = r.customer_id"))


def _by_hand(statement: str) -> Result:
    with connection.cursor() as cursor:
        cursor.execute(statement.replace("{month}", MONTH[connection.vendor]), [AT])
        rows = cursor.fetchall()
    return {"cells": len(rows), "answers": sum(row[2] for row in rows)}


def ours() -> Result:
    """The product's, from the answers, where no month is counted yet."""
    cells = from_answers([EVERYTHING], [definitions()["nps"]])["nps"]
    return {"cells": len(cells), "answers": sum(sum(cell.counts) for cell in cells.values())}


def count() -> Result:
    """Count all months that are over, as every night does."""
    return {"months": count_months(AT)}


def rolled() -> Result:
    """The product's, where the months that are over are counted: read, hidden, estimated; median CPU of nine, in ms."""
    nps = definitions()["nps"]
    times, before_the_running_month = [], Scope(Period(None, AT.replace(day=1, hour=0), AT))
    for _ in range(9):
        begin = time.process_time()
        cells = month_cells(before_the_running_month, [nps])["nps"]
        read = time.process_time()
        kinds, months = ({place[along]: False for place in cells} for along in (0, 1))
        rows = month_rows(nps, cells, kinds, months)
        times.append((1000 * (read - begin), 1000 * (time.process_time() - begin)))
    to_read, to_show = (median(column) for column in zip(*times, strict=True))
    return {"cells": len(rows), "read_ms": to_read, "ms": to_show}
