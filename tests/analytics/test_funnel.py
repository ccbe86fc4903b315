"""What became of one touchpoint, and how fates add up. Without a database."""

import random
from collections import Counter
from typing import Any

import pytest

from analytics.funnel import STEPS, Fate, Pair, farthest, fate, funnel, spread
from analytics.funnel.fates import Answered, Step
from surveys.calls.dispositions import Disposition

UNANSWERED: Answered = {"begun": False, "finished": False, "scored": False}
REASON = {"rule": "invitations", "kind": "cap", "channel": "email"}


def pair(**fields: Any) -> Pair:
    """A decision to send of which nothing was made, unless told otherwise."""
    given: Any = {"program": "calls", "channel": "email", "skipped": False, "reasons": [], "sent": None, "called": None}
    return given | fields  # type: ignore[no-any-return]


def message(**fields: Any) -> Pair:
    """One that was sent and not answered before its link closed, unless told otherwise."""
    given = {"state": "sent", "reason": "", "sent": True, "delivery": "", "paused": False, "closed": True}
    return pair(sent=given | UNANSWERED | fields)


def unsent(state: str, **fields: Any) -> Pair:
    return message(state=state, sent=False, closed=False, **fields)


def call(disposition: str = "", **fields: Any) -> Pair:
    state = "closed" if disposition else "open"
    return pair(channel="phone", called={"state": state, "disposition": disposition} | UNANSWERED | fields)


def answered(*, finished: bool = True, scored: bool = True, **fields: Any) -> Pair:
    return message(begun=True, finished=finished, scored=scored, **fields)


def skipped(*reasons: dict[str, str]) -> Pair:
    return pair(skipped=True, reasons=list(reasons), channel="")


@pytest.mark.parametrize(
    ("told", "step", "loss", "reason"),
    [
        (skipped({"rule": "sampling", "kind": "sampling", "channel": ""}), Step.DECIDED, "not_drawn", ""),
        (skipped(REASON, {"rule": "expiry", "kind": "expiry", "channel": "email"}), Step.DRAWN, "cap", "invitations"),
        (skipped({"rule": "opt-out", "kind": "consent", "channel": "sms"}), Step.DRAWN, "consent", "opt-out"),
        (skipped(), Step.DRAWN, "refused", ""),
        (pair(), Step.PLANNED, "missing", ""),
        (unsent("planned"), Step.PLANNED, "waiting", ""),
        (unsent("planned", paused=True), Step.PLANNED, "paused", ""),
        (unsent("claimed"), Step.PLANNED, "being_sent", ""),
        (unsent("cancelled", reason="priority"), Step.PLANNED, "cancelled", "priority"),
        (unsent("cancelled", reason="wave cancelled: wrong text"), Step.PLANNED, "cancelled", "wave cancelled"),
        (unsent("failed"), Step.PLANNED, "failed", ""),
        (unsent("unknown"), Step.PLANNED, "unknown_fate", ""),
        (message(state="failed", delivery="bounced"), Step.SENT, "bounced", ""),
        (message(delivery="failed"), Step.SENT, "never_arrived", ""),
        (message(delivery="complained"), Step.DELIVERED, "complained", ""),
        (message(delivery="unsubscribed"), Step.DELIVERED, "unsubscribed", ""),
        (message(delivery="delivered"), Step.DELIVERED, "no_answer", ""),
        (message(closed=False), Step.DELIVERED, "still_open", ""),
        (answered(finished=False, scored=False), Step.BEGUN, "stopped_before_score", ""),
        (answered(finished=False, closed=False), Step.BEGUN, "still_open_after_score", ""),
        (answered(scored=False), Step.FINISHED, "no_score", ""),
        (answered(), Step.SCORED, "", ""),
        (answered(delivery="complained"), Step.SCORED, "", ""),
        (unsent("unknown", begun=True, finished=True, scored=True), Step.SCORED, "", ""),
        (call(), Step.PLANNED, "to_be_called", ""),
        (call("3.11"), Step.PLANNED, "never_called", ""),
        (call("3.13"), Step.SENT, "not_reached", ""),
        (call("3.92"), Step.SENT, "wrong_number", ""),
        (call("2.11"), Step.DELIVERED, "refused_on_phone", ""),
        (call("2.21"), Step.DELIVERED, "no_time", ""),
        (call("2.12"), Step.BEGUN, "broke_off", ""),
        (call("1.1"), Step.DELIVERED, "answered_elsewhere", ""),
        (call("1.1", begun=True, finished=True, scored=True), Step.SCORED, "", ""),
    ],
)
def test_every_end_has_its_name(told: Pair, step: Step, loss: str, reason: str) -> None:
    assert fate(told)[:3] == (step, loss, reason)


