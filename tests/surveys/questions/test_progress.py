"""How far somebody has come on the way through the pages, and where it goes on."""

from datetime import date
from typing import Any

import pytest

from surveys.questions.answers import Answers, Part
from surveys.questions.conditions import read_condition, read_jumps
from surveys.questions.kinds import Kind
from surveys.questions.progress import before, is_last, is_settled, lacking, of_page, place, read_whole, way
from surveys.questions.reading import AnswerError, Problem, UnknownQuestionError
from surveys.questions.spec import Spec
from tests.surveys.questions.makers import TWO, ask

TODAY = date(2026, 5, 5)
LOW = {"all": [{"question": "score", "is": "at_most", "value": 6}]}
SURVEY = [
    ask("score", Kind.NPS, required=True),
    ask("hello", Kind.STATEMENT),
    ask("what", Kind.TEXT, starts_page=True, required=True, show_if=read_condition(LOW)),
    ask("nice", Kind.TEXT, starts_page=True),
    ask("last", Kind.CHOICE, TWO, starts_page=True, required=True),
]


def said(**answers: Any) -> Answers:
    return {
        key: {"": Part(number=value) if isinstance(value, int) else Part(text=value)} for key, value in answers.items()
    }


def test_pages_keep_their_numbers_whatever_is_left_out() -> None:
    assert list(way(SURVEY, said(score=9))) == [1, 3, 4]
    assert list(way(SURVEY, said(score=2))) == [1, 2, 3, 4]
    assert list(way(SURVEY, said(score=2), left_out={"nice"})) == [1, 2, 4]


@pytest.mark.parametrize(
    ("answers", "sent", "number"),
    [
        (said(), 0, 1),
        (said(score=9), 1, 3),
        (said(score=2), 1, 2),
        (said(score=2, what="x"), 2, 3),
        (said(score=9), 3, 4),
        (said(score=9, last="speed"), 4, 0),
        (said(score=2), 4, 2),
        (said(), 4, 1),
    ],
    ids=["start", "skipped", "low", "next", "after an optional one", "done", "missed in another tab", "forged"],
)
def test_it_goes_on_with_the_next_page_or_the_one_that_is_missing(answers: Answers, sent: int, number: int) -> None:
    assert place(way(SURVEY, answers), answers, sent) == number


def test_only_what_must_be_answered_is_lacking() -> None:
    assert lacking(SURVEY, said(score=1)) == ["what", "last"]


def test_back_leads_to_the_page_before_on_the_way() -> None:
    pages = way(SURVEY, said(score=9))
    assert [before(pages, number) for number in (1, 3, 4)] == [0, 1, 3]


@pytest.mark.parametrize(("number", "settled"), [(1, False), (2, False), (3, True), (4, True)])
def test_the_number_of_pages_is_known_where_no_answer_changes_it(number: int, settled: bool) -> None:
    assert is_settled(SURVEY, number) is settled


def test_a_jump_leaves_the_number_of_pages_open() -> None:
    jumping = [ask("score", jumps=read_jumps([{"to": "end"}])), ask("never", Kind.TEXT, starts_page=True)]
    assert not is_settled(jumping, 1)


def test_the_last_page_is_one_after_which_nothing_can_come() -> None:
    assert [is_last(SURVEY, number, ()) for number in (1, 3, 4)] == [False, False, True]
    assert is_last(SURVEY, 3, {"last"})


def test_what_a_page_sends_for_questions_that_are_not_asked_is_left_aside() -> None:
    page = [ask("score"), ask("again", Kind.YES_NO), ask("rows", Kind.MATRIX, {**TWO, "rows": ["a"]})]
    given = {"score": "9", "again": "1", "rows.a": "2", "strange": "x"}
    assert of_page(page, page[:1], given) == {"score": "9", "strange": "x"}


def whole(given: dict[str, str], questions: list[Spec] = SURVEY, **how: Any) -> Answers:
    settings: dict[str, Any] = {"known": {}, "left_out": (), "partly": False}
    return read_whole(questions, given, TODAY, **settings | how)


def test_a_whole_answer_keeps_what_lies_on_the_way() -> None:
    read = whole({"score": "9", "what": "off the way", "last": "speed"})
    assert {key: next(iter(parts)) for key, parts in read.items()} == {"score": "", "last": "speed"}


@pytest.mark.parametrize(
    ("given", "missing"),
    [({"score": "9"}, ["last"]), ({"score": "2", "last": "speed"}, ["what"]), ({"last": "speed"}, ["score"])],
)
def test_a_whole_answer_must_hold_what_the_way_demands(given: dict[str, str], missing: list[str]) -> None:
    with pytest.raises(AnswerError) as refused:
        whole(given)
    assert refused.value.problems == dict.fromkeys(missing, Problem.MISSING)
    assert whole(given, partly=True)


def test_known_facts_lead_the_way_and_are_not_said_again() -> None:
    assert whole({"last": "speed"}, known=said(score=9)).keys() == {"last"}


def test_who_answers_what_was_not_drawn_has_answered_it() -> None:
    assert whole({"score": "9", "nice": "Yes", "last": "price"}, left_out={"nice"}).keys() == {"score", "nice", "last"}
    assert whole({"score": "9", "last": "price"}, left_out={"nice"}).keys() == {"score", "last"}


def test_strange_fields_and_bad_values_are_refused_here_too() -> None:
    with pytest.raises(UnknownQuestionError):
        whole({"strange": "1"})
    with pytest.raises(AnswerError):
        whole({"score": "11", "last": "speed"})
