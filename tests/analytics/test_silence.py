"""Scores weighted for silence from who was asked, in the database and by hand."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from analytics.asked import Asked, asked_cells
from analytics.groups import Cell, Counts, Group
from analytics.metrics import Definition, definitions
from analytics.period import Period
from analytics.scope import Scope
from analytics.score_rows import estimated
from analytics.silence import Weights, silent_rows, unhappy_rows, weighted_row, weights_of, weights_row
from tests.analytics.world import days_ago, make_sent
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON, make_case, make_invitation, make_touchpoint, make_version

NPS = Definition("nps", "NPS", "nps", "no", "yes", 9, 6, None, 10, None)
LATER = Scope(Period(None, None, NOON + timedelta(days=40)))
LATE, PUNCTUAL = ("delivery late", "North", "email"), ("delivery on time", "North", "email")


def group(cells: dict[Cell, Counts], *, hidden: bool = False) -> Group:
    top, middle, bottom = (sum(category) for category in zip(*cells.values(), strict=True))
    n = top + middle + bottom
    return Group("delivery", (top, middle, bottom), n, float(n), cells, hidden=hidden, missing=0)


ASKED = [Asked("nps", *LATE, asked=400, answered=100), Asked("nps", *PUNCTUAL, asked=400, answered=200)]
ANSWERS = group({LATE: (20, 30, 50), PUNCTUAL: (100, 60, 40)})


def test_answers_of_the_silent_kind_weigh_more() -> None:
    known = weights_of(ASKED)
    assert known.by_cell == {LATE: pytest.approx(4), PUNCTUAL: pytest.approx(2)}
    row = weighted_row(NPS, "kind", ANSWERS, known)
    assert (row["n"], row["estimate"], row["state"]) == (300, 0.0, "ok")
    assert row["n_eff"] == pytest.approx(265.9, abs=10)
    told = weights_row(NPS, ANSWERS, known)
    assert (told["asked"], told["answered"], told["answers"], told["weighted"]) == (800, 300, 300, 300)
    assert (told["smallest"], told["largest"], told["why"]) == (2, 4, "")


def test_weights_do_without_the_team_where_with_it_nothing_can_be_weighted() -> None:
    """Rare teams of two kinds are taken together, and nobody answered about that of the one."""
    cells = [
        Asked("nps", kind, team, "email", asked=asked, answered=answered)
        for kind, team, asked, answered in (
            *(
                ("delivery late", "Post", 1100, 300),
                ("delivery late", "Courier", 700, 220),
                ("delivery late", "Bike", 2, 0),
            ),
            *(("call ", "Berlin", 230, 70), ("call ", "Tampa", 430, 131), ("call ", "Night desk", 7, 2)),
        )
    ]
    known = weights_of(cells)
    assert known.by_cell["delivery late", "Bike", "email"] == pytest.approx(1802 / 520)
    assert known.by_cell["call ", "Tampa", "email"] == pytest.approx(667 / 203)
    assert known.why.startswith("The weights know nothing of the team: with it, the known columns tell exactly")


def test_repeated_answers_are_worth_as_much_less_weighted_as_measured() -> None:
    known = weights_of(ASKED)
    half = Group("delivery", ANSWERS.counts, 150, 150.0, ANSWERS.cells, hidden=False, missing=0)
    all_of_it, less = (weighted_row(NPS, "kind", one, known)["n_eff"] for one in (ANSWERS, half))
    assert all_of_it is not None
    assert less == pytest.approx(all_of_it / 2, abs=0.1)


@pytest.mark.parametrize(
    "answers",
    [
        group(dict(ANSWERS.cells), hidden=True),
        group({LATE: (4, 3, 2), ("visit ", "", ""): (20, 20, 20)}),
    ],
)
def test_weighted_score_is_hidden_with_the_measured_one_and_where_few_answers_have_weights(answers: Group) -> None:
    row = weighted_row(NPS, "kind", answers, weights_of(ASKED))
    assert (row["state"], row["estimate"], row["low"], row["high"], row["n_eff"]) == (
        "withheld",
        None,
        None,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ([], "No weights: nobody was asked for it whose time to answer is over"),
        ([Asked("nps", *LATE, asked=30, answered=0)], "No weights: answered: nobody answered"),
        ([ASKED[0], Asked("nps", *PUNCTUAL, asked=90, answered=0)], "No weights: touchpoint: nobody answered of other"),
    ],
)
def test_where_weights_cannot_be_made_it_says_why(cells: list[Asked], why: str) -> None:
    known = weights_of(cells)
    assert known.by_cell == {}
    assert known.why.startswith(why)
    row = weights_row(NPS, ANSWERS, known)
    assert (row["weighted"], row["smallest"], row["largest"]) == (0, None, None)


def test_example_of_the_silent() -> None:
    """The example of docs/statistics.md: a score of 25, answered by 1000 of 4000."""
    rows = silent_rows(estimated(NPS, (500, 250, 250), 1000), Weights(asked=4000, answered=1000))
    assert [(row["lower_by"], row["nps"]) for row in rows] == [(0, 25.0), (20, 10.0), (40, -5.0)]


def test_share_of_the_unhappy_has_wilsons_interval() -> None:
    [row] = unhappy_rows([("answers", estimated(NPS, (20, 10, 10), 40))])
    assert (row["share"], row["low"], row["high"]) == (25.0, 14.2, 40.2)


@pytest.mark.django_db
def test_asked_are_all_whose_time_is_over() -> None:
    about: dict[str, Any] = {"touchpoint": make_touchpoint(kind="call", outcome="solved", team="North")}
    make_sent(5, 2, **about)
    make_sent(3, 1, NOON + timedelta(days=20), **about)
    make_invitation(make_version(), state="cancelled", **about)
    assert asked_cells(LATER, [definitions()["nps"]]) == [Asked("nps", "call solved", "North", "email", 5, 2)]


@pytest.mark.django_db
def test_all_metrics_are_asked_about_in_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    make_sent(2, 1)
    metrics = definitions().values()
    with django_assert_num_queries(1):
        found = asked_cells(LATER, metrics)
    assert [(row.metric, row.asked, row.answered) for row in found] == [("nps", 2, 1)]


@pytest.mark.django_db
def test_calls_are_asked_too_unless_they_need_not_have_been() -> None:
    for disposition in ("1.1", "3.13", "4.7"):
        case = make_case(make_touchpoint(kind="call", outcome="", team=""))
        case.state, case.closed_at, case.disposition = "closed", NOON, disposition
        if disposition == "1.1":
            case.response = make_response(9, invitation=None, channel="phone", touchpoint=case.touchpoint)
        case.save()
    found = asked_cells(LATER, [definitions()["nps"]])
    assert found == [Asked("nps", "call ", "", "phone", 2, 1)]


@pytest.mark.django_db
def test_who_answered_something_else_has_not_answered_this() -> None:
    invitation = make_invitation(make_version(), state="sent", sent_at=NOON)
    make_response(None, "No score", invitation=invitation, version=invitation.version, touchpoint=invitation.touchpoint)
    [row] = asked_cells(LATER, [definitions()["nps"]])
    assert (row.asked, row.answered) == (1, 0)


@pytest.mark.django_db
def test_period_of_the_asked_is_that_of_sending() -> None:
    make_sent(4, 2)
    later = Scope(Period(NOON + timedelta(days=1), None, LATER.period.at))
    assert asked_cells(later, [definitions()["nps"]]) == []
    assert asked_cells(Scope(Period(days_ago(1), None, NOON)), [definitions()["nps"]]) == []
