"""From a draft to what customers are asked, and from that to the next draft."""

from collections.abc import Collection, Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from surveys.costs import estimate
from surveys.models import Question, Survey, SurveyVersion, Translation
from surveys.questions.checks import problems
from surveys.questions.conditions import ConditionError
from surveys.questions.details import DetailsError
from surveys.questions.spec import Spec
from surveys.texts import question_fields, spec
from surveys.version_states import StateError, lock_draft

#: Columns of a question that its copy has too.
COPIED = (
    *("key", "kind", "position", "starts_page", "required", "details", "show_if", "jumps"),
    *("module", "fact", "aspect", "compass"),
)
NO_DRAFT = "Only a draft can be published. Make a new draft from this version first."
#: Words without which a question cannot be asked; the others are help.
NEEDED = ("text", "option:", "row:")


class PublishError(ValueError):
    """The version cannot be published; `problems` says what is missing or wrong, one sentence each."""

    def __init__(self, found: Collection[str]) -> None:
        super().__init__(" ".join(found))
        self.problems = list(found)


def publish(version: SurveyVersion, *, at: datetime, new_meaning: Collection[str] = ()) -> None:
    """Make the draft the version that new invitations ask; the one published before is closed.

    A question whose kind and settings are those of the version before goes on with its series, also with other words:
    but for the keys in `new_meaning`, whose words now ask something else. Of two who publish at once the second is
    refused. Raises PublishError.
    """
    with transaction.atomic():
        try:
            lock_draft(version.pk)
        except StateError as error:
            raise PublishError([NO_DRAFT]) from error
        found, seconds = _judged(version)
        if found:
            raise PublishError(found)
        Survey.objects.select_for_update().get(pk=version.survey_id)  # two drafts of it are published in turn
        before = last_published(version.survey)
        published = version.survey.versions.filter(state=SurveyVersion.State.PUBLISHED)
        published.update(state=SurveyVersion.State.CLOSED)
        _begin_series(version, before, new_meaning)
        version.state, version.published_at = SurveyVersion.State.PUBLISHED, at
        version.seconds = seconds
        version.save(update_fields=["state", "published_at", "seconds"])


def unfinished(version: SurveyVersion) -> list[str]:
    """Return what keeps a version from being published, one sentence each; nothing where it can be."""
    return _judged(version)[0]


def _judged(version: SurveyVersion) -> tuple[list[str], int]:
    """What keeps it from being published, and how many seconds it costs, which nobody knows of what is broken."""
    if version.state != SurveyVersion.State.DRAFT:
        return [NO_DRAFT], 0
    questions, broken = _specs(version)
    if broken:
        return broken, 0
    found = [*problems(questions, version.modules_asked), *_unworded(version, questions)]
    cost = estimate(version)
    if cost.too_dear:
        found.append(
            f"It costs about {cost.seconds} seconds of attention, and may cost {cost.limit}: leave out questions, or "
            "let each customer answer only a part of them (rotating modules)."
        )
    return found, cost.seconds


def reworded(version: SurveyVersion) -> list[str]:
    """Return the keys of the questions that go on with a series, but in other words than before."""
    before = last_published(version.survey)
    earlier = {question.key: question for question in before.questions.all()} if before else {}
    same = [q for q in version.questions.all() if q.key in earlier and _alike(q, earlier[q.key])]
    return [question.key for question in same if _words_of(question) != _words_of(earlier[question.key])]


@transaction.atomic
def draft_from(version: SurveyVersion) -> SurveyVersion:
    """Return a new draft of the same survey with the same questions and words."""
    return copy(version, SurveyVersion(survey=version.survey, number=next_number(version.survey)))


def next_number(survey: Survey) -> int:
    """Return the number of the survey's next version, which nobody else gets until the transaction ends."""
    Survey.objects.select_for_update().get(pk=survey.pk)
    return (survey.versions.aggregate(newest=Max("number"))["newest"] or 0) + 1


def copy(version: SurveyVersion, draft: SurveyVersion) -> SurveyVersion:
    """Save the draft with the questions and words of a version, and return it. Call it in a transaction."""
    draft.modules_asked, draft.hidden_fields = version.modules_asked, version.hidden_fields
    draft.save()
    copies = {question.pk: _copied(question, draft) for question in version.questions.all()}
    Question.objects.bulk_create(copies.values())
    Translation.objects.bulk_create(
        Translation(
            version=draft,
            question=copies[words.question_id] if words.question_id else None,
            language=words.language,
            field=words.field,
            text=words.text,
        )
        for words in version.translations.all()
    )
    return draft


def _copied(question: Question, draft: SurveyVersion) -> Question:
    return Question(version=draft, **{field: getattr(question, field) for field in COPIED})


def _specs(version: SurveyVersion) -> tuple[list[Spec], list[str]]:
    """The questions as the rules know them, and what is wrong with the settings of others."""
    questions, broken = list[Spec](), list[str]()
    for question in version.questions.all():
        try:
            questions.append(spec(question))
        except (DetailsError, ConditionError) as error:
            broken.append(f"“{question.key}”: {error}")
    return questions, broken


def _unworded(version: SurveyVersion, questions: Collection[Spec]) -> Iterator[str]:
    language = version.survey.brand.default_language
    written = version.translations.filter(language__iexact=language, question__isnull=False).exclude(text="")
    worded = set(written.values_list("question__key", "field"))
    for question in questions:
        needed = [field for field in question_fields(question) if field.startswith(NEEDED)]
        if missing := [field for field in needed if (question.key, field) not in worded]:
            yield f"Write in “{language}” for “{question.key}”: {', '.join(missing).replace(':', ' ')}."


def _begin_series(version: SurveyVersion, before: SurveyVersion | None, new_meaning: Collection[str]) -> None:
    earlier = {question.key: question for question in before.questions.all()} if before else {}
    questions = list(version.questions.all())
    for question in questions:
        old = earlier.get(question.key)
        goes_on = old is not None and question.key not in new_meaning and _alike(question, old)
        question.since = old.since if old and goes_on else version.number
    Question.objects.bulk_update(questions, ["since"])


def _alike(question: Question, old: Question) -> bool:
    """Whether answers to both can be counted together as far as can be told without the words."""
    return (question.kind, spec(question).details) == (old.kind, spec(old).details)


def _words_of(question: Question) -> set[tuple[str, str, str]]:
    return set(question.translations.values_list("language", "field", "text"))


def last_published(survey: Survey) -> SurveyVersion | None:
    """Return the version that was published last, whatever became of it."""
    return survey.versions.exclude(state=SurveyVersion.State.DRAFT).order_by("-published_at", "-number").first()
