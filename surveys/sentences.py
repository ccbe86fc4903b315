"""Conditions and jumps as sentences that a manager reads and writes: “How likely …” is at most 6."""

from collections.abc import Mapping, Sequence

from surveys.questions.conditions import END, Condition, Jump, Operator, Test
from surveys.questions.details import NONE, OTHER
from surveys.questions.kinds import Kind
from surveys.texts import QuestionWords

OPERATORS: dict[str, str] = {
    Operator.IS: "is",
    Operator.IS_NOT: "is not",
    Operator.AT_LEAST: "is at least",
    Operator.AT_MOST: "is at most",
    Operator.ANSWERED: "is answered",
    Operator.NOT_ANSWERED: "is not answered",
}
LONGEST_TITLE = 60
Asked = Mapping[str, QuestionWords]
"""Questions by their keys."""


def title(question: QuestionWords) -> str:
    """Return the first words of a question, by which it is known in a sentence; its key where it has none."""
    words = " ".join(question.text.split())
    if len(words) > LONGEST_TITLE:
        words = f"{words[:LONGEST_TITLE].rstrip()} …"
    return words or question.key


def values(question: QuestionWords) -> dict[str, str]:
    """Return what can be answered, in words, by the value that a condition has for it; empty where anything can."""
    named = {key: question.options.get(key) or key for key in question.details.options}
    match question.kind:
        case Kind.YES_NO | Kind.CONTACT_WISH:
            return {"1": "yes", "0": "no"}
        case Kind.MATRIX:
            return {str(number): words for number, words in enumerate(named.values(), start=1)}
        case Kind.RANKING:
            return {str(number): f"place {number}" for number in range(1, len(named) + 1)}
    if question.details.offered:
        ours = {OTHER: "something else", NONE: "none of these"}
        return named | {key: ours[key] for key in question.details.offered if key in ours}
    return {str(number): str(number) for number in question.scale or ()}


def parts(question: QuestionWords) -> dict[str, str]:
    """Return what of a question a condition must name, in words by key: rows of a table, options of a ranking."""
    if question.kind == Kind.MATRIX:
        return {key: question.rows.get(key) or key for key in question.details.rows}
    if question.kind == Kind.RANKING:
        return {key: question.options.get(key) or key for key in question.details.options}
    return {}


def read_value(question: QuestionWords, text: str) -> str:
    """Return the value that is meant by what a manager wrote: the value itself or, in any case, its words."""
    meant = {words.casefold(): value for value, words in values(question).items()}
    return text if text in values(question) else meant.get(text.casefold(), text)


def say_condition(condition: Condition, asked: Asked) -> str:
    """Say what must hold: “How fast were we?” is at most 3 and “Price?” is answered."""
    return condition.said(lambda test: _say_test(test, asked))


def say_jumps(jumps: Sequence[Jump], asked: Asked) -> list[str]:
    """Say where each jump leads, and when."""
    return [f"{_goal(jump.to, asked)}{f' if {say_condition(jump.when, asked)}' if jump.when else ''}" for jump in jumps]


def _goal(to: str, asked: Asked) -> str:
    return "to the end" if to == END else f"to “{title(asked[to]) if to in asked else to}”"


def _say_test(test: Test, asked: Asked) -> str:
    question = asked.get(test.question)
    if question is None:
        return f"“{test.question}” {OPERATORS[test.operator]} {test.value}".strip()
    about = f"{title(question)}: {parts(question).get(test.part, test.part)}" if test.part else title(question)
    value = values(question).get(test.value, test.value)
    quoted = f"“{value}”" if question.details.offered and value else value
    return f"“{about}” {OPERATORS[test.operator]} {quoted}".strip()
