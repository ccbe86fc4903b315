"""Formulas: what jumps come to, and which formulas are conditions of ours."""

import pytest

from surveys.formats.logic import (
    ALWAYS,
    NEVER,
    AllOf,
    AnyOf,
    Formula,
    Not,
    both,
    condition_of,
    either,
    every_test,
    negated,
    page_formulas,
    rewritten,
)
from surveys.questions.conditions import END, Condition, Jump, Operator
from surveys.questions.conditions import Test as AnswerTest
from surveys.questions.kinds import Kind
from tests.surveys.formats.makers import ask

HIGH, LOW = AnswerTest("score", Operator.AT_LEAST, "9"), AnswerTest("score", Operator.AT_MOST, "6")
DEAR, SURE = AnswerTest("why", Operator.IS, "price"), AnswerTest("sure", Operator.IS, "3")
SPECS = {
    item.spec.key: item.spec
    for item in (
        ask("score"),
        ask("sure", Kind.NPS, required=True),
        ask("why", Kind.CHOICE, {"options": ["price", "speed"]}),
        ask("money", Kind.NUMBER, {"decimals": 2}),
        ask("day", Kind.DATE),
        ask("first", Kind.RANKING, {"options": ["a", "b", "c"]}),
    )
}
JOINTS = {"and": " & ", "or": " | ", "not": "~"}


def told(formula: Formula) -> str:
    """Return a formula in one line."""
    return rewritten(formula, lambda test: f"{test.question} {test.operator} {test.value}".strip(), JOINTS)


def test_formulas_are_as_short_as_they_can_be() -> None:
    assert both() == both(ALWAYS, ALWAYS) == ALWAYS
    assert both(HIGH, NEVER) == NEVER
    assert both(HIGH, both(HIGH, DEAR)) == AllOf((HIGH, DEAR))
    assert either(HIGH, ALWAYS) == ALWAYS
    assert either(HIGH) == HIGH == either(HIGH, NEVER, HIGH)
    assert either(either(HIGH, DEAR), LOW) == AnyOf((HIGH, DEAR, LOW))


def test_a_contrary_stands_before_single_tests_only() -> None:
    assert negated(ALWAYS) == NEVER
    assert negated(HIGH) == Not(HIGH)
    assert negated(Not(HIGH)) == HIGH
    assert (
        told(negated(AllOf((HIGH, AnyOf((DEAR, LOW))))))
        == "~(score at_least 9) | (why is_not price & ~(score at_most 6))"
    )


def test_every_test_is_found() -> None:
    assert list(every_test(AllOf((HIGH, AnyOf((Not(LOW), DEAR)))))) == [HIGH, LOW, DEAR]


@pytest.mark.parametrize(
    ("formula", "condition"),
    [
        (HIGH, Condition((HIGH,))),
        (AllOf((HIGH, DEAR)), Condition((HIGH, DEAR))),
        (AnyOf((HIGH, DEAR)), Condition((HIGH, DEAR), any=True)),
        (AllOf((HIGH, AnyOf((DEAR, LOW)))), Condition((HIGH, Condition((DEAR, LOW), any=True)))),
        (AnyOf((HIGH, AllOf((DEAR, LOW)))), Condition((HIGH, Condition((DEAR, LOW))), any=True)),
        (
            AllOf((HIGH, AnyOf((LOW, AllOf((DEAR, SURE)))))),
            Condition((Condition((HIGH, LOW)), Condition((HIGH, DEAR, SURE))), any=True),
        ),
        (AllOf((HIGH, AnyOf((HIGH, AllOf((DEAR, SURE)))))), Condition((HIGH,))),
        (ALWAYS, None),
        (NEVER, None),
        (
            Not(HIGH),
            Condition(
                (AnswerTest("score", Operator.AT_MOST, "8"), AnswerTest("score", Operator.NOT_ANSWERED)), any=True
            ),
        ),
        (
            Not(AnswerTest("sure", Operator.AT_MOST, "6")),
            Condition((AnswerTest("sure", Operator.AT_LEAST, "7"),)),
        ),
        (
            Not(AnswerTest("money", Operator.AT_LEAST, "3")),
            Condition(
                (AnswerTest("money", Operator.AT_MOST, "2.99"), AnswerTest("money", Operator.NOT_ANSWERED)), any=True
            ),
        ),
        (
            Not(AnswerTest("day", Operator.AT_MOST, "2026-02-28")),
            Condition(
                (AnswerTest("day", Operator.AT_LEAST, "2026-03-01"), AnswerTest("day", Operator.NOT_ANSWERED)), any=True
            ),
        ),
        (
            AnyOf((AnswerTest("first", Operator.IS, "1", "a"), AnswerTest("first", Operator.IS, "2", "a"))),
            Condition((AnswerTest("first", Operator.AT_MOST, "2", "a"),)),
        ),
        (
            AnyOf((AnswerTest("first", Operator.IS, "1", "a"), AnswerTest("first", Operator.IS, "3", "a"))),
            Condition(
                (AnswerTest("first", Operator.IS, "1", "a"), AnswerTest("first", Operator.IS, "3", "a")), any=True
            ),
        ),
    ],
)
def test_a_formula_is_a_condition_or_it_is_not(formula: Formula, condition: Condition | None) -> None:
    assert condition_of(formula, SPECS) == condition


def test_a_formula_that_multiplies_is_no_condition() -> None:
    pairs = [AnswerTest("money", Operator.IS, str(number)) for number in range(12)]
    short = AllOf(tuple(AnyOf((one, AllOf((DEAR, one)))) for one in pairs[:2]))
    assert condition_of(short, SPECS) is not None
    assert condition_of(AllOf(tuple(AnyOf((one, AllOf((DEAR, SURE)))) for one in pairs)), SPECS) is None


def test_a_page_is_on_the_way_where_no_jump_leads_over_it() -> None:
    jumps = (Jump("last", Condition((HIGH,))), Jump(END, Condition((LOW,))))
    items = (
        ask("score", jumps=jumps),
        ask("why", Kind.CHOICE, {"options": ["price", "speed"]}, starts_page=True),
        ask("last", Kind.TEXT, starts_page=True),
    )
    formulas = page_formulas([item.spec for item in items])
    assert [told(formula) for formula in formulas[1:]] == [
        "~(score at_least 9) & ~(score at_most 6)",
        "~(score at_most 6) | score at_least 9",
    ]
    assert formulas[0] == ALWAYS


def test_a_jump_counts_only_where_its_question_was_asked() -> None:
    items = (
        ask("score", jumps=(Jump("c", Condition((HIGH,))),)),
        ask("b", Kind.TEXT, starts_page=True, show_if=Condition((LOW,)), jumps=(Jump(END),)),
        ask("c", Kind.TEXT, starts_page=True),
    )
    last = page_formulas([item.spec for item in items])[2]
    assert told(last) == "score at_least 9 | ~(score at_most 6)"
