"""Pairs of records that may be one person, in the admin: which wait for somebody, and what was decided."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from contacts.kept_admin import KeptAdmin
from contacts.models import Proposal


class StateFilter(admin.SimpleListFilter):
    """What waits for somebody, unless asked for what was decided."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [(state.value, str(state.label)) for state in Proposal.State]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Proposal]) -> QuerySet[Proposal]:
        return queryset.filter(state=self.value()) if self.value() else queryset


@admin.register(Proposal)
class ProposalAdmin(KeptAdmin):
    """The list; each leads to the page on which both are compared and it is decided."""

    list_display = ("pair", "why", "held", "state", "found_at", "decided_at", "by")
    list_filter = (StateFilter, ("why", ChoicesDropdownFilter), ("held", ChoicesDropdownFilter))
    list_select_related = ("first", "second", "by")
    list_display_links = None
    search_fields = ("first__external_id", "first__name", "second__external_id", "second__name")
    search_help_text = "Id or name of one of the two"
    ordering = ("-state", "found_at", "pk")

    @admin.display(description="One person?")
    def pair(self, proposal: Proposal) -> SafeString:
        """The names of both; open ones come first."""
        address = reverse("proposal", args=[proposal.pk])
        return format_html('<a href="{}">{} and {}</a>', address, proposal.first, proposal.second)
