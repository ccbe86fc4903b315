"""Where the report's data comes from, and which of it was made up."""

from typing import Any, TypedDict

from django.db.models import Count, F, Q, QuerySet, Value

from analytics.scope import Scope
from contacts.names import in_words

CREDITS = {
    "cdnow": "Purchases: the CDNOW data set of 1997 and 1998, made public with Peter S. Fader and Bruce G. S. Hardie, "
    "“Forecasting Repeat Sales at CDNOW: A Case Study”, Interfaces 31 (2001)."
}
"""Source of touchpoints -> whom to name where they are shown."""


class SourceRow(TypedDict):
    """How many rows of the scope came from a source, and how many of them are simulated."""

    what: str
    value: str
    source: str
    n: int
    simulated: int


def source_rows(scope: Scope) -> list[SourceRow]:
    """Touchpoints by kind, contacts by purpose, and responses, each by source, in this order. One statement."""
    groups = {
        "touchpoints": scope.touchpoints().values("source", group=F("kind")),
        "contacts": scope.contacts().values("source", group=F("purpose")),
        "responses": scope.responses().values("source", group=Value("all")),
    }
    first, *others = (_counted(what, rows) for what, rows in groups.items())
    rows: list[SourceRow] = list(first.union(*others, all=True))
    order = list(groups)
    return sorted(rows, key=lambda row: (order.index(row["what"]), -row["n"], row["value"], row["source"]))


def _counted(what: str, rows: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    """The size of each group, in the columns of SourceRow; ordered by nothing, as parts of a union are."""
    made_up = Count("id", filter=Q(simulated=True))
    counted: QuerySet[Any, Any] = rows.order_by().annotate(n=Count("id"), made_up=made_up)
    return counted.values("source", "n", what=Value(what), value=F("group"), simulated=F("made_up"))


def credits_due(rows: list[SourceRow]) -> list[str]:
    """Whom to name on a page that shows these rows."""
    return [text for source, text in CREDITS.items() if any(row["source"] == source for row in rows)]


def made_up(rows: list[SourceRow]) -> list[str]:
    """What of these rows is simulated, in words: one phrase for touchpoints, contacts and responses each."""
    phrases = []
    for what in dict.fromkeys(row["what"] for row in rows):
        some = [row for row in rows if row["what"] == what and row["simulated"]]
        n, simulated = (sum(row[key] for row in rows if row["what"] == what) for key in ("n", "simulated"))
        if some:
            kinds = sorted(in_words(kind, inside=True) for kind in {row["value"] for row in some} - {"all"})
            phrases.append(f"{simulated:,} of {n:,} {what}" + (f" ({', '.join(kinds)})" if kinds else ""))
    return phrases
