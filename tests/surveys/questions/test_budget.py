"""What a survey costs before anybody has answered it."""

from surveys.questions.budget import cost, rounded, seconds
from surveys.questions.kinds import Kind
from surveys.questions.spec import Spec
from tests.surveys.questions.makers import ask

TABLE = {"rows": ["a", "b", "c"], "options": ["x", "y"]}


def test_reading_and_answering_add_up() -> None:
    assert cost(ask("score"), 0) == 4
    assert round(cost(ask("score"), 119)) == 4 + 30


def test_an_open_question_that_may_be_left_empty_costs_half() -> None:
    assert cost(ask("why", Kind.TEXT), 0) == cost(ask("why", Kind.TEXT, required=True), 0) / 2


def test_every_row_and_every_rank_costs() -> None:
    assert cost(ask("t", Kind.MATRIX, TABLE), 0) == 6
    assert [cost(ask("r", Kind.RANKING, {"options": list("abcd"[:n])}), 0) for n in (2, 3, 4)] == [4, 6, 8]


def test_of_rotating_modules_the_dearest_that_are_asked_count() -> None:
    asked: list[Spec] = [
        ask("score", required=True),
        *(ask(f"a{n}", Kind.TEXT, module="a", required=True) for n in range(2)),
        ask("b", Kind.TEXT, module="b", required=True),
        ask("c", Kind.YES_NO, module="c"),
    ]
    assert [seconds(asked, {}, number) for number in (1, 2, 3)] == [20, 30, 35]


def test_what_is_promised_is_a_round_number() -> None:
    assert [rounded(exact) for exact in (0, 2, 7, 8, 21, 58)] == [5, 5, 5, 10, 20, 60]
