"""Where customers stop in a survey of several pages, against answers that are counted by hand."""

from datetime import timedelta
from typing import Any

import pytest

from analytics.page import Section
from analytics.period import Period
from analytics.reports import delivery
from analytics.scope import Scope
from analytics.stopping import StopRow, stop_rows
from surveys.models import Invitation, Question, SurveyVersion
from tests.analytics.test_captions import NOTHING, PERIOD
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON, make_version

pytestmark = pytest.mark.django_db
LATER = Scope(Period(None, None, NOON + timedelta(days=90)))


@pytest.fixture
def version() -> SurveyVersion:
    """The default survey with two pages more: one of two questions, and one of one."""
    version = make_version()
    last = version.questions.count()
    for place, (key, starts_page) in enumerate((("speed", True), ("price", False), ("other", True)), start=last + 1):
        Question.objects.create(version=version, position=place, key=key, kind="text", starts_page=starts_page)
    return version


def ends(version: SurveyVersion) -> list[int]:
    """The positions of the last question of each page."""
    last = version.questions.count()
    return [last - 3, last - 1, last]


def make(version: SurveyVersion, page: int, times: int, **fields: Any) -> None:
    for _ in range(times):
        make_response(version=version, page=ends(version)[page - 1], **fields)


def rows(scope: Scope = LATER) -> list[tuple[int, str, int, int | None]]:
    return [(row["page"], row["question"], row["n"], row["count"]) for row in stop_rows(scope)]


def test_each_page_but_the_last_says_how_many_went_no_further(version: SurveyVersion) -> None:
    make(version, 1, 4)
    make(version, 2, 3)
    make(version, 3, 20, finished_at=NOON)
    keys = [version.questions.get(position=position).key for position in ends(version)]
    assert rows() == [(1, keys[0], 27, 4), (2, "price", 23, 3)]
    assert [row["share"] for row in stop_rows(LATER)] == [14.8, 13.0]


def test_who_may_still_go_on_is_in_neither_number(version: SurveyVersion) -> None:
    make(version, 1, 4)
    make(version, 3, 20, finished_at=NOON)
    assert rows()[0][2:] == (24, 4)
    Invitation.objects.filter(response__finished_at=None).update(closes_at=NOON + timedelta(days=91))
    assert rows()[0][2:] == (20, 0)


def test_who_was_led_past_the_other_pages_did_not_stop(version: SurveyVersion) -> None:
    make(version, 1, 12, finished_at=NOON)
    make(version, 3, 20, finished_at=NOON)
    assert rows()[0][2:] == (20, 0)


def test_few_are_withheld_and_versions_of_one_page_or_without_answers_are_left_out(version: SurveyVersion) -> None:
    assert rows() == []
    make_response(version=make_version())
    make(version, 3, 9, finished_at=NOON)
    assert {(row["n"], row["count"], row["share"], row["state"]) for row in stop_rows(LATER)} == {
        (9, None, None, "withheld")
    }


def test_the_filters_are_those_of_the_scope(version: SurveyVersion) -> None:
    make(version, 3, 12, finished_at=NOON)
    assert rows(Scope(LATER.period, kind="chat")) == []
    assert rows(Scope(LATER.period, kind="purchase")) != []


def shown(found: list[StopRow]) -> list[Section]:
    sections = delivery.sections(NOTHING["delivery"] | {"period": PERIOD, "stops": found})
    return [section for section in sections if section.key == "stops"]


def test_the_report_has_it_where_there_is_a_survey_of_several_pages(version: SurveyVersion) -> None:
    assert shown([]) == []
    make(version, 1, 4)
    make(version, 3, 20, finished_at=NOON)
    [section] = shown(stop_rows(LATER))
    name = version.survey.name
    assert section.rows[0][0].text == f"Page 1 of {name}, version {version.number}"
    assert section.finding.startswith(f"Highest: Page 1 of {name}, version {version.number}, 16.7%")
