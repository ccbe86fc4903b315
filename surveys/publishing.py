"""From a draft to what customers are asked, and from that to the next draft."""

from datetime import datetime

from django.db import transaction

from surveys.models import Question, SurveyVersion, Translation


class PublishError(ValueError):
    """The version cannot be published; the text says what is missing."""


def publish(version: SurveyVersion, *, at: datetime) -> None:
    """Make the draft the version that new invitations ask; the one published before is closed."""
    _refuse_unfinished(version)
    with transaction.atomic():
        published = version.survey.versions.filter(state=SurveyVersion.State.PUBLISHED)
        published.update(state=SurveyVersion.State.CLOSED)
        version.state, version.published_at = SurveyVersion.State.PUBLISHED, at
        version.save(update_fields=["state", "published_at"])


@transaction.atomic
def draft_from(version: SurveyVersion) -> SurveyVersion:
    """Return a new draft of the same survey with the same questions and words."""
    newest = version.survey.versions.order_by("-number").values_list("number", flat=True)[0]
    draft = SurveyVersion.objects.create(survey=version.survey, number=newest + 1, seconds=version.seconds)
    copies: dict[int | None, Question | None] = {None: None}
    for question in version.questions.all():
        copies[question.pk] = Question.objects.create(
            version=draft,
            key=question.key,
            kind=question.kind,
            position=question.position,
            required=question.required,
            aspect=question.aspect,
        )
    Translation.objects.bulk_create(
        Translation(
            version=draft,
            question=copies[words.question_id],
            language=words.language,
            field=words.field,
            text=words.text,
        )
        for words in version.translations.all()
    )
    return draft


def _refuse_unfinished(version: SurveyVersion) -> None:
    if version.state != SurveyVersion.State.DRAFT:
        raise PublishError("Only a draft can be published. Make a new draft from this version first.")
    questions = list(version.questions.all())
    if not questions:
        raise PublishError("Add at least one question before you publish.")
    language = version.survey.brand.default_language
    worded = set(
        Translation.objects.filter(version=version, language=language, field="text").values_list("question", flat=True)
    )
    missing = [question.key for question in questions if question.pk not in worded]
    if missing:
        raise PublishError(f"Write the text in “{language}” for: {', '.join(missing)}.")
