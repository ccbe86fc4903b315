"""What analysts get of answers: every part of every one, and the tests of colleagues only where they ask for them."""

import csv
import io
import json
from datetime import date, timedelta

import pytest
from django.test import Client

from analytics.nps import nps_rows
from analytics.period import Period
from analytics.scope import Scope
from analytics.sources import source_rows
from surveys.models import Answer, Response, SurveyVersion
from tests.surveys.answered import make_response
from tests.surveys.asked import ask, make_asked
from tests.surveys.makers import NOON
from tests.test_api import manager

pytestmark = pytest.mark.django_db
assert manager  # a fixture, borrowed
SO_FAR = Scope(Period.of_days(None, None, NOON + timedelta(days=1)))


@pytest.fixture
def version() -> SurveyVersion:
    return make_asked(
        ask("score", aspect="price", compass="want"),
        ask("parts", "matrix", options="bad good", rows="speed price"),
        ask("other", "choice", options="a b", details={"other": True}),
        ask("times", "number"),
        ask("day", "date"),
        ask("call_me", "contact_wish"),
    )


@pytest.fixture
def response(version: SurveyVersion) -> Response:
    """A response with an answer of each make, beside that of a colleague."""
    stored = make_response(9, version=version, finished_at=NOON, seconds=12, device="phone", page=6)
    of = {question.key: question for question in version.questions.all()}
    Answer.objects.create(response=stored, question=of["parts"], part="speed", number=2)
    Answer.objects.create(response=stored, question=of["other"], part="other", number=1, text="Parking")
    Answer.objects.create(response=stored, question=of["times"], amount="2.5")
    Answer.objects.create(response=stored, question=of["day"], date=date(2026, 5, 1), known=True)
    stored.attributes = {"flags": ["speeder"]}
    stored.save()
    test = Response.objects.create(version=version, source="cxsurvey", test=True, answered_at=NOON, updated_at=NOON)
    Answer.objects.create(response=test, question=of["score"], number=0)
    return stored


def table(client: Client, name: str, query: str = "") -> list[dict[str, str]]:
    content = client.get(f"/api/v1/exports/{name}.csv{query}").getvalue().decode()
    return list(csv.DictReader(io.StringIO(content)))


def test_each_part_of_an_answer_is_a_row(manager: Client, response: Response) -> None:
    rows = table(manager, "answers")
    told = [(row["question"], row["part"], row["number"], row["amount"], row["date"], row["text"]) for row in rows]
    assert told == [
        ("score", "", "9", "", "", ""),
        ("parts", "speed", "2", "", "", ""),
        ("other", "other", "1", "", "", "Parking"),
        ("times", "", "", "2.5", "", ""),
        ("day", "", "", "", "2026-05-01", ""),
    ]
    assert {row["response_id"] for row in rows} == {str(response.pk)}
    assert [row["known"] for row in rows] == ["False"] * 4 + ["True"]
    assert (rows[0]["aspect"], rows[0]["compass"], rows[0]["since"]) == ("price", "want", "0")


@pytest.mark.parametrize(
    ("query", "count"),
    [("?test=true", 1), ("?test=false", 5), ("?kind=matrix", 1), ("?question=score", 1), ("?aspect=speed", 0),
     ("?updated_since=2026-05-05T12:00:01Z", 0), ("?survey=nobody", 0)],
)  # fmt: skip
def test_answers_are_filtered(manager: Client, response: Response, query: str, count: int) -> None:
    assert len(table(manager, "answers", query)) == count


def test_a_response_tells_how_it_was_given(manager: Client, response: Response) -> None:
    [row] = table(manager, "responses")
    assert (row["seconds"], row["device"], row["page"], row["test"]) == ("12", "phone", "6", "False")
    assert (row["finished_at"], json.loads(row["flags"])) == (NOON.isoformat(timespec="microseconds"), ["speeder"])
    [test] = table(manager, "responses", "?test=true")
    assert (test["test"], test["customer"], test["flags"]) == ("True", "", "")


def test_pages_of_responses_hold_every_part_and_no_tests(manager: Client, response: Response) -> None:
    [found] = manager.get("/api/v1/responses/").json()["results"]
    assert (found["device"], found["seconds"], found["test"]) == ("phone", 12, False)
    assert [answer["part"] for answer in found["answers"]] == ["", "speed", "other", "", ""]
    assert (found["answers"][3]["amount"], found["answers"][4]["date"]) == ("2.500", "2026-05-01")
    [test] = manager.get("/api/v1/responses/?test=true").json()["results"]
    assert (test["customer"], test["test"]) == (None, True)


def test_no_figure_counts_tests_or_what_was_known(response: Response) -> None:
    assert [row["n"] for row in nps_rows("overall", SO_FAR)] == [1]
    assert [row["n"] for row in source_rows(SO_FAR) if row["what"] == "responses"] == [1]
    Answer.objects.filter(question__kind="nps").update(known=True)
    assert [row["n"] for row in nps_rows("overall", SO_FAR)] == [0]


def test_the_list_of_responses_shows_tests_too(admin_client: Client, response: Response) -> None:
    listed = admin_client.get("/admin/surveys/response/").content.decode()
    assert "Nobody known" in listed
    assert admin_client.get(f"/admin/surveys/response/{response.pk}/change/").status_code == 200