@pytest.mark.parametrize("code", Disposition.values)
def test_every_disposition_is_an_end(code: str) -> None:
    assert fate(call(code)).loss


def test_of_several_programs_the_one_that_came_farthest_counts() -> None:
    none = skipped(REASON)
    assert farthest([none, message(), none], "no_program")[:2] == (Step.DELIVERED, "no_answer")
    assert farthest([], "no_program") == Fate(Step.TOUCHPOINT, "no_program")


def some_fates(seed: int) -> Counter[Fate]:
    drawn = random.Random(seed)  # noqa: S311 - a test's
    ends = [skipped(REASON), message(), answered(), unsent("planned"), call("3.13"), message(state="failed"), pair()]
    fates: Counter[Fate] = Counter({Fate(Step.TOUCHPOINT, "no_program"): drawn.randint(0, 40)})
    for _ in range(drawn.randint(0, 300)):
        told = drawn.choice(ends)
        fates[fate({**told, "program": drawn.choice(["calls", "chats", "visits"])})] += 1
    return fates


@pytest.mark.parametrize("seed", range(20))
def test_a_step_and_the_losses_before_it_are_the_step_before(seed: int) -> None:
    fates = some_fates(seed)
    rows = funnel(fates)
    before = rows[0]["n"]
    assert (rows[0]["step"], before) == ("touchpoint", fates.total())
    for step in STEPS[1:]:
        of_step = [row["n"] for row in rows if row["step"] == step.name.lower()]
        if None not in of_step:
            assert sum(filter(None, of_step)) == before
        before = of_step[-1]


@pytest.mark.parametrize("seed", range(20))
def test_programs_and_channels_add_up_to_the_funnel(seed: int) -> None:
    fates = some_fates(seed)
    steps = {row["step"]: row["n"] for row in funnel(fates) if not row["loss"]}
    for by, names in {"program": ("decided", "drawn", "planned", "sent"), "asked_by": ("planned", "sent")}.items():
        rows: list[Any] = [row for row in spread(fates) if row["by"] == by]
        assert [sum(row[name] for row in rows) for name in names] == [steps[name] for name in names]


def test_the_largest_loss_comes_first() -> None:
    fates = Counter({fate(unsent("unknown")): 2, fate(unsent("planned")): 3, fate(answered()): 10})
    lost = [row["loss"] for row in funnel(fates) if row["step"] == "sent"]
    assert lost == ["waiting", "unknown_fate", ""]


def test_shares_are_of_all_and_of_the_step_before() -> None:
    fates = Counter({Fate(Step.TOUCHPOINT, "no_program"): 60, fate(skipped(REASON)): 30, fate(answered()): 10})
    planned = next(row for row in funnel(fates) if (row["step"], row["loss"]) == ("planned", ""))
    assert (planned["n"], planned["share"], planned["of_step"]) == (10, 10.0, 25.0)


def test_what_few_customers_did_is_not_told() -> None:
    rows = funnel(Counter({fate(answered()): 4, fate(message()): 5}))
    assert {row["step"]: row["n"] for row in rows if not row["loss"]}["delivered"] == 9
    assert {row["n"] for row in rows if row["step"] in ("begun", "finished", "scored")} == {None}


def test_a_program_is_hidden_that_would_give_a_small_one_away() -> None:
    sizes = {"large": (30, 30), "middle": (10, 5), "small": (3, 3)}
    fates: Counter[Fate] = Counter()
    for program, (n, silent) in sizes.items():
        fates[fate({**answered(), "program": program})] = n
        fates[fate({**message(), "program": program})] = silent
    rows = {row["value"]: row for row in spread(fates) if row["by"] == "program"}
    assert {program: (row["delivered"], row["begun"]) for program, row in rows.items()} == {
        "large": (60, 30),
        "middle": (15, None),
        "small": (6, None),
    }


def test_nothing_is_a_funnel_of_nothing() -> None:
    rows = funnel(Counter())
    assert (rows[0]["n"], rows[0]["share"]) == (0, None)
    assert spread(Counter()) == []
