"""Surveys in the admin: the list leads to each survey's own page, the form holds what its versions have in common."""

from datetime import timedelta

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.decorators import action

from surveys.models import Survey, SurveyVersion
from surveys.program_admin import SpanField
from surveys.version_states import State


class SurveyForm(forms.ModelForm):  # type: ignore[type-arg]  # cannot be subscripted when it runs
    """What the versions of a survey have in common."""

    change_for = SpanField(
        timedelta(days=1),
        label="Days for a change of mind",
        min_value=0,
        max_value=365,
        help_text="So many days customers may still change a finished answer; 0: not at all.",
    )

    class Meta:
        model = Survey
        fields = ("change_for",)  # the admin adds its own


@admin.register(Survey)
class SurveyAdmin(ModelAdmin):
    form = SurveyForm
    list_display = ("page", "brand", "occasion", "asks", "seconds", "versions")
    list_display_links = None
    list_filter = ("brand", "occasion")
    list_select_related = ("brand",)
    search_fields = ("name", "slug")
    ordering = ("name",)
    fields = ("name", "slug", "brand", "occasion", "change_for", "review_url")
    readonly_fields = ("slug", "brand")
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    actions_detail = ("versions_page",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Survey]:
        published = SurveyVersion.objects.filter(survey=OuterRef("pk"), state=State.PUBLISHED)
        return Survey.objects.annotate(
            parts=Count("versions", distinct=True),
            published=Subquery(published.values("number")[:1]),
            costs=Subquery(published.values("seconds")[:1]),
        )

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: object = None) -> HttpResponse:
        """A survey begins with its questions, so it is made in the editor."""
        return redirect("survey-new")

    @action(description="Versions", url_path="versions", permissions=["view"])  # type: ignore[untyped-decorator]
    def versions_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return redirect("survey", object_id)

    @admin.display(description="Survey", ordering="name")
    def page(self, survey: Survey) -> str:
        return format_html('<a href="{}">{}</a>', reverse("survey", args=[survey.pk]), survey.name)

    @admin.display(description="Asks")
    def asks(self, survey: Survey) -> str:
        number = getattr(survey, "published", None)
        return f"version {number}" if number else "nobody: no version is published"

    @admin.display(description="Seconds")
    def seconds(self, survey: Survey) -> str:
        return str(getattr(survey, "costs", None) or "-")

    @admin.display(description="Versions")
    def versions(self, survey: Survey) -> int:
        return int(getattr(survey, "parts", 0))
