"""New surveys: from a template, or as a copy of another."""

from collections.abc import Collection, Iterator, Sequence
from itertools import count

from django.db import transaction
from django.utils.text import slugify

from contacts.models import Brand
from surveys.models import Question, Survey, SurveyVersion, Translation
from surveys.publishing import copy, next_number
from surveys.questions.budget import seconds
from surveys.questions.details import read_details
from surveys.questions.spec import Spec
from surveys.survey_templates.shapes import LANGUAGES, QuestionTemplate, SurveyTemplate, in_language
from surveys.survey_templates.standard import standard_texts
from surveys.texts import question_fields

LONGEST_NAME = 120


@transaction.atomic
def make_survey(
    template: SurveyTemplate, brand: Brand, *, name: str = "", occasion: str = "", languages: Collection[str] = ()
) -> SurveyVersion:
    """Return the draft of a new survey; what is not given is as in the template."""
    named = name or template.name
    Brand.objects.select_for_update().get(pk=brand.pk)  # of a double click the second gets another slug
    survey = Survey.objects.create(
        slug=_free_slug(named, template.slug), name=named, brand=brand, occasion=occasion or template.occasion
    )
    return write_version(survey, template, languages or LANGUAGES)


@transaction.atomic
def write_version(survey: Survey, template: SurveyTemplate, languages: Collection[str] = LANGUAGES) -> SurveyVersion:
    """Return a new draft of a survey with the questions and words of a template, in those languages that it speaks."""
    version = SurveyVersion.objects.create(survey=survey, number=next_number(survey))
    rows = Question.objects.bulk_create(
        Question(
            version=version,
            position=position,
            key=question.key,
            kind=question.kind,
            required=question.required,
            starts_page=question.starts_page,
            details=question.settings,
            show_if=question.show_if,
            aspect=question.aspect,
            compass=question.compass,
        )
        for position, question in enumerate(template.questions, start=1)
    )
    Translation.objects.bulk_create(_texts(version, rows, template, languages))
    return version


def _texts(
    version: SurveyVersion, rows: Sequence[Question], template: SurveyTemplate, languages: Collection[str]
) -> Iterator[Translation]:
    for language in languages:
        words = [in_language(template.words, language), *(_words(asked, language) for asked in template.questions)]
        for row, texts in zip((None, *rows), words, strict=True):
            for field, text in texts.items():
                if text:
                    yield Translation(version=version, question=row, language=language, field=field, text=text)


@transaction.atomic
def duplicate_survey(version: SurveyVersion) -> SurveyVersion:
    """Return the draft of a new survey of the same brand that asks what a version asks."""
    old = version.survey
    name = f"Copy of {old.name}"[:LONGEST_NAME]
    survey = Survey.objects.create(
        slug=_free_slug(name, old.slug),
        name=name,
        brand=old.brand,
        occasion=old.occasion,
        change_for=old.change_for,
        review_url=old.review_url,
    )
    return copy(version, SurveyVersion(survey=survey, number=1))


def seconds_of(template: SurveyTemplate, language: str) -> int:
    """Return about how many seconds of attention a survey from this template costs."""
    shown = {
        question.key: sum(len(text.split()) for text in _words(question, language).values())
        for question in template.questions
    }
    return seconds([_spec(question) for question in template.questions], shown, 1)


def _spec(question: QuestionTemplate) -> Spec:
    details = read_details(question.kind, question.settings)
    return Spec(key=question.key, kind=question.kind, required=question.required, details=details)


def _words(question: QuestionTemplate, language: str) -> dict[str, str]:
    """The question's own words, and for what they lack the customary ones of its kind."""
    own = in_language(question.words, language)
    found = standard_texts(question.kind, language, with_question="text" not in own) | own
    return {field: found[field] for field in question_fields(_spec(question)) if field in found}


def _free_slug(name: str, otherwise: str) -> str:
    """A key for a survey that no other has."""
    base = slugify(name)[:50].strip("-") or otherwise[:50]
    taken = set(Survey.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    free = (base if number == 1 else f"{base}-{number}" for number in count(1))
    return next(slug for slug in free if slug not in taken)
