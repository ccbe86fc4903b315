"""The questions that the report answers, in order: to each its chart, its words and the table of its numbers."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from analytics import charts
from analytics.page import Section, section
from analytics.scores import state

Row = Mapping[str, Any]
Rows = Sequence[Row]

INTERVAL = {"low": "95% from", "high": "to"}
NPS = {
    "n": "Answers",
    "promoters": "Promoters",
    "passives": "Passives",
    "detractors": "Detractors",
    "nps": "NPS (points)",
    **INTERVAL,
    "state": "State",
}
OPEN_LINKS = {
    "value": "Open link",
    "kind": "Touchpoint",
    "answers": "All answers",
    "flagged": "Of these doubtful",
    "n": "Scores",
    "promoters": "Promoters",
    "passives": "Passives",
    "detractors": "Detractors",
    "nps": "NPS (points)",
    **INTERVAL,
    "state": "State",
}
AGAINST_CHURN = {
    "value": "Touchpoint",
    "n": "Answers",
    "nps": "NPS (points)",
    **INTERVAL,
    "customers": "Customers",
    "difference": "Churn difference (points)",
    "difference_low": "95% from",
    "difference_high": "to",
    "state": "State",
}
CHURN = {
    "value": "Touchpoint",
    "n": "Customers",
    "lost": "Bought nothing more",
    "share": "Share (%)",
    **INTERVAL,
    "rest_n": "The rest: customers",
    "rest_share": "Share (%)",
    "difference": "Difference (points)",
    "difference_low": "95% from",
    "difference_high": "to",
    "state": "State",
}
ANSWER_RATE = {
    "n": "Invitations sent",
    "count": "Answered",
    "share": "Answered (%)",
    **INTERVAL,
    "still_open": "Still open",
    "state": "State",
}
CALLS = {
    "value": "Program",
    "n": "Cases",
    "count": "Interviews",
    "share": "RR1 (%)",
    **INTERVAL,
    "rr3": "RR3 (%)",
    "e": "e (%)",
    "state": "State",
}
DISPOSITIONS = {"program": "Program", "code": "Code", "disposition": "Final disposition", "n": "Cases"}
DECISIONS = {"stage": "Stage", "decision": "Decision", "reason": "Reason", "kind": "Kind of reason", "n": "Decisions"}
FATIGUE = {"contacts": "Contacts", "customers": "Customers", "share": "Customers (%)"}
CAPS = {"cap": "Cap", "limit": "Limit", "window": "Window", "n": "Customers at the cap", "share": "Customers (%)"}
SOURCES = {"what": "Data", "value": "Kind", "source": "Source", "n": "Rows", "simulated": "Of these simulated"}

LEFT_AND_UP = (
    "Each bubble is a kind of touchpoint, its area the number of customers. Further left: unhappier answers. Higher: "
    "more of its customers bought nothing within {days} days afterwards than customers with as many purchases behind "
    "them did after other touchpoints. This is an association; it does not say that the touchpoint made anybody leave."
)
LOST = (
    "Share of customers without a purchase in the {days} days after their first touchpoint of the kind. The rest are "
    "customers after their first touchpoint of another kind, with as many purchases behind them. Only touchpoints "
    "whose {days} days are over count. The difference is an association, not an effect."
)
ANYBODY = (
    "Anybody who passed by may have answered, customer or not, and more than once. These answers are in no other "
    "figure. Doubtful are those that look like a repetition, a program or a click in no time; they are counted here "
    "too."
)
RATES = (
    "Response rates by the American Association for Public Opinion Research (Standard Definitions, 10th edition, 2023) "
    "of cases closed in the period. RR1 is the least: every case of which we do not know whether the number is the "
    "customer's counts as not answered. RR3 counts only the share e of them, estimated as the share of eligible cases "
    "among those of which we know (AAPOR's Outcome Rate Calculator, version 4.0). Every case is an experience that a "
    "customer had: where none is known not to be eligible, e is 100 % and RR3 equals RR1."
)
CODES = "Every case closed in the period, once, by AAPOR's codes; an answer on the web meanwhile is a complete one."
REASONS = (
    "The chart shows the decisions of planning. A decision with several reasons counts under each of them; the rows "
    "whose reason is “all” count every decision once."
)


def sections(numbers: Mapping[str, Any]) -> list[Section]:
    """All sections of the report whose data this is (`Report.as_json()`)."""
    period = numbers["period"]["text"]
    return [
        _nps_against_churn(numbers["nps"], numbers["churn"], period),
        *_nps(numbers["nps"], period),
        _open_links(numbers["open_links"], period),
        _churn(numbers["churn"], period),
        *_answer_rate(numbers["answer_rate"], period),
        *_calls(numbers["calls"], numbers["dispositions"], period),
        _decisions(numbers["decisions"], period),
        _contacts(numbers["fatigue"], period),
        _caps(numbers["caps"], numbers["period"]["at"]),
        section("sources", "Where does the data come from?", numbers["sources"], SOURCES),
    ]


def _nps_against_churn(nps: Rows, churn: Rows, period: str) -> Section:
    lost = {row["value"]: row for row in churn}
    return section(
        "nps-churn",
        "Which experiences go with losing customers?",
        [_beside(row, lost[row["value"]]) for row in _by(nps, "kind") if row["value"] in lost],
        AGAINST_CHURN,
        lambda frame: charts.nps_against_churn(frame, period),
        lead=LEFT_AND_UP.format(days=_days(churn)),
        besides="as too few customers can be compared, or the total would then tell what smaller groups said",
    )


def _beside(nps: Row, churn: Row) -> Row:
    """One kind's score and its churn difference; hidden where either is, grey where either is wide."""
    difference = {key: churn[key] for key in ("difference", "difference_low", "difference_high")}
    states = {nps["state"], churn["state"]}
    if churn["difference"] is None:
        states.add("withheld")
    else:
        states.add(state(churn["n"], churn["difference_low"], churn["difference_high"]))
    worst = next(name for name in ("withheld", "wide", "ok") if name in states)
    return {**nps, "customers": churn["n"], **difference, "state": worst}


