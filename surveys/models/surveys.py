from datetime import timedelta

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from contacts.models import Brand
from surveys.colours import Shades, shades
from surveys.logos import shown_size
from surveys.questions.kinds import Kind as QuestionKind


class Survey(models.Model):
    """A series of comparable questionnaires; `slug` is the key under which the rules and the ledger know it."""

    class Occasion(models.TextChoices):
        TRANSACTIONAL = "transactional", "After one experience"
        RELATIONSHIP = "relationship", "About the whole relationship"

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="surveys")
    occasion = models.CharField(
        max_length=15,
        choices=Occasion,
        default=Occasion.TRANSACTIONAL,
        help_text="Decides how many seconds it may cost; the brand's look has both limits.",
    )
    change_for = models.DurationField(
        default=timedelta(days=1),
        validators=[MinValueValidator(timedelta())],
        help_text="How long customers may still change a finished answer.",
    )
    review_url = models.URLField(
        blank=True,
        help_text="Where customers may tell others. Everybody sees it, whatever the score, as laws on reviews demand.",
    )

    def __str__(self) -> str:
        return self.name


class SurveyVersion(models.Model):
    """What is asked, as published; afterwards it never changes, because answers belong to it."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        CLOSED = "closed", "Closed"
        ARCHIVED = "archived", "Archived"

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    seconds = models.PositiveSmallIntegerField(
        default=0,
        help_text="Attention it costs, shown in the invitation: estimated when published, then learnt from answers.",
    )
    modules_asked = models.PositiveSmallIntegerField(
        default=1, help_text="How many of the rotating modules each customer is asked."
    )
    hidden_fields = models.JSONField(
        default=list, blank=True, help_text="Attributes of the touchpoint that are kept with each answer."
    )
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
    """One question of a version; its words are translations, its settings `surveys.questions`."""

    Kind = QuestionKind

    class Compass(models.TextChoices):
        NEED = "need", "Need"
        WANT = "want", "Want"
        EMOTION = "emotion", "Emotion"
        STEREOTYPE = "stereotype", "Stereotype"

    version = models.ForeignKey(SurveyVersion, on_delete=models.CASCADE, related_name="questions")
    key = models.SlugField(max_length=60)
    kind = models.CharField(max_length=12, choices=Kind)
    position = models.PositiveSmallIntegerField()
    starts_page = models.BooleanField(default=False, help_text="Begins a new page.")
    required = models.BooleanField(default=False)
    details = models.JSONField(default=dict, blank=True, help_text="Options and limits (surveys.questions.details).")
    show_if = models.JSONField(null=True, blank=True, help_text="Asked only where this holds; empty: always.")
    jumps = models.JSONField(default=list, blank=True, help_text="Where to go after its page.")
    module = models.SlugField(
        max_length=60, blank=True, help_text="Rotating module: each customer is asked only some of them."
    )
    fact = models.CharField(
        max_length=120,
        blank=True,
        help_text="Where it is known, it is not asked: customer.ATTRIBUTE or touchpoint.ATTRIBUTE.",
    )
    aspect = models.CharField(max_length=60, blank=True, help_text="What it is about: speed, courtesy, price ...")
    compass = models.CharField(max_length=10, choices=Compass, blank=True)
    since = models.PositiveIntegerField(
        default=0, help_text="The version from which on its answers are one series; 0 in a draft."
    )

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

    `field` names which words. Of a version: `surveys.texts.VERSION_FIELDS`. Of a question: those of its kind
    (`surveys.questions.kinds.Make.fields`), and `option:KEY` and `row:KEY` for what can be chosen. Placeholders are
    fixed (`surveys.texts`); no template language is ever applied to them.
    """

    version = models.ForeignKey(SurveyVersion, on_delete=models.CASCADE, related_name="translations")
    question = models.ForeignKey(Question, on_delete=models.CASCADE, null=True, blank=True, related_name="translations")
    language = models.CharField(max_length=12)
    field = models.CharField(max_length=70)
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


class Look(models.Model):
    """How a brand's survey pages look and what they may cost; a brand without one has the defaults."""

    brand = models.OneToOneField(Brand, on_delete=models.CASCADE, related_name="look")
    colour = models.CharField(max_length=7, blank=True, help_text="Of buttons and links, such as #1f4e79.")
    logo = models.BinaryField(blank=True, editable=False)
    logo_type = models.CharField(max_length=20, blank=True, editable=False)
    logo_hash = models.CharField(
        max_length=32, blank=True, db_index=True, editable=False, help_text="Names its content in its address."
    )
    logo_width = models.PositiveSmallIntegerField(default=0, editable=False)
    logo_height = models.PositiveSmallIntegerField(default=0, editable=False)
    transactional_seconds = models.PositiveSmallIntegerField(
        default=60, validators=[MinValueValidator(5)], help_text="The most that a survey after one experience may cost."
    )
    relationship_seconds = models.PositiveSmallIntegerField(
        default=180, validators=[MinValueValidator(5)], help_text="The most that a survey about the whole may cost."
    )

    def __str__(self) -> str:
        return f"Look of {self.brand}"

    @property
    def shades(self) -> Shades | None:
        """What the pages make of the colour; None where the brand has none."""
        return shades(self.colour) if self.colour else None

    @property
    def logo_size(self) -> tuple[int, int]:
        """Width and height of the logo as it is shown, in CSS pixels."""
        return shown_size(self.logo_width, self.logo_height)
