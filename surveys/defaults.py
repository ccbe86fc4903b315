"""The surveys that a new installation starts with, and those that other steps cannot do without."""

from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.text import slugify

from contacts.models import Brand
from surveys.models import Survey, SurveyVersion
from surveys.publishing import publish
from surveys.survey_making import write_version
from surveys.survey_templates import FIXED, NPS, SurveyTemplate


def ensure_brand() -> Brand:
    """Return the first brand, made from the organisation's name where there is none."""
    brand = Brand.objects.order_by("pk").first()
    name = settings.ORGANISATION_NAME
    return brand or Brand.objects.create(slug=slugify(name) or "brand", name=name)


def ensure_nps_survey(at: datetime, brand: Brand) -> SurveyVersion:
    """Return the published version of the survey `nps`, made and published at `at` where there is none."""
    return ensure_survey(NPS, at, brand)


def ensure_fixed_survey(at: datetime, brand: Brand) -> SurveyVersion:
    """Return the published version of the survey `fixed` (one yes or no), made and published where there is none."""
    return ensure_survey(FIXED, at, brand)


def ensure_survey_for_history(slug: str, name: str, at: datetime, brand: Brand) -> SurveyVersion:
    """Return the published version of a survey that only another tool asked: score and reason, in our words."""
    return ensure_survey(replace(NPS, slug=slug, name=name, questions=NPS.questions[:2]), at, brand)


@transaction.atomic
def ensure_survey(template: SurveyTemplate, at: datetime, brand: Brand) -> SurveyVersion:
    """Return the published version of a template's survey, made and published at `at` where there is none."""
    published = SurveyVersion.objects.filter(survey__slug=template.slug, state=SurveyVersion.State.PUBLISHED)
    if version := published.select_related("survey__brand").first():
        return version
    survey, _ = Survey.objects.get_or_create(slug=template.slug, defaults={"name": template.name, "brand": brand})
    version = write_version(survey, template)
    publish(version, at=at)
    return version
