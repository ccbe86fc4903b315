"""Scores that a program holds already are not sent again, and not counted where nothing was committed."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from analytics.models import Metric
from contacts.models import Touchpoint
from tests.analytics.world import make_responses
from tests.processes import wait_until
from tests.staff import client_of, program_of
from tests.surveys.makers import make_touchpoint

URL = "/api/v1/scores/?by=team"
commits = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    cache.clear()


@pytest.fixture
def answers() -> Touchpoint:
    touchpoint = make_touchpoint(kind="call", team="North")
    make_responses(7, 2, 1, touchpoint=touchpoint)
    return touchpoint


def asked(client: Client, etag: str, url: str = URL) -> tuple[int, int]:
    """The status, and how many statements read answers."""
    with CaptureQueriesContext(
        connection,
    ) as statements:
        status = client.get(url, headers={"If-None-Match": etag}).status_code
    return status, sum("surveys_answer" in one["sql"] for one in statements)


@commits
def test_what_a_program_holds_is_neither_counted_nor_sent_again(answers: Touchpoint) -> None:
    program = program_of("Analyst")
    etag = program.get(URL)["ETag"]
    again = program.get(URL, headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
    assert program.get(URL).status_code == 200


@commits
@pytest.mark.parametrize("change", ["team", "answer", "metric"])
def test_what_changes_scores_is_counted_and_sent(answers: Touchpoint, change: str) -> None:
    program = program_of("Analyst")
    etag = program.get(URL)["ETag"]
    if change == "team":
        Touchpoint.objects.update(team="South")
    elif change == "answer":
        make_responses(0, 0, 1, touchpoint=answers)
    else:
        Metric.objects.filter(key="nps").update(minimum_n=50)
    assert asked(program, etag)[0] == 200


@commits
def test_a_commit_that_changes_no_score_is_counted_and_not_sent(answers: Touchpoint) -> None:
    program = program_of("Analyst")
    etag = program.get(URL)["ETag"]
    make_touchpoint(kind="call")
    assert asked(program, etag) == (304, 1)


@commits
def test_where_nothing_was_committed_nothing_is_counted(answers: Touchpoint) -> None:
    browser = client_of("Analyst")
    etag = browser.get(URL)["ETag"]
    wait_until(lambda: asked(browser, etag) == (304, 0), 20)  # PostgreSQL counts commits in its other databases too
    assert asked(browser, '"another"')[0] == 200


@pytest.mark.django_db
@pytest.mark.parametrize("url", [URL, "/api/v1/reports/touchpoints/"])
def test_answers_are_for_their_reader_alone(answers: Touchpoint, url: str) -> None:
    answer = program_of("Analyst").get(url)
    assert answer["Cache-Control"] == "private, no-cache"
    assert {"Authorization", "Cookie"} <= {name.strip() for name in answer["Vary"].split(",")}


@pytest.mark.django_db
def test_a_report_is_not_sent_again_because_time_has_passed(answers: Touchpoint) -> None:
    program = program_of("Analyst")
    etag = program.get("/api/v1/reports/touchpoints/")["ETag"]
    for held in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        assert program.get("/api/v1/reports/touchpoints/", headers={"If-None-Match": held}).status_code == 304
    other = program.get("/api/v1/reports/touchpoints/?kind=visit", headers={"If-None-Match": etag})
    assert other.status_code == 200
