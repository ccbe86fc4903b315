"""What we read from XLSForms: a form as people have one, with pyxform as the judge, and a note about all the rest."""

import io
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveys.formats import xlsform_reading, xlsform_writing
from surveys.formats.document import Document, FormatError, Item, Read
from surveys.formats.workbook import LIMIT
from surveys.questions.conditions import Condition, Operator
from surveys.questions.conditions import Test as AnswerTest
from surveys.questions.details import Details
from surveys.questions.kinds import Kind
from surveys.questions.route import route
from surveys.questions.spec import Spec, paged
from tests.surveys.formats.makers import answers_to, ask, questionnaires, survey
from tests.surveys.formats.workbooks import VISIT, form, packed, workbook

YES_NO = (("yn", "yes", "Yes"), ("yn", "no", "No"))


@pytest.fixture(scope="module")
def visit() -> Read:
    return xlsform_reading.read(workbook(VISIT), "visit")


def by_key(document: Document) -> dict[str, Item]:
    return {item.spec.key: item for item in document.items}


def test_an_example_is_read_as_a_person_would(visit: Read) -> None:
    document = visit.document
    assert (document.slug, document.name, document.languages) == ("visit_2026", "Your visit", ["en", "nb"])
    assert document.words == {"en": {"title": "Your visit"}}
    assert [[spec.key for spec in page] for page in paged(document.specs)] == [
        ["text", "nps", "first_time"],
        ["reasons"],
        ["more"],
        ["grid", "order", "visits", "paid", "day", "stars", "percent", "bye"],
        ["ok"],
    ]
    assert {item.spec.key: item.spec.kind for item in document.items if item.spec.asks} == {
        "nps": Kind.NPS,
        "first_time": Kind.YES_NO,
        "reasons": Kind.CHOICES,
        "more": Kind.TEXT,
        "grid": Kind.MATRIX,
        "order": Kind.RANKING,
        "visits": Kind.NUMBER,
        "paid": Kind.NUMBER,
        "day": Kind.DATE,
        "stars": Kind.STARS,
        "percent": Kind.NUMBER,
        "ok": Kind.YES_NO,
    }


def test_an_examples_settings_and_words_come_along(visit: Read) -> None:
    items = by_key(visit.document)
    assert items["nps"].words["nb"] == {"text": "Vil du anbefale oss?", "low": "Slett ikke", "high": "Svært sannsynlig"}
    assert items["nps"].text("help", "en") == "0 is not at all"
    assert items["reasons"].spec.required
    details = {key: items[key].spec.details for key in ("reasons", "more", "grid", "visits", "paid", "day")}
    assert details == {
        "reasons": Details(("wait", "price"), other=True, shuffle=True, most=2),  # type: ignore[arg-type]
        "more": Details(most=300),  # type: ignore[arg-type]
        "grid": Details(("bad", "good"), ("staff", "shop")),
        "visits": Details(least=0, most=99),  # type: ignore[arg-type]
        "paid": Details(least=0, decimals=2),  # type: ignore[arg-type]
        "day": Details(earliest="2020-01-01", latest="today"),
    }
    assert items["grid"].text("row:staff", "nb") == "personalet"


def test_an_examples_conditions_come_along(visit: Read) -> None:
    specs = {spec.key: spec for spec in visit.document.specs}
    unhappy = AnswerTest("nps", Operator.AT_MOST, "6")
    assert specs["reasons"].show_if == Condition((unhappy,))
    waited, known = AnswerTest("reasons", Operator.IS, "wait"), AnswerTest("first_time", Operator.IS, "0")
    assert specs["more"].show_if == Condition((unhappy, waited, known))


def test_an_example_says_everything_that_it_lost(visit: Read) -> None:
    assert {(note.place, note.what) for note in visit.notes} == {
        ("Row 3 “about”", "its heading"),
        ("Row 9 “more”", "begins a page of its own"),
        ("Row 21 “percent”", "step “10”"),
        ("Row 21 “percent”", "range"),
        ("Row 22 “photo”", "type “image”"),
        ("Row 23 “sum”", "type “calculate”"),
        ("Row 23 “sum”", "calculation"),
        ("Row 25 “ok”", "begins a page of its own"),
        ("“bye”", "${nps}"),
        ("Sheet “settings”", "instance_name"),
    }


