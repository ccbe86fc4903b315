"""What we write as XLSForms, judged by pyxform: it converts every one, and finds our questions in it."""

import io
from typing import Any

from hypothesis import HealthCheck, given, settings
from openpyxl import load_workbook

from surveys.formats import xlsform_writing
from surveys.formats.document import Document
from surveys.questions.conditions import END, Condition, Jump, Operator
from surveys.questions.conditions import Test as AnswerTest
from surveys.questions.kinds import Kind
from tests.surveys.formats.makers import ask, documents, survey

UNTRANSLATED = "This form uses or_other and translations"


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(documents())
def test_pyxform_converts_every_survey(document: Document) -> None:
    from pyxform.xls2xform import convert

    converted = convert(io.BytesIO(xlsform_writing.write(document).content), file_type=".xlsx")
    assert [warning for warning in converted.warnings if not warning.startswith(UNTRANSLATED)] == []
    pages = [child for child in converted._pyxform["children"] if child["name"].startswith("page_")]
    found = [child["name"] for page in pages for child in page["children"]]
    assert [name for name in found if not name.endswith("_other")] == [spec.key for spec in document.specs]


def sheet(content: bytes, name: str) -> list[dict[str, Any]]:
    """Return the rows of a sheet by heading, without empty cells."""
    head, *rows = load_workbook(io.BytesIO(content))[name].iter_rows(values_only=True)
    return [{str(key): value for key, value in zip(head, row, strict=True) if value is not None} for row in rows]


def test_pages_are_groups_and_jumps_are_relevants() -> None:
    high = Condition((AnswerTest("score", Operator.AT_LEAST, "9"),))
    items = (
        ask("score", jumps=(Jump(END, high),)),
        ask("why", Kind.CHOICES, {"options": ["a", "b"], "none": True, "most": 1}, starts_page=True),
        ask("more", Kind.TEXT, show_if=Condition((AnswerTest("score", Operator.AT_MOST, "6"),)), starts_page=True),
    )
    rows = sheet(xlsform_writing.write(survey(*items)).content, "survey")
    assert [(row["type"], row["name"], row.get("relevant", "")) for row in rows] == [
        ("begin_group", "page_1", ""),
        ("select_one score", "score", ""),
        ("end_group", "page_1", ""),
        ("begin_group", "page_2", "not(${score} >= 9)"),
        ("select_multiple why", "why", ""),
        ("end_group", "page_2", ""),
        ("begin_group", "page_3", "not(${score} >= 9)"),
        ("text", "more", "${score} <= 6"),
        ("end_group", "page_3", ""),
    ]
    alone = "not(selected(., 'none') and count-selected(.) > 1)"
    assert rows[4]["constraint"] == f"(count-selected(.) <= 1 or selected(., 'none')) and {alone}"


def test_a_text_that_looks_like_a_formula_is_none() -> None:
    document = survey(ask("score"), words={"en": {"title": '=HYPERLINK("http://evil.example")'}})
    book = load_workbook(io.BytesIO(xlsform_writing.write(document).content))
    cell = book["settings"]["A2"]
    assert (cell.data_type, cell.value) == ("s", '=HYPERLINK("http://evil.example")')


def test_controls_that_xml_cannot_hold_are_left_out() -> None:
    document = survey(ask("score"), words={"en": {"title": "a\x0bb\x00c"}})
    [settings_row] = sheet(xlsform_writing.write(document).content, "settings")
    assert settings_row["form_title"] == "abc"


def test_what_it_cannot_hold_is_said() -> None:
    quotes = Condition((AnswerTest("2nd", Operator.IS, "'\""),))
    document = survey(
        ask("2nd", Kind.SHORT_TEXT, module="a", fact="customer.city"),
        ask("wish", Kind.CONTACT_WISH, starts_page=True, show_if=quotes),
        words={"en": {"title": "{brand}", "sms": "{link}", "thanks": "Thanks"}},
        hidden_fields=("store",),
    )
    assert [(note.place, note.what) for note in xlsform_writing.write(document).notes] == [
        ("Survey", "thanks, sms"),
        ("Survey", "hidden fields"),
        ("“2nd”", "rotating module “a”"),
        ("“2nd”", "known fact “customer.city”"),
        ("Texts", "placeholders {brand}"),
        ("“2nd”", "its key"),
        ("“wish”", "when it is asked"),
        ("“wish”", "contact wish"),
    ]
