"""Responses in wide shape: one row each, the questions of a survey as columns, named alike over all versions."""

from datetime import date
from typing import Any

import pytest

from contacts.readers import EVERYTHING
from surveys.exported import RESPONSES
from surveys.models import Answer, Question, Response, SurveyVersion
from surveys.wide import question_columns
from tests.exports.files import rows_of
from tests.surveys.answered import make_response
from tests.surveys.asked import ask, every_kind, make_asked

pytestmark = pytest.mark.django_db


@pytest.fixture
def version() -> SurveyVersion:
    return make_asked(
        ask("score"),
        ask("why", "choice", options="speed price", details={"other": True}),
        ask("used", "choices", options="app shop", details={"none": True}),
        ask("parts", "matrix", options="bad good", rows="speed price"),
        ask("order", "ranking", options="speed price"),
        ask("reason", "text"),
        ask("times", "number"),
        ask("day", "date"),
        ask("channel", "short_text"),
    )


def answer(response: Response, key: str, part: str = "", **said: Any) -> None:
    question = response.version.questions.get(key=key)
    Answer.objects.create(response=response, question=question, part=part, **said)


@pytest.fixture
def response(version: SurveyVersion) -> Response:
    stored = make_response(9, version=version)
    answer(stored, "why", "other", number=1, text="Parking")
    answer(stored, "used", "app", number=1)
    answer(stored, "parts", "speed", number=2)
    answer(stored, "order", "price", number=1)
    answer(stored, "order", "speed", number=2)
    answer(stored, "reason", text="=1+1 is quick")
    answer(stored, "times", amount="2.5")
    answer(stored, "day", date=date(2026, 5, 1))
    answer(stored, "channel", text="by bus")
    return stored


SAID = {
    "score": 9, "why": "other", "why:other": "Parking", "used.app": 1, "used.shop": 0, "used.none": 0, "parts.speed": 2,
    "parts.price": None, "order.speed": 2, "order.price": 1, "reason": "=1+1 is quick", "times": 2.5,
    "day": "2026-05-01", "channel:answer": "by bus",
}  # fmt: skip


def test_each_thing_that_was_said_has_its_column(response: Response) -> None:
    [row] = rows_of(RESPONSES, "ndjson", shape="wide", survey=response.version.survey.slug)
    assert {name: row[name] for name in SAID} == SAID
    assert list(row)[-len(SAID) :] == list(SAID)
    assert (row["response_id"], row["channel"]) == (response.pk, "email")


def test_what_was_not_answered_is_empty_and_not_zero(version: SurveyVersion) -> None:
    make_response(None, version=version)
    [row] = rows_of(RESPONSES, "ndjson", shape="wide", survey=version.survey.slug)
    assert {row[name] for name in SAID} == {None}


@pytest.mark.parametrize("file_format", ["csv", "parquet", "xlsx"])
def test_all_formats_have_the_same_columns(response: Response, file_format: str) -> None:
    asked = {"shape": "wide", "survey": response.version.survey.slug, "columns": "why:other,score,parts.speed"}
    [row] = rows_of(RESPONSES, file_format, **asked)
    assert {name: str(value) for name, value in row.items()} == {
        "why:other": "Parking",
        "score": "9",
        "parts.speed": "2",
    }


def test_columns_are_the_same_over_all_versions(response: Response) -> None:
    old = response.version
    SurveyVersion.objects.filter(pk=old.pk).update(state="closed")
    new = SurveyVersion.objects.create(survey=old.survey, number=2, state="published", published_at=old.published_at)
    for position, (key, kind) in enumerate([("extra", "yes_no"), ("score", "nps"), ("why", "choices")], start=1):
        details = {"options": ["speed", "staff"]} if kind == "choices" else {}
        Question.objects.create(version=new, key=key, kind=kind, position=position, details=details)
    later = make_response(3, version=new)
    answer(later, "why", "staff", number=1)
    asked = {"shape": "wide", "survey": old.survey.slug}
    first, second = rows_of(RESPONSES, "ndjson", **asked)
    names = [name for name in first if name in ("extra", "score", "reason") or name.startswith("why")]
    assert names == ["extra", "score", "why.speed", "why.staff", "why:choice", "why:choice:other", "reason"]
    assert [row["score"] for row in (first, second)] == [9, 3]
    assert (first["why:choice"], first["why.staff"]) == ("other", None)
    assert (second["why:choice"], second["why.staff"], second["why.speed"]) == (None, 1, 0)


def test_drafts_have_no_columns(version: SurveyVersion) -> None:
    SurveyVersion.objects.create(survey=version.survey, number=2)
    draft = version.survey.versions.get(number=2)
    Question.objects.create(version=draft, key="tomorrow", kind="nps", position=1)
    assert "tomorrow" not in [column.name for column in question_columns(version.survey.slug, (), EVERYTHING)]


def test_every_kind_of_question_has_columns_and_says_what_they_mean() -> None:
    version = make_asked(*every_kind())
    columns = question_columns(version.survey.slug, (), EVERYTHING)
    keys = {question["key"] for question in every_kind()} - {"intro"}
    assert {column.name.partition(".")[0].partition(":")[0] for column in columns} == keys
    assert all(len(column.meaning) > len(column.name) for column in columns)
    assert {column.name for column in columns if column.personal} == {"why:other", "used:other", "nickname", "reason"}
