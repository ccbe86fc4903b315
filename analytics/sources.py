"""Where the report's data comes from, and which of it was made up."""

from typing import TypedDict

from django.db.models import Count, F, Q, Value

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
    """Touchpoints by kind, contacts by purpose, and responses, each by source, in this order."""
    simulated = Count("id", filter=Q(simulated=True))
    touchpoints = scope.touchpoints().values("source", group=F("kind"))
    contacts = scope.contacts().values("source", group=F("purpose"))
    responses = scope.responses().values("source", group=Value("all"))
    counted = {
        "touchpoints": touchpoints.annotate(n=Count("id"), made_up=simulated),
        "contacts": contacts.annotate(n=Count("id"), made_up=simulated),
        "responses": responses.annotate(n=Count("id"), made_up=simulated),
    }
    return [
        SourceRow(what=what, value=row["group"], source=row["source"], n=row["n"], simulated=row["made_up"])
        for what, rows in counted.items()
        for row in rows.order_by("-n", "group", "source")
    ]


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
