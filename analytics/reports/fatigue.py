"""Fatigue: what asking does to the scores, and what it takes from the customers."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from analytics import charts, frames
from analytics.asking import contacts_per_customer
from analytics.burning import burn_rows
from analytics.caps import customers_at_caps
from analytics.drawn_rows import drawn_rows
from analytics.page import Headline, Section, section
from analytics.period import spoken
from analytics.reports.drawn_sections import drawn_sections
from analytics.reports.tables import INTERVAL, NPS, Row, Rows
from analytics.scope import Scope
from analytics.splitting import PARTS, Split, by_contacts, cost_rows, split

SPLIT = {"part": "NPS", "estimate": "Points", **INTERVAL}
RATE = {
    "value": "Contacts in the 90 days before",
    "n": "Invitations",
    "count": "Answered",
    "share": "Answered (%)",
    **INTERVAL,
    "state": "State",
}
SCORE = {"value": "Contacts in the 90 days before", **NPS}
COST = {
    "contacts": "Contacts in the 90 days before",
    "points": "NPS: change (points)",
    "points_low": "95% from",
    "points_high": "to",
    "answers": "Answers: change (%)",
    "answers_low": "95% from",
    "answers_high": "to",
}
BURN = {
    "program": "Program",
    "sent": "Messages",
    "opt_outs": "Opt-outs",
    "opt_outs_per_thousand": "Opt-outs per thousand",
    "complaints": "Complaints",
    "complaints_per_thousand": "Complaints per thousand",
    "attention_hours": "Attention (hours)",
}
CONTACTS = {"contacts": "Contacts", "customers": "Customers", "share": "Customers (%)"}
CAPS = {"cap": "Cap", "limit": "Limit", "window": "Window", "n": "Customers at the cap", "share": "Customers (%)"}
CAUSES = {"fatigue": "contacts before", "nonresponse": "silence"}

TAKEN_APART = (
    "Of {invited:,} invitations whose time to answer is over, {answers:,} brought a score. Fatigue lowers a score, and "
    "the silence of the tired and the unhappy raises it, so that the plain average can look right. {why}"
)
REFEREED = " Taken apart is what the holdout below can be compared with, by what it shows."
AS_MEASURED = (
    "As measured, which says nothing about causes: who had a problem is contacted more often, and is less happy."
)
ONE_MORE = "Against the row above, customers being alike in what is known of them. As proven as the split at the top."
HELD_AGAINST = (
    "An opt-out or a complaint in the customer's own words within 7 days is held against the message before it. "
    "Attention: what answering is said to take, and what calls took, whether the customer answered or not."
)


def build(scope: Scope) -> dict[str, Any]:
    """Return the score taken apart, what contacts cost, and how often customers were contacted.

    The customers at each cap are those now, whatever the scope.
    """
    invited = frames.invited(scope)
    rates, scores = by_contacts(invited)
    drawn, refereed = drawn_rows(scope)
    return {
        "split": _refereed(refereed) or split(invited),
        "drawn": drawn,
        "rate_by_contacts": rates,
        "score_by_contacts": scores,
        "cost": cost_rows(invited),
        "burn": burn_rows(scope),
        "fatigue": contacts_per_customer(scope),
        "caps": customers_at_caps(scope.period.at, scope.reader),
    }


def _refereed(comparable: pd.DataFrame | None) -> Split | None:
    """The split of what the holdout can be compared with, where it is enough to judge."""
    found = split(comparable) if comparable is not None else None
    return found if found and found["refereed"] else None


def headline(numbers: Mapping[str, Any]) -> Headline:
    """Say what contacts did to the score, or where that cannot be told how often customers were contacted."""
    parts = {row["part"]: row for row in numbers["split"]["parts"]}
    if parts:
        found = parts["fatigue"]
        sure = f"with 95% confidence {found['low']:+} to {found['high']:+}; {numbers['split']['verdict']}"
        return Headline(f"{found['estimate']:+} points", f"What contacts before did to the NPS ({sure}).")
    customers = sum(row["customers"] for row in numbers["fatigue"])
    if not customers:
        return Headline("No customers yet", "Contacts are counted once there are customers.")
    contacts = sum(row["contacts"] * row["customers"] for row in numbers["fatigue"])
    text = f"{contacts:,} contacts with {customers:,} customers. What they did to the score cannot be told yet."
    return Headline(f"{contacts / customers:.2f} contacts per customer", text)


def sections(numbers: Mapping[str, Any]) -> list[Section]:
    """Return the sections over what `build` returned."""
    period = numbers["period"]
    return [
        _split(numbers["split"], period["text"]),
        *drawn_sections(numbers["drawn"]),
        *_by_contacts(numbers["rate_by_contacts"], numbers["score_by_contacts"], period["text"]),
        section("cost", "What does one more contact cost?", numbers["cost"], COST, lead=ONE_MORE),
        section("burn", "Which program burns the customers?", numbers["burn"], BURN, lead=HELD_AGAINST),
        _contacts(numbers["fatigue"], period["text"]),
        _caps(numbers["caps"], period["at"]),
    ]


def _split(found: Mapping[str, Any], period: str) -> Section:
    rows = [{**row, "part": PARTS[row["part"]]} for row in found["parts"]]
    lead = TAKEN_APART.format(**found) + (REFEREED if found["refereed"] else "")
    title = "What did asking do to the score?"
    draw, finding = lambda frame: charts.split(frame, period), _taken_apart(found)
    return section("split", title, rows, SPLIT, draw, lead=lead, finding=finding)


def _taken_apart(found: Mapping[str, Any]) -> str:
    parts = {row["part"]: row for row in found["parts"]}
    if not parts:
        return ""
    told = [f"{name} {_told(parts[part], ' points')}" for part, name in CAUSES.items()]
    return f"What the survey did to the NPS: {', '.join(told)}; {found['verdict']}."


def _from_none_on(rows: Rows, estimate: str, unit: str) -> str:
    """The customers with the fewest contacts before and those with the most."""
    shown = [row for row in rows if row["state"] != "withheld"]
    told = [f"with {row['value']} contacts before {_told({'estimate': row[estimate], **row}, unit)}" for row in shown]
    return f"{', '.join(dict.fromkeys((told[0], told[-1])))}.".capitalize() if told else ""


def _told(row: Row, unit: str) -> str:
    return f"{row['estimate']}{unit} (95% {row['low']} to {row['high']})"


def _by_contacts(rates: Rows, scores: Rows, period: str) -> list[Section]:
    return [
        section(
            "rate-by-contacts",
            "Who answers, by contacts before",
            rates,
            RATE,
            lambda frame: charts.share_by_group(frame, "Answered invitations", period),
            lead=AS_MEASURED,
            finding=_from_none_on(rates, "share", "% answered"),
            counted="invitations",
        ),
        section(
            "score-by-contacts",
            "NPS by contacts before",
            scores,
            SCORE,
            lambda frame: charts.nps_by_group(frame, period),
            lead=AS_MEASURED,
            finding=_from_none_on(scores, "nps", " points"),
        ),
    ]


def _contacts(rows: Rows, period: str) -> Section:
    return section(
        "contacts",
        "How often did we contact a customer?",
        [{**row, "contacts": str(row["contacts"])} for row in rows],
        CONTACTS,
        lambda frame: charts.contacts_per_customer(frame, period),
        lead="Invitations, reminders, thank-yous, calls, other systems' messages; what was not sent does not count.",
        finding=_how_often(rows),
    )


def _how_often(rows: Rows) -> str:
    customers = sum(row["customers"] for row in rows)
    if not customers:
        return ""
    never = next(row for row in rows if row["contacts"] == 0)
    most = max(row["contacts"] for row in rows)
    told = f"{never['customers']:,} of {customers:,} customers ({never['share']}%) were not contacted"
    return f"{told}; nobody more than {'once' if most == 1 else f'{most} times'}." if most else f"{told}."


def _fullest(rows: Rows) -> str:
    """The cap that holds back the most customers."""
    if not rows:
        return ""
    most = max(rows, key=lambda row: int(row["n"]))
    held = f"{most['n']:,} of {most['customers']:,} customers ({most['share']}%)"
    return f"“{most['cap']}” leaves {held} no room for one more contact, more than any other cap."


def _caps(rows: Rows, at: str) -> Section:
    return section(
        "caps",
        "How many customers are at a cap?",
        rows,
        CAPS,
        lambda frame: charts.customers_at_caps(frame, f"on {spoken(date.fromisoformat(at[:10]))}"),
        lead="Customers for whom the policy in force leaves no room for one more contact that the cap counts.",
        finding=_fullest(rows),
    )
