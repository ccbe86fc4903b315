"""What a manager sees of a file before it is stored."""

import pytest

from surveys.formats.pictured import pictured
from surveys.questions.conditions import END, Condition, Jump, Operator
from surveys.questions.conditions import Test as AnswerTest
from surveys.questions.kinds import Kind
from tests.surveys.formats.makers import ask, survey

ASKED = (
    ask("score", required=True),
    ask("ok", Kind.YES_NO),
    ask("why", Kind.CHOICE, {"options": ["wait", "price"], "other": True, "none": True}),
    ask("parts", Kind.MATRIX, {"options": ["bad", "good"], "rows": ["speed"]}),
    ask("first", Kind.RANKING, {"options": ["a", "b"]}),
)


def said(*tests: AnswerTest, any_: bool = False) -> str:
    """Return how a condition is said."""
    shown = ask("x", Kind.TEXT, starts_page=True, show_if=Condition(tests, any=any_))
    return pictured(survey(*ASKED, shown))[1][0].logic[0]


def test_questions_stand_on_their_pages_with_what_can_be_chosen() -> None:
    [page] = pictured(survey(*ASKED))
    assert [(one.key, one.kind, one.required) for one in page[:2]] == [
        ("score", "Recommendation, 0 to 10 (NPS)", True),
        ("ok", "Yes or no", False),
    ]
    assert page[2].choices == ["option:wait of why", "option:price of why", "other", "none of these"]
    assert (page[3].rows, page[3].text) == (["row:speed of parts"], "text of parts")


@pytest.mark.parametrize(
    ("test", "words"),
    [
        (AnswerTest("score", Operator.AT_MOST, "6"), "“score” is at most 6"),
        (AnswerTest("score", Operator.NOT_ANSWERED), "“score” is not answered"),
        (AnswerTest("ok", Operator.IS, "1"), "“ok” is yes"),
        (AnswerTest("why", Operator.IS_NOT, "wait"), "“why” is not “option:wait of why”"),
        (AnswerTest("parts", Operator.AT_LEAST, "2", "speed"), "“parts” (speed) is at least “option:good of parts”"),
        (AnswerTest("first", Operator.IS, "1", "a"), "“first” (a) is place 1"),
        (AnswerTest("gone", Operator.IS, "1"), "“gone” is 1"),
        (AnswerTest("parts", Operator.IS, "9", "speed"), "“parts” (speed) is 9"),
    ],
)
def test_a_condition_is_said_in_words(test: AnswerTest, words: str) -> None:
    assert said(test) == f"Asked only where {words}"


def test_several_tests_are_joined() -> None:
    tests = (AnswerTest("score", Operator.AT_LEAST, "9"), AnswerTest("ok", Operator.IS, "0"))
    assert said(*tests) == "Asked only where “score” is at least 9 and “ok” is no"
    assert said(*tests, any_=True) == "Asked only where “score” is at least 9 or “ok” is no"


def test_jumps_are_said() -> None:
    low = Condition((AnswerTest("score", Operator.AT_MOST, "6"),))
    [[page], _] = pictured(
        survey(ask("score", jumps=(Jump("b", low), Jump(END))), ask("b", Kind.TEXT, starts_page=True))
    )
    assert page.logic == ["Then leads to “b” where “score” is at most 6", "Then ends the survey"]
