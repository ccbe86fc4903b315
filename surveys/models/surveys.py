from django.db import models
from django.db.models import Q

from contacts.models import Brand


class Survey(models.Model):
    """A series of comparable questionnaires; `slug` is the key under which the rules and the ledger know it."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="surveys")

    def __str__(self) -> str:
        return self.name


class SurveyVersion(models.Model):
    """What is asked, as published; afterwards it never changes, because answers belong to it."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        CLOSED = "closed", "Closed"

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    seconds = models.PositiveSmallIntegerField(help_text="Attention it costs; shown in the invitation.")
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["survey", "number"], name="survey_version_number"),
            models.UniqueConstraint(
                fields=["survey"], condition=Q(state="published"), name="survey_one_published_version"
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(published_at__isnull=False),
                name="survey_version_published_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey}, version {self.number}"


class Question(models.Model):
    """One question of a version; its words are translations."""

    class Kind(models.TextChoices):
        NPS = "nps", "Recommendation, 0 to 10"
        TEXT = "text", "Open question"
        YES_NO = "yes_no", "Yes or no"
        CONTACT_WISH = "contact_wish", "May we call you about this?"

    version = models.ForeignKey(SurveyVersion, on_delete=models.CASCADE, related_name="questions")
    key = models.SlugField(max_length=60)
    kind = models.CharField(max_length=12, choices=Kind)
    position = models.PositiveSmallIntegerField()
    required = models.BooleanField(default=False)
    aspect = models.CharField(max_length=60, blank=True, help_text="What it is about: speed, courtesy, price ...")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="question_key_in_version"),
            models.UniqueConstraint(fields=["version", "position"], name="question_position_in_version"),
        ]

    def __str__(self) -> str:
        return self.key


class Translation(models.Model):
    """The words of a version (`question` empty) or of one of its questions, in one language.

    `field` names which words. Of a version: `title`, `thanks`, `subject`, `message`, `sms`, `reminder_subject`,
    `reminder_message`, `reminder_sms`. Of a question: `text`, `help`, `low`, `high`. Placeholders are fixed
    (`surveys.texts`); no template language is ever applied to them.
    """

    version = models.ForeignKey(SurveyVersion, on_delete=models.CASCADE, related_name="translations")
    question = models.ForeignKey(Question, on_delete=models.CASCADE, null=True, blank=True, related_name="translations")
    language = models.CharField(max_length=12)
    field = models.CharField(max_length=20)
    text = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "language", "field"],
                condition=Q(question__isnull=True),
                name="translation_once_per_version",
            ),
            models.UniqueConstraint(fields=["question", "language", "field"], name="translation_once_per_question"),
        ]

    def __str__(self) -> str:
        return f"{self.field} ({self.language})"
