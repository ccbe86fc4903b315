from datetime import timedelta

import pytest

from contacts.models import Brand
from surveys.defaults import ensure_fixed_survey, ensure_nps_survey
from surveys.models import Survey, SurveyVersion
from tests.surveys.makers import NOON, make_brand


@pytest.fixture
def brand(db: None) -> Brand:
    return make_brand()


def test_the_nps_survey_is_published_once(brand: Brand) -> None:
    version = ensure_nps_survey(NOON, brand)
    assert (version.survey.slug, version.number, version.published_at) == ("nps", 1, NOON)
    assert ensure_nps_survey(NOON + timedelta(days=1), brand) == version
    assert SurveyVersion.objects.count() == 1


def test_the_fixed_survey_asks_one_yes_or_no(brand: Brand) -> None:
    version = ensure_fixed_survey(NOON, brand)
    assert version.survey.slug == "fixed"
    assert [(question.key, question.kind) for question in version.questions.all()] == [("fixed", "yes_no")]


def test_where_all_versions_are_closed_a_new_one_is_published(brand: Brand) -> None:
    first = ensure_nps_survey(NOON, brand)
    SurveyVersion.objects.update(state=SurveyVersion.State.CLOSED)
    second = ensure_nps_survey(NOON, brand)
    assert (second.number, second.survey) == (2, first.survey)
    assert Survey.objects.count() == 1
