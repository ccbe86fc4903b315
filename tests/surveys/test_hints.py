"""What is worth a look before a draft is published."""

import pytest

from surveys.hints import hints
from surveys.models import SurveyVersion
from surveys.survey_making import make_survey
from surveys.survey_templates import NPS
from tests.surveys.makers import make_brand

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft() -> SurveyVersion:
    return make_survey(NPS, make_brand())


def told(draft: SurveyVersion) -> list[str]:
    return [hint.text for hint in hints(draft)]


def test_a_template_needs_no_second_look(draft: SurveyVersion) -> None:
    assert told(draft) == []


def test_a_language_that_lacks_words_is_counted(draft: SurveyVersion) -> None:
    draft.translations.filter(language="de", field__in=["low", "sms"]).delete()
    [hint] = hints(draft)
    assert hint.text == "“de” lacks 2 texts: customers get that of “en” there."
    assert (hint.language, hint.question_id) == ("de", None)


def test_a_message_without_words_is_named(draft: SurveyVersion) -> None:
    draft.translations.filter(field__in=["subject", "sms", "reminder_sms"]).delete()
    assert told(draft) == ["Nothing is written in “en” for: Subject of the email, SMS."]


@pytest.mark.parametrize(
    "text", ["How was {visti}?", "{ visit }", "{{visit}}", "{% load x %}", "{settings.SECRET_KEY}"]
)
def test_braces_that_stand_for_nothing_are_told(draft: SurveyVersion, text: str) -> None:
    reason = draft.questions.get(key="reason")
    reason.translations.filter(field="text", language="en").update(text=text)
    found = hints(draft)
    if text == "{{visit}}":  # the inner ones are a placeholder, and are filled in
        assert found == []
    else:
        [hint] = found
        assert "which stands for nothing: customers read it so." in hint.text
        assert (hint.language, hint.question_id) == ("en", reason.pk)


def test_every_placeholder_is_known(draft: SurveyVersion) -> None:
    known = "{name} {brand} {visit} {date} {seconds} {link}"
    draft.translations.filter(field="message", language="en").update(text=known)
    assert told(draft) == []
