"""Templates: complete in each language, within the limit, and publishable as they are."""

import pytest

from contacts.models import Brand
from surveys.composing import compose
from surveys.costs import estimate
from surveys.models import Attempt, SurveyVersion
from surveys.publishing import publish, unfinished
from surveys.sms import is_gsm, segments
from surveys.survey_making import duplicate_survey, make_survey, seconds_of
from surveys.survey_templates import LANGUAGES, NPS, TEMPLATES
from surveys.texts import question_fields, words
from tests.surveys.makers import NOON, make_brand, make_customer, make_invitation, make_touchpoint

pytestmark = pytest.mark.django_db
ASKING = [slug for slug, template in TEMPLATES.items() if template.questions]
NAMED = {"nps", "csat", "ces", "post-call", "post-delivery", "onboarding", "exit"}
OPTIONAL = {"help", "unit"}


@pytest.fixture
def brand() -> Brand:
    return make_brand()


def test_every_occasion_that_people_have_has_a_template() -> None:
    assert set(ASKING) >= NAMED


@pytest.mark.parametrize("slug", ASKING)
def test_it_is_published_as_it_is_within_a_minute(brand: Brand, slug: str) -> None:
    version = make_survey(TEMPLATES[slug], brand)
    assert unfinished(version) == []
    assert 0 < estimate(version).seconds <= 60
    publish(version, at=NOON)
    assert version.state == SurveyVersion.State.PUBLISHED


@pytest.mark.parametrize("slug", ASKING)
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_unsaid_in_any_language(brand: Brand, slug: str, language: str) -> None:
    version = make_survey(TEMPLATES[slug], brand)
    rows = version.translations.filter(language=language).values_list("question__key", "field")
    written: set[tuple[str | None, str]] = set(rows)
    for field in ("title", "thanks", "subject", "message", "sms"):
        assert (None, field) in written
    for question in words(version, language).questions:
        needed = {(question.key, field) for field in question_fields(question) if field not in OPTIONAL}
        assert needed <= written


@pytest.mark.parametrize("slug", ASKING)
@pytest.mark.parametrize("language", LANGUAGES)
def test_its_sms_is_one_message(brand: Brand, slug: str, language: str) -> None:
    version = make_survey(TEMPLATES[slug], brand)
    publish(version, at=NOON)
    touchpoint = make_touchpoint(make_customer(phone="+12025550123"), kind="service_call")
    invitation = make_invitation(version, touchpoint=touchpoint, channel="sms", language=language)
    message = compose(invitation, words(version, language), Attempt(pk=1, number=1, started_at=NOON))
    assert is_gsm(message.text)
    assert segments(message.text) == 1


def test_what_a_template_costs_is_known_before_it_is_made(brand: Brand) -> None:
    for slug in ASKING:
        cost = estimate(make_survey(TEMPLATES[slug], brand)).seconds
        assert seconds_of(TEMPLATES[slug], "en") == cost


def test_name_occasion_and_languages_are_chosen(brand: Brand) -> None:
    version = make_survey(NPS, brand, name="How was it?", occasion="relationship", languages=["de"])
    assert (version.survey.name, version.survey.slug, version.survey.occasion) == (
        "How was it?",
        "how-was-it",
        "relationship",
    )
    assert set(version.translations.values_list("language", flat=True)) == {"de"}


def test_the_same_template_twice_is_two_surveys(brand: Brand) -> None:
    slugs = [make_survey(NPS, brand).survey.slug for _ in range(3)]
    assert slugs == [f"recommendation-after-a-touchpoint{end}" for end in ("", "-2", "-3")]


def test_a_name_in_another_script_goes_by_the_key_of_the_template(brand: Brand) -> None:
    assert make_survey(NPS, brand, name="كيف كان؟").survey.slug == "nps"


def test_the_empty_template_lacks_only_its_questions(brand: Brand) -> None:
    assert unfinished(make_survey(TEMPLATES["survey"], brand)) == ["Add at least one question before you publish."]


def test_a_copy_of_a_survey_is_a_draft_of_its_own(brand: Brand) -> None:
    version = make_survey(NPS, brand)
    publish(version, at=NOON)
    version.survey.review_url = "https://reviews.example/"
    copied = duplicate_survey(version)
    assert (copied.state, copied.number, copied.survey.name) == ("draft", 1, f"Copy of {version.survey.name}")
    assert copied.survey.review_url == "https://reviews.example/"
    assert list(copied.questions.values_list("key")) == list(version.questions.values_list("key"))
    assert copied.translations.count() == version.translations.count()
    assert unfinished(copied) == []
