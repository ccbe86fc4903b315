"""Cases of calls in the admin: looked at, and worked on in the work list."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter

from contacts.kept_admin import KeptAdmin, KeptInline
from surveys.calls.dispositions import Disposition
from surveys.models import CallAttempt, CallCase


class CallAttemptInline(KeptInline):
    model = CallAttempt
    fields = ("at", "by", "outcome", "seconds", "note", "late")


@admin.register(CallCase)
class CallCaseAdmin(KeptAdmin):
    list_display = ("opened_at", "person", "touchpoint", "program", "state", "ended", "next_at", "claimed_by", "work")
    list_filter = (
        ("opened_at", RangeDateTimeFilter),
        ("state", ChoicesDropdownFilter),
        "program",
        "disposition",
    )
    list_filter_submit = True
    list_select_related = ("customer", "touchpoint", "program", "claimed_by")
    exclude = ("answers",)
    inlines = (CallAttemptInline,)

    @admin.display(description="Disposition (AAPOR)", ordering="disposition")
    def ended(self, case: CallCase) -> str:
        return f"{case.disposition} {Disposition(case.disposition).label}" if case.disposition else "-"

    @admin.display(description="Work list")
    def work(self, case: CallCase) -> SafeString:
        return format_html('<a href="{}">Open</a>', reverse("call", args=[case.pk]))
