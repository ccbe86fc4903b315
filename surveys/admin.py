"""Surveys and programs are edited in the admin; invitations and responses are looked at."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_list_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.decorators import action

from contacts.admin import Kept, KeptAdmin, KeptInline
from contacts.gate import policy_in_force
from surveys.call_admin import CallCaseAdmin
from surveys.incoming_admin import IncomingSmsAdmin
from surveys.models import (
    Answer,
    Attempt,
    Invitation,
    Program,
    Question,
    Response,
    Survey,
    SurveyVersion,
    Translation,
    Wave,
)
from surveys.open_admin import OpenLinkAdmin
from surveys.program_admin import REMINDER_FIELDS, ProgramForm
from surveys.prospects import hopeless, say_days, say_reminders
from surveys.publishing import PublishError, draft_from, publish

__all__ = ["CallCaseAdmin", "IncomingSmsAdmin", "OpenLinkAdmin"]


class VersionInline(TabularInline):
    model = SurveyVersion
    extra = 0
    fields = ("number", "state", "seconds", "published_at")
    readonly_fields = ("published_at",)
    show_change_link = True


@admin.register(Survey)
class SurveyAdmin(ModelAdmin):
    list_display = ("name", "slug", "brand")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (VersionInline,)


class DraftOnly:
    """What belongs to a version can be edited while it is a draft; once published it never changes."""

    def has_change_permission(self, request: HttpRequest, obj: SurveyVersion | None = None) -> bool:
        return super().has_change_permission(request, obj) and is_draft(obj)  # type: ignore[misc]

    def has_add_permission(self, request: HttpRequest, obj: SurveyVersion | None = None) -> bool:
        return super().has_add_permission(request, obj) and is_draft(obj)  # type: ignore[misc]

    def has_delete_permission(self, request: HttpRequest, obj: SurveyVersion | None = None) -> bool:
        return super().has_delete_permission(request, obj) and is_draft(obj)  # type: ignore[misc]


def is_draft(version: SurveyVersion | None) -> bool:
    """Whether the version may still be edited; a new one may."""
    return version is None or version.state == SurveyVersion.State.DRAFT


class QuestionInline(DraftOnly, TabularInline):
    model = Question
    extra = 0
    fields = ("position", "key", "kind", "required", "aspect")


class TranslationInline(DraftOnly, StackedInline):
    model = Translation
    extra = 0
    fields = (("question", "language", "field"), "text")


@admin.register(SurveyVersion)
class SurveyVersionAdmin(ModelAdmin):
    """A draft is edited and then published; a published version is only looked at, or taken as the next draft."""

    list_display = ("survey", "number", "state", "seconds", "published_at")
    list_filter = (("state", ChoicesDropdownFilter),)
    readonly_fields = ("state", "published_at")
    inlines = (QuestionInline, TranslationInline)
    actions = ("publish_drafts", "next_draft")
    actions_detail = ("preview",)

    @action(description="Preview and test", url_path="preview", permissions=["view"])  # type: ignore[untyped-decorator]
    def preview(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return redirect("preview", object_id)

    @admin.action(description="Publish", permissions=["change"])
    def publish_drafts(self, request: HttpRequest, versions: QuerySet[SurveyVersion]) -> None:
        for version in versions:
            try:
                publish(version, at=timezone.now())
            except PublishError as error:
                messages.error(request, f"{version}: {error}")
            else:
                messages.success(request, f"{version} is published: who is asked from now on is asked this version.")

    @admin.action(description="Start the next draft", permissions=["add"])
    def next_draft(self, request: HttpRequest, versions: QuerySet[SurveyVersion]) -> None:
        for version in versions:
            messages.success(request, f"{draft_from(version)} is a draft: nobody is asked it until you publish it.")

    def has_change_permission(self, request: HttpRequest, obj: SurveyVersion | None = None) -> bool:
        return super().has_change_permission(request, obj) and is_draft(obj)

    def has_delete_permission(self, request: HttpRequest, obj: SurveyVersion | None = None) -> bool:
        return super().has_delete_permission(request, obj) and is_draft(obj)


@admin.register(Program)
class ProgramAdmin(ModelAdmin):
    form = ProgramForm
    list_display = (
        "name",
        "survey",
        "active",
        "share",
        "asks_after",
        "worth_asking",
        "reminds",
        "priority",
        "planned_at",
    )
    list_filter = ("active",)
    list_select_related = ("survey",)
    prepopulated_fields = {"slug": ("name",)}
    readonly_fields = ("planned_at", "prospect")
    fieldsets = (
        (None, {"fields": ("name", "slug", "survey", "active", "starts_at")}),
        ("Which touchpoints", {"fields": ("kinds", "channels", "filters", "share")}),
        ("How they are asked", {"fields": ("delay", "worth", "contact_channels", "priority", "link_days")}),
        ("Reminders", {"fields": ("reminders", "reminder_after", "reminder_channel", "prospect")}),
        ("How far planning has come", {"fields": ("planned_at",)}),
    )

    actions_detail = ("preview",)

    @action(description="Preview and test", url_path="preview", permissions=["view"])  # type: ignore[untyped-decorator]
    def preview(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show the version that customers are asked or, before one is published, the newest draft."""
        versions = SurveyVersion.objects.filter(survey__programs=object_id).order_by("-number")
        version = versions.filter(state=SurveyVersion.State.PUBLISHED).first() or get_list_or_404(versions)[0]
        return redirect(f"{reverse('preview', args=[version.pk])}?program={object_id}")

    @admin.display(description="Asks after", ordering="delay")
    def asks_after(self, program: Program) -> str:
        return say_days(program.delay)

    @admin.display(description="Worth asking for", ordering="worth")
    def worth_asking(self, program: Program) -> str:
        return say_days(program.worth)

    @admin.display(description="Reminds")
    def reminds(self, program: Program) -> str:
        return say_reminders(program)

    def save_model(self, request: HttpRequest, obj: Program, form: ProgramForm, change: bool) -> None:  # noqa: FBT001
        if set(REMINDER_FIELDS) & set(form.changed_data):
            obj.reminded_until = None  # every message has another turn, under what is said now
        super().save_model(request, obj, form, change)
        if found := hopeless(obj, policy_in_force()[1], obj.survey.slug):
            messages.warning(request, str(found))

    @admin.display(description="Under the policy in force")
    def prospect(self, program: Program) -> str:
        if not program.pk or not program.reminders:
            return "-"
        found = hopeless(program, policy_in_force()[1], program.survey.slug)
        return str(found or "Each of them can be sent to somebody who gets nothing else.")


