"""The surveys a new installation starts with, in English and German.

The first question is that of F. Reichheld, "The One Number You Need to Grow", Harvard Business Review, December 2003.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.text import slugify

from contacts.models import Brand
from surveys.models import Question, Survey, SurveyVersion, Translation
from surveys.publishing import publish

Texts = Mapping[str, Mapping[str, str]]
"""Language -> field -> text."""


@dataclass(frozen=True)
class QuestionDraft:
    """A question as it is created."""

    key: str
    kind: str
    texts: Texts
    required: bool = False


@dataclass(frozen=True)
class SurveyDraft:
    """A survey as it is created; `seconds` is the attention it asks for."""

    slug: str
    name: str
    seconds: int
    texts: Texts
    questions: tuple[QuestionDraft, ...]


NPS = SurveyDraft(
    slug="nps",
    name="Recommendation after a touchpoint",
    seconds=20,
    texts={
        "en": {
            "title": "How was {visit}?",
            "thanks": "Thank you. Your answer has reached {brand}.",
            "subject": "{brand} asks about {visit}",
            "message": "Hello {name},\n\n"
            "{brand} would like to know how {visit} was for you. It takes about {seconds} seconds.",
            "sms": "{brand}: how was {visit}? One question, {seconds} seconds: {link}",
            "reminder_subject": "Still welcome: how was {visit}?",
            "reminder_message": "Hello {name},\n\n"
            "{brand} asked you how {visit} was and would still like to know. It takes about {seconds} seconds. "
            "If you would rather not answer, you need not do anything.",
            "reminder_sms": "{brand} would still like to know: how was {visit}? {seconds} seconds: {link}",
        },
        "de": {
            "title": "Wie zufrieden waren Sie mit {visit}?",
            "thanks": "Vielen Dank. Ihre Antwort ist bei {brand} angekommen.",
            "subject": "{brand} fragt nach {visit}",
            "message": "Guten Tag {name},\n\n"
            "{brand} möchte wissen, wie zufrieden Sie mit {visit} waren. Es dauert etwa {seconds} Sekunden.",
            "sms": "{brand} fragt nach {visit}. Eine Frage, {seconds} Sekunden: {link}",
            "reminder_subject": "Ihre Meinung zu {visit} ist noch willkommen",
            "reminder_message": "Guten Tag {name},\n\n"
            "{brand} hat Sie nach {visit} gefragt und möchte es noch immer gern wissen. Es dauert etwa {seconds} "
            "Sekunden. Wenn Sie nicht antworten möchten, brauchen Sie nichts zu tun.",
            "reminder_sms": "{brand} fragt noch einmal nach {visit}. {seconds} Sekunden: {link}",
        },
    },
    questions=(
        QuestionDraft(
            key="score",
            kind=Question.Kind.NPS,
            required=True,
            texts={
                "en": {
                    "text": "How likely is it that you would recommend {brand} to a friend or colleague?",
                    "low": "Not at all likely",
                    "high": "Extremely likely",
                },
                "de": {
                    "text": "Wie wahrscheinlich ist es, dass Sie {brand} Freunden oder Kollegen weiterempfehlen?",
                    "low": "Sehr unwahrscheinlich",
                    "high": "Sehr wahrscheinlich",
                },
            },
        ),
        QuestionDraft(
            key="reason",
            kind=Question.Kind.TEXT,
            texts={
                "en": {"text": "What is the main reason for your score?"},
                "de": {"text": "Was ist der wichtigste Grund für Ihre Bewertung?"},
            },
        ),
        QuestionDraft(
            key="call_me",
            kind=Question.Kind.CONTACT_WISH,
            texts={
                "en": {"text": "May we call you about this?", "help": "Only about this answer."},
                "de": {"text": "Dürfen wir Sie dazu anrufen?", "help": "Nur zu dieser Antwort."},
            },
        ),
    ),
)

FIXED = SurveyDraft(
    slug="fixed",
    name="Is it fixed?",
    seconds=5,
    texts={
        "en": {
            "title": "Is it fixed?",
            "thanks": "Thank you. Your answer has reached {brand}.",
            "subject": "{brand} asks whether it is fixed",
            "message": "Hello {name},\n\n"
            "you told {brand} what went wrong with {visit}, and we have seen to it. "
            "One question is left; it takes about {seconds} seconds.",
            "sms": "{brand}: you told us about {visit}. Is it fixed? One tap: {link}",
        },
        "de": {
            "title": "Ist es behoben?",
            "thanks": "Vielen Dank. Ihre Antwort ist bei {brand} angekommen.",
            "subject": "{brand} fragt, ob es behoben ist",
            "message": "Guten Tag {name},\n\n"
            "Sie haben {brand} gesagt, was bei {visit} nicht gut war, und wir haben uns darum gekümmert. "
            "Eine Frage bleibt; sie dauert etwa {seconds} Sekunden.",
            "sms": "{brand}: Sie schrieben uns zu {visit}. Ist es behoben? Ein Klick: {link}",
        },
    },
    questions=(
        QuestionDraft(
            key="fixed",
            kind=Question.Kind.YES_NO,
            required=True,
            texts={"en": {"text": "Is it fixed?"}, "de": {"text": "Ist es behoben?"}},
        ),
    ),
)


def ensure_brand() -> Brand:
    """Return the first brand, made from the organisation's name where there is none."""
    brand = Brand.objects.order_by("pk").first()
    name = settings.ORGANISATION_NAME
    return brand or Brand.objects.create(slug=slugify(name) or "brand", name=name)


def ensure_nps_survey(at: datetime, brand: Brand) -> SurveyVersion:
    """Return the published version of the survey `nps`, made and published at `at` where there is none."""
    return _ensure(NPS, at, brand)


def ensure_fixed_survey(at: datetime, brand: Brand) -> SurveyVersion:
    """Return the published version of the survey `fixed` (one yes or no), made and published where there is none."""
    return _ensure(FIXED, at, brand)


def ensure_survey_for_history(slug: str, name: str, at: datetime, brand: Brand) -> SurveyVersion:
    """Return the published version of a survey that only another tool asked: score and reason, in our words."""
    return _ensure(replace(NPS, slug=slug, name=name, questions=NPS.questions[:2]), at, brand)


@transaction.atomic
def _ensure(draft: SurveyDraft, at: datetime, brand: Brand) -> SurveyVersion:
    survey, _ = Survey.objects.get_or_create(slug=draft.slug, defaults={"name": draft.name, "brand": brand})
    published = survey.versions.filter(state=SurveyVersion.State.PUBLISHED).first()
    if published:
        return published
    version = SurveyVersion.objects.create(survey=survey, number=survey.versions.count() + 1, seconds=draft.seconds)
    _write(version, None, draft.texts)
    for position, question in enumerate(draft.questions, start=1):
        row = Question.objects.create(
            version=version, key=question.key, kind=question.kind, position=position, required=question.required
        )
        _write(version, row, question.texts)
    publish(version, at=at)
    return version


def _write(version: SurveyVersion, question: Question | None, texts: Texts) -> None:
    Translation.objects.bulk_create(
        Translation(version=version, question=question, language=language, field=field, text=text)
        for language, fields in texts.items()
        for field, text in fields.items()
    )
