"""What a form sends becomes an answer, or a problem; nothing in between."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from surveys.questions.answers import Part
from surveys.questions.kinds import Kind
from surveys.questions.reading import (
    AnswerError,
    Given,
    Problem,
    UnknownQuestionError,
    as_given,
    names,
    read_given,
    read_one,
)
from surveys.questions.spec import Spec
from tests.surveys.questions.makers import ask

TODAY = date(2026, 5, 31)
QUESTIONS = (ask("score", required=True), ask("reason", Kind.TEXT), ask("call_me", Kind.CONTACT_WISH))
LISTED = {"options": ["speed", "price", "staff"], "other": True, "none": True}
TABLE = {"rows": ["shop", "phone"], "options": ["bad", "fair", "good"]}


def problems(questions: tuple[Spec, ...], given: Given, **how: Any) -> dict[str, Problem]:
    with pytest.raises(AnswerError) as refused:
        read_given(questions, given, TODAY, **how)
    return refused.value.problems


@pytest.mark.parametrize(
    ("kind", "scale"),
    [
        (Kind.NPS, range(11)),
        (Kind.CSAT, range(1, 6)),
        (Kind.CES, range(1, 8)),
        (Kind.STARS, range(1, 6)),
        (Kind.YES_NO, range(2)),
        (Kind.CONTACT_WISH, range(2)),
    ],
)
def test_every_score_of_a_scale_is_read_and_none_beside_it(kind: Kind, scale: range) -> None:
    asked = ask("score", kind)
    for number in range(-2, 13):
        expected: object = [Part(number=number)] if number in scale else Problem.NO_CHOICE
        assert read_one(asked, {"score": str(number)}, TODAY) == expected


@pytest.mark.parametrize(
    "score", ["9.5", "NaN", "inf", "1_0", "²", "\uff19", "+9", " 9", "09", "9/10", "nine", "٩", "1e1", "9\x00"]
)
def test_what_is_no_score_is_refused(score: str) -> None:
    assert problems(QUESTIONS, {"score": score}) == {"score": Problem.NO_CHOICE}


def test_two_values_where_one_is_asked_are_refused() -> None:
    assert problems(QUESTIONS, {"score": ["9", "10"]}) == {"score": Problem.NO_CHOICE}


def test_a_required_answer_is_missed_unless_the_interview_broke_off() -> None:
    assert problems(QUESTIONS, {"reason": "So so", "score": ""}) == {"score": Problem.MISSING}
    assert read_given(QUESTIONS, {"reason": "So so"}, TODAY, partly=True) == {"reason": {"": Part(text="So so")}}


def test_every_problem_is_named_at_once() -> None:
    assert problems(QUESTIONS, {"score": "12", "reason": "x" * 5001, "call_me": "yes"}) == {
        "score": Problem.NO_CHOICE,
        "reason": Problem.TOO_LONG,
        "call_me": Problem.NO_CHOICE,
    }


@pytest.mark.parametrize("name", ["is_staff", "score.other", "reason.", "", "\ud800"])
def test_a_field_that_no_question_has_is_refused(name: str) -> None:
    with pytest.raises(UnknownQuestionError):
        read_given(QUESTIONS, {"score": "9", name: "1"}, TODAY)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("x" * 5000, "x" * 5000),
        ("😀" * 5000, "😀" * 5000),
        ("a\r\n" * 2500, ("a\n" * 2500).strip()),
        ("two\r\nlines\tand a tab", "two\nlines\tand a tab"),
        ("a\x00b\x07c", "abc"),
        ("  <script>alert(1)</script> ", "<script>alert(1)</script>"),
        ("{name} {{ settings.SECRET_KEY }} %s", "{name} {{ settings.SECRET_KEY }} %s"),
        (" \r\n ", None),
    ],
)
def test_a_comment_is_kept_whole(given: str, kept: str | None) -> None:
    parts = read_one(ask("reason", Kind.TEXT), {"reason": given}, TODAY)
    assert parts == ([Part(text=kept)] if kept else [])


def test_a_short_text_is_one_line_within_its_limit() -> None:
    asked = ask("place", Kind.SHORT_TEXT, {"most": 10})
    assert read_one(asked, {"place": " Oslo \r\n S "}, TODAY) == [Part(text="Oslo S")]
    assert read_one(asked, {"place": "x" * 11}, TODAY) == Problem.TOO_LONG


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"why": "speed"}, [Part("speed", 1)]),
        ({"why": ["speed", "price"]}, Problem.TOO_MANY),
        ({"why": "none"}, [Part("none", 1)]),
        ({"why": "other", "why.other": " the smell "}, [Part("other", 1, text="the smell")]),
        ({"why.other": "the smell"}, [Part("other", 1, text="the smell")]),
        ({"why": "other"}, Problem.WHICH_OTHER),
        ({"why": "other", "why.other": "x" * 201}, Problem.TOO_LONG),
        ({"why": "Speed"}, Problem.NO_CHOICE),
        ({"why": ["speed", "speed"]}, Problem.NO_CHOICE),
        ({"why": ""}, []),
    ],
)
def test_one_of_several(sent: Given, expected: object) -> None:
    assert read_one(ask("why", Kind.CHOICE, LISTED), sent, TODAY) == expected


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"why": ["staff", "speed"]}, [Part("speed", 1), Part("staff", 1)]),
        ({"why": ["speed", "price", "staff"]}, Problem.TOO_MANY),
        ({"why": ["speed"]}, Problem.TOO_FEW),
        ({"why": ["none"]}, [Part("none", 1)]),
        ({"why": ["none", "speed"]}, Problem.ONE_OR_NONE),
        ({"why": ["speed"], "why.other": "smell"}, [Part("speed", 1), Part("other", 1, text="smell")]),
        ({}, []),
    ],
)
def test_several_of_several(sent: Given, expected: object) -> None:
    assert read_one(ask("why", Kind.CHOICES, LISTED | {"least": 2, "most": 2}), sent, TODAY) == expected


@pytest.mark.parametrize(
    ("required", "sent", "expected"),
    [
        (True, {"t.shop": "1", "t.phone": "3"}, [Part("shop", 1), Part("phone", 3)]),
        (True, {"t.shop": "1"}, Problem.NOT_EVERY_ROW),
        (False, {"t.shop": "1"}, [Part("shop", 1)]),
        (False, {"t.shop": "4"}, Problem.NO_CHOICE),
        (False, {"t.shop": "good"}, Problem.NO_CHOICE),
        (True, {}, []),
    ],
)
def test_a_table(required: bool, sent: Given, expected: object) -> None:
    assert read_one(ask("t", Kind.MATRIX, TABLE, required=required), sent, TODAY) == expected


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"r.a": "2", "r.b": "1", "r.c": "3"}, [Part("a", 2), Part("b", 1), Part("c", 3)]),
        ({"r.a": "1", "r.b": "1", "r.c": "3"}, Problem.RANKS),
        ({"r.a": "1", "r.b": "2"}, Problem.RANKS),
        ({"r.a": "4", "r.b": "2", "r.c": "1"}, Problem.RANKS),
        ({}, []),
    ],
)
def test_a_ranking(sent: Given, expected: object) -> None:
    assert read_one(ask("r", Kind.RANKING, {"options": ["a", "b", "c"]}), sent, TODAY) == expected


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("3", [Part(amount=Decimal(3))]),
        ("3,5", [Part(amount=Decimal("3.5"))]),
        ("-0.5", [Part(amount=Decimal("-0.5"))]),
        ("3.55", Problem.NO_NUMBER),
        ("10.1", Problem.OUT_OF_RANGE),
        ("-2", Problem.OUT_OF_RANGE),
        *(
            (text, Problem.NO_NUMBER)
            for text in ("NaN", "inf", "1e3", "٣", "3 4", "1.2.3", "--1", "-", "0" * 20, "0x1")
        ),
    ],
)
def test_a_number(sent: str, expected: object) -> None:
    asked = ask("hours", Kind.NUMBER, {"least": -1, "most": 10, "decimals": 1})
    assert read_one(asked, {"hours": sent}, TODAY) == expected


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("2026-05-31", [Part(date=TODAY)]),
        ("2026-06-01", Problem.WRONG_DATE),
        ("2025-12-31", Problem.WRONG_DATE),
        *((text, Problem.NO_DATE) for text in ("31.5.2026", "2026-02-30", "20260531", "today", "\uff12026-05-31")),
    ],
)
def test_a_date(sent: str, expected: object) -> None:
    asked = ask("day", Kind.DATE, {"earliest": "2026-01-01", "latest": "today"})
    assert read_one(asked, {"day": sent}, TODAY) == expected


ANSWERED: list[tuple[Spec, Given]] = [
    (ask("score"), {"score": "0"}),
    (ask("why", Kind.CHOICES, LISTED), {"why": ["price", "other"], "why.other": "smell"}),
    (ask("t", Kind.MATRIX, TABLE), {"t.phone": "2"}),
    (ask("r", Kind.RANKING, {"options": ["a", "b"]}), {"r.a": "2", "r.b": "1"}),
    (ask("hours", Kind.NUMBER, {"decimals": 2}), {"hours": "20.5"}),
    (ask("day", Kind.DATE), {"day": "2026-05-31"}),
    (ask("reason", Kind.TEXT), {"reason": "a\nb"}),
]


@pytest.mark.parametrize(("question", "sent"), ANSWERED, ids=[question.key for question, _ in ANSWERED])
def test_a_stored_answer_fills_the_form_it_came_from(question: Spec, sent: Given) -> None:
    parts = read_given([question], sent, TODAY)[question.key]
    form = as_given(question, parts)
    assert read_given([question], {**form}, TODAY)[question.key] == parts
    assert form.keys() <= set(names(question))
    assert {name: values if isinstance(values, list) else [values] for name, values in sent.items()} == form


def test_a_statement_takes_no_answer() -> None:
    hello = ask("hello", Kind.STATEMENT)
    assert (names(hello), read_given([hello], {}, TODAY)) == ([], {})
    with pytest.raises(UnknownQuestionError):
        read_given([hello], {"hello": "1"}, TODAY)
