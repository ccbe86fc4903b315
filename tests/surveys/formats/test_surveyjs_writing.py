"""What we write for SurveyJS, judged by SurveyJS's own library: no errors, and the same pages for the same answers."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveys.formats import surveyjs_writing
from surveys.questions.answers import Parts
from surveys.questions.conditions import END, Condition, Jump, Operator
from surveys.questions.conditions import Test as AnswerTest
from surveys.questions.details import OTHER
from surveys.questions.kinds import Kind
from surveys.questions.route import route
from surveys.questions.spec import Spec
from surveys.formats.document import Item
from tests.judges import SurveyJsJudge, surveyjs_judge
from tests.surveys.formats.makers import answers_to, ask, documents, questionnaires, survey

pytestmark = pytest.mark.surveyjs


@pytest.fixture(scope="module")
def judge() -> Iterator[SurveyJsJudge]:
    with surveyjs_judge() as running:
        yield running


def value(about: Spec, parts: Parts) -> Any:
    """Return what was answered as SurveyJS keeps it."""
    match about.kind:
        case Kind.MATRIX:
            return {row: about.details.options[(part.number or 0) - 1] for row, part in parts.items()}
        case Kind.RANKING:
            return sorted(parts, key=lambda key: parts[key].number or 0)
        case Kind.CHOICES:
            return list(parts)
        case Kind.CHOICE:
            return next(iter(parts))
    [part] = parts.values()
    if about.kind in (Kind.YES_NO, Kind.CONTACT_WISH):
        return part.number == 1
    if part.amount is not None:
        return float(part.amount)
    return part.date.isoformat() if part.date else part.text or part.number


def values(by_key: dict[str, Spec], answers: dict[str, Parts]) -> dict[str, Any]:
    """Return some answers as SurveyJS keeps them, with the texts beside "other"."""
    comments = {f"{key}-Comment": parts[OTHER].text for key, parts in answers.items() if OTHER in parts}
    return {key: value(by_key[key], parts) for key, parts in answers.items()} | comments


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(questions=questionnaires(), data=st.data())
def test_surveyjs_shows_the_pages_that_we_do(judge: SurveyJsJudge, questions: list[Spec], data: st.DataObject) -> None:
    written = json.loads(surveyjs_writing.write(survey(*map(Item, questions))).content)
    by_key = {question.key: question for question in questions}
    given = [{key: data.draw(answers_to(one)) for key, one in by_key.items()} for _ in range(4)]
    given = [{key: parts for key, parts in answers.items() if parts} for answers in given]
    told = judge.ask(written, [values(by_key, answers) for answers in given])
    assert told["errors"] == []
    ways = [[[question.key for question in page] for page in route(questions, answers)] for answers in given]
    assert (told["walks"], told["stopped"]) == (ways, [""] * len(ways))
