"""The funnel as a page shows it: its steps and losses in a CX manager's words."""

from collections.abc import Iterator, Mapping

from analytics import funnel_charts
from analytics.frames import of_rows
from analytics.page import Section, section
from analytics.reports.tables import Row, Rows, only
from contacts.explaining import RULES
from contacts.names import in_words

STEPS = {
    "touchpoint": "Touchpoints",
    "decided": "Decided about",
    "drawn": "In the sample",
    "planned": "Allowed and planned",
    "sent": "Sent or called",
    "delivered": "Arrived",
    "begun": "Begun to answer",
    "finished": "Finished",
    "scored": "With a score",
}
LOSSES = {
    "no_program": "no program asks about it",
    "before_program": "it was before the program began",
    "not_decided_yet": "not decided about yet: the next passes will",
    "not_drawn": "left out by the program's sample",
    "holdout": "held out to measure what surveys do",
    "cap": "asked often enough",
    "consent": "the customer cannot be asked",
    "wish": "the customer's own wish",
    "hours": "contact hours left no time",
    "holiday": "holidays left no time",
    "expiry": "too late to ask",
    "priority": "a more important survey took the place",
    "answered": "answered before we asked",
    "appointment": "waits for an appointment",
    "missing": "its message is missing: let check_ledger look",
    "waiting": "waits for its time",
    "paused": "held by a pause",
    "being_sent": "is being sent now",
    "cancelled": "not sent",
    "failed": "refused by the provider",
    "unknown_fate": "nobody knows whether it went out",
    "to_be_called": "still to be called",
    "never_called": "never called in time",
    "bounced": "bounced: the address does not work",
    "never_arrived": "never arrived",
    "not_reached": "nobody picked up",
    "wrong_number": "the number is wrong",
    "complained": "called it spam",
    "unsubscribed": "unsubscribed at the provider",
    "still_open": "not yet: the link is still open",
    "no_answer": "no answer before the link closed",
    "refused_on_phone": "did not want to answer on the phone",
    "no_time": "had no time when called",
    "answered_elsewhere": "answered on the web meanwhile",
    "broke_off": "broke the interview off",
    "still_open_before_score": "may go on: stopped before the score",
    "still_open_after_score": "may go on: has given the score",
    "stopped_before_score": "stopped before the score",
    "stopped_after_score": "stopped after the score",
    "no_score": "gave no score, or was asked for none",
}
FUNNEL = {"what": "Step", "n": "Touchpoints", "of_step": "Of the step before (%)", "share": "Of all (%)"}
OF_CUSTOMERS = ("begun", "finished", "scored")

WAY = (
    "Touchpoints that happened in the period, each counted once: what reaches a step and what is lost before it add up "
    "to the step before. Where several programs decided, the one that came farthest counts. “Arrived” means that "
    "nothing came back, as few providers tell more. Who opens a link and closes it again is not known: opening one "
    "writes nothing, because mail scanners open every link."
)
BY = "The same steps. A touchpoint stands with the program that came farthest with it, so that the rows add up."


def funnel_sections(rows: Rows, groups: Rows, period: str) -> Iterator[Section]:
    """The whole way with every loss, then its steps by program and by channel."""
    steps = [row for row in rows if not row["loss"] and row["n"] is not None]
    drawn = [_drawn(row, rows, before) for row, before in zip(steps, [steps[0], *steps], strict=False)] if steps else []
    yield section(
        "funnel",
        "Where are touchpoints lost on their way to a score?",
        [{**row, "what": _what(row)} for row in rows if rows[0]["n"]],
        FUNNEL,
        lambda _: funnel_charts.steps(of_rows(drawn, ("step", "n", "lost", "of_step", "most")), period),
        lead=WAY,
        finding=_largest_loss(rows) if steps else "",
    )
    for by, name, first in (("program", "Program", "decided"), ("asked_by", "Channel of the message", "planned")):
        names = list(STEPS)
        columns = {step: STEPS[step] for step in names[names.index(first) :]}
        title = f"The same by {name[0].lower()}{name[1:]}"
        yield section(f"funnel-{by}", title, only(groups, by), {"value": name, **columns}, lead=BY)


def _largest_loss(rows: Rows) -> str:
    """How many came to a score, where that is told, and what lost the most."""
    every, last = rows[0], rows[-1]
    came = (
        f"{last['n']:,} of {every['n']:,} touchpoints ({last['share']}%) came to a score. "
        if last["n"] is not None
        else ""
    )
    losses = [row for row in rows if row["loss"] and row["n"]]
    most = max(losses, key=lambda row: int(row["n"]), default=None)
    return f"{came}The largest loss: {most['n']:,} ({most['share']}%), {_loss(most)}." if most else came.strip()


def _drawn(row: Row, rows: Rows, before: Row) -> dict[str, object]:
    losses = [lost for lost in rows if lost["step"] == row["step"] and lost["loss"]]
    most = _loss(losses[0]) if losses else ""
    return {
        "step": STEPS[row["step"]],
        "n": row["n"],
        "lost": before["n"] - row["n"],
        "of_step": row["of_step"],
        "most": most,
    }


def _what(row: Mapping[str, str]) -> str:
    return f"Lost: {_loss(row)}" if row["loss"] else STEPS[row["step"]]


def _loss(row: Mapping[str, str]) -> str:
    """The loss in words, with the rule or the reason where it says more."""
    loss = LOSSES.get(row["loss"], in_words(row["loss"], inside=True))
    reason = RULES.get(row["reason"], in_words(row["reason"], inside=True))
    if not row["reason"] or row["reason"] == row["loss"]:
        return loss
    return f"{loss} (the cap “{row['reason']}”)" if row["loss"] == "cap" else f"{loss} ({reason})"
