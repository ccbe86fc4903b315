"""Every touchpoint of a scope has one fate, whatever happened to it."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from analytics.fates import fates
from analytics.funnel import Fate, funnel, spread
from analytics.funnel.fates import Step
from analytics.period import Period
from analytics.scope import Scope
from contacts.models import Decision, Touchpoint
from surveys.models import Attempt, Invitation, Pause, Program, SurveyVersion
from tests.analytics.world import days_ago, make_decision
from tests.surveys.answered import make_response
from tests.surveys.makers import (
    NOON,
    make_case,
    make_customer,
    make_invitation,
    make_program,
    make_touchpoint,
    make_version,
)

pytestmark = pytest.mark.django_db
EVERYTHING = Scope(Period(None, None, NOON))
CAP = ("invitations", "cap", "email")
History = Callable[[Touchpoint, Program, SurveyVersion], object]


@pytest.fixture
def version() -> SurveyVersion:
    return make_version()


@pytest.fixture
def program(version: SurveyVersion) -> Program:
    return make_program(version, slug="after-purchases")


def decided(touchpoint: Touchpoint, program: Program, result: str, *rules: Any, **fields: Any) -> Decision:
    about = {"touchpoint": touchpoint, "customer": touchpoint.customer, "program": program.slug}
    return make_decision(result, *rules, **about | fields)


def invited(touchpoint: Touchpoint, program: Program, version: SurveyVersion, **fields: Any) -> Invitation:
    """An invitation with its decision; sent, and open, unless told otherwise."""
    given: dict[str, Any] = {"state": "sent", "sent_at": NOON - timedelta(hours=1)} | fields
    made = make_invitation(version, touchpoint=touchpoint, program=program, **given)
    decided(touchpoint, program, "send", contact=made.contact)
    return made


def delivered(said: str, touchpoint: Touchpoint, program: Program, version: SurveyVersion) -> None:
    state = "failed" if said == "bounced" else "sent"
    made = invited(touchpoint, program, version, state=state, closes_at=days_ago(0))
    given = {"channel": "email", "gateway": "outbox", "outcome": "accepted", "started_at": NOON}
    Attempt.objects.create(invitation=made, number=1, delivery="deferred", **given)
    Attempt.objects.create(invitation=made, number=2, delivery=said, **given)


def answered(
    touchpoint: Touchpoint, program: Program, version: SurveyVersion, score: int | None = 9, **fields: Any
) -> None:
    given: dict[str, Any] = {"finished_at": NOON, "invitation": invited(touchpoint, program, version)} | fields
    make_response(score, "So so", version=version, touchpoint=touchpoint, **given)


def called(disposition: str, touchpoint: Touchpoint, program: Program, version: SurveyVersion) -> None:
    decided(touchpoint, program, "send", purpose="call")
    closed = {"state": "closed", "closed_at": NOON, "disposition": disposition} if disposition else {}
    make_case(touchpoint, program=program, **closed)


HISTORIES: dict[tuple[Step, str], History] = {
    (Step.DECIDED, "not_drawn"): lambda t, p, v: decided(t, p, "skip", ("sampling", "sampling", "")),
    (Step.DRAWN, "cap"): lambda t, p, v: decided(t, p, "skip", CAP, ("expiry", "expiry", "email")),
    (Step.DRAWN, "expiry"): lambda t, p, v: decided(t, p, "skip", ("expiry", "expiry", "email")),
    (Step.PLANNED, "missing"): lambda t, p, v: decided(t, p, "delay", CAP),
    (Step.PLANNED, "waiting"): lambda t, p, v: invited(t, p, v, state="planned", sent_at=None),
    (Step.PLANNED, "cancelled"): lambda t, p, v: invited(
        t, p, v, state="cancelled", sent_at=None, state_reason="priority"
    ),
    (Step.PLANNED, "failed"): lambda t, p, v: invited(t, p, v, state="failed", sent_at=None),
    (Step.PLANNED, "unknown_fate"): lambda t, p, v: invited(t, p, v, state="unknown", sent_at=None),
    (Step.SENT, "bounced"): lambda t, p, v: delivered("bounced", t, p, v),
    (Step.SENT, "never_arrived"): lambda t, p, v: delivered("failed", t, p, v),
    (Step.DELIVERED, "complained"): lambda t, p, v: delivered("complained", t, p, v),
    (Step.DELIVERED, "no_answer"): lambda t, p, v: delivered("", t, p, v),
    (Step.DELIVERED, "still_open"): invited,
    (Step.BEGUN, "still_open_after_score"): lambda t, p, v: answered(t, p, v, finished_at=None),
    (Step.FINISHED, "no_score"): lambda t, p, v: answered(t, p, v, score=None),
    (Step.SCORED, ""): answered,
    (Step.PLANNED, "to_be_called"): lambda t, p, v: called("", t, p, v),
    (Step.SENT, "not_reached"): lambda t, p, v: called("3.13", t, p, v),
    (Step.DELIVERED, "refused_on_phone"): lambda t, p, v: called("2.11", t, p, v),
}


def one(scope: Scope = EVERYTHING) -> Fate:
    [(found, n)] = fates(scope, Program.objects.order_by("pk")).items()
    assert n == 1
    return found


@pytest.mark.parametrize(("end", "history"), HISTORIES.items())
def test_the_database_tells_every_end(
    program: Program, version: SurveyVersion, end: tuple[Step, str], history: History
) -> None:
    history(make_touchpoint(), program, version)
    found = one()
    assert (found[:2], found.program) == (end, "after-purchases")


def test_what_a_pause_holds_is_said(program: Program, version: SurveyVersion) -> None:
    invited(make_touchpoint(), program, version, state="planned", sent_at=None)
    pause = Pause.objects.create(reason="Look at the text first", at=NOON, program=program)
    assert one().loss == "paused"
    Pause.objects.filter(pk=pause.pk).update(ended_at=NOON)
    assert one().loss == "waiting"


@pytest.mark.parametrize(
    ("fields", "loss"),
    [
        ({"kind": "visit"}, "no_program"),
        ({"channel": "app"}, "no_program"),
        ({"occurred_at": days_ago(40)}, "before_program"),
        ({}, "not_decided_yet"),
    ],
)
def test_why_nobody_decided(fields: dict[str, Any], loss: str) -> None:
    make_program(channels=["shop"])
    make_program(kinds=["visit"], active=False)
    make_touchpoint(**fields)
    assert one() == Fate(Step.TOUCHPOINT, loss)


def test_an_answer_to_come_is_not_foreseen(program: Program, version: SurveyVersion) -> None:
    touchpoint = make_touchpoint(occurred_at=days_ago(9))
    answered(touchpoint, program, version)
    assert one(Scope(Period(None, None, days_ago(1)))).loss == "still_open"


def test_messages_that_no_program_planned_are_no_part_of_it(version: SurveyVersion) -> None:
    touchpoint = make_touchpoint()
    make_invitation(version, touchpoint=touchpoint, purpose="other", state="sent", sent_at=NOON)
    assert one().loss == "no_program"


def live(programs: list[Program], version: SurveyVersion, drawn: random.Random) -> None:
    """Sixty touchpoints, about each of which some of the programs decided, with whatever came of it."""
    customers = [make_customer(phone=f"+1212555{n:04}") for n in range(5)]
    histories = [history for end, history in HISTORIES.items() if end[0] != Step.SCORED]
    for _ in range(60):
        touchpoint = make_touchpoint(drawn.choice(customers), occurred_at=days_ago(drawn.randint(1, 40)))
        for program in drawn.sample(programs, drawn.choice([0, 1, 1, 1, 2, 3])):
            drawn.choice(histories)(touchpoint, program, version)


@pytest.mark.parametrize("seed", range(3))
def test_random_histories_fall_into_steps_and_losses(version: SurveyVersion, seed: int) -> None:
    programs = [make_program(version, slug=slug) for slug in ("a", "b", "c")]
    live(programs, version, random.Random(seed))  # noqa: S311 - a test's
    found, decisions = fates(EVERYTHING, Program.objects.order_by("pk")), Decision.objects.filter(stage="plan")
    assert found.total() == Touchpoint.objects.count() == 60
    undecided = sum(n for fate, n in found.items() if fate.step == Step.TOUCHPOINT)
    assert undecided == 60 - decisions.values("touchpoint").distinct().count()
    assert {fate.loss for fate in found} <= {loss for _, loss in HISTORIES} | {"before_program", "not_decided_yet"}
    of_each = [
        fates(Scope(EVERYTHING.period, program=program.slug), Program.objects.order_by("pk")) for program in programs
    ]
    assert sum(counts.total() for counts in of_each) == decisions.count()
    assert funnel(found)[0]["n"] == 60


def test_a_program_is_told_alone(program: Program, version: SurveyVersion) -> None:
    touchpoint, other = make_touchpoint(), make_program(version, slug="others")
    answered(touchpoint, program, version)
    decided(touchpoint, other, "skip", CAP)
    assert one().step == Step.SCORED
    assert one(Scope(EVERYTHING.period, program="others"))[:2] == (Step.DRAWN, "cap")
    assert [row["value"] for row in spread(fates(EVERYTHING, Program.objects.order_by("pk")))] == [
        "after-purchases",
        "email",
    ]


def test_two_statements_whatever_there_is(
    version: SurveyVersion, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for slug in ("a", "b", "c"):
        program = make_program(version, slug=slug)
        for history in HISTORIES.values():
            history(make_touchpoint(make_customer(phone="+12125550100")), program, version)
    fates(EVERYTHING, Program.objects.order_by("pk"))  # Django asks a new connection once what it can do
    with django_assert_num_queries(2):
        assert fates(EVERYTHING, Program.objects.order_by("pk")).total() == 3 * len(HISTORIES)
