"""Delivery: whom we asked, who answered, and why not the others."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from analytics import charts
from analytics.asking import answer_rates, decisions
from analytics.calls import call_rows, disposition_rows
from analytics.page import Headline, Section, section
from analytics.reports.tables import INTERVAL, Rows, only
from analytics.scope import Scope
from analytics.scores import SHOWN_FROM
from contacts.names import in_words

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


def build(scope: Scope) -> dict[str, Any]:
    """Return answer rates, the outcomes of calls, and decisions with their reasons."""
    return {
        "answer_rate": list(chain.from_iterable(answer_rates(by, scope) for by in ("overall", "kind", "asked_by"))),
        "calls": call_rows(scope),
        "dispositions": disposition_rows(scope),
        "decisions": decisions(scope),
    }


def headline(numbers: Mapping[str, Any]) -> Headline:
    """Say which share of the invitations was answered."""
    [overall] = only(numbers["answer_rate"], "overall")
    if overall["state"] == "withheld":
        return Headline("No answer rate yet", f"{overall['n']} invitations sent; it is shown from {SHOWN_FROM} on.")
    sure = f"with 95% confidence {overall['low']} to {overall['high']}%"
    return Headline(f"{overall['share']}% answered", f"{overall['count']:,} of {overall['n']:,} invitations; {sure}.")


def sections(numbers: Mapping[str, Any]) -> list[Section]:
    """Return the sections over what `build` returned."""
    period = numbers["period"]["text"]
    return [
        _decisions(numbers["decisions"], period),
        *_answer_rate(numbers["answer_rate"], period),
        *_calls(numbers["calls"], numbers["dispositions"], period),
    ]


def _answer_rate(rows: Rows, period: str) -> Iterator[Section]:
    for by, name in {"kind": "touchpoint", "asked_by": "channel of the invitation"}.items():
        yield section(
            f"answer-rate-{by}",
            f"Who answers, by {name}",
            only(rows, "overall", by),
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
        told = reasons["reason"].replace({"all": "allowed at once"}).map(in_words)
        return charts.decisions_by_reason(reasons.assign(reason=told), period)

    return section("decisions", "Whom did we ask, and why not the others?", rows, DECISIONS, planned, lead=REASONS)
