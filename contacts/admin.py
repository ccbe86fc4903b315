"""The tables of this room in the admin: what people decide is edited, what happened is only looked at."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter

from contacts import doubtful
from contacts.event_admin import EventAdmin, EventMeaningAdmin, EventSourceAdmin
from contacts.explaining import RULES
from contacts.kept_admin import KeptAdmin, KeptInline
from contacts.models import (
    Account,
    Appointment,
    Brand,
    ConsentEvent,
    Contact,
    Customer,
    Decision,
    Identifier,
    ImportRun,
    OptOut,
    Override,
    Touchpoint,
    Wish,
)
from contacts.models.customers import PERSON
from contacts.policy_admin import PolicyAdmin, PolicyVersionAdmin
from contacts.proposal_admin import ProposalAdmin
from contacts.sharing import addresses
from contacts.wanting import FIRST_KIND, wanted

__all__ = ["EventAdmin", "EventMeaningAdmin", "EventSourceAdmin", "PolicyAdmin", "PolicyVersionAdmin", "ProposalAdmin"]


@admin.register(Brand)
class BrandAdmin(ModelAdmin):
    list_display = ("name", "sender_email", "sender_phone", "default_language")
    prepopulated_fields = {"slug": ("name",)}


@admin.register(Account)
class AccountAdmin(KeptAdmin):
    list_display = ("external_id", "name", "source")
    search_fields = ("external_id", "name")
    search_help_text = "Account's id or name"
    list_select_related = False


class IdentifierInline(KeptInline):
    model = Identifier
    fields = ("type", "issuer", "value", "last_seen_at", "verified_at", "verified_by", "closed_at", "closed_reason")


class OptOutInline(KeptInline):
    model = OptOut
    fields = ("channel", "at", "via", "wording", "reopened_at", "reopened_via")


class WishInline(KeptInline):
    model = Wish
    fields = ("kind", "pause_until", "once_in_days", "channel", "hours", "at", "via", "withdrawn_at")


class ConsentInline(KeptInline):
    model = ConsentEvent
    fields = ("at", "said", "channel", "asked", "via", "source", "by", "shown", "version", "wording", "evidence")


class CustomerLookFilter(admin.SimpleListFilter):
    """What may be wrong with a customer's record, as the report on data quality counts it."""

    title = "to look at"
    parameter_name = "look"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("unreachable", "no address that works"),
            ("closed", "an address was closed"),
            ("role", "the email of a role, such as info@"),
            ("same-email", "the email of another"),
            ("same-phone", "the phone number of another"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Customer]) -> QuerySet[Customer]:
        closed = Identifier.objects.exclude(closed_at=None).values("customer")
        parts = {
            "unreachable": lambda: queryset.filter(doubtful.unreachable(), merged_into=None, erased_at=None),
            "closed": lambda: queryset.filter(pk__in=closed),
            "role": lambda: queryset.filter(pk__in=addresses().filter(doubtful.of_a_role()).values("customer")),
            "same-email": lambda: queryset.filter(pk__in=doubtful.sharing("email").values("pk")),
            "same-phone": lambda: queryset.filter(pk__in=doubtful.sharing("phone").values("pk")),
        }
        return parts.get(str(self.value()), lambda: queryset)()


@admin.register(Customer)
class CustomerAdmin(KeptAdmin):
    """Customers come from imports; the list leads to their own page."""

    list_display = ("page", "name", "account", "country", "time_zone", "language", "value", "source")
    list_filter = (CustomerLookFilter, "source", "simulated", "language")
    list_select_related = ("account",)
    search_fields = ("external_id", "name", "identifiers__value")
    search_help_text = "Customer's id, name, email or phone number"
    inlines = (IdentifierInline, OptOutInline, WishInline, ConsentInline)
    list_display_links = None

    @admin.display(description="Customer", ordering="external_id")
    def page(self, customer: Customer) -> SafeString:
        return format_html('<a href="{}">{}</a>', resolve_url(customer), customer.external_id)


class TouchpointLookFilter(admin.SimpleListFilter):
    """What may be wrong with a touchpoint, as the report on data quality counts it."""

    title = "to look at"
    parameter_name = "look"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("twice", "stands there twice"), ("early", "told of before it happened")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Touchpoint]) -> QuerySet[Touchpoint]:
        wanted = str(self.value())
        if wanted == "twice":
            return queryset.alias(worth=doubtful.WORTH).filter(doubtful.twice())
        return queryset.filter(doubtful.EARLY) if wanted == "early" else queryset


