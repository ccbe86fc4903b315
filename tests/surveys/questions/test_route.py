"""The way through the pages, and what is drawn for a customer."""

from itertools import permutations
from typing import Any

import pytest

from surveys.questions.answers import Answers, Part
from surveys.questions.checks import problems
from surveys.questions.conditions import (
    ConditionError,
    Jump,
    read_condition,
    read_jumps,
    write_condition,
    write_jumps,
)
from surveys.questions.draw import left_out_modules, shuffled
from surveys.questions.kinds import Kind
from surveys.questions.route import route
from surveys.questions.spec import Spec
from surveys.questions.ways import unreached
from tests.surveys.questions.makers import TWO, ask


def when(question: str, operator: str, value: Any = "", **more: Any) -> dict[str, Any]:
    test = {"question": question, "is": operator, **more}
    return {"all": [test | {"value": value} if value != "" else test]}


def page(key: str, kind: Kind = Kind.TEXT, show_if: Any = None, jumps: Any = (), **more: Any) -> Spec:
    """A question on a page of its own."""
    condition, leading = read_condition(show_if), read_jumps(list(jumps))
    return ask(key, kind, starts_page=True, show_if=condition, jumps=leading, **more)


def scored(number: int) -> Answers:
    return {"score": {"": Part(number=number)}}


def keys(questions: list[Spec], answers: Answers, **how: Any) -> list[list[str]]:
    return [[question.key for question in page] for page in route(questions, answers, **how)]


BRANCHED = [
    page("score", Kind.NPS, required=True),
    page("what", show_if=when("score", "at_most", 6)),
    ask("call_me", Kind.CONTACT_WISH, show_if=read_condition(when("score", "at_most", 6))),
    page("praise", show_if=when("score", "at_least", 9)),
    page("last"),
]
END_AT_0 = {"to": "end", "if": when("score", "is", 0)}
ANSWERED = {"question": "score", "is": "answered"}
NEVER = {"all": [*when("a", "at_least", 9)["all"], *when("a", "at_most", 6)["all"]]}
JUMPING = [
    page(
        "score",
        Kind.NPS,
        jumps=[{"to": "last", "if": when("score", "is", 7)}, {"to": "end", "if": when("score", "is", 0)}],
    ),
    page("middle"),
    page("last"),
]


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (3, [["score"], ["what", "call_me"], ["last"]]),
        (8, [["score"], ["last"]]),
        (10, [["score"], ["praise"], ["last"]]),
    ],
)
def test_pages_follow_the_answers(score: int, expected: list[list[str]]) -> None:
    assert keys(BRANCHED, scored(score)) == expected


def test_before_the_first_answer_only_what_is_always_asked_is_on_the_way() -> None:
    assert keys(BRANCHED, {}) == [["score"], ["last"]]


@pytest.mark.parametrize(
    ("score", "expected"),
    [(7, [["score"], ["last"]]), (0, [["score"]]), (5, [["score"], ["middle"], ["last"]])],
)
def test_jumps_lead_onwards(score: int, expected: list[list[str]]) -> None:
    assert keys(JUMPING, scored(score)) == expected


def test_an_answer_off_the_way_decides_nothing() -> None:
    asked = [*BRANCHED, page("more", show_if=when("what", "answered"))]
    changed_mind: Answers = {**scored(10), "what": {"": Part(text="Late")}}
    assert ["more"] not in keys(asked, changed_mind)
    assert ["more"] in keys(asked, {**changed_mind, **scored(2)})


def test_what_is_known_is_not_asked_and_decides_all_the_same() -> None:
    assert keys(BRANCHED, scored(10), left_out={"score"}) == [["praise"], ["last"]]