def _nps(rows: Rows, period: str) -> Iterator[Section]:
    def by_group(frame: pd.DataFrame) -> go.Figure:
        return charts.nps_by_group(frame, period)

    def by_category(frame: pd.DataFrame) -> go.Figure:
        return charts.answers_by_category(frame, period)

    for by, name in {"kind": "touchpoint", "channel": "channel", "team": "team"}.items():
        columns = {"value": name.capitalize(), **NPS}
        yield section(f"nps-{by}", f"NPS by {name}", _by(rows, "overall", by), columns, by_group, by_category)
    columns = {"value": "Month", **NPS}
    yield section(
        "nps-month", "NPS by month", _by(rows, "month"), columns, lambda frame: charts.nps_by_month(frame, period)
    )


def _open_links(rows: Rows, period: str) -> Section:
    return section(
        "open-links",
        "Open links",
        rows,
        OPEN_LINKS,
        lambda frame: charts.nps_by_group(frame, period),
        lead=ANYBODY,
    )


def _churn(rows: Rows, period: str) -> Section:
    return section(
        "churn",
        "After which touchpoints do customers stop buying?",
        rows,
        CHURN,
        lambda frame: charts.share_by_group(frame, "Customers lost", period),
        lead=LOST.format(days=_days(rows)),
        counted="customers",
    )


def _answer_rate(rows: Rows, period: str) -> Iterator[Section]:
    for by, name in {"kind": "touchpoint", "asked_by": "channel of the invitation"}.items():
        yield section(
            f"answer-rate-{by}",
            f"Who answers, by {name}",
            _by(rows, "overall", by),
            {"value": name.capitalize(), **ANSWER_RATE},
            lambda frame: charts.share_by_group(frame, "Answered invitations", period),
            lead="Invitations whose link is still open may yet be answered.",
            counted="invitations",
        )


def _calls(rows: Rows, dispositions: Rows, period: str) -> Iterator[Section]:
    yield section(
        "calls",
        "Whom do interviewers reach?",
        rows,
        CALLS,
        lambda frame: charts.share_by_group(frame, "Response rate (RR1)", period),
        lead=RATES,
        counted="cases",
    )
    yield section("dispositions", "How did the calls end?", dispositions, DISPOSITIONS, lead=CODES)


def _decisions(rows: Rows, period: str) -> Section:
    def planned(frame: pd.DataFrame) -> go.Figure:
        reasons = frame[(frame["stage"] == "plan") & ((frame["reason"] == "all") == (frame["decision"] == "send"))]
        return charts.decisions_by_reason(reasons.replace({"reason": {"all": "allowed at once"}}), period)

    return section("decisions", "Whom did we ask, and why not the others?", rows, DECISIONS, planned, lead=REASONS)


def _contacts(rows: Rows, period: str) -> Section:
    return section(
        "contacts",
        "How often did we contact a customer?",
        rows,
        FATIGUE,
        lambda frame: charts.contacts_per_customer(frame, period),
        lead="Invitations, reminders, thank-yous, calls, other systems' messages; what was not sent does not count.",
    )


def _caps(rows: Rows, at: str) -> Section:
    return section(
        "caps",
        "How many customers are at a cap?",
        rows,
        CAPS,
        lambda frame: charts.customers_at_caps(frame, f"on {at[:10]}"),
        lead="Customers for whom the policy in force leaves no room for one more contact that the cap counts.",
    )


def _by(rows: Rows, *by: str) -> list[Row]:
    return [row for row in rows if row["by"] in by]


def _days(churn: Rows) -> str:
    return str(churn[0]["horizon_days"]) if churn else "some"
