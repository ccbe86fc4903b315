"""Definitions in the admin: stages of the journey; themes with their words, and comments that hold them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminTextareaWidget

from analytics.cause_admin import ChurnRuleAdmin, DriverWeightAdmin
from analytics.comments import newest_comments, split_words
from analytics.feed_admin import FeedAdmin
from analytics.metric_admin import MetricAdmin
from analytics.models import CommentTheme, JourneyStage, Theme, ThemeCorrection, ThemeWords
from analytics.report_admin import ScheduledReportAdmin
from analytics.themes import Codebook, CodebookError
from analytics.themes import Theme as ThemeOfBook
from contacts.brands import visible_to
from contacts.came_in import came_in
from contacts.names import in_words
from contacts.readers import reader_of_request
from surveys.languages import is_tag
from surveys.models import Response

__all__ = ["ChurnRuleAdmin", "DriverWeightAdmin", "FeedAdmin", "MetricAdmin", "ScheduledReportAdmin"]

EXAMPLES = 10


class StageForm(forms.ModelForm):  # type: ignore[type-arg]  # cannot be subscripted when it runs
    """Offers the kinds of touchpoints that there are, and keeps those that are not there any more."""

    kinds = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, help_text=JourneyStage.kinds.field.help_text)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Read which kinds there are."""
        super().__init__(*args, **kwargs)
        kinds = sorted({*came_in("kind"), *self.instance.kinds})
        field: Any = self.fields["kinds"]
        field.choices = [(kind, in_words(kind)) for kind in kinds]

    def clean_kinds(self) -> list[str]:
        """Refuse a kind that another stage has: its answers would count in both."""
        chosen: list[str] = self.cleaned_data["kinds"]
        for stage in JourneyStage.objects.exclude(pk=self.instance.pk):
            if twice := sorted(set(chosen) & set(stage.kinds)):
                told = f"{', '.join(map(in_words, twice))}: in the stage {stage} already. Take it out there first."
                raise forms.ValidationError(told)
        return chosen


@admin.register(JourneyStage)
class JourneyStageAdmin(ModelAdmin):
    form = StageForm
    list_display = ("name", "position", "holds")

    @admin.display(description="Kinds of touchpoints")
    def holds(self, stage: JourneyStage) -> str:
        return ", ".join(map(in_words, stage.kinds))


class ThemeForm(forms.ModelForm):  # type: ignore[type-arg]  # cannot be subscripted when it runs
    """A theme, which cannot be a part of itself."""

    class Meta:
        model = Theme
        fields = ("name", "key", "parent")

    def clean_parent(self) -> Theme | None:
        parent: Theme | None = self.cleaned_data["parent"]
        above = parent
        while above is not None:
            if above.pk == self.instance.pk:
                raise forms.ValidationError("It would belong to itself. Choose another wider theme, or none.")
            above = above.parent
        return parent


class ThemeWordsForm(forms.ModelForm):  # type: ignore[type-arg]  # cannot be subscripted when it runs
    """Words that comments can hold."""

    class Meta:
        model = ThemeWords
        fields = ("language", "words")
        widgets = {"words": UnfoldAdminTextareaWidget(attrs={"rows": 3})}

    def clean_language(self) -> str:
        tag = str(self.cleaned_data["language"]).casefold()
        if not is_tag(tag):
            raise forms.ValidationError("Give the tag of a language, such as en or de.")
        return tag

    def clean_words(self) -> str:
        text = str(self.cleaned_data["words"])
        try:
            Codebook([ThemeOfBook("theme", "the theme", {"": split_words(text)})])
        except CodebookError as error:
            raise forms.ValidationError(str(error)) from error
        if not split_words(text):
            raise forms.ValidationError("Give at least one word.")
        return text


class ThemeWordsInline(TabularInline):
    model = ThemeWords
    form = ThemeWordsForm
    extra = 1


@admin.register(Theme)
class ThemeAdmin(ModelAdmin):
    form = ThemeForm
    list_display = ("name", "parent", "in_comments", "corrected")
    list_select_related = ("parent",)
    search_fields = ("name",)
    prepopulated_fields = {"key": ("name",)}
    fields = ("name", "key", "parent", "examples")
    readonly_fields = ("examples",)
    inlines = (ThemeWordsInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Theme]:
        reader = reader_of_request(request)
        found, said = visible_to(reader, CommentTheme.objects.all()), visible_to(reader, ThemeCorrection.objects.all())
        counts = {"of_comments": _counted(found), "of_corrections": _counted(said)}
        return Theme.objects.annotate(**counts).order_by("name")

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Theme | None:
        """Return the theme, with the comments that the reader may read."""
        theme: Any = super().get_object(request, object_id, from_field)
        if theme:
            theme.readable = visible_to(reader_of_request(request), Response.objects.all())
        return theme  # type: ignore[no-any-return]

    @admin.display(description="Comments")
    def in_comments(self, theme: Any) -> SafeString:
        return format_html('<a href="{}?theme={}">{}</a>', reverse("comments"), theme.key, theme.of_comments)

    @admin.display(description="Judged by people")
    def corrected(self, theme: Any) -> int:
        return int(theme.of_corrections)

    @admin.display(description="Comments with its words")
    def examples(self, theme: Any) -> SafeString | str:
        """The newest comments in which a word of the theme stands, so that one sees what a word brings in."""
        if not theme.pk:
            return "Save the theme to see comments with its words."
        book = Codebook([ThemeOfBook(theme.key, theme.name, _words(theme))])
        found = [
            (hits[theme.key], one.masked)
            for one in newest_comments(theme.readable)
            if (hits := book.seeded(one.masked))
        ]
        if not found:
            return "None of the newest comments has one of its words. A theme is found once 5 comments have."
        lines = format_html_join("", "<li><strong>{}</strong>: {}</li>", _lines(found))
        return format_html("<p>{} of the newest comments.</p><ul>{}</ul>", len(found), lines)


def _counted(rows: Any) -> Coalesce:
    """How many of the rows each theme has; counted apart, as a join of two would multiply them."""
    of_theme = rows.filter(theme=OuterRef("pk")).order_by().values("theme").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(of_theme), 0)


def _words(theme: Theme) -> dict[str, list[str]]:
    return {words.language: split_words(words.words) for words in theme.words.all()}


def _lines(found: list[tuple[list[str], str]]) -> list[tuple[str, str]]:
    return [(", ".join(hits), text) for hits, text in found[:EXAMPLES]]
