"""Programs are edited in the admin; invitations and responses are looked at."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.db.models.fields.json import KT
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_list_or_404, redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.decorators import action

from contacts.gate import policy_in_force
from contacts.holdouts import holdout_in_force, say_arms
from contacts.kept_admin import Kept, KeptAdmin, KeptInline
from contacts.readers import reader_of_request
from surveys.call_admin import CallCaseAdmin
from surveys.flags import Flag
from surveys.incoming_admin import IncomingSmsAdmin
from surveys.models import Answer, Attempt, Invitation, Program, Response, Survey, SurveyVersion, Wave
from surveys.open_admin import OpenLinkAdmin
from surveys.program_admin import REMINDER_FIELDS, ProgramForm
from surveys.prospects import hopeless, say_days, say_reminders
from surveys.survey_admin import SurveyAdmin
from surveys.target_admin import TargetInline

__all__ = ["CallCaseAdmin", "IncomingSmsAdmin", "OpenLinkAdmin", "SurveyAdmin"]


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
    readonly_fields = ("planned_at", "prospect", "measured")
    inlines = (TargetInline,)
    fieldsets = (
        (None, {"fields": ("name", "slug", "survey", "active", "starts_at")}),
        ("Which touchpoints", {"fields": ("kinds", "channels", "filters", "share")}),
        ("How they are asked", {"fields": ("delay", "worth", "contact_channels", "priority", "link_days", "measured")}),
        ("Reminders", {"fields": ("reminders", "reminder_after", "reminder_channel", "prospect")}),
        ("How far planning has come", {"fields": ("planned_at",)}),
    )

    actions_detail = ("preview", "targets")

    @action(description="What its targets take", url_path="targets", permissions=["view"])  # type: ignore[untyped-decorator]
    def targets(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Lead to the page that shows the targets of all programs, which compete for the same customers."""
        return redirect("fewest-contacts")

    def get_form(self, request: HttpRequest, obj: Program | None = None, **kwargs: Any) -> Any:
        """Return the form with the kinds and channels that the reader may choose from."""
        form = type("ProgramForm", (ProgramForm,), {"reader": reader_of_request(request)})
        return super().get_form(request, obj, **kwargs, form=form)

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

    @admin.display(description="Who is held out")
    def measured(self, _program: Program) -> SafeString:
        """The holdout is one for all programs: what tires a customer is every contact."""
        told = " ".join(say_arms(holdout_in_force(), policy_in_force()[1]))
        return format_html('{} It is one for all programs. <a href="{}">Holdout</a>', told, reverse("holdout"))

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


class FlagFilter(admin.SimpleListFilter):
    """Which doubt there is about a response."""

    title = "flag"
    parameter_name = "flag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("any", "any"), *((flag.value, flag.value.replace("_", " ")) for flag in Flag)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Response]) -> QuerySet[Response]:
        if not self.value():
            return queryset
        flagged = queryset.filter(attributes__has_key="flags")
        # As a text, because SQLite cannot look into a list in JSON; no flag's name is a part of another's.
        texts = flagged.alias(flags=KT("attributes__flags"))
        return flagged if self.value() == "any" else texts.filter(flags__contains=f'"{self.value()}"')


@admin.register(Response)
class ResponseAdmin(KeptAdmin):
    list_display = ("answered_at", "person", "survey", "channel", "language", "finished", "test", "simulated")
    list_filter = (
        ("answered_at", RangeDateTimeFilter),
        FlagFilter,
        *("version__survey", "source", "device", "test", "simulated"),
    )
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