class AttemptInline(KeptInline):
    model = Attempt
    fields = ("number", "gateway", "outcome", "detail", "started_at", "ended_at")


@admin.register(Invitation)
class InvitationAdmin(KeptAdmin):
    list_display = ("due_at", "person", "channel", "purpose", "program", "state", "state_reason", "sent_at")
    list_filter = (
        ("due_at", RangeDateTimeFilter),
        ("state", ChoicesDropdownFilter),
        ("channel", ChoicesDropdownFilter),
        "program",
    )
    list_filter_submit = True
    list_select_related = ("customer", "program")
    inlines = (AttemptInline,)


class AnswerInline(KeptInline):
    model = Answer
    fields = ("question", "part", "number", "amount", "date", "text", "known")


@admin.register(Response)
class ResponseAdmin(KeptAdmin):
    list_display = ("answered_at", "person", "survey", "channel", "language", "finished", "test", "simulated")
    list_filter = (("answered_at", RangeDateTimeFilter), "version__survey", "source", "device", "test", "simulated")
    list_filter_submit = True
    list_select_related = ("customer", "version__survey")
    inlines = (AnswerInline,)

    @admin.display(description="Survey")
    def survey(self, response: Response) -> Survey:
        return response.version.survey

    @admin.display(description="Finished", boolean=True, ordering="finished_at")
    def finished(self, response: Response) -> bool:
        return response.finished_at is not None


@admin.register(Wave)
class WaveAdmin(Kept, ModelAdmin):
    """What planning did and, while a wave is open, how far it has come."""

    list_display = ("at", "state", "touchpoints", "asked", "delayed")
    ordering = ("-at",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Wave]:
        decided = Count("ranges", filter=Q(ranges__decided_at__isnull=False))
        return Wave.objects.annotate(decided=decided, parts=Count("ranges")).prefetch_related("ranges").order_by("-at")

    @admin.display(description="State")
    def state(self, wave: Any) -> str:
        return f"{wave.decided} of {wave.parts} parts decided" if wave.open else "Finished"

    @admin.display(description="Touchpoints decided about")
    def touchpoints(self, wave: Wave) -> int:
        return wave.total("touchpoints")

    @admin.display(description="Asked, now or later")
    def asked(self, wave: Wave) -> int:
        return wave.total("asked")

    @admin.display(description="Of these later")
    def delayed(self, wave: Wave) -> int:
        return wave.total("delayed")
