"""This room's own tables: the journey, what scores are, what is listened for in comments and what was found there."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from analytics.themes.no_more import Refusal
from surveys.models import Question, Response

REFUSALS = [
    (Refusal.NONE.value, "No"),
    (Refusal.PERHAPS.value, "Perhaps"),
    (Refusal.CHANNEL.value, "No more of this channel"),
    (Refusal.EVERYTHING.value, "No more of anything"),
]


class JourneyStage(models.Model):
    """A part of the way that customers go with us, and the kinds of touchpoints that belong to it."""

    name = models.CharField(max_length=60, unique=True, help_text="For example: Buying, Receiving, Getting help.")
    position = models.PositiveSmallIntegerField(default=1, help_text="Its place on the way; 1 comes first.")
    kinds = models.JSONField(default=list, help_text="Kinds of touchpoints in it.")

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class Theme(models.Model):
    """Something that comments are about."""

    key = models.SlugField(
        max_length=60, unique=True, help_text="Its name in downloads; it stays when the name changes."
    )
    name = models.CharField(max_length=60)
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="narrower",
        verbose_name="belongs to",
        help_text="The wider theme of which it is a part, if any.",
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ThemeWords(models.Model):
    """The words that tell of a theme in one language."""

    theme = models.ForeignKey(Theme, on_delete=models.CASCADE, related_name="words")
    language = models.CharField(max_length=12, default="en")
    words = models.TextField(
        help_text="Words or phrases, with commas between them or on lines. A * stands for any ending: deliver*."
    )

    class Meta:
        verbose_name = "words in a language"
        verbose_name_plural = "words"
        constraints = [models.UniqueConstraint(fields=["theme", "language"], name="theme_words_once_a_language")]

    def __str__(self) -> str:
        return f"{self.theme} ({self.language})"


class CommentReading(models.Model):
    """What reading the comment of a response came to.

    `as_of`: which state of the response was read, by its `updated_at`. `refusal`: whether it refuses further surveys.
    `codebook`: the version of the codebook, with its corrections, by which its themes were found; empty before.
    """

    response = models.OneToOneField(Response, on_delete=models.CASCADE, related_name="reading", primary_key=True)
    as_of = models.DateTimeField(db_index=True)
    refusal = models.CharField(max_length=10, blank=True, choices=REFUSALS)
    codebook = models.CharField(max_length=16, blank=True)

    class Meta:
        indexes = [models.Index(fields=["refusal"], condition=~Q(refusal=""), name="comment_refusal")]

    def __str__(self) -> str:
        return f"Comment {self.pk}"


class CommentTheme(models.Model):
    """A theme of a comment, found with a probability, or set by a person (`ThemeCorrection`; then it is 1)."""

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="themes")
    theme = models.ForeignKey(Theme, on_delete=models.CASCADE, related_name="comments")
    probability = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["response", "theme"], name="comment_theme_once"),
            models.CheckConstraint(
                condition=Q(probability__gte=0, probability__lte=1), name="comment_theme_probability"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.theme}: {self.probability:.0%}"


class ThemeCorrection(models.Model):
    """What a person said about a theme of a comment: the model learns from it, and never overrules it."""

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="theme_corrections")
    theme = models.ForeignKey(Theme, on_delete=models.CASCADE, related_name="corrections")
    belongs = models.BooleanField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["response", "theme"], name="theme_correction_once")]

    def __str__(self) -> str:
        return f"{self.theme}: {'yes' if self.belongs else 'no'}"


class Metric(models.Model):
    """What a score is: which question it comes from, which answers count, and from when on it may be read.

    There is one row for each key, from the first migration on. Only `analytics.metrics` reads them.
    """

    class Key(models.TextChoices):
        NPS = "nps", "Net Promoter Score (NPS)"
        CSAT = "csat", "Satisfaction (CSAT)"
        CES = "ces", "Ease (CES)"

    key = models.CharField(max_length=8, choices=Key, unique=True, editable=False)
    name = models.CharField(max_length=60, help_text="As reports call it.")
    question_kind = models.CharField(
        "question", max_length=12, choices=Question.Kind, editable=False, help_text="The kind of question it is of."
    )
    lowest = models.CharField(max_length=60, help_text="What the low end of the scale says.")
    highest = models.CharField(max_length=60, help_text="What the high end of the scale says.")
    counts_from = models.PositiveSmallIntegerField(
        "counts from", help_text="The lowest answer that counts for it, such as 9 of 10, 4 of 5, 5 of 7."
    )
    against_to = models.PositiveSmallIntegerField(
        "counts against up to", null=True, blank=True, help_text="The highest answer that is taken off; only the NPS."
    )
    horizon_days = models.PositiveSmallIntegerField(
        "horizon in days",
        null=True,
        blank=True,
        help_text="Later answers about a touchpoint are left out: memory fades. Empty: all count.",
    )
    minimum_n = models.PositiveSmallIntegerField(
        "answers needed", default=10, help_text="A group with fewer is withheld; 10 or more."
    )
    target = models.DecimalField(
        max_digits=4,
        decimal_places=1,
        null=True,
        blank=True,
        help_text="Drawn as a line beside the score: points for the NPS, percent for the others. Empty: none.",
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(minimum_n__gte=10), name="metric_hides_small_groups"),
            models.CheckConstraint(
                condition=Q(key="nps", counts_from=9, against_to=6, against_to__isnull=False)
                | Q(against_to=None) & ~Q(key="nps"),
                name="metric_counts_as_its_name_says",
            ),
        ]

    def __str__(self) -> str:
        return self.name
