"""Conditions as sentences: said in the words of the survey, and read back from them."""

import pytest

from surveys.questions.conditions import END, Condition, Jump, Operator
from surveys.questions.conditions import Test as Check
from surveys.questions.details import Details
from surveys.questions.kinds import Kind
from surveys.sentences import read_value, say_condition, say_jumps, title, values
from surveys.texts import QuestionWords

SPEED = Details(options=("speed", "price"), other=True)
ASKED = {
    question.key: question
    for question in (
        QuestionWords(key="score", kind=Kind.NPS, text="How likely?"),
        QuestionWords(key="done", kind=Kind.YES_NO, text="Is it\ndone?"),
        QuestionWords(key="why", kind=Kind.CHOICE, text="Why?", details=SPEED, options={"speed": "The speed"}),
        QuestionWords(
            key="table",
            kind=Kind.MATRIX,
            text="How was",
            details=Details(options=("bad", "good"), rows=("food",)),
            options={"bad": "Bad", "good": "Good"},
            rows={"food": "The food"},
        ),
        QuestionWords(key="order", kind=Kind.RANKING, details=Details(options=("a", "b")), options={"a": "Price"}),
        QuestionWords(key="note", kind=Kind.TEXT, text="x" * 80),
    )
}


@pytest.mark.parametrize(
    ("test", "said"),
    [
        (Check("score", Operator.AT_MOST, "6"), "“How likely?” is at most 6"),
        (Check("done", Operator.IS, "0"), "“Is it done?” is no"),
        (Check("why", Operator.IS_NOT, "speed"), "“Why?” is not “The speed”"),
        (Check("why", Operator.IS, "price"), "“Why?” is “price”"),
        (Check("why", Operator.IS, "other"), "“Why?” is “something else”"),
        (Check("table", Operator.AT_LEAST, "2", "food"), "“How was: The food” is at least “Good”"),
        (Check("order", Operator.IS, "1", "a"), "“order: Price” is “place 1”"),
        (Check("note", Operator.NOT_ANSWERED), f"“{'x' * 60} …” is not answered"),
        (Check("gone", Operator.IS, "1"), "“gone” is 1"),
    ],
)
def test_a_condition_is_said_in_the_words_of_the_survey(test: Check, said: str) -> None:
    assert say_condition(Condition((test,)), ASKED) == said


def test_tests_are_joined_and_jumps_say_where_they_lead() -> None:
    low, done = Check("score", Operator.AT_MOST, "6"), Check("done", Operator.ANSWERED)
    assert say_condition(Condition((low, done)), ASKED) == "“How likely?” is at most 6 and “Is it done?” is answered"
    either = Condition((low, done), any=True)
    assert say_jumps([Jump("why", either), Jump(END), Jump("gone")], ASKED) == [
        "to “Why?” if “How likely?” is at most 6 or “Is it done?” is answered",
        "to the end",
        "to “gone”",
    ]


@pytest.mark.parametrize(
    ("key", "written", "value"),
    [
        ("done", "No", "0"),
        ("done", "0", "0"),
        ("why", "the speed", "speed"),
        ("why", "Something else", "other"),
        ("table", "good", "2"),
        ("order", "place 2", "2"),
        ("score", "6", "6"),
        ("note", "Perhaps", "Perhaps"),
    ],
)
def test_a_value_is_read_from_its_words(key: str, written: str, value: str) -> None:
    assert read_value(ASKED[key], written) == value


def test_a_question_without_words_goes_by_its_key() -> None:
    assert title(ASKED["order"]) == "order"
    assert values(ASKED["note"]) == {}
