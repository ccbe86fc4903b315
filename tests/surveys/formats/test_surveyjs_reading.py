"""What we read from SurveyJS: a file as people have one, every kind of question, and a note about all the rest."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveys.formats import surveyjs_reading, surveyjs_writing
from surveys.formats.document import Document, FormatError, Item, Read
from surveys.questions.conditions import END, Condition, Jump, Operator
from surveys.questions.conditions import Test as AnswerTest
from surveys.questions.details import Details
from surveys.questions.kinds import Kind
from surveys.questions.route import route
from surveys.questions.spec import Spec, paged
from tests.surveys.formats.makers import EXAMPLES, answers_to, ask, questionnaires, survey


def read(*elements: dict[str, Any], **given: Any) -> Read:
    """Return what a survey of one page with these elements is read as."""
    return surveyjs_reading.read(json.dumps({"pages": [{"elements": elements}], **given}).encode())


def one(**element: Any) -> tuple[Item, list[str]]:
    """Return the only question of a survey, and what was noted about it."""
    found = read({"name": "q", **element})
    [item] = found.document.items
    return item, [note.what for note in found.notes]


@pytest.fixture(scope="module")
def delivery() -> Read:
    return surveyjs_reading.read((EXAMPLES / "delivery.surveyjs.json").read_bytes(), "delivery")


def by_key(document: Document) -> dict[str, Item]:
    return {item.spec.key: item for item in document.items}


def test_an_example_is_read_as_a_person_would(delivery: Read) -> None:
    document = delivery.document
    assert (document.slug, document.name, document.languages) == ("your_delivery", "Your delivery", ["en", "de"])
    assert document.words["en"] == {"title": "Your delivery", "thanks": "Thank you\nWe read every answer."}
    assert [[spec.key for spec in page] for page in paged(document.specs)] == [
        ["text", "nps_score", "driver", "mood", "old", "arrived"],
        ["text_2", "reasons"],
        ["details", "text_3", "mail", "when"],
        ["intro", "parts", "order", "parcels"],
        ["shop", "sum"],
        ["last"],
    ]
    kinds = {item.spec.key: item.spec.kind for item in document.items if item.spec.asks}
    assert kinds == {
        "nps_score": Kind.NPS,
        "driver": Kind.STARS,
        "mood": Kind.CSAT,
        "old": Kind.CHOICE,
        "arrived": Kind.YES_NO,
        "reasons": Kind.CHOICES,
        "details": Kind.TEXT,
        "mail": Kind.SHORT_TEXT,
        "when": Kind.DATE,
        "parts": Kind.MATRIX,
        "order": Kind.RANKING,
        "parcels": Kind.NUMBER,
        "shop": Kind.CHOICE,
        "last": Kind.TEXT,
    }


def test_an_examples_settings_and_words_come_along(delivery: Read) -> None:
    items = by_key(delivery.document)
    assert items["nps_score"].words["de"] == {"text": "Wie wahrscheinlich empfehlen Sie uns?", "low": "Gar nicht"}
    reasons = items["reasons"]
    assert reasons.spec.details == Details(("too_late", "damaged", "3"), other=True, none=True, shuffle=True, most=2)  # type: ignore[arg-type]
    assert reasons.words["de"] == {"option:damaged": "Beschädigt"}
    assert reasons.text("option:too_late", "en") == "Too late"
    assert items["when"].spec.details == Details(earliest="today", latest="2030-12-31")
    assert items["mood"].spec.details.faces
    assert items["intro"].text("text", "en") == "A few more questions & then it is done, {name}."
    assert items["parts"].spec.required
    assert items["old"].text("option:1", "en") == "1 bad"


def test_an_examples_conditions_and_jumps_come_along(delivery: Read) -> None:
    specs = {spec.key: spec for spec in delivery.document.specs}
    unhappy = AnswerTest("nps_score", Operator.AT_MOST, "6")
    assert specs["reasons"].show_if == Condition((unhappy,))
    damaged, incomplete = AnswerTest("reasons", Operator.IS, "damaged"), AnswerTest("arrived", Operator.IS, "0")
    assert specs["details"].show_if == Condition((unhappy, damaged, incomplete))
    assert specs["mail"].show_if == Condition((unhappy, AnswerTest("reasons", Operator.ANSWERED)))
    dear = AnswerTest("order", Operator.IS, "1", "price")
    assert specs["shop"].show_if == Condition((dear, AnswerTest("parts", Operator.AT_LEAST, "2", "speed")))
    assert specs["arrived"].jumps == (Jump("intro", Condition((AnswerTest("arrived", Operator.IS, "1"),))),)
    assert specs["order"].jumps == (Jump(END, Condition((AnswerTest("order", Operator.NOT_ANSWERED),))),)


def test_an_example_says_everything_that_it_lost(delivery: Read) -> None:
    assert {(note.place, note.what) for note in delivery.notes} == {
        ("Survey", "logoPosition"),
        ("Survey", "its heading"),
        ("“driver”", "titleLocation"),
        ("“old”", "a scale of its own"),
        ("“arrived”", "labelTrue"),
        ("Page 2", "its heading"),
        ("“reasons”", "colCount"),
        ("“details”", "begins a page of its own"),
        ("“contact”", "its heading"),
        ("“mail”", "inputType “email”"),
        ("“mail”", "validators"),
        ("“intro”", "markup"),
        ("“order”", "{driver}"),
        ("“sign”", "question of the type “signaturepad”"),
        ("“shop”", "begins a page of its own"),
        ("“sum”", "expression “{parcels} * 2”"),
        ("“last”", "requiredIf"),
        ("Trigger 3", "trigger “setvalue”"),
        ("Trigger 4", "jump to “driver”"),
    }


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(questions=questionnaires(), data=st.data())
def test_what_we_wrote_leads_the_same_way_when_read(questions: list[Spec], data: st.DataObject) -> None:
    found = surveyjs_reading.read(surveyjs_writing.write(survey(*map(Item, questions))).content)
    lost = [note for note in found.notes if note.what.startswith(("condition", "begins", "the page"))]
    given = {one.key: data.draw(answers_to(one)) for one in questions}
    answers = {key: parts for key, parts in given.items() if parts}
    ways = [
        [[spec.key for spec in page] for page in route(specs, answers)] for specs in (questions, found.document.specs)
    ]
    assert lost or ways[0] == ways[1]


def test_words_and_settings_come_back() -> None:
    items = (
        *(ask("score", required=True), ask("mood", Kind.CSAT, {"faces": True}), ask("effort", Kind.CES)),
        *(
            ask("stars", Kind.STARS),
            ask("ok", Kind.YES_NO),
            ask("why", Kind.CHOICE, {"options": ["a", "b"], "shuffle": True}),
        ),
        *(ask("all", Kind.CHOICES, {"options": ["a", "b"], "other": True, "none": True, "least": 1, "most": 2}),),
        *(
            ask(
                "parts", Kind.MATRIX, {"options": ["bad", "good"], "rows": ["speed"], "shuffle": True}, starts_page=True
            ),
        ),
        *(ask("first", Kind.RANKING, {"options": ["a", "b", "c"]}), ask("name", Kind.SHORT_TEXT, {"most": 50})),
        *(ask("more", Kind.TEXT), ask("money", Kind.NUMBER, {"least": 0, "most": 99.5, "decimals": 2})),
        *(ask("day", Kind.DATE, {"earliest": "2020-01-01", "latest": "today"}), ask("hello", Kind.STATEMENT)),
    )
    exported = surveyjs_writing.write(survey(*items, words={"en": {"title": "Hello", "thanks": "Thanks\nall"}}))
    back = surveyjs_reading.read(exported.content).document
    for item, again in zip(items, back.items, strict=True):
        assert again.spec == item.spec
        assert again.words["en"] == {field: text for field, text in item.words["en"].items() if field != "unit"}
    assert back.words == {"en": {"title": "Hello", "thanks": "Thanks\nall"}}
    assert [note.what for note in exported.notes] == ["unit"]


@pytest.mark.parametrize(
    ("element", "kind", "noted"),
    [
        ({"type": "rating"}, Kind.CSAT, []),
        ({"type": "rating", "rateMax": 7}, Kind.CES, []),
        ({"type": "rating", "rateCount": 7}, Kind.CES, []),
        ({"type": "rating", "rateValues": list(range(11))}, Kind.NPS, []),
        ({"type": "rating", "rateMin": 0, "rateMax": 10, "rateStep": 2}, Kind.CHOICE, ["a scale of its own"]),
        ({"type": "rating", "rateValues": ["A", "B"]}, Kind.CHOICE, ["a scale of its own"]),
        ({"type": "tagbox", "choices": [1, True]}, Kind.CHOICES, []),
        ({"type": "radiogroup", "choices": ["a", "b"], "choicesOrder": "asc"}, Kind.CHOICE, ["choicesOrder “asc”"]),
        ({"type": "text", "inputType": "number"}, Kind.NUMBER, ["decimal places"]),
        ({"type": "text", "inputType": "number", "min": "many", "step": 0.01}, Kind.NUMBER, ["min “many”"]),
        ({"type": "text", "maxLength": 9000}, Kind.SHORT_TEXT, ["maxLength 9000"]),
        ({"type": "text", "inputType": "date", "minValueExpression": "{a}"}, Kind.DATE, ["minValueExpression “{a}”"]),
        ({"type": "boolean", "valueTrue": "ja", "valueFalse": "nein"}, Kind.YES_NO, []),
        (
            {"type": "checkbox", "choices": [{"value": "a", "enableIf": "1"}, "b"]},
            Kind.CHOICES,
            ["of the option “a”: enableIf"],
        ),
        ({"type": "checkbox", "choices": ["a", {}, "b"]}, Kind.CHOICES, ["an option without a value"]),
    ],
)
def test_each_kind_is_read(element: dict[str, Any], kind: Kind, noted: list[str]) -> None:
    item, notes = one(**element)
    assert (item.spec.kind, notes) == (kind, noted)


@pytest.mark.parametrize(
    ("element", "why"),
    [
        ({"type": "file"}, "There is no such question here; it is left out."),
        ({"type": ["text"]}, "There is no such question here; it is left out."),
        ({"type": "radiogroup", "choices": ["only"]}, "Write at least two options."),
        ({"type": "radiogroup", "choices": list(range(60))}, "There may be 50 options at most; these are 60."),
        ({"type": "matrix", "columns": ["a", "b"]}, "Write at least one row."),
        ({"type": "rating", "rateMin": "low"}, "Its steps cannot be told; it is left out."),
        ({"type": "text", "inputType": "number", "min": 5, "max": 1, "step": 1}, "least must not be larger than most."),
        ({"type": "text", "visible": False}, "It is never shown there; it is left out."),
    ],
)
def test_a_question_that_cannot_be_is_left_out_and_said(element: dict[str, Any], why: str) -> None:
    found = read({"name": "q", **element})
    assert (found.document.items, [note.why for note in found.notes]) == ((), [why])


def test_names_become_keys_of_which_no_two_are_alike() -> None:
    names = ["Größe", "groesse!", "end", "end", "质量", "质量2", "x" * 80, "a.b", "A b"]
    found = read(*({"type": "comment", "name": name} for name in names))
    keys = ["grosse", "groesse", "end_2", "end_3", "question", "2", "x" * 60, "a_b", "a_b_2"]
    assert [spec.key for spec in found.document.specs] == keys


def test_the_language_of_plain_texts_is_that_of_the_survey() -> None:
    plain = read({"type": "comment", "name": "q", "title": "Hvordan?"}, locale="nb").document
    assert (plain.language, plain.items[0].words) == ("nb", {"nb": {"text": "Hvordan?"}})
    both = read({"type": "comment", "name": "q", "title": {"default": "How?", "nb": "Hvordan?"}}, locale="nb").document
    assert (both.language, both.items[0].words) == ("nb", {"en": {"text": "How?"}, "nb": {"text": "Hvordan?"}})


MULTIPLYING = " and ".join(f"({{score}} = {number} or ({{why}} = 'a' and {{score}} < 4))" for number in range(1, 6))


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("{score} + 1 > 3", "“+” was not expected there."),
        ("%{score} > 3", "“%” has no counterpart here."),
        ("{gone} = 1", "It asks about “gone”, which is no question that was carried over."),
        ("{score} = 'x'", "“x” is no answer to “score”."),
        ("{why} = 'c'", "“why” has no option “c”."),
        ("{why} > 'a'", "The answers to “why” have no order here."),
        ("age({score}) > 3", "“>” has no counterpart here in this form."),
        ("{score} = {why}", "“=” has no counterpart here in this form."),
        (MULTIPLYING, "It cannot be said in a few tests, of which all or one must hold."),
        ("{score} >", "Something is missing at its end."),
        ("(" * 40 + "{score} = 1" + ")" * 40, "It is nested too deeply."),
        ("{score} = 1 and " * 500 + "{score} = 1", "It has more than 5000 characters."),
        ("{later} = 'a'", "It needs the answer to “later”, which is not asked before it."),
    ],
)
def test_a_condition_without_a_counterpart_is_left_out_and_said(expression: str, why: str) -> None:
    elements: list[dict[str, Any]] = [
        {"type": "rating", "name": "score"},
        {"type": "radiogroup", "name": "why", "choices": ["a", "b"]},
    ]
    last: list[dict[str, Any]] = [
        {"type": "text", "name": "x", "visibleIf": expression},
        {"type": "text", "name": "later"},
    ]
    found = read(*elements, *last)
    assert by_key(found.document)["x"].spec.show_if is None
    [note] = found.notes
    assert note.why.startswith(why)
    assert note.what.startswith("condition “")


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("{score} > 3", "score at_least 4"),
        ("{score} greaterorequal 2.5", "score at_least 3"),
        ("3 > {score}", "score at_most 2"),
        ("!({score} >= 4)", "score at_most 3 or score not_answered"),
        ("{score} = 4 or {score} = 5", "score at_least 4"),
        ("{why} anyof ['a', 'b'] && {score} notempty", "(why is a or why is b) and score answered"),
        ("({score} < 3 or {why} = 'b') and {all} notempty", "(score at_most 2 or why is b) and all answered"),
        ("{why} = 'b' or ({score} < 3 and {all} contains 'x')", "why is b or (score at_most 2 and all is x)"),
        ("{why} noneof ['a', 'b']", "why is_not a and why is_not b"),
        ("{why} <> 'a' || {score} empty", "why is_not a or score not_answered"),
        ("{all} allof ['x', 'y']", "all is x and all is y"),
        ("{all} notcontains 'x'", "all is_not x"),
        ("{why} = ''", "why not_answered"),
    ],
)
def test_expressions_are_read_as_they_are_meant(expression: str, said: str) -> None:
    elements: list[dict[str, Any]] = [
        {"type": "rating", "name": "score"},
        {"type": "radiogroup", "name": "why", "choices": ["a", "b"]},
    ]
    several = {"type": "checkbox", "name": "all", "choices": ["x", "y"]}
    found = by_key(read(*elements, several, {"type": "text", "name": "x", "visibleIf": expression}).document)
    condition = found["x"].spec.show_if
    assert condition is not None
    assert condition.said(lambda test: f"{test.question} {test.operator} {test.value}".strip()) == said


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{}", "This JSON is neither a survey of ours nor one of SurveyJS"),
        (b'{"pages": {}}', "pages: a list"),
        (b'{"pages": [7]}', "Page 1: an object"),
        (b'{"pages": [{"elements": "x"}]}', "elements: a list"),
        (b'{"pages": [{"elements": [3]}]}', "Page 1, question 1: an object"),
        (b'{"elements": [{"type": "text", "name": "a", "name": "b"}]}', "“name” stands twice"),
        (json.dumps({"elements": [{"type": "comment"}] * 301}).encode(), "This survey has more than 300 questions."),
        (json.dumps({"title": "x" * 10_001, "pages": []}).encode(), "title: this text has 10001 characters"),
    ],
)
def test_a_file_that_is_none_is_refused_with_its_place(content: bytes, told: str) -> None:
    with pytest.raises(FormatError) as refused:
        surveyjs_reading.read(content)
    assert str(refused.value).startswith(told)


def test_panels_in_panels_end_somewhere() -> None:
    element: dict[str, Any] = {"type": "text", "name": "q"}
    for number in range(11):
        element = {"type": "panel", "name": f"p{number}", "elements": [element]}
    with pytest.raises(FormatError, match="nested too deeply"):
        read(element)


def test_markup_in_texts_stays_text() -> None:
    item, _ = one(type="comment", title="<script>alert(1)</script> & <b>you</b>")
    assert item.text("text", "en") == "<script>alert(1)</script> & <b>you</b>"
    statement, notes = one(type="html", html="<script>alert(1)</script><p>Hello<br>you</p>")
    assert (statement.text("text", "en"), notes) == ("Hello\nyou", ["markup"])
