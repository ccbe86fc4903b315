"""The list of what customers wrote by SMS: what waits for a person first; each is worked on from its own page."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter

from contacts.guarded import staff_id
from contacts.kept_admin import KeptAdmin
from surveys.models import IncomingSms
from surveys.reply_list import TO_READ, mark_seen

SHOWN = 80
"""Characters of a text in the list."""


class ToReadFilter(admin.SimpleListFilter):
    """Which replies are listed: those that wait for a person, unless another choice is made."""

    title = "to read"
    parameter_name = "read"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("seen", "seen by a person"), ("all", "all")]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        return [{**first, "display": "to read"}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet[IncomingSms]) -> QuerySet[IncomingSms]:
        parts = {"all": queryset, "seen": queryset.exclude(seen_at=None)}
        return parts.get(str(self.value()), queryset.filter(TO_READ))


@admin.register(IncomingSms)
class IncomingSmsAdmin(KeptAdmin):
    list_display = ("page", "text_shown", "person", "why", "taken_for", "seen_by")
    list_display_links = None
    list_filter = (ToReadFilter, ("at", RangeDateTimeFilter), ("meaning", ChoicesDropdownFilter))
    list_filter_submit = True
    list_select_related = ("customer", "seen_by")
    search_fields = ("customer__external_id", "customer__name", "sender")
    search_help_text = "Customer's id or name, or the number"
    ordering = ("-at", "-pk")
    actions = ("seen",)

    def has_see_to_permission(self, request: HttpRequest) -> bool:
        """Whether the reader may do something with replies; the rows themselves are kept as they came."""
        return request.user.has_perm("surveys.change_incomingsms")

    @admin.display(description="Written", ordering="at")
    def page(self, sms: IncomingSms) -> SafeString:
        written = timezone.localtime(sms.at).strftime("%Y-%m-%d %H:%M")
        return format_html('<a href="{}">{}</a>', reverse("reply", args=[sms.pk]), written)

    @admin.display(description="Text")
    def text_shown(self, sms: IncomingSms) -> str:
        return Truncator(sms.text).chars(SHOWN) or "(no text)"

    @admin.display(description="Why you see it", ordering="for_person")
    def why(self, sms: IncomingSms) -> str:
        return sms.for_person or "-"

    @admin.display(description="Taken for", ordering="meaning")
    def taken_for(self, sms: IncomingSms) -> str:
        number = "" if sms.number is None else f": {sms.number}"
        return f"{sms.get_meaning_display() or 'not read yet'}{number}"

    @admin.display(description="Customer", ordering="customer__name")
    def person(self, row: IncomingSms) -> SafeString:
        if row.customer is None:
            return format_html("{}", row.sender)
        return format_html('<a href="{}">{}</a>', resolve_url(row.customer), row.customer)

    @admin.action(description="Seen: nothing more to do", permissions=["see_to"])
    def seen(self, request: HttpRequest, chosen: QuerySet[IncomingSms]) -> None:
        ids = list(chosen.values_list("pk", flat=True))
        done = mark_seen(ids, by_id=staff_id(request), at=timezone.now())
        messages.success(request, f"{done} marked as seen.")
