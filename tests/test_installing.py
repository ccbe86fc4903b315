"""What an installation gets beside its tables, and keeps when it is installed again."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group
from django_q.models import Schedule

from contacts.models import Brand
from cxsurvey.installing import install
from cxsurvey.roles import ROLES
from cxsurvey.schedules import JOBS
from surveys.models import Survey, SurveyVersion
from tests.surveys.makers import make_version

AT = datetime(2026, 5, 5, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def test_an_empty_installation_can_ask_at_once() -> None:
    install(AT)
    assert SurveyVersion.objects.get().state == SurveyVersion.State.PUBLISHED
    assert set(Group.objects.values_list("name", flat=True)) == set(ROLES)
    assert set(Schedule.objects.values_list("name", flat=True)) == {job.name for job in JOBS}


def test_the_first_brand_has_the_organisations_name(settings: object) -> None:
    settings.ORGANISATION_NAME = "Müller & Söhne"  # type: ignore[attr-defined]
    install(AT)
    assert Brand.objects.get().name == "Müller & Söhne"


def test_installing_again_adds_nothing() -> None:
    install(AT)
    install(AT)
    assert (Survey.objects.count(), Brand.objects.count(), Group.objects.count()) == (1, 1, len(ROLES))


def test_who_has_surveys_gets_none() -> None:
    version = make_version()
    version.survey.slug = "our-own"
    version.survey.save()
    install(AT)
    assert list(Survey.objects.values_list("slug", flat=True)) == ["our-own"]
