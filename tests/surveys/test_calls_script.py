"""The script of a call: every kind of question, which ones are asked, and what of them is kept."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from surveys.models import Answer, CallCase, Response, SurveyVersion
from tests.contacts.makers import put_in_force
from tests.surveys.asked import ask, every_kind, make_asked, page
from tests.surveys.makers import make_case, make_customer, make_program, make_touchpoint
from tests.surveys.test_calls_pages import login, next_call, result, text

pytestmark = pytest.mark.django_db
LOW = {"all": [{"question": "score", "is": "at_most", "value": 6}]}
BRANCHED = (page("score", required=True), page("why", "text", required=True, show_if=LOW), page("last", "yes_no"))


@pytest.fixture
def desk() -> Client:
    put_in_force()
    return login("ines")


def case_of(version: SurveyVersion, **touchpoint: Any) -> CallCase:
    now = timezone.now()
    customer = make_customer(phone="+4740612345", time_zone="Europe/Oslo")
    visit = make_touchpoint(customer, kind="visit", occurred_at=now - timedelta(days=1), **touchpoint)
    program = make_program(version, contact_channels=["phone"])
    return make_case(visit, program=program, opened_at=now, next_at=now - timedelta(hours=1))


def test_every_kind_is_asked_and_kept(desk: Client) -> None:
    case_of(make_asked(*every_kind()))
    script = next_call(desk)
    for key in ("score", "happy", "easy", "stars", "again", "why", "used", "nickname", "times", "day", "call_me"):
        assert f' name="{key}"' in script.content.decode()
    given = {"score": "3", "happy": "2", "why": "other", "why.other": "Parking", "used": "app", "parts.speed": "2"}
    given |= {"order.speed": "2", "order.price": "1", "order.staff": "3", "times": "4"}
    assert result(script, desk, "completed", **given).status_code == 302
    response = Response.objects.get()
    assert (response.channel, response.page) == ("phone", 16)
    assert response.finished_at
    assert Answer.objects.count() == 9


def test_conditions_are_told_in_words_and_hold_for_what_is_kept(desk: Client) -> None:
    case_of(make_asked(*BRANCHED))
    script = next_call(desk)
    assert "Ask only where “About score?” is at most “6”." in text(script)
    assert result(script, desk, "completed", score="9", why="not asked", last="1").status_code == 302
    stored = {answer.question.key for answer in Answer.objects.all()}
    assert stored == {"score", "last"}


def test_what_the_way_demands_must_be_answered(desk: Client) -> None:
    case_of(make_asked(*BRANCHED))
    script = next_call(desk)
    assert result(script, desk, "completed", score="2").status_code == 422
    assert not Response.objects.exists()
    assert result(script, desk, "completed", score="2", why="Late").status_code == 302


def test_what_is_known_is_not_asked_and_kept_as_known(desk: Client) -> None:
    case_of(make_asked(ask("team", "short_text", fact="touchpoint.team"), ask("score")), team="North")
    script = next_call(desk)
    assert ' name="team"' not in script.content.decode()
    result(script, desk, "completed", score="9")
    assert list(Answer.objects.filter(known=True).values_list("text", flat=True)) == ["North"]


def test_an_interview_that_broke_off_keeps_what_was_answered_and_nothing_else(desk: Client) -> None:
    case = case_of(make_asked(ask("score"), ask("reason", "text"), ask("rows", "matrix", options="a b", rows="x y")))
    result(next_call(desk), desk, "not_now", **{"score": "8", "reason": "", "rows.x": "2"})
    case.refresh_from_db()
    assert case.answers == {"score": ["8"], "rows.x": ["2"]}


def test_what_was_answered_in_an_earlier_call_is_told_for_every_kind(desk: Client) -> None:
    case_of(make_asked(ask("score"), ask("reason", "text"), ask("rows", "matrix", options="a b", rows="x y")))
    CallCase.objects.update(answers={"score": ["8"], "rows.x": ["2"]})
    assert re.findall(r"Answered before: About (\w+)", text(next_call(desk))) == ["score", "rows"]
