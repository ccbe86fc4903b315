"""What a report is about, as filters on every table."""

from typing import Any

import pytest

from analytics.models import JourneyStage
from analytics.period import Period
from analytics.scope import FILTERS, Scope, narrowed
from surveys.models import Response
from tests.analytics.world import days_ago, make_contact, make_decision, make_responses, make_sent
from tests.surveys.makers import NOON, make_customer, make_program, make_touchpoint, make_version

pytestmark = pytest.mark.django_db
EVER = Period(None, None, NOON)
TABLES = ("touchpoints", "responses", "answers", "invitations")
PLACE: dict[str, Any] = {"kind": "call", "channel": "hotline", "team": "North", "agent": "Kim", "product": "Roof"}


def scope(**filters: str) -> Scope:
    return narrowed(EVER, filters)


@pytest.mark.parametrize("name", PLACE)
def test_what_is_about_a_touchpoint_is_narrowed_by_it(name: str) -> None:
    elsewhere: dict[str, Any] = dict.fromkeys(PLACE, "other")
    for touchpoint in (make_touchpoint(**PLACE), make_touchpoint(**elsewhere)):
        make_responses(1, 0, 0, touchpoint=touchpoint)
        make_sent(1, 0, customer=touchpoint.customer, touchpoint=touchpoint)
        make_decision("send", touchpoint=touchpoint, customer=touchpoint.customer)
    narrow = scope(**{name: PLACE[name]})
    for both, one in ((getattr(of, name)() for of in (Scope(EVER), narrow)) for name in TABLES):
        assert (both.count(), one.count()) == (2, 1)
    assert narrow.decisions().count() == 1


def test_an_answer_about_no_touchpoint_is_of_the_channel_it_came_by() -> None:
    make_responses(1, 0, 0, channel="phone")
    Response.objects.update(touchpoint=None)
    assert scope(channel="phone").answers().count() == 1
    assert scope(channel="shop").answers().count() == 0


def test_a_stage_is_the_kinds_in_it() -> None:
    JourneyStage.objects.create(name="Getting help", kinds=["call", "chat"])
    for kind in ("call", "chat", "visit"):
        make_responses(1, 0, 0, touchpoint=make_touchpoint(kind=kind))
    assert scope(stage="Getting help").responses().count() == 2
    assert scope(stage="Getting help", kind="chat").responses().count() == 1
    assert scope(stage="Nowhere").responses().count() == 0


def test_a_program_is_what_it_asked_and_decided_about() -> None:
    version, touchpoint = make_version(), make_touchpoint()
    program = make_program(version, slug="after-calls")
    [asked] = make_sent(1, 1, program=program, touchpoint=touchpoint, customer=touchpoint.customer)
    make_sent(1, 1)
    make_decision("send", touchpoint=touchpoint, customer=touchpoint.customer, program="after-calls")
    make_decision("send", touchpoint=make_touchpoint(), program="others")
    make_contact(make_customer(), program="after-calls")
    make_contact(make_customer(), program="others")
    of_program = scope(program="after-calls")
    assert [invitation.pk for invitation in of_program.invitations()] == [asked.pk]
    assert [touchpoint.pk for touchpoint in of_program.touchpoints()] == [touchpoint.pk]
    counted = (of_program.responses(), of_program.decisions(), of_program.contacts())
    assert [rows.count() for rows in counted] == [1, 1, 1]


def test_the_period_holds_with_every_filter() -> None:
    touchpoint = make_touchpoint(occurred_at=days_ago(40), kind="call")
    make_responses(1, 0, 0, touchpoint=touchpoint, answered_at=days_ago(40))
    recent = narrowed(Period(days_ago(30), None, NOON), {"kind": "call"})
    assert (recent.touchpoints().count(), recent.responses().count()) == (0, 0)


def test_a_scope_says_what_it_is_about_and_how_to_find_it_again() -> None:
    narrow: Any = scope(kind="call", team="North & South")
    assert str(narrow) == "everything until 5 May 2026, kind Call, team North & South"
    assert narrow.as_json()["filters"] == {"kind": "call", "team": "North & South"}
    assert narrow.query() == "kind=call&team=North+%26+South"
    assert narrow.query(kind="") == "team=North+%26+South"


def test_another_filter_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=f"no filter colour; there are: {', '.join(FILTERS)}"):
        narrowed(EVER, {"colour": "red"})