def test_pyxform_reads_the_example_as_we_do(visit: Read) -> None:
    """Every question that pyxform finds is one of ours with the same label, or is noted."""
    from pyxform.xls2xform import convert

    known = {item.text("text", "en") for item in visit.document.items}
    known |= {text for item in visit.document.items for text in item.words["en"].values()}
    noted = {note.place.partition("“")[2].rstrip("”") for note in visit.notes}
    found = list(labels(convert(io.BytesIO(workbook(VISIT)), file_type=".xlsx")._pyxform))
    assert len(found) > 15
    assert [(name, label) for name, label in found if label not in known and name not in noted] == []


def labels(part: dict[str, Any]) -> Any:
    """Yield name and English label of every question of pyxform's dict."""
    for child in part.get("children", []):
        label = child.get("label")
        if isinstance(label, dict) and not child["name"].startswith(("generated", "reserved")):
            yield child["name"], label.get("English (en)")
        yield from labels(child)


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(questions=questionnaires(), data=st.data())
def test_what_we_wrote_leads_the_same_way_when_read(questions: list[Spec], data: st.DataObject) -> None:
    found = xlsform_reading.read(xlsform_writing.write(survey(*map(Item, questions))).content)
    lost = [note for note in found.notes if note.what.startswith(("condition", "begins"))]
    given = {one.key: data.draw(answers_to(one)) for one in questions}
    answers = {key: parts for key, parts in given.items() if parts}
    ways = [
        [[spec.key for spec in page] for page in route(specs, answers)] for specs in (questions, found.document.specs)
    ]
    assert lost or ways[0] == ways[1]


def test_words_and_settings_come_back() -> None:
    items = (
        *(ask("score", required=True), ask("mood", Kind.CSAT), ask("effort", Kind.CES), ask("stars", Kind.STARS)),
        *(ask("ok", Kind.YES_NO), ask("why", Kind.CHOICE, {"options": ["a", "b"], "shuffle": True, "none": True})),
        *(ask("all", Kind.CHOICES, {"options": ["a", "b"], "other": True, "none": True, "least": 1, "most": 2}),),
        *(ask("parts", Kind.MATRIX, {"options": ["bad", "good"], "rows": ["speed"]}, starts_page=True, required=True),),
        *(ask("first", Kind.RANKING, {"options": ["a", "b", "c"]}), ask("name", Kind.SHORT_TEXT, {"most": 50})),
        *(ask("more", Kind.TEXT), ask("money", Kind.NUMBER, {"least": 0, "most": 99.5, "decimals": 2})),
        *(ask("day", Kind.DATE, {"earliest": "2020-01-01", "latest": "today"}), ask("hello", Kind.STATEMENT)),
    )
    exported = xlsform_writing.write(survey(*items, words={"en": {"title": "Hello"}}))
    back = xlsform_reading.read(exported.content).document
    for item, again in zip(items, back.items, strict=True):
        assert again.spec == item.spec
        assert again.words["en"] == {field: text for field, text in item.words["en"].items() if field != "unit"}
    assert back.words == {"en": {"title": "Hello"}}
    lost = ["the words for “other”", "unit"]
    assert [note.what for note in exported.notes] == lost


@pytest.mark.parametrize(
    ("row", "noted"),
    [
        (("geopoint", "q", "Where?"), "type “geopoint”"),
        (("select_one one", "q", "Which?"), "the question is left out"),
        (("text", "q", "What?", "", "regex(., '[a-z]')"), "constraint “regex(., '[a-z]')”"),
        (("text", "q", "What?", "", ". >= 3"), "constraint “. >= 3”"),
        (("date", "q", "When?", "", "string-length(.) < 3"), "constraint “string-length(.) < 3”"),
        (("date", "q", "When?", "", ". <= 3"), "constraint “. <= 3”"),
        (("note", "q", "Hi", "${gone} = 1"), "condition “${gone} = 1”"),
        (("note", "q", "Hi", "${a} = ${a}"), "condition “${a} = ${a}”"),
        (("note", "q", "Hi", "jr:choice-name(${a}, 1) = 'x'"), "condition “jr:choice-name(${a}, 1) = 'x'”"),
        (("note", "q", "Hi", "${a} != ''"), None),
    ],
)
def test_what_has_no_counterpart_is_said(row: tuple[object, ...], noted: str | None) -> None:
    first = ("begin_group", "p1", "", "", "", "field-list"), ("integer", "a", "A"), ("end_group",)
    second = ("begin_group", "p2", "", "", "", "field-list"), row, ("end_group",)
    found = xlsform_reading.read(form(*first, *second, choices=(("one", "x", "X"),)))
    assert [note.what for note in found.notes] == ([noted] if noted else [])


