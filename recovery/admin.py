"""Follow-ups are found here and worked on from their own page; improvements are edited here."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from contacts.kept_admin import KeptAdmin
from recovery.models import FollowUp, Improvement
from recovery.webhook_admin import WebhookDeliveryAdmin, WebhookEndpointAdmin

__all__ = ["FollowUpAdmin", "ImprovementAdmin", "WebhookDeliveryAdmin", "WebhookEndpointAdmin"]


@admin.register(FollowUp)
class FollowUpAdmin(KeptAdmin):
    list_display = ("page", "due_at", "trigger", "state", "owner", "opened_at", "reopened")
    list_display_links = None
    list_filter = (("state", ChoicesDropdownFilter), ("trigger", ChoicesDropdownFilter), "owner")
    list_select_related = ("customer", "owner")

    def get_queryset(self, request: HttpRequest) -> QuerySet[FollowUp]:
        return FollowUp.objects.order_by("-state", "due_at")  # "open" sorts after "closed"

    @admin.display(description="Customer")
    def page(self, follow_up: FollowUp) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("follow-up", args=[follow_up.pk]), follow_up.customer)


@admin.register(Improvement)
class ImprovementAdmin(ModelAdmin):
    list_display = ("kind", "language", "text", "since")
