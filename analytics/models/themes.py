"""What is listened for in comments, and what was found there, without texts."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from analytics.themes.no_more import Refusal
from surveys.models import Response

REFUSALS = [
    (Refusal.NONE.value, "No"),
    (Refusal.PERHAPS.value, "Perhaps"),
    (Refusal.CHANNEL.value, "No more of this channel"),
    (Refusal.EVERYTHING.value, "No more of anything"),
]


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
