"""What became of one touchpoint: the last step that it reached, and what lost it there. Pure.

A touchpoint can be decided about by several programs. It has the fate of the one that came farthest with it, so that it
is counted once wherever fates are added up.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from typing import NamedTuple, TypedDict

from surveys.asking import main_reason
from surveys.calls.dispositions import Disposition


class Step(IntEnum):
    """The way of a touchpoint; whatever reached a step reached all before it."""

    TOUCHPOINT = 0
    DECIDED = 1
    DRAWN = 2
    PLANNED = 3
    SENT = 4
    """Handed over to a gateway, or called at least once."""
    DELIVERED = 5
    """Not known to have come back; of a call: somebody answered."""
    BEGUN = 6
    FINISHED = 7
    SCORED = 8


class Answered(TypedDict):
    """How far an answer came."""

    begun: bool
    finished: bool
    scored: bool


class Sent(Answered):
    """An invitation: its state and why, whether it was handed over, what the provider said, and whether it is over."""

    state: str
    reason: str
    sent: bool
    delivery: str
    paused: bool
    closed: bool


class Called(Answered):
    """A case of interviewers; `disposition` is AAPOR's code once it is closed."""

    state: str
    disposition: str


class Pair(TypedDict):
    """A decision of planning, with what came of it: `reasons` are rule, kind and channel of each.

    `channel` is how we asked, `sent` the invitation, `called` the case; both None where there is none.
    """

    program: str
    channel: str
    skipped: bool
    reasons: Sequence[Mapping[str, str]]
    sent: Sent | None
    called: Called | None


class Fate(NamedTuple):
    """The last step that was reached; `loss` is what kept it from the next, `reason` more of that where it is known.

    At the last step nothing is lost.
    """

    step: Step
    loss: str = ""
    reason: str = ""
    program: str = ""
    channel: str = ""


NOT_SENT = {
    "planned": "waiting",
    "claimed": "being_sent",
    "cancelled": "cancelled",
    "failed": "failed",
    "unknown": "unknown_fate",
}
"""State of an invitation that was not sent -> the loss."""
AFTER_SENDING = {
    "bounced": (Step.SENT, "bounced"),
    "failed": (Step.SENT, "never_arrived"),
    "complained": (Step.DELIVERED, "complained"),
    "unsubscribed": (Step.DELIVERED, "unsubscribed"),
}
"""What the provider says of a message -> what that means where nobody answered it."""
CALLS = {
    Disposition.NOT_ATTEMPTED: (Step.PLANNED, "never_called"),
    Disposition.ALWAYS_BUSY: (Step.SENT, "not_reached"),
    Disposition.NO_ANSWER: (Step.SENT, "not_reached"),
    Disposition.MACHINE: (Step.SENT, "not_reached"),
    Disposition.NOT_WORKING: (Step.SENT, "wrong_number"),
    Disposition.NUMBER_CHANGED: (Step.SENT, "wrong_number"),
    Disposition.REFUSAL: (Step.DELIVERED, "refused_on_phone"),
    Disposition.NEVER_AVAILABLE: (Step.DELIVERED, "no_time"),
    Disposition.BREAK_OFF: (Step.BEGUN, "broke_off"),
    Disposition.COMPLETE: (Step.DELIVERED, "answered_elsewhere"),
    Disposition.PARTIAL: (Step.BEGUN, "broke_off"),
}
"""Disposition of a closed case without an answer of its own -> what that means."""


def farthest(pairs: Iterable[Pair], undecided: str) -> Fate:
    """The fate of a touchpoint; `undecided` is the loss where no program has decided about it."""
    fates = [fate(pair) for pair in pairs]
    return max(fates, key=lambda found: found.step, default=Fate(Step.TOUCHPOINT, undecided))


def fate(pair: Pair) -> Fate:
    """What came of one program's decision."""
    step, loss, reason = _end(pair)
    return Fate(step, loss, reason, pair["program"], pair["channel"])


def _end(pair: Pair) -> tuple[Step, str, str]:
    if pair["skipped"]:
        return _refused(pair["reasons"])
    if invitation := pair["sent"]:
        return _of_message(invitation)
    if case := pair["called"]:
        return _of_call(case)
    return Step.PLANNED, "missing", ""


def _refused(reasons: Sequence[Mapping[str, str]]) -> tuple[Step, str, str]:
    told = main_reason(reasons) if reasons else {"kind": "refused", "rule": ""}
    if told["kind"] == "sampling":
        return Step.DECIDED, "not_drawn", ""
    return Step.DRAWN, told["kind"], told["rule"]


def _of_message(message: Sent) -> tuple[Step, str, str]:
    if message["begun"]:
        return _of_answer(message, is_open=not message["closed"])
    if message["sent"]:
        # A bounce takes its place back, and with it the state of having been sent.
        told = "bounced" if message["state"] == "failed" else message["delivery"]
        silent = "no_answer" if message["closed"] else "still_open"
        return *AFTER_SENDING.get(told, (Step.DELIVERED, silent)), ""
    if message["paused"]:
        return Step.PLANNED, "paused", ""
    loss = NOT_SENT.get(message["state"], "missing")
    return Step.PLANNED, loss, message["reason"].partition(":")[0] if loss == "cancelled" else ""


def _of_call(case: Called) -> tuple[Step, str, str]:
    if case["begun"]:
        return _of_answer(case, is_open=False)
    if case["state"] == "open":
        return Step.PLANNED, "to_be_called", ""
    return *CALLS[Disposition(case["disposition"])], ""


def _of_answer(answer: Answered, *, is_open: bool) -> tuple[Step, str, str]:
    if not answer["finished"]:
        after = "after_score" if answer["scored"] else "before_score"
        return Step.BEGUN, f"{'still_open' if is_open else 'stopped'}_{after}", ""
    return (Step.SCORED, "", "") if answer["scored"] else (Step.FINISHED, "no_score", "")
