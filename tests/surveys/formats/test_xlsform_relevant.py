"""`relevant` as we write and read it, against an XPath evaluator that is not ours: the same questions are asked."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveys.formats import xlsform_reading, xlsform_writing
from surveys.formats.document import Document
from surveys.questions.answers import Answers, Part
from surveys.questions.conditions import Condition
from surveys.questions.route import route
from tests.surveys.formats.makers import answers_to, documents
from tests.surveys.formats.test_xlsform_writing import sheet
from tests.surveys.formats.workbooks import form
from tests.surveys.formats.xforms import as_values, held, walked

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
ATOMS = (
    *("${nps} <= 6", "${nps} > 8", "${nps} = 3", "${nps} != ''", "${nps} = ''", "9 > ${nps}"),
    *("${yes} = 'yes'", "${yes} != 'no'", "selected(${why}, 'a')", "selected(${why}, 'b') = true()"),
    *("count-selected(${why}) > 0", "${often} >= 3", "${often} != 4", "${word} = 'good'"),
)
EXPRESSIONS = st.recursive(
    st.sampled_from(ATOMS),
    lambda parts: st.one_of(
        st.lists(parts, min_size=2, max_size=3).map(lambda some: f"({' and '.join(some)})"),
        st.lists(parts, min_size=2, max_size=3).map(lambda some: f"({' or '.join(some)})"),
        parts.map(lambda part: f"not({part})"),
    ),
    max_leaves=6,
)
PAIRS = st.tuples(st.sampled_from(ATOMS), st.sampled_from(ATOMS), st.sampled_from(ATOMS))
DEEP = st.lists(PAIRS.map("({0[0]} or ({0[1]} and {0[2]}))".format), min_size=2, max_size=2).map(" and ".join)
"""Nested more deeply than a condition, so that they have to be multiplied out."""
CHOICES = (
    *(("scores", number, str(number)) for number in range(11)),
    *(("yn", "yes", "Yes"), ("yn", "no", "No"), ("whys", "a", "A"), ("whys", "b", "B")),
)
ANSWERS: dict[str, Callable[[str], dict[str, Part]]] = {
    "nps": lambda value: {"": Part(number=int(value))},
    "yes": lambda value: {"": Part(number=int(value == "yes"))},
    "why": lambda value: {key: Part(key, 1) for key in value.split()},
    "often": lambda value: {"": Part(amount=Decimal(value))},
    "word": lambda value: {"": Part(text=value)},
}
VALUES = st.fixed_dictionaries(
    {
        "nps": st.sampled_from(["", "0", "3", "6", "7", "9", "10"]),
        "yes": st.sampled_from(["", "yes", "no"]),
        "why": st.sampled_from(["", "a", "b", "a b"]),
        "often": st.sampled_from(["", "2", "3", "4", "5"]),
        "word": st.sampled_from(["", "good", "bad"]),
    }
)


def read(expression: str) -> tuple[Condition | None, list[str]]:
    """Return the condition that a question with this `relevant` has here, and what is noted."""
    asked = [("select_one scores", "nps", "N"), ("select_one yn", "yes", "Y"), ("select_multiple whys", "why", "W")]
    more = [("integer", "often", "O"), ("text", "word", "T"), ("text", "last", "L", expression)]
    found = xlsform_reading.read(form(*asked, *more, choices=CHOICES))
    [last] = [spec for spec in found.document.specs if spec.key == "last"]
    return last.show_if, [note.why for note in found.notes if note.what.startswith("condition")]


def as_answers(values: dict[str, str]) -> Answers:
    return {key: ANSWERS[key](value) for key, value in values.items() if value}


@settings(max_examples=40, suppress_health_check=SLOW)
@given(document=documents(languages=("en",)), data=st.data())
def test_a_form_of_ours_asks_the_same_questions(document: Document, data: st.DataObject) -> None:
    written = xlsform_writing.write(document)
    assert not [note for note in written.notes if note.what == "when it is asked"]
    rows, questions = sheet(written.content, "survey"), {spec.key: spec for spec in document.specs}
    for _ in range(4):
        said = {key: data.draw(answers_to(one)) for key, one in questions.items()}
        answers = {key: parts for key, parts in said.items() if parts}
        ways = [[question.key for question in page] for page in route(document.specs, answers)]
        assert walked(rows, as_values(questions, answers)) == ways


@settings(max_examples=60, suppress_health_check=SLOW)
@given(expression=EXPRESSIONS | DEEP, given_values=st.lists(VALUES, min_size=8, max_size=8))
def test_what_is_read_means_what_it_says_there(expression: str, given_values: list[dict[str, str]]) -> None:
    condition, notes = read(expression)
    if condition is None:
        truths = {held(expression, values) for values in given_values}
        assert notes or truths == {True}
        return
    for values in given_values:
        assert condition.holds(as_answers(values)) == held(expression, values), (expression, values)


@pytest.mark.parametrize(
    "expression",
    [
        "(${nps} < 7 or ${word} = 'x') and ${often} != ''",
        "${nps} <= 6 or (${yes} = 'no' and selected(${why}, 'a'))",
        "not(${nps} >= 9 and ${yes} = 'yes') and ${often} >= 3",
        "(${nps} <= 6 and (${yes} = 'no' or selected(${why}, 'a'))) or ${word} = 'bad'",
        "(${nps} <= 6 or ${yes} = 'no') and (${often} > 2 or selected(${why}, 'b'))",
    ],
)
def test_common_nestings_come_in(expression: str) -> None:
    condition, notes = read(expression)
    assert condition is not None
    assert notes == []


def test_what_would_be_too_long_is_said() -> None:
    pairs = " and ".join(f"(${{nps}} = {number} or (${{often}} = {number} and ${{yes}} = 'no'))" for number in range(6))
    condition, notes = read(pairs)
    assert condition is None
    assert notes == [
        "It cannot be said in a few tests, of which all or one must hold. It is always asked: write it anew."
    ]