@admin.register(Touchpoint)
class TouchpointAdmin(KeptAdmin):
    list_display = ("occurred_at", "kind", "channel", "person", "team", "agent", "outcome", "value", "simulated")
    list_filter = (("occurred_at", RangeDateTimeFilter), TouchpointLookFilter, "kind", "channel", "source", "simulated")
    list_filter_submit = True


@admin.register(Contact)
class ContactAdmin(KeptAdmin):
    list_display = ("at", "person", "channel", "purpose", "outcome", "survey", "program", "source", "seconds", "by")
    list_select_related = ("customer", "by")
    list_filter = (
        ("at", RangeDateTimeFilter),
        ("channel", ChoicesDropdownFilter),
        ("purpose", ChoicesDropdownFilter),
        ("outcome", ChoicesDropdownFilter),
        "source",
    )
    list_filter_submit = True


class SampleFilter(admin.SimpleListFilter):
    """Whether the program's sample held the touchpoint."""

    title = "sample"
    parameter_name = "sample"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("in", "inside"), ("out", "left out")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Decision]) -> QuerySet[Decision]:
        drawn = queryset.alias(first_kind=FIRST_KIND)
        parts = {"in": drawn.exclude(first_kind="sampling"), "out": drawn.filter(first_kind="sampling")}
        return parts.get(str(self.value()), queryset)


class AlsoWantedByFilter(admin.SimpleListFilter):
    """Decisions about customers whom another program wanted too, in the period that the address gives."""

    title = "also wanted by"
    parameter_name = "also_wanted_by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(program, program)] if (program := request.GET.get(self.parameter_name)) else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Decision]) -> QuerySet[Decision]:
        if not self.value():
            return queryset
        period = {name: request.GET[name] for name in ("decided_at__gte", "decided_at__lt") if name in request.GET}
        try:
            others = wanted().filter(program=self.value(), **period).values(person=PERSON)
        except ValidationError as error:
            raise IncorrectLookupParameters from error
        return queryset.alias(person=PERSON).filter(person__in=others)


@admin.register(Decision)
class DecisionAdmin(KeptAdmin):
    list_display = ("decided_at", "person", "stage", "channel", "program", "result", "allowed_at", "blocked_by")
    list_filter = (
        ("decided_at", RangeDateTimeFilter),
        ("result", ChoicesDropdownFilter),
        ("stage", ChoicesDropdownFilter),
        "program",
        SampleFilter,
        AlsoWantedByFilter,
    )
    list_filter_submit = True
    exclude = ("counted",)

    @admin.display(description="Blocked by")
    def blocked_by(self, decision: Decision) -> str:
        rules = dict.fromkeys(str(reason["rule"]) for reason in decision.reasons)
        return "; ".join(RULES.get(rule, rule) for rule in rules) or "-"


@admin.register(Override)
class OverrideAdmin(KeptAdmin):
    """Made on the customer's page."""

    list_display = ("at", "person", "channel", "reason", "by", "ends_at")
    list_filter = (("at", RangeDateTimeFilter), ("channel", ChoicesDropdownFilter), "by")
    list_filter_submit = True
    list_select_related = ("customer", "by")


@admin.register(Appointment)
class AppointmentAdmin(KeptAdmin):
    """Made and cancelled on the customer's page."""

    list_display = ("starts_at", "ends_at", "person", "touchpoint", "any_hour", "state", "by")
    list_filter = (("starts_at", RangeDateTimeFilter), ("state", ChoicesDropdownFilter), "by")
    list_filter_submit = True
    list_select_related = ("customer", "touchpoint", "by")
    ordering = ("-starts_at",)


@admin.register(ImportRun)
class ImportRunAdmin(KeptAdmin):
    list_display = ("asked_at", "subject", "page", "state", "created", "updated", "unchanged", "rejected", "by")
    list_filter = ("subject", "state")
    search_fields = ("file_name", "source")
    search_help_text = "File name or source"
    list_select_related = ("by",)

    @admin.display(description="File", ordering="file_name")
    def page(self, run: ImportRun) -> SafeString:
        return format_html('<a href="{}">{}</a>', resolve_url(run), run.file_name)
