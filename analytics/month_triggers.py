"""What keeps counted months true: triggers that note when something changes in one.

In the database, because it must be noted in the transaction of the change, whoever makes it: a step, an import, a
shell. It is noted by a row beside the month, as deleting the month would let writers wait for each other, and two that
touch the same two months crosswise for ever.
What scores are counted from (`Answer.objects.counted`, `analytics.counting`, `analytics.people`, `analytics.metrics`)
and what changes it are named here once. Inserted responses, customers and touchpoints have no answers yet; the kind of
a question never changes once it is published. The running month has no row: an answer to a survey finds nothing to
note.

SQLite refuses to rename a table that triggers of others name, which is how Django changes one: `manage.py migrate`
takes the triggers off before the first change, and puts them on after the last.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection, transaction

MONTHS, NOTES = "analytics_countedmonth", "analytics_monthchange"
ANSWERS, RESPONSES = "surveys_answer", "surveys_response"
PREFIX = "forget_month"
NOT_YET = f"NOT EXISTS (SELECT 1 FROM {NOTES} WHERE month_id = {MONTHS}.id)"
INTO = f"INSERT INTO {NOTES} (month_id) SELECT DISTINCT {MONTHS}.id"
INSIDE = f"{MONTHS}.starts_at <= moment.at AND moment.at < {MONTHS}.ends_at"


@dataclass(frozen=True, slots=True)
class Change:
    """Rows whose `columns` change (none: that come or go, as `event` says); `moments` selects when they count, as `at`.

    In `moments` {row} stands for the row as it was or as it is; None is for every month.
    """

    name: str
    table: str
    event: str
    columns: tuple[str, ...]
    moments: str | None

    @property
    def trigger(self) -> str:
        """What it is called in the database."""
        return f"{PREFIX}_{self.name}"

    @property
    def is_different(self) -> str:
        """Whether the row of an update has changed in what matters."""
        distinct = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
        return " OR ".join(f"OLD.{column} {distinct} NEW.{column}" for column in self.columns)

    def noting(self, *rows: str) -> str:
        """The statement that notes a change in the months of these rows; OLD and NEW."""
        if self.moments is None:
            return f"INSERT INTO {NOTES} (month_id) SELECT id FROM {MONTHS} WHERE {NOT_YET};"
        moments = " UNION ALL ".join(self.moments.format(row=row) for row in rows)
        return f"{INTO} FROM ({moments}) AS moment CROSS JOIN {MONTHS} WHERE {INSIDE} AND {NOT_YET};"


OF_ANSWER = f"SELECT answered_at AS at FROM {RESPONSES} WHERE id = {{row}}.response_id AND {{row}}.number IS NOT NULL"
OF_RESPONSE = "SELECT {row}.answered_at AS at"
CHANGES = (
    Change("answer_in", ANSWERS, "INSERT", (), OF_ANSWER),
    Change("answer_out", ANSWERS, "DELETE", (), OF_ANSWER),
    Change("answer", ANSWERS, "UPDATE", ("response_id", "question_id", "number", "known"), OF_ANSWER),
    Change("response_out", RESPONSES, "DELETE", (), OF_RESPONSE),
    Change(
        "response",
        RESPONSES,
        "UPDATE",
        ("answered_at", "test", "open_link_id", "customer_id", "touchpoint_id"),
        OF_RESPONSE,
    ),
    Change(
        "touchpoint",
        "contacts_touchpoint",
        "UPDATE",
        ("kind", "occurred_at"),
        f"SELECT answered_at AS at FROM {RESPONSES} WHERE touchpoint_id = {{row}}.id",
    ),
    Change(
        "person",
        "contacts_customer",
        "UPDATE",
        ("merged_into_id",),
        f"SELECT answered_at AS at FROM {RESPONSES} WHERE customer_id = {{row}}.id",
    ),
    Change(
        "metric", "analytics_metric", "UPDATE", ("question_kind", "counts_from", "against_to", "horizon_days"), None
    ),
)
TABLES = tuple(dict.fromkeys(change.table for change in CHANGES))
"""The tables that scores are counted from."""
OF_MANY = {
    ANSWERS: (
        f"SELECT (SELECT answered_at FROM {RESPONSES} WHERE id = changed.response_id) AS at "
        "FROM changed WHERE number IS NOT NULL"
    ),
    RESPONSES: "SELECT answered_at AS at FROM changed",
}
"""When rows count that came or went in one statement. Each response is looked up by itself, so that the plan that
PostgreSQL keeps for a connection is good for one answer and for many."""


def are_on() -> bool:
    """Whether all triggers are there."""
    return _found() == {change.trigger for change in CHANGES}


@transaction.atomic
def install() -> None:
    """Put the triggers on, where the table is there already; those that are on stay."""
    if NOTES in connection.introspection.table_names() and not are_on():
        _run(statement for change in CHANGES for statement in _made(change))


@transaction.atomic
def remove() -> None:
    """Take the triggers off, and forget every month: nothing would keep its row true."""
    if _found():
        _run([f"DELETE FROM {MONTHS}"])
        _run(statement for change in CHANGES for statement in _unmade(change))


def _found() -> set[str]:
    source = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE tgname LIKE %s AND tgrelid = ANY (%s::regclass[])",
    }
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(source["sqlite"], [f"{PREFIX}%"])
        else:
            there = set(connection.introspection.table_names(cursor))
            cursor.execute(source["postgresql"], [f"{PREFIX}%", [table for table in TABLES if table in there]])
        return {str(name) for (name,) in cursor.fetchall()}


def _made(change: Change) -> Iterator[str]:
    """The statements that make a trigger; what comes and goes is one call a statement on PostgreSQL, not one a row."""
    rows = {"INSERT": ("NEW",), "DELETE": ("OLD",), "UPDATE": ("OLD", "NEW")}[change.event]
    event = f"{change.event} OF {', '.join(change.columns)}" if change.columns else change.event
    when = f"WHEN ({change.is_different})" if change.columns else ""
    if connection.vendor == "sqlite":
        yield (
            f"CREATE TRIGGER {change.trigger} AFTER {event} ON {change.table} FOR EACH ROW {when} "
            f"BEGIN {change.noting(*rows)} END"
        )
        return
    yield from _unmade(change)
    body = change.noting(*rows) if change.columns else _of_many(change)
    yield (
        f"CREATE FUNCTION {change.trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$"
    )
    each = "FOR EACH ROW" if change.columns else f"REFERENCING {rows[0]} TABLE AS changed FOR EACH STATEMENT"
    yield (
        f"CREATE TRIGGER {change.trigger} AFTER {event} ON {change.table} {each} {when} "
        f"EXECUTE FUNCTION {change.trigger}()"
    )


def _of_many(change: Change) -> str:
    return (
        f"WITH moment AS MATERIALIZED (SELECT DISTINCT at FROM ({OF_MANY[change.table]}) AS of_each) "
        f"{INTO} FROM moment CROSS JOIN {MONTHS} WHERE {INSIDE} AND {NOT_YET};"
    )


def _unmade(change: Change) -> Iterator[str]:
    if connection.vendor == "sqlite":
        yield f"DROP TRIGGER IF EXISTS {change.trigger}"
    else:
        yield f"DROP TRIGGER IF EXISTS {change.trigger} ON {change.table}"
        yield f"DROP FUNCTION IF EXISTS {change.trigger}()"


def _run(statements: Iterator[str] | list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
