"""What in the data a person can mend: counted by the database, one statement for all tables."""

from collections.abc import Iterable
from typing import Any, NamedTuple, TypedDict

from django.db.models import Count, F, Q, QuerySet, Sum, Value
from django.db.models.functions import Concat

from analytics.arrivals import Arrival, LatenessRow
from analytics.people import everybody
from analytics.scope import Scope
from analytics.shares import percent
from contacts.brands import visible_to
from contacts.doubtful import of_a_role, of_persons, shared, unreachable
from contacts.models import ImportRun
from contacts.sharing import addresses
from surveys.models import IncomingSms, ProviderEvent
from surveys.reply_list import TO_READ

CHECKS = {
    "customers": ("no_time_zone", "no_language", "no_address"),
    "addresses": ("closed_address", "role_address"),
    "sharers": ("same_email", "same_phone"),
    "replies": ("reply_of_nobody", "reply_to_read"),
    "news": ("news_of_nothing",),
}
"""What is counted -> the checks of its rows, in the order of the counts."""
FILES = "files of "
"""Before the subject of imports, which may have the name of a table."""


class CheckRow(TypedDict):
    """How many (`n`) of how many rows (`of`) a check has found; in percent."""

    check: str
    n: int
    of: int
    share: float | None


class ImportRow(TypedDict):
    """Rows of the files that were brought in about a subject; `unchanged` came again and said nothing new."""

    subject: str
    rows: int
    created: int
    updated: int
    unchanged: int
    rejected: int


class Counted(NamedTuple):
    """The rows of a table, and how many of them have what its checks look for."""

    what: str
    total: int
    first: int
    second: int
    third: int


def counted(scope: Scope) -> list[Counted]:
    """Customers and addresses as they are now; imports, replies and providers' news of the period. One statement."""
    tables = [_customers(scope), _addresses(scope), _sharers(scope), _replies(scope), _news(scope), _imports(scope)]
    first, *others = tables
    return [Counted(*row) for row in first.union(*others, all=True)]


def check_rows(tables: Iterable[Counted], arrived: list[Arrival], late: list[LatenessRow]) -> list[CheckRow]:
    """A row per check, whether it has found anything or not."""
    found = {table.what: table for table in tables}
    rows = [
        _row(check, n, found[what].total)
        for what, checks in CHECKS.items()
        for check, n in zip(checks, found[what][2:], strict=False)
    ]
    touchpoints = sum(group.n for group in arrived)
    rows += [
        _row("twice", sum(group.twice for group in arrived), touchpoints),
        _row("early", sum(row["early"] for row in late), touchpoints),
        _row("too_late", sum(row["too_late"] for row in late), touchpoints),
        _row("simulated", sum(group.simulated for group in arrived), touchpoints),
    ]
    imports = import_rows(found.values())
    brought = sum(row["rows"] for row in imports)
    return [
        *rows,
        _row("rejected", sum(row["rejected"] for row in imports), brought),
        _row("again", sum(row["unchanged"] for row in imports), brought),
    ]


def import_rows(tables: Iterable[Counted]) -> list[ImportRow]:
    """A row per subject of which files were brought in, in the order of the alphabet."""
    subjects = {table.what.removeprefix(FILES): table for table in tables if table.what.startswith(FILES)}
    return [
        ImportRow(
            subject=subject,
            rows=table.total,
            created=table.total - table.first - table.second - table.third,
            updated=table.third,
            unchanged=table.second,
            rejected=table.first,
        )
        for subject, table in sorted(subjects.items())
    ]


def _customers(scope: Scope) -> QuerySet[Any, Any]:
    return _table(
        "customers",
        visible_to(scope.reader, everybody().filter(erased_at=None)),
        Count("pk", Q(time_zone="")),
        Count("pk", Q(language="")),
        Count("pk", unreachable()),
    )


def _addresses(scope: Scope) -> QuerySet[Any, Any]:
    closed = Count("pk", Q(scope.period.holds("closed_at"), closed_at__isnull=False))
    return _table("addresses", visible_to(scope.reader, addresses()), closed, Count("pk", of_a_role()), Value(0))


def _sharers(scope: Scope) -> QuerySet[Any, Any]:
    """Persons, and not addresses, are counted."""
    every = Count("person", distinct=True)
    email, phone = (Count("person", Q(shared(), type=type_), distinct=True) for type_ in ("email", "phone"))
    return _columns(
        visible_to(scope.reader, of_persons()).order_by().values(what_=Value("sharers")), every, email, phone, Value(0)
    )


def _replies(scope: Scope) -> QuerySet[Any, Any]:
    written = IncomingSms.objects.filter(scope.period.holds("at"))
    return _table(
        "replies", visible_to(scope.reader, written), Count("pk", Q(customer=None)), Count("pk", TO_READ), Value(0)
    )


def _news(scope: Scope) -> QuerySet[Any, Any]:
    told = ProviderEvent.objects.filter(scope.period.holds("received_at"))
    return _table("news", visible_to(scope.reader, told), Count("pk", Q(attempt=None)), Value(0), Value(0))


def _imports(scope: Scope) -> QuerySet[Any, Any]:
    done = ImportRun.objects.filter(scope.period.holds("started_at"), state=ImportRun.State.DONE)
    rows = Sum(F("created") + F("updated") + F("unchanged") + F("rejected"))
    sums = (Sum("rejected"), Sum("unchanged"), Sum("updated"))
    theirs = visible_to(scope.reader, done)
    return _columns(theirs.order_by().values(what_=Concat(Value(FILES), F("subject"))), rows, *sums)


def _table(what: str, rows: QuerySet[Any, Any], *counts: Any) -> QuerySet[Any, Any]:
    """One row, also of nothing: a constant is no group."""
    return _columns(rows.order_by().values(what_=Value(what)), Count("pk"), *counts)


def _columns(groups: QuerySet[Any, Any], *counts: Any) -> QuerySet[Any, Any]:
    """The columns of Counted, alike in all parts of the union."""
    names = ("total", "first", "second", "third")
    counted: QuerySet[Any, Any] = groups.annotate(**dict(zip(names, counts, strict=True)))
    return counted.values_list("what_", *names)


def _row(check: str, n: int, of: int) -> CheckRow:
    return CheckRow(check=check, n=n, of=of, share=percent(n, of) if of else None)
