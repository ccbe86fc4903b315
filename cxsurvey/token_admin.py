"""Tokens of the API in the admin: made and shown once, watched, and revoked."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from contacts.guarded import show, staff_id
from contacts.scopes import TokenScope
from cxsurvey.models import ApiToken
from cxsurvey.tokens import is_open, make_token, revoke

YEAR = 365
LONGEST = 10 * YEAR


class TokenForm(forms.ModelForm):  # type: ignore[type-arg]  # cannot be subscripted when it runs
    """What a new token is for, and how long."""

    user = forms.ModelChoiceField(
        User.objects.none(),
        widget=UnfoldAdminSelectWidget,
        help_text="The token can never do more than this user may. Best is a user of its own for each program.",
    )
    scopes = forms.MultipleChoiceField(
        label="What it may do",
        choices=TokenScope.choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="As little as the program needs.",
        error_messages={"required": "Choose at least one: a token without any opens nothing."},
    )
    days = forms.IntegerField(
        label="Ends after days",
        initial=YEAR,
        min_value=1,
        max_value=LONGEST,
        widget=UnfoldAdminIntegerFieldWidget,
    )

    class Meta:
        model = ApiToken
        fields = ("name", "user")
        widgets = {"name": UnfoldAdminTextInputWidget}


@admin.register(ApiToken)
class ApiTokenAdmin(ModelAdmin):
    """A token stays in the list when it has ended: the audit names it."""

    list_display = ("name", "user", "may", "begins", "state", "last_used_at", "expires_at", "created_at", "created_by")
    list_select_related = ("user", "created_by")
    list_filter = ("user",)
    search_fields = ("name", "begins_with", "user__username")
    search_help_text = "Name, user, or the first characters of the token"
    ordering = ("-created_at",)
    actions = ("revoke",)
    fields = ("name", "user", "may", "begins", "state", "last_used_at", "expires_at", "created_at", "created_by")

    def get_form(self, request: HttpRequest, obj: ApiToken | None = None, **kwargs: Any) -> Any:
        """Offer who may have a token: everybody to administrators, else oneself, as a token lends its user's rights."""
        if obj is not None:
            return super().get_form(request, obj, **kwargs)
        users = User.objects.filter(is_active=True).order_by("username")
        allowed = users if request.user.is_superuser else users.filter(pk=staff_id(request))
        field = forms.ModelChoiceField(
            allowed, widget=UnfoldAdminSelectWidget, help_text=TokenForm.base_fields["user"].help_text
        )
        return type("TokenFormOf", (TokenForm,), {"user": field})

    def get_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> tuple[str, ...]:
        return self.fields if obj else ("name", "user", "scopes", "days")

    def get_readonly_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> tuple[str, ...]:
        return self.fields if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        """A token is revoked and not changed: whoever has it may rely on what it was made for."""
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: ApiToken, form: forms.ModelForm, change: bool) -> None:  # type: ignore[type-arg]  # noqa: FBT001
        obj.scopes, obj.created_by_id = form.cleaned_data["scopes"], staff_id(request)
        make_token(obj, at=timezone.now(), lives=timedelta(days=form.cleaned_data["days"]))

    def response_add(self, request: HttpRequest, obj: ApiToken, post_url_continue: str | None = None) -> HttpResponse:
        """Show the token, which is kept nowhere: not in a message, which would wait in a cookie."""
        page = show(request, "cxsurvey/token.html", title="The new token", token=obj, scopes=may(obj))
        page["Cache-Control"] = "no-store"
        return page

    @admin.action(description="Revoke: let it open nothing from now on", permissions=["change"])
    def revoke(self, request: HttpRequest, tokens: QuerySet[ApiToken]) -> None:
        ended = revoke(list(tokens.values_list("pk", flat=True)), at=timezone.now())
        for token in ended:
            self.log_change(request, token, "Revoked.")
        messages.success(request, f"Revoked: {len(ended)}. Whatever used them is refused from this moment on.")

    @admin.display(description="May")
    def may(self, token: ApiToken) -> str:
        return may(token)

    @admin.display(description="Begins with")
    def begins(self, token: ApiToken) -> SafeString:
        return format_html("<code>{}…</code>", token.begins_with)

    @admin.display(description="State")
    def state(self, token: ApiToken) -> str:
        if token.revoked_at:
            return f"Revoked on {token.revoked_at:%Y-%m-%d}"
        return "Open" if is_open(token, timezone.now()) else "Ended"


def may(token: ApiToken) -> str:
    """Return in words what a token may do."""
    return "; ".join(TokenScope(scope).label for scope in token.scopes)
