"""Feeds in the admin: made, looked at, revoked; an address is shown once."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSelectWidget

from analytics.feeds import NEEDED, begin, ended, revoke
from analytics.models import Feed

SHOWN_ONCE = (
    "The address of {} is {} . Whoever has it sees scores, and nothing about single customers. Keep it in the sheet "
    "alone: it is not shown again."
)
LIVES = {30: "30 days", 90: "90 days", 365: "a year"}


class FeedForm(forms.ModelForm):  # type: ignore[type-arg]  # cannot be subscripted when it runs
    """What a feed is for, and how long it lives."""

    days = forms.TypedChoiceField(
        coerce=int,
        choices=list(LIVES.items()),
        initial=90,
        label="Ends after",
        widget=UnfoldAdminSelectWidget,
        help_text="Then the sheet says that it ended, and you make a new one.",
    )

    class Meta:
        model = Feed
        fields = ("name",)


@admin.register(Feed)
class FeedAdmin(ModelAdmin):
    """Addresses for sheets; they are revoked and not deleted, so that it stays known who could see scores."""

    form = FeedForm
    list_display = ("name", "by", "made_at", "state", "used_at")
    list_select_related = ("by",)
    actions = ("revoke",)

    def has_add_permission(self, request: HttpRequest, obj: Feed | None = None) -> bool:
        return bool(super().has_add_permission(request)) and request.user.has_perms(NEEDED)

    def has_delete_permission(self, request: HttpRequest, obj: Feed | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Feed | None = None) -> tuple[str, ...]:
        return ("name", "by", "made_at", "state", "used_at") if obj else ("name", "days")

    def get_readonly_fields(self, request: HttpRequest, obj: Feed | None = None) -> tuple[str, ...]:
        return ("by", "made_at", "state", "used_at") if obj else ()

    def get_form(self, request: HttpRequest, obj: Feed | None = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        return super().get_form(request, obj, change, **kwargs, **({"form": forms.ModelForm} if obj else {}))

    def save_model(self, request: HttpRequest, obj: Feed, form: Any, change: bool) -> None:  # noqa: FBT001
        if not change:
            secret = begin(obj, cast("User", request.user), form.cleaned_data["days"], timezone.now())
            address = request.build_absolute_uri(reverse("feed-scores", args=[secret]))
            messages.success(request, SHOWN_ONCE.format(obj, address))
        super().save_model(request, obj, form, change)

    @admin.action(description="Revoke: give nothing at this address any more", permissions=["change"])
    def revoke(self, request: HttpRequest, feeds: QuerySet[Feed]) -> None:
        number = revoke(feeds, timezone.now())
        messages.success(request, f"{number} revoked. Sheets that fetch there are told so.")

    @admin.display(description="State")
    def state(self, feed: Feed) -> str:
        return ended(feed, timezone.now()) or f"Open until {feed.expires_at:%Y-%m-%d}"