@pytest.mark.parametrize(
    ("test", "said", "holds"),
    [
        (when("q", "is", "speed"), {"speed": Part("speed", 1)}, True),
        (when("q", "is", "price"), {"speed": Part("speed", 1)}, False),
        (when("q", "is", "price"), {"speed": Part("speed", 1), "price": Part("price", 1)}, True),
        (when("q", "is_not", "price"), {}, True),
        (when("q", "is", 1), {"1": Part("1", 1)}, True),
        (when("q", "at_least", 2, part="shop"), {"shop": Part("shop", 2)}, True),
        (when("q", "at_least", 2, part="shop"), {"phone": Part("phone", 3)}, False),
        (when("q", "not_answered"), {}, True),
        (when("q", "answered"), {"": Part(text="x")}, True),
        (when("q", "is", "OSLO"), {"": Part(text="Oslo")}, True),
        (when("q", "at_most", 6), {}, False),
        (when("q", "at_most", "NaN"), {"": Part(number=3)}, False),
    ],
)
def test_what_a_test_says(test: Any, said: Any, holds: bool) -> None:
    condition = read_condition(test)
    assert condition is not None
    assert condition.holds({"q": said} if said else {}) is holds


def test_conditions_are_written_back() -> None:
    given = {"any": [*when("score", "at_most", "6")["all"], *when("t", "answered", part="shop")["all"]]}
    assert write_condition(read_condition(given)) == given
    jumps = [{"to": "end", "if": given}, {"to": "last"}]
    assert write_jumps(read_jumps(jumps)) == jumps


@pytest.mark.parametrize(
    "given",
    [
        [],
        {},
        {"all": []},
        {"none": [{}]},
        {"all": [], "any": []},
        {"all": ["score"]},
        {"all": [{"question": "score", "is": "like", "value": 3}]},
        {"all": [{"question": "score", "is": "is"}]},
        {"all": [{"question": "score", "is": "answered", "value": 3}]},
        {"all": [{"question": 3, "is": "answered"}]},
        {"all": [{"question": "score", "is": "is", "value": True}]},
        {"all": [{"question": "score", "is": "answered", "then": "x"}]},
        {"all": [{"all": [ANSWERED, ANSWERED]}]},
        {"any": [ANSWERED, {"all": [ANSWERED]}]},
        {"any": [{"all": [ANSWERED, {"any": [ANSWERED, ANSWERED]}]}]},
        {"all": [{"any": "x"}]},
        {"all": [{"any": [ANSWERED, ANSWERED], "is": "answered"}]},
    ],
)
def test_what_is_no_condition_is_refused(given: object) -> None:
    with pytest.raises(ConditionError):
        read_condition(given)


def test_several_tests_may_stand_in_place_of_one() -> None:
    low, dear, shop = (
        {"question": key, "is": "is", "value": value} for key, value in (("a", "1"), ("b", "2"), ("c", "3"))
    )
    given = {"all": [{"any": [low, dear]}, shop]}
    condition = read_condition(given)
    assert condition is not None
    assert write_condition(condition) == given
    assert [test.question for test in condition.tests] == ["a", "b", "c"]
    assert condition.said(lambda test: test.question) == "(a or b) and c"
    said = {key: {"": Part(number=number)} for number, key in enumerate("abc", start=1)}
    assert [condition.holds({key: said[key] for key in keys}) for keys in ("ac", "bc", "ab", "c")] == [
        *(True, True, False, False)
    ]
    one_of = read_condition({"any": [{"all": [low, dear]}, shop]})
    assert one_of is not None
    assert [one_of.holds({key: said[key] for key in keys}) for keys in ("ab", "c", "a", "b")] == [
        *(True, True, False, False)
    ]


def test_a_question_behind_nested_conditions_that_nobody_meets_is_found() -> None:
    never = {
        "all": [{"any": [*when("a", "is", 0)["all"], *when("a", "is", 1)["all"]]}, *when("a", "at_least", 9)["all"]]
    }
    assert problems([page("a", Kind.NPS), page("b", show_if=never)], 1) == [
        "“b” is never asked: nothing that a customer can answer leads to it. Change its condition or the jumps."
    ]


