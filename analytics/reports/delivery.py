"""Delivery: whom we asked, who answered, and where the others were lost."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from analytics import charts
from analytics.asking import all_answer_rates, decisions
from analytics.calls import call_rows, disposition_rows
from analytics.fates import fates
from analytics.funnel import funnel, spread
from analytics.page import Headline, Section, section
from analytics.reports.funnel_sections import funnel_sections
from analytics.reports.tables import INTERVAL, Row, Rows, only
from analytics.scope import Scope
from analytics.scores import SHOWN_FROM
from analytics.shares import percent
from analytics.stopping import stop_rows
from analytics.waits import reminder_rows, turns, wait_rows
from contacts.brands import visible_to
from contacts.names import in_words
from surveys.models import Program

RATE = {"count": "Answered", "share": "Answered (%)", **INTERVAL}
STOPPED = {"count": "Stopped", "share": "Stopped (%)", **INTERVAL}
ANSWER_RATE = {"n": "Invitations sent", **RATE, "still_open": "Still open", "state": "State"}
GROUPS = {"kind": "touchpoint", "asked_by": "channel of the invitation", "program": "program"}
STOPS = {"value": "After", "question": "Its last question", "n": "Had more to answer", **STOPPED, "state": "State"}
WAITS = {
    "what": "Wait",
    "value": "Channel of the invitation",
    "n": "Customers",
    "median": "Half of them at most (hours)",
    "p90": "Nine of ten at most (hours)",
}
WAIT_WORDS = {
    "to_invitation": "From the touchpoint to the invitation",
    "to_answer": "From the invitation to the answer",
}
REMINDERS = {"value": "Message", "n": "Sent to", **RATE, "state": "State"}
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

SAID = {"send": "allowed a contact at once", "delay": "put it off", "skip": "refused it"}

UNFINISHED = (
    "Of the customers who had more to answer after a page, how many sent nothing more until their link closed. What "
    "they sent before is kept and counts. Surveys of one page are not in it: who leaves one has sent nothing."
)
QUICK = (
    "Invitations by message that were sent in the period. A long first wait is the delay of the program, a cap or the "
    "contact hours; what customers have forgotten by then they answer less, and less exactly. An answer counts when it "
    "began, and anew when it was changed."
)
BROUGHT = (
    "How many answered after a message and before the next one. A reminder goes only to those who have not answered: "
    "its share is of people who are harder to reach, and says what it brought beside the invitation."
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
    "Decisions taken in the period, also at hand-over and about calls. The chart shows the decisions of planning. A "
    "decision with several reasons counts under each of them; the rows whose reason is “all” count every decision once."
)


def build(scope: Scope) -> dict[str, Any]:
    """Return the funnel, stops, answer rates, waits, what reminders brought, the outcomes of calls, and decisions."""
    programs = list(visible_to(scope.reader, Program.objects.order_by("slug")))
    found, followed, ended = fates(scope, programs), turns(scope), disposition_rows(scope)
    return {
        "funnel": funnel(found),
        "funnel_by": spread(found),
        "stops": stop_rows(scope),
        "answer_rate": all_answer_rates(scope),
        "programs": [{"slug": program.slug, "name": program.name} for program in programs],
        "waits": wait_rows(scope, followed),
        "reminders": reminder_rows(followed),
        "calls": call_rows(ended),
        "dispositions": ended,
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
    names = {row["slug"]: row["name"] for row in numbers["programs"]}
    return [
        *funnel_sections(numbers["funnel"], _named(numbers["funnel_by"], names), period),
        *([_stops(numbers["stops"], period)] if numbers["stops"] else []),
        *_answer_rate(_named(numbers["answer_rate"], names), period),
        *_times(numbers["waits"], numbers["reminders"], period),
        *_calls(numbers["calls"], numbers["dispositions"], period),
        _decisions(numbers["decisions"], period),
    ]


def _named(rows: Rows, names: Mapping[str, str]) -> list[Row]:
    """The rows with programs by name in place of the slug."""
    return [{**row, "value": names.get(row["value"], row["value"])} if row["by"] == "program" else row for row in rows]


def _stops(rows: Rows, period: str) -> Section:
    told = [{**row, "value": f"Page {row['page']} of {row['survey']}, version {row['version']}"} for row in rows]
    return section(
        "stops",
        "After which page do customers stop?",
        told,
        STOPS,
        lambda frame: charts.share_by_group(frame, "Stopped after the page", period),
        lead=UNFINISHED,
        counted="customers",
    )


def _answer_rate(rows: Rows, period: str) -> Iterator[Section]:
    for by, name in GROUPS.items():
        yield section(
            f"answer-rate-{by}",
            f"Who answers, by {name}",
            only(rows, "overall", by),
            {"value": name.capitalize(), **ANSWER_RATE},
            lambda frame: charts.share_by_group(frame, "Answered invitations", period),
            lead="Invitations whose link is still open may yet be answered.",
            counted="invitations",
        )


def _times(waits: Rows, reminders: Rows, period: str) -> Iterator[Section]:
    told = [{**row, "what": WAIT_WORDS[row["what"]]} for row in waits]
    yield section("waits", "How long do customers wait, and how long do we?", told, WAITS, lead=QUICK)
    named = [{**row, "value": f"Reminder {row['reminder']}" if row["reminder"] else "Invitation"} for row in reminders]
    yield section(
        "reminders",
        "What did reminders bring?",
        named,
        REMINDERS,
        lambda frame: charts.share_by_group(frame, "Answered after it", period),
        lead=BROUGHT,
        counted="customers",
    )


def _calls(rows: Rows, dispositions: Rows, period: str) -> Iterator[Section]:
    yield section(
        "calls",
        "Whom do interviewers reach?",
        rows,
        CALLS,
        lambda frame: charts.share_by_group(frame, "Response rate RR1", period),
        lead=RATES,
        counted="cases",
    )
    yield section("dispositions", "How did the calls end?", dispositions, DISPOSITIONS, lead=CODES)


def _decisions(rows: Rows, period: str) -> Section:
    def planned(frame: pd.DataFrame) -> go.Figure:
        reasons = frame[(frame["stage"] == "plan") & ((frame["reason"] == "all") == (frame["decision"] == "send"))]
        told = reasons["reason"].replace({"all": "allowed at once"}).map(in_words)
        return charts.decisions_by_reason(reasons.assign(reason=told), period)

    title, finding = "What did the rules say?", _allowed(rows)
    return section("decisions", title, rows, DECISIONS, planned, lead=REASONS, finding=finding)


def _allowed(rows: Rows) -> str:
    """How many decisions of planning said what, and what kept the most customers from being asked at once."""
    planning = [row for row in rows if row["stage"] == "plan"]
    said = {row["decision"]: row["n"] for row in planning if row["reason"] == "all"}
    every = sum(said.values())
    if not every:
        return ""
    told = [
        f"{said[result]:,} ({percent(said[result], every)}%) {words}"
        for result, words in SAID.items()
        if result in said
    ]
    reasons = [row for row in planning if row["decision"] != "send" and row["reason"] != "all"]
    most = max(reasons, key=lambda row: int(row["n"]), default=None)
    why = f" The commonest reason: {in_words(most['reason'], inside=True)} ({most['n']:,})." if most else ""
    return f"Of {every:,} decisions of planning {', '.join(told)}.{why}"
