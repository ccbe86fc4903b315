"""Data quality: what in the data is doubtful, what that does to the numbers, and where a person can mend it."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from analytics import charts
from analytics.arrivals import arrivals, lateness_rows, stated_rows
from analytics.flagged import ALL, ANY, flag_rows
from analytics.mending import check_rows, counted, import_rows
from analytics.page import Headline, Section, leading, section
from analytics.reports.quality_words import CHECKS, FLAGS
from analytics.reports.tables import INTERVAL, Rows
from analytics.scope import Scope
from contacts.brands import visible_to
from surveys.models import Program

MENDED = {"what": "What was found", "n": "Rows", "of": "Of", "share": "Share (%)", "means": "What it means"}
FLAGGED = {
    "value": "Flag",
    "n": "Responses",
    "share": "Share (%)",
    "nps": "NPS of these",
    **INTERVAL,
    "without": "NPS without them",
    "without_low": "95% from ",
    "without_high": "to ",
    "state": "State",
    "means": "What it means",
}
LATENESS = {
    "source": "Source",
    "n": "Touchpoints",
    "median": "Half at most (hours)",
    "p90": "Nine of ten at most (hours)",
    "too_late": "Too late to ask",
    "too_late_share": "Too late (%)",
    "early": "Before they happened",
}
STATED = {
    "value": "Touchpoint",
    "n": "Touchpoints",
    "no_team": "No team (%)",
    "no_agent": "No agent (%)",
    "no_product": "No product (%)",
}
IMPORTS = {
    "subject": "Brought in",
    "rows": "Rows",
    "created": "New",
    "updated": "Changed",
    "unchanged": "Nothing new",
    "rejected": "Rejected",
}
SOURCES = {"what": "Data", "value": "Kind", "source": "Source", "n": "Rows", "simulated": "Of these simulated"}

TO_MEND = (
    "Customers and addresses are counted as they are now; replies, news from providers and imports are those of the "
    "period, whatever the filters. Click on a line to see the rows."
)
DOUBTFUL = (
    "Flagged responses stay and count until somebody decides otherwise: here is what that is worth. A response can "
    "have several flags. Where the score without them lies inside the interval of all, it is no other score."
)
WAITED = (
    "From when a touchpoint happened to when it was told to us. Too late: later than its program thinks it worth to "
    "ask, so nobody was asked about it, and its score is missing. Before they happened: a clock of the source is "
    "wrong, and so is every time that is measured from its touchpoints."
)
UNSAID = (
    "Scores by team, agent and product are only about touchpoints that state it: the others stand there as "
    "“not stated”."
)
FILES = "Files of the period. Rows with nothing new were sent again, and counted once."


def build(scope: Scope) -> dict[str, Any]:
    """Return what can be mended, flags with their scores, lateness, what is not stated, and imports."""
    arrived, tables = arrivals(scope), counted(scope)
    late = lateness_rows(arrived, visible_to(scope.reader, Program.objects.filter(active=True)))
    return {
        "checks": check_rows(tables, arrived, late),
        "flags": flag_rows(scope),
        "lateness": late,
        "stated": stated_rows(arrived),
        "imports": import_rows(tables),
    }


def headline(numbers: Mapping[str, Any]) -> Headline:
    """Say how many things wait for a person, and how much of the data is real."""
    rows, simulated = (sum(row[column] for row in numbers["sources"]) for column in ("n", "simulated"))
    open_ = sum(row["n"] > 0 for row in numbers["checks"] if CHECKS[row["check"]].mends)
    figure = f"{open_} thing{'s' if open_ != 1 else ''} to mend" if open_ else "Nothing to mend"
    return Headline(figure, f"In {rows:,} rows, of which {simulated:,} are simulated.")


def sections(numbers: Mapping[str, Any]) -> list[Section]:
    """Return the sections over what `build` returned."""
    period = numbers["period"]["text"]
    return [
        _to_mend(numbers["checks"]),
        _flags(numbers["flags"], period),
        section("lateness", "How late do touchpoints arrive?", numbers["lateness"], LATENESS, lead=WAITED),
        _stated(numbers["stated"]),
        section("imports", "What became of imported rows?", numbers["imports"], IMPORTS, lead=FILES),
        section("sources", "Where does the data come from?", numbers["sources"], SOURCES),
    ]


def _to_mend(rows: Rows) -> Section:
    found = sorted(rows, key=lambda row: (not row["n"], not CHECKS[row["check"]].mends))
    checks = [CHECKS[row["check"]] for row in found]
    told = [
        {**row, "what": check.name, "share": row["share"] or 0.0, "means": check.means}
        for row, check in zip(found, checks, strict=True)
    ]
    addresses = [check.address if row["n"] else "" for row, check in zip(found, checks, strict=True)]
    return leading(section("checks", "What is doubtful or missing?", told, MENDED, lead=TO_MEND), addresses)


def _flags(rows: Rows, period: str) -> Section:
    shown = [row for row in rows if row["n"]]
    told = [{**row, "value": FLAGS[row["flag"]].name, "means": FLAGS[row["flag"]].means} for row in shown]
    found = section(
        "flags",
        "What do doubtful answers do to the score?",
        told,
        FLAGGED,
        lambda frame: charts.nps_by_group(frame, period),
        lead=DOUBTFUL,
        finding=_set_aside(rows),
        counted="scores",
        besides="as the score of the others would tell what a few said",
    )
    listed = reverse("admin:surveys_response_changelist")
    addresses = [f"{listed}?flag={row['flag']}" if row["flag"] != "all" else "" for row in shown]
    return leading(found, addresses)


def _set_aside(rows: Rows) -> str:
    """What the score would be without all that is doubtful, where both are shown."""
    by_flag = {row["flag"]: row for row in rows if row["n"]}
    if by_flag.keys() == {ALL}:
        return "No response is doubtful."
    if ANY not in by_flag or by_flag[ANY]["without"] is None:
        return ""
    every, doubtful = by_flag[ALL], by_flag[ANY]
    score = f"{doubtful['without']} points (95% {doubtful['without_low']} to {doubtful['without_high']})"
    return f"Without the {doubtful['n']:,} doubtful responses the NPS would be {score} instead of {every['nps']}."


def _stated(rows: Rows) -> Section:
    told = [{**row, "value": row["kind"], "by": "kind"} for row in rows]
    found = section("stated", "What do touchpoints not say?", told, STATED, lead=UNSAID)
    listed = reverse("admin:contacts_touchpoint_changelist")
    return leading(found, [f"{listed}?kind={row['kind']}" for row in rows])