@pytest.mark.parametrize(
    ("relevant", "tests"),
    [
        ("selected(${yes}, 'yes')", ["yes is 1"]),
        ("selected(${yes}, 'yes') = true()", ["yes is 1"]),
        ("not(selected(${many}, 'a'))", ["many is_not a"]),
        ("count-selected(${many}) > 0", ["many answered"]),
        ("string-length(${words}) = 0", ["words not_answered"]),
        ("selected-at(${rank}, 1) = 'b'", ["rank is 2 b"]),
        ("${day} > date('2026-12-31')", ["day at_least 2027-01-01"]),
        ('${words} = "it\'s"', ["words is it's"]),
    ],
)
def test_relevants_are_read_as_they_are_meant(relevant: str, tests: list[str]) -> None:
    rows = (
        *(("select_one yn", "yes", "Y"), ("select_multiple ab", "many", "M"), ("text", "words", "W")),
        *(("rank ab", "rank", "R"), ("date", "day", "D"), ("note", "x", "X", relevant)),
    )
    found = xlsform_reading.read(form(*rows, choices=(*YES_NO, ("ab", "a", "A"), ("ab", "b", "B"))))
    condition = by_key(found.document)["x"].spec.show_if
    assert condition is not None
    told = [" ".join(filter(None, (test.question, test.operator, test.value, test.part))) for test in condition.tests]
    assert told == tests


def test_a_list_with_words_of_its_own_is_no_yes_or_no() -> None:
    rows = (("select_one yn", "q", "?"),)
    kinds = [
        xlsform_reading.read(form(*rows, choices=choices)).document.items[0].spec.kind
        for choices in (YES_NO, (("yn", "yes", "I agree"), ("yn", "no", "I do not")))
    ]
    assert kinds == [Kind.YES_NO, Kind.CHOICE]


def test_a_table_needs_one_list() -> None:
    rows = (
        ("begin_group", "g", "G", "", "", "table-list"),
        ("select_one yn", "a", "A"),
        ("text", "b", "B"),
        ("end_group",),
    )
    found = xlsform_reading.read(form(*rows, choices=YES_NO))
    assert (found.document.items, [note.what for note in found.notes]) == ((), ["table"])


def test_a_repeat_is_asked_once() -> None:
    found = xlsform_reading.read(form(("begin_repeat", "r", ""), ("text", "q", "Q"), ("end_repeat",)))
    assert ([spec.key for spec in found.document.specs], [note.what for note in found.notes]) == (["q"], ["repeat"])


SIMPLE = form(("text", "q", "Q"))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (workbook({"data": [("a",)]}), "This workbook has no sheet “survey”"),
        (b"PK\x03\x04 but no zip", "This is no Excel workbook that can be read."),
        (b"", "This is no Excel workbook that can be read."),
        (SIMPLE[: len(SIMPLE) // 2], "This is no Excel workbook that can be read."),
        (packed(SIMPLE, "xl/workbook.xml", b"<broken"), "This is no Excel workbook that can be read."),
        (packed(SIMPLE, "xl/worksheets/sheet1.xml", b"<a/>"), None),
        (packed(SIMPLE, "xl/vbaProject.bin", b"x"), "This workbook has macros."),
        (packed(SIMPLE, "xl/externalLinks/externalLink1.xml", b"<a/>"), "This workbook takes values from other files."),
        (packed(SIMPLE, "xl/media/a.bin", b"\0" * 32_000_000), "Unpacked, this workbook is far too large"),
        (packed(SIMPLE, "xl/styles.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), "This workbook has entities"),
        (b"PK\x03\x04" + b"x" * LIMIT, "This file has more than 2 MB."),
        (form(("end_group",)), "Row 2: there is no begin_group before"),
        (form(("begin_group", "g", "G")), "Row 2 “g”: this group has no end_group."),
        (form(("select_one none", "q", "Q")), "Row 2: there is no list “none”"),
        (form(*[("note", f"q{number}", "Q") for number in range(301)]), "This form has more than 300 questions."),
        (form(("note", "q", "x" * 10_001)), "Sheet “survey”, row 2: a text is longer"),
        (workbook({"survey": [("type", "name", "Type")]}), "Sheet “survey”: two columns are called “type”."),
        (
            workbook({"survey": [tuple(f"c{number}" for number in range(101))]}),
            "Sheet “survey” has more than 5000 rows or 100",
        ),
    ],
    ids=range(18),
)
def test_a_file_that_is_none_is_refused_with_its_place(content: bytes, told: str | None) -> None:
    if told is None:
        assert xlsform_reading.read(content).document.items == ()
        return
    with pytest.raises(FormatError) as refused:
        xlsform_reading.read(content)
    assert str(refused.value).startswith(told)
