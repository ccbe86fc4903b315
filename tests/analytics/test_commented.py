"""Comments as a report: themes with shares, scores and changes; words; never a text."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from analytics import comments
from analytics.commented import ThemeRow, comment_groups, theme_rows, word_rows
from analytics.models import CommentTheme, Theme
from analytics.period import Period
from analytics.scope import Scope, narrowed
from surveys.models import SurveyVersion
from tests.analytics.world import days_ago
from tests.staff import client_of
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON, make_touchpoint, make_version

pytestmark = pytest.mark.django_db
EVERYTHING = Scope(Period(None, None, NOON))
WEEK = Scope(Period(days_ago(7), None, NOON))


@pytest.fixture
def version() -> SurveyVersion:
    return make_version()


def said(version: SurveyVersion, number: int, *themes: str, **fields: Any) -> None:
    """So many comments with these themes, of happy customers, unless told otherwise."""
    score, text, at = fields.pop("score", 9), fields.pop("text", ""), fields.pop("at", NOON)
    given = {"version": version, "invitation": None, "source": "test", "touchpoint": make_touchpoint()} | fields
    made = [make_response(score, text or f"word{n}", answered_at=at, **given) for n in range(number)]
    comments.hear(NOON + timedelta(minutes=1))
    CommentTheme.objects.bulk_create(
        CommentTheme(response=response, theme=Theme.objects.get(key=key), probability=0.9)
        for response in made
        for key in themes
    )


def rows(scope: Scope = EVERYTHING) -> dict[str, ThemeRow]:
    themes = list(Theme.objects.all())
    found = theme_rows(comment_groups(scope, themes), themes, compared=scope.before() is not None)
    return {row["theme"]: row for row in found}


def test_a_theme_has_its_share_and_the_score_of_those_who_say_it(version: SurveyVersion) -> None:
    said(version, 12, "delivery", score=2)
    said(version, 3, "delivery", score=10)
    said(version, 15, "people", score=9)
    found = rows()
    assert (found["all"]["count"], found["all"]["nps"]) == (30, 20.0)
    delivery = found["delivery"]
    assert (delivery["count"], delivery["share"], delivery["low"], delivery["high"]) == (15, 50.0, 33.2, 66.8)
    assert (delivery["scored"], delivery["nps"], found["people"]["nps"]) == (15, -60.0, 100.0)
    assert (found["price"]["count"], found["price"]["nps"]) == (0, None)


def test_the_commonest_theme_comes_first_and_what_is_none_last(version: SurveyVersion) -> None:
    said(version, 5, "delivery")
    said(version, 7, "people", "delivery")
    said(version, 2)
    assert list(rows())[:3] == ["all", "delivery", "people"]
    assert list(rows())[-2:] == ["no-more", "without"]
    assert rows()["without"]["count"] == 2


def test_a_comment_about_a_theme_is_about_the_wider_one_once(version: SurveyVersion) -> None:
    wider = Theme.objects.create(key="logistics", name="Logistics")
    Theme.objects.filter(key__in=["delivery", "waiting"]).update(parent=wider)
    said(version, 12, "delivery", "waiting")
    assert rows()["logistics"]["count"] == 12


def test_refusals_are_a_line_beside_the_themes(version: SurveyVersion) -> None:
    said(version, 11, "people")
    said(version, 2, "people", text="Please stop texting me")
    assert (rows()["no-more"]["count"], rows()["people"]["count"]) == (2, 13)


def test_of_few_comments_nothing_is_told(version: SurveyVersion) -> None:
    said(version, 9, "people")
    people = rows()["people"]
    assert (people["count"], people["share"], people["nps"], people["state"]) == (None, None, None, "withheld")


def test_scores_are_hidden_that_tell_how_a_few_others_feel(version: SurveyVersion) -> None:
    said(version, 30, "people")
    said(version, 4, "delivery", score=1)
    found = rows()
    assert (found["delivery"]["nps"], found["people"]["nps"], found["all"]["nps"]) == (None, None, 76.5)
    wider = Theme.objects.create(key="logistics", name="Logistics")
    Theme.objects.filter(key="delivery").update(parent=wider)
    said(version, 20, "delivery", score=1)
    said(version, 3, "logistics", score=10)
    assert (rows()["delivery"]["nps"], rows()["logistics"]["nps"]) == (-100.0, None)


def test_comments_without_a_score_are_counted_and_score_nothing(version: SurveyVersion) -> None:
    said(version, 12, "people", score=None)
    assert (rows()["people"]["count"], rows()["people"]["scored"]) == (12, 0)


def test_the_change_is_against_the_period_before_which_is_as_long(version: SurveyVersion) -> None:
    said(version, 10, "delivery", at=days_ago(1))
    said(version, 10, at=days_ago(2))
    said(version, 5, "delivery", at=days_ago(8))
    said(version, 15, at=days_ago(13))
    said(version, 40, "delivery", at=days_ago(15))
    delivery = rows(WEEK)["delivery"]
    assert (delivery["count"], delivery["change"]) == (10, 25.0)
    assert delivery["change_low"] == -4.7
    assert delivery["change_high"] == 49.4
    assert rows()["delivery"]["change"] is None


def test_beside_few_comments_before_there_is_no_change(version: SurveyVersion) -> None:
    said(version, 12, "delivery")
    said(version, 9, "delivery", at=days_ago(9))
    assert rows(WEEK)["delivery"]["change"] is None


def test_the_scope_holds(version: SurveyVersion) -> None:
    said(version, 12, "people", touchpoint=make_touchpoint(kind="visit"))
    said(version, 11, "delivery", touchpoint=make_touchpoint(kind="delivery"))
    narrow = narrowed(EVERYTHING.period, {"kind": "visit"})
    assert (rows(narrow)["all"]["count"], rows(narrow)["delivery"]["count"]) == (12, 0)
    assert word_rows(narrow) == []


def test_words_of_the_unhappy_are_those_that_the_happy_use_less(version: SurveyVersion) -> None:
    said(version, 25, score=1, text="the parcel was broken")
    said(version, 25, score=9, text="the parcel was splendid")
    said(version, 25, score=7, text="broken is a word of the passive")
    [word] = word_rows(EVERYTHING)
    assert (word["word"], word["unhappy"], word["happy"]) == ("broken", 25, 0)
    assert 1 < word["times_low"] < word["times"] < word["times_high"]


def test_one_statement_for_the_themes(
    version: SurveyVersion, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    said(version, 3, "people", "delivery")
    themes = list(Theme.objects.all())
    with django_assert_num_queries(1):
        comment_groups(WEEK, themes)


def test_page_and_data_never_have_a_text(version: SurveyVersion) -> None:
    said(version, 12, "people", text="Call me at +1 212 555 0100, Zebra")
    client: Client = client_of("Analyst")
    page = client.get("/admin/report/comments/").content.decode()
    data = client.get("/api/v1/reports/comments/")
    assert "People" in page
    assert data.status_code == 200
    for text in (page, json.dumps(data.json())):
        assert "Zebra" not in text
        assert "0100" not in text


def test_a_theme_leads_to_its_comments_in_the_same_scope(version: SurveyVersion) -> None:
    said(version, 12, "people")
    page = client_of("Analyst").get("/admin/report/comments/?since=2026-05-01&kind=purchase").content.decode()
    assert '<a href="/admin/comments/?theme=people&amp;since=2026-05-01&amp;kind=purchase">People</a>' in page