@pytest.mark.parametrize(
    ("questions", "words"),
    [
        ([], "at least one question"),
        ([ask("hello", Kind.STATEMENT)], "at least one question"),
        ([page("a"), page("b", show_if=when("c", "answered"))], "no question of this survey"),
        ([page("a", Kind.STATEMENT), page("b", show_if=when("a", "answered"))], "text without an answer"),
        ([page("a", Kind.NPS), ask("b", show_if=read_condition(when("a", "is", 3)))], "start a new page"),
        ([page("a", show_if=when("b", "answered")), page("b")], "start a new page"),
        ([page("a", Kind.NPS), page("b", show_if=when("a", "is", 11))], "no answer to"),
        ([page("a", Kind.TEXT), page("b", show_if=when("a", "at_least", 1))], "have no order"),
        ([page("a", Kind.CHOICE, details=TWO), page("b", show_if=when("a", "is", "fun"))], "no option “fun”"),
        ([page("a", Kind.NPS), page("b", show_if=when("a", "is", 3, part="x"))], "no table"),
        ([page("a", Kind.NPS, jumps=[{"to": "b"}])], "leads to “b”"),
        ([page("a", Kind.NPS), page("b", jumps=[{"to": "a"}])], "leads back"),
        ([page("a", Kind.NPS, jumps=[{"to": "c"}]), page("b"), ask("c")], "middle of a page"),
        ([page("a", Kind.NPS, jumps=[{"to": "end"}]), page("b")], "“b” is never asked"),
        (
            [
                page("a", Kind.NPS),
                page("b", show_if=NEVER),
            ],
            "“b” is never",
        ),
        ([page("a", Kind.NPS), page("b", module="m")], "1 to 1, not 2"),
    ],
)
def test_what_keeps_a_survey_from_being_published(questions: list[Spec], words: str) -> None:
    found = problems(questions, 2)
    assert any(words in problem for problem in found), found


@pytest.mark.parametrize("questions", [BRANCHED, JUMPING])
def test_a_right_survey_has_no_problem(questions: list[Spec]) -> None:
    assert problems(questions, 1) == []


def test_a_table_and_a_date_can_decide() -> None:
    table = {"rows": ["shop", "phone"], "options": ["bad", "good"]}
    asked = [
        page("t", Kind.MATRIX, details=table),
        page("d", Kind.DATE),
        page("n", Kind.NUMBER, details={"least": 1, "most": 3}),
        page("bad_shop", show_if=when("t", "at_most", 1, part="shop")),
        page("late", show_if=when("d", "at_least", "2026-05-01")),
        page("many", show_if=when("n", "at_least", 3)),
    ]
    assert problems(asked, 1) == []


def test_many_conditions_are_seen_through() -> None:
    first = [page(f"q{number}", Kind.YES_NO) for number in range(8)]
    then = [page(f"then{number}", show_if=when(f"q{number}", "is", 1)) for number in range(8)]
    assert unreached([*first, *then]) == []


def test_a_jump_without_condition_always_leads_away() -> None:
    assert Jump("end").taken({})


def test_modules_are_drawn_alike_for_the_same_customer_and_evenly_over_all() -> None:
    asked = [ask("score"), *(ask(f"{name}{number}", Kind.TEXT, module=name) for name in "abc" for number in (1, 2))]
    drawn = [left_out_modules(asked, 1, f"invitation {number}") for number in range(3000)]
    assert drawn == [left_out_modules(asked, 1, f"invitation {number}") for number in range(3000)]
    asked_a = sum("a1" not in left_out for left_out in drawn)
    assert all(len(left_out) == 4 for left_out in drawn)
    assert 900 < asked_a < 1100


def test_options_are_shuffled_per_customer_and_our_own_stay_last() -> None:
    question = ask("why", Kind.CHOICE, {"options": ["a", "b", "c"], "other": True, "none": True, "shuffle": True})
    orders = {tuple(shuffled(question, question.details.offered, str(seed))) for seed in range(200)}
    assert {order[:3] for order in orders} == set(permutations("abc"))
    assert {order[3:] for order in orders} == {("other", "none")}
