"""A version out of the database and back: the same survey, whatever is in it."""

from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings

from surveys.exporting import FORMATS, document, file_name
from surveys.formats.document import Document, FormatError
from surveys.importing import left_to_do, read, store_new, store_version
from surveys.models import Question, Survey, SurveyVersion, Translation
from surveys.publishing import draft_from, publish, unfinished
from tests.surveys.formats.makers import ask as ask_item
from tests.surveys.formats.makers import documents, survey
from tests.surveys.makers import NOON, make_brand, make_version

pytestmark = pytest.mark.django_db
numbers = count(1)


@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(whole=documents())
def test_what_is_stored_is_exported_as_it_was(whole: Document) -> None:
    brand = make_brand(default_language=whole.language)
    version = store_new(whole, brand, slug=f"any-survey-{next(numbers)}", name=whole.name)
    again = document(SurveyVersion.objects.select_related("survey__brand").get(pk=version.pk))
    assert again.slug == version.survey.slug
    assert (again.items, again.words) == (whole.items, whole.words)
    settings_of = ("name", "language", "occasion", "change_for", "review_url", "modules_asked", "hidden_fields")
    assert [getattr(again, name) for name in settings_of] == [getattr(whole, name) for name in settings_of]


def test_a_file_becomes_the_same_survey_again() -> None:
    version = make_version()
    for key in FORMATS:
        exported = FORMATS[key].write(document(version))
        found = read(exported.content, file_name(version, FORMATS[key].ending))
        draft = store_version(found.document, version.survey)
        wish = "contact_wish" if key == "json" else "yes_no"
        kept = list(draft.questions.values_list("key", "kind", "required"))
        assert kept == [("score", "nps", True), ("reason", "text", False), ("call_me", wish, False)], key
        assert draft.translations.get(language="de", field="low").text == "Sehr unwahrscheinlich"


def test_a_file_is_named_after_survey_and_version() -> None:
    assert file_name(make_version(), "json") == "nps-1.json"


def test_texts_of_options_that_are_gone_are_left_out() -> None:
    version = draft_from(make_version())
    Translation.objects.create(
        version=version, question=version.questions.all()[0], language="en", field="option:x", text="x"
    )
    Translation.objects.create(version=version, language="en", field="footer", text="x")
    whole = document(version)
    assert ("option:x" in whole.items[0].words["en"], "footer" in whole.words["en"]) == (False, False)


def test_a_draft_with_a_broken_question_says_which() -> None:
    version = draft_from(make_version())
    version.questions.filter(key="score").update(details={"faces": True})
    with pytest.raises(FormatError, match="“score”: A question of the kind “nps” has no setting faces"):
        document(version)


def test_an_import_into_a_survey_is_its_next_draft_and_changes_nothing_else() -> None:
    version = make_version()
    draft = store_version(survey(ask_item("other"), name="Another", review_url="https://x.example"), version.survey)
    kept = Survey.objects.get(pk=version.survey_id)
    assert (draft.number, draft.state, kept.name, kept.review_url) == (
        2,
        "draft",
        "Recommendation after a touchpoint",
        "",
    )
    assert SurveyVersion.objects.get(pk=version.pk).state == "published"


def test_an_imported_survey_can_be_published() -> None:
    whole = survey(ask_item("score"), words={"en": {"title": "Hello"}})
    version = store_new(whole, make_brand(), slug="hello", name="Hello")
    assert unfinished(version) == []
    publish(version, at=NOON)
    assert Question.objects.get(version=version).since == 1


def test_a_key_that_is_taken_stores_nothing() -> None:
    version = make_version()
    with pytest.raises(FormatError, match="There is a survey with the key “nps”"):
        store_new(survey(ask_item("score")), version.survey.brand, slug="nps", name="Twice")
    assert SurveyVersion.objects.count() == 1


def test_what_is_left_to_do_is_said() -> None:
    assert left_to_do(survey(), make_brand(default_language="nb")) == [
        "Add at least one question before you publish.",
        "Nothing is written in “nb”, the language of Northwind Outfitters.",
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'msgid ""\nmsgstr ""\n', "This is a PO file."),
        (b"# by a tool\nmsgid ''", "This is a PO file."),
        (b"a;b\n1;2", "Line 1, column 1: this is not JSON"),
        (b"PK\x03\x04", "This is no Excel workbook"),
    ],
)
def test_what_is_no_survey_is_refused(content: bytes, told: str) -> None:
    with pytest.raises(FormatError) as refused:
        read(content, "a.json")
    assert str(refused.value).startswith(told)


def test_the_name_of_a_file_is_never_a_path() -> None:
    whole = read(b'{"elements": []}', "C:\\temp\\..\\My survey.v2.json").document
    assert (whole.name, whole.slug) == ("My survey", "my_survey")
