"""Open links in the admin: where each hangs, what it takes, its QR code and its card."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from unfold.admin import ModelAdmin

from surveys.links import signing_key
from surveys.models import OpenLink
from surveys.open_cards import qr_svg
from surveys.open_tokens import open_url


@admin.register(OpenLink)
class OpenLinkAdmin(ModelAdmin):
    """A place that asks whoever passes by; it is closed and opened again from the list."""

    list_display = ("name", "survey", "kind", "answers_today", "within_the_hour", "state", "prints")
    list_filter = ("survey", "kind")
    list_select_related = ("survey",)
    search_fields = ("name",)
    search_help_text = "Where it hangs"
    fields = ("name", "survey", "kind", "touchpoint_channel", "per_hour", "state", "address", "code", "prints")
    readonly_fields = ("state", "address", "code", "prints")
    actions = ("close", "open_again")
    ordering = ("closed_at", "name")

    def get_queryset(self, request: HttpRequest) -> QuerySet[OpenLink]:
        now = timezone.now()
        midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
        today, hour = Q(responses__answered_at__gte=midnight), Q(responses__answered_at__gt=now - timedelta(hours=1))
        counted = OpenLink.objects.annotate(
            today=Count("responses", filter=today), hour=Count("responses", filter=hour)
        )
        return counted.order_by(*self.ordering)

    def save_model(self, request: HttpRequest, obj: OpenLink, form: forms.ModelForm, change: bool) -> None:  # type: ignore[type-arg]  # noqa: FBT001
        if not change:
            obj.link_key, obj.created_at = signing_key(), timezone.now()
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request: HttpRequest, obj: OpenLink | None = None) -> bool:
        """Its answers belong to it: it is closed instead."""
        return False

    @admin.action(description="Close: take no more answers", permissions=["change"])
    def close(self, request: HttpRequest, links: QuerySet[OpenLink]) -> None:
        closed = OpenLink.objects.filter(pk__in=links.values("pk"), closed_at=None).update(closed_at=timezone.now())
        messages.success(request, f"Closed: {closed}. Whoever opens such a link is told so, kindly.")

    @admin.action(description="Open again", permissions=["change"])
    def open_again(self, request: HttpRequest, links: QuerySet[OpenLink]) -> None:
        opened = OpenLink.objects.filter(pk__in=links.values("pk")).exclude(closed_at=None).update(closed_at=None)
        messages.success(request, f"Opened again: {opened}. The same code and the same address work.")

    @admin.display(description="Answers today")
    def answers_today(self, link: Any) -> int:
        return int(link.today)

    @admin.display(description="In the last hour, of at most")
    def within_the_hour(self, link: Any) -> str:
        return f"{link.hour} of {link.per_hour}"

    @admin.display(description="State")
    def state(self, link: OpenLink) -> str:
        return f"Closed since {link.closed_at:%Y-%m-%d}" if link.closed_at else "Open"

    @admin.display(description="Link")
    def address(self, link: OpenLink) -> SafeString | str:
        return format_html('<a href="{0}">{0}</a>', open_url(link)) if link.pk else "Made when you save."

    @admin.display(description="QR code")
    def code(self, link: OpenLink) -> SafeString | str:
        if not link.pk:
            return "Made when you save."
        drawing = mark_safe(qr_svg(open_url(link)))  # noqa: S308  # our own drawing of our own address
        return format_html('<div style="inline-size:12rem">{}</div>', drawing)

    @admin.display(description="To print")
    def prints(self, link: OpenLink) -> SafeString | str:
        if not link.pk:
            return "Made when you save."
        own = reverse("open-card", args=[link.pk])
        svg, png = (reverse("open-qr", args=[link.pk, kind]) for kind in ("svg", "png"))
        places = ((f"{own}?size=a5", "card A5"), (f"{own}?size=a6", "card A6"), (svg, "QR as SVG"), (png, "QR as PNG"))
        return format_html_join(", ", '<a href="{}">{}</a>', places)
