"""How long things take, and what reminders bring."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from analytics.period import Period
from analytics.scope import Scope
from analytics.waits import WaitRow, quantile, reminder_rows, turns, wait_rows
from surveys.models import Invitation, SurveyVersion
from tests.analytics.world import days_ago
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON, make_customer, make_invitation, make_touchpoint, make_version

pytestmark = pytest.mark.django_db
EVERYTHING = Scope(Period(None, None, NOON))
HOUR = timedelta(hours=1)
WEEK_AGO = days_ago(7)


@pytest.fixture
def version() -> SurveyVersion:
    return make_version()


def sent(version: SurveyVersion, at: Any = WEEK_AGO, *, after: Any = 24 * HOUR, **fields: Any) -> Invitation:
    """An invitation that was sent so long after its touchpoint."""
    touchpoint = make_touchpoint(fields.get("customer"), occurred_at=at - after)
    return make_invitation(version, touchpoint=touchpoint, state="sent", sent_at=at, due_at=at, **fields)


def answer(invitation: Invitation, after: Any) -> None:
    told = {"invitation": invitation, "answered_at": (invitation.sent_at or NOON) + after}
    make_response(version=invitation.version, touchpoint=invitation.touchpoint, **told)


def remind(first: Invitation, after: Any, state: str = "sent") -> None:
    at = (first.sent_at or NOON) + after
    fields: dict[str, Any] = {"purpose": "reminder", "first": first, "due_at": at, "state": state}
    make_invitation(first.version, touchpoint=first.touchpoint, sent_at=at if state == "sent" else None, **fields)


def waits(scope: Scope = EVERYTHING) -> dict[tuple[str, str], WaitRow]:
    return {(row["what"], row["value"]): row for row in wait_rows(scope, turns(scope))}


@pytest.mark.parametrize(
    ("counts", "share", "value"),
    [({5: 1}, 0.5, 5), ({1: 5, 2: 5}, 0.5, 1), ({1: 9, 7: 1}, 0.9, 1), ({1: 8, 7: 2}, 0.9, 7)],
)
def test_a_quantile_is_a_value_that_was_seen(counts: dict[int, int], share: float, value: int) -> None:
    assert quantile(counts, share) == value


def test_of_nothing_there_is_no_quantile() -> None:
    with pytest.raises(ValueError, match="nothing"):
        quantile({}, 0.5)


def test_hours_from_touchpoint_to_invitation_to_answer(version: SurveyVersion) -> None:
    for number in range(1, 11):
        answer(sent(version, after=10 * number * HOUR), number * HOUR)
    to_invitation, to_answer = waits()["to_invitation", "all"], waits()["to_answer", "all"]
    assert (to_invitation["n"], to_invitation["median"], to_invitation["p90"]) == (10, 50.0, 90.0)
    assert (to_answer["n"], to_answer["median"], to_answer["p90"]) == (10, 5.0, 9.0)


def test_few_answers_have_no_times(version: SurveyVersion) -> None:
    for _ in range(9):
        answer(sent(version), HOUR)
    assert waits()["to_answer", "all"] == WaitRow(what="to_answer", value="all", n=None, median=None, p90=None)


def test_a_channel_is_hidden_that_would_give_a_small_one_away(version: SurveyVersion) -> None:
    for channel, answers in {"email": 11, "sms": 3}.items():
        for number in range(answers + 2):
            invitation = sent(version, channel=channel, customer=make_customer(phone="+12125550100"))
            if number < answers:
                answer(invitation, HOUR)
    found = waits()
    assert found["to_answer", "all"]["n"] == 14
    assert [found["to_answer", channel]["n"] for channel in ("email", "sms")] == [None, None]
    assert found["to_invitation", "email"]["n"] == 13


def test_only_what_was_sent_and_answered_by_the_moment_counts(version: SurveyVersion) -> None:
    for _ in range(10):
        answer(sent(version), 3 * 24 * HOUR)
    scope = Scope(Period(None, None, days_ago(5)))
    assert (waits(scope)["to_invitation", "all"]["n"], waits(scope)["to_answer", "all"]["n"]) == (10, None)


def test_what_each_message_brought(version: SurveyVersion) -> None:
    for number in range(40):
        first = sent(version)
        if number < 20:
            remind(first, 48 * HOUR)
        if number < 12:
            remind(first, 96 * HOUR)
        if number < 5:
            answer(first, 100 * HOUR)
        elif number < 15:
            answer(first, 50 * HOUR)
        elif number < 35:
            answer(first, HOUR)
    rows = [(row["reminder"], row["n"], row["count"]) for row in reminder_rows(turns(EVERYTHING))]
    assert rows == [(0, 40, 20), (1, 20, 10), (2, 12, 5)]


def test_a_reminder_that_was_not_sent_brought_nothing(version: SurveyVersion) -> None:
    for _ in range(12):
        first = sent(version)
        remind(first, 48 * HOUR, state="cancelled")
        answer(first, 72 * HOUR)
    assert reminder_rows(turns(EVERYTHING)) == []


def test_few_reminders_are_not_told(version: SurveyVersion) -> None:
    for number in range(20):
        first = sent(version)
        if number < 3:
            remind(first, 48 * HOUR)
            answer(first, 72 * HOUR)
    assert [row["count"] for row in reminder_rows(turns(EVERYTHING))] == [None, None]


def test_two_statements(version: SurveyVersion, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(3):
        first = sent(version)
        remind(first, 48 * HOUR)
        answer(first, 72 * HOUR)
    with django_assert_num_queries(2):
        wait_rows(EVERYTHING, turns(EVERYTHING))
