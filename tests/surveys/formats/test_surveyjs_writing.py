"""What we write for SurveyJS, judged by SurveyJS's own library: no errors, and the same pages for the same answers."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveys.formats import surveyjs_writing
from surveys.formats.document import Document, Item
from surveys.questions.answers import Parts
from surveys.questions.conditions import END, Condition, Jump, Operator
from surveys.questions.conditions import Test as AnswerTest
from surveys.questions.details import OTHER
from surveys.questions.kinds import Kind
from surveys.questions.route import route
from surveys.questions.spec import Spec
from tests.judges import SurveyJsJudge, surveyjs_judge
from tests.surveys.formats.makers import answers_to, ask, documents, questionnaires, survey

pytestmark = pytest.mark.surveyjs


@pytest.fixture(scope="module")
def judge() -> Iterator[SurveyJsJudge]:
    with surveyjs_judge() as running:
        yield running


def value(about: Spec, parts: Parts) -> Any:
    """Return what was answered as SurveyJS keeps it."""
    lists: dict[Kind, Any] = {
        Kind.MATRIX: {row: about.details.options[(part.number or 0) - 1] for row, part in parts.items() if row},
        Kind.RANKING: sorted(parts, key=lambda key: parts[key].number or 0),
        Kind.CHOICES: list(parts),
        Kind.CHOICE: next(iter(parts)),
    }
    if about.kind in lists:
        return lists[about.kind]
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


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
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


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(document=documents())
def test_surveyjs_finds_no_mistake_in_any_survey_of_ours(judge: SurveyJsJudge, document: Document) -> None:
    told = judge.ask(json.loads(surveyjs_writing.write(document).content), [])
    assert told["errors"] == []
    assert list(told["titles"]) == [spec.key for spec in document.specs]


def test_surveyjs_says_the_words_in_each_language(judge: SurveyJsJudge) -> None:
    item = ask("score")
    spoken = Item(item.spec, {"nb": {"text": "Hvordan?"}, "en": {"text": "How?"}, "ar": {"text": "كيف؟"}})
    written = json.loads(surveyjs_writing.write(survey(spoken, language="nb")).content)
    told = [judge.ask(written | {"locale": tag}, [])["titles"]["score"] for tag in ("nb", "en", "ar")]
    assert (told, written["locale"]) == (["Hvordan?", "How?", "كيف؟"], "nb")


def test_markup_in_texts_is_no_markup_there() -> None:
    hello = Item(ask("hello", Kind.STATEMENT).spec, {"en": {"text": "a < b & <script>\nnext"}})
    written = json.loads(surveyjs_writing.write(survey(hello, words={"en": {"thanks": "<b>"}})).content)
    assert written["pages"][0]["elements"][0]["html"] == "a &lt; b &amp; &lt;script&gt;<br>next"
    assert written["completedHtml"] == "&lt;b&gt;"


def test_what_it_cannot_hold_is_said() -> None:
    many = tuple(Jump(END, Condition((AnswerTest("score", Operator.IS, str(number)),))) for number in range(201))
    backslash = Condition((AnswerTest("name", Operator.IS, "C:\\"),))
    document = survey(
        ask("score", Kind.NUMBER, module="a", jumps=many),
        ask("name", Kind.SHORT_TEXT, starts_page=True),
        ask("wish", Kind.CONTACT_WISH, starts_page=True, show_if=backslash),
        words={"en": {"title": "{visit}", "message": "{name}"}},
    )
    assert [(note.place, note.what) for note in surveyjs_writing.write(document).notes] == [
        ("Survey", "message"),
        ("“score”", "rotating module “a”"),
        ("Texts", "placeholders {visit}"),
        ("“score”", "unit"),
        ("Page 2", "when it is asked"),
        ("Page 3", "when it is asked"),
        ("“wish”", "contact wish"),
        ("“wish”", "when it is asked"),
    ]
