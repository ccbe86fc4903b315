"""The audit in the admin: who saw, changed and took away what; only looked at, by whoever has the right."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter

from contacts.kept_admin import Kept
from cxsurvey.models import AuditEntry


class SubjectFilter(admin.SimpleListFilter):
    """What it was about."""

    title = "what"
    parameter_name = "what"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        kinds = AuditEntry.objects.order_by("subject_type").values_list("subject_type", flat=True).distinct()
        return [(kind, in_words(kind)) for kind in kinds]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(subject_type=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(Kept, ModelAdmin):
    list_display = ("at", "who", "action", "subject", "token", "besides")
    list_display_links = None
    list_filter = (
        ("at", RangeDateTimeFilter),
        ("action", ChoicesDropdownFilter),
        SubjectFilter,
        ("by", admin.RelatedOnlyFieldListFilter),
        ("token", admin.RelatedOnlyFieldListFilter),
    )
    list_filter_submit = True
    list_select_related = ("by", "token")
    search_fields = ("=subject_id",)
    search_help_text = "Our number of a customer, a follow-up, ..."
    show_full_result_count = False
    ordering = ("-at", "-pk")

    @admin.display(description="Who", ordering="by")
    def who(self, entry: AuditEntry) -> str:
        if entry.by_id is None:
            return "Nobody known"
        return str(entry.by) if entry.by else f"User {entry.by_id}, who is gone"

    @admin.display(description="What")
    def subject(self, entry: AuditEntry) -> SafeString | str:
        words = f"{in_words(entry.subject_type)} {entry.subject_id}".strip()
        address = _address(entry) if entry.subject_id else ""
        return format_html('<a href="{}">{}</a>', address, words) if address else words

    @admin.display(description="Details")
    def besides(self, entry: AuditEntry) -> str:
        return "; ".join(
            f"{name}: {', '.join(told) if isinstance(told, list) else told}" for name, told in entry.details.items()
        )


def in_words(subject_type: str) -> str:
    """Return what a table or a page is called."""
    try:
        return str(ContentType.objects.get_by_natural_key(*subject_type.split(".", 1)).name)
    except (TypeError, ContentType.DoesNotExist):
        return subject_type.replace("-", " ").replace("_", " ")


PLACES: dict[str, Callable[[str], str]] = {
    "contacts.customer": lambda pk: resolve_url("customer-page", pk),
    "recovery.followup": lambda pk: resolve_url("follow-up", pk),
    "surveys.incomingsms": lambda pk: resolve_url("reply", pk),
}
"""Tables whose rows have a page of their own outside the admin's tables."""


def _address(entry: AuditEntry) -> str:
    try:
        if place := PLACES.get(entry.subject_type):
            return place(entry.subject_id)
        return resolve_url(f"admin:{entry.subject_type.replace('.', '_')}_change", entry.subject_id)
    except NoReverseMatch:
        return ""
