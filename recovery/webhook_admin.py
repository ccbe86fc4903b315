"""Webhooks in the admin: who is told of what, the secret, and what became of each delivery."""

import json
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action

from contacts.guarded import staff_id
from contacts.kept_admin import KeptAdmin
from recovery.models import WebhookDelivery, WebhookEndpoint, WebhookEvent
from recovery.webhooks import endpoints
from recovery.webhooks.addresses import AddressError
from recovery.webhooks.noticing import send_test
from recovery.webhooks.payloads import body_of

PERSONAL = "recovery.personal_webhookendpoint"
NEWEST = 20
CHOICES = [choice for choice in WebhookEvent.Type.choices if choice[0] != WebhookEvent.Type.TEST]
State = WebhookDelivery.State


class EndpointForm(forms.ModelForm):  # type: ignore[type-arg]  # cannot be subscripted when it runs
    """Where an endpoint is, and what it is told."""

    may_have_personal: bool
    events = forms.MultipleChoiceField(choices=CHOICES, widget=forms.CheckboxSelectMultiple, label="Is told when")

    class Meta:
        model = WebhookEndpoint
        fields = ("name", "url", "events", "personal")

    def clean_url(self) -> str:
        """Refuse an address at which nobody may be called."""
        url = str(self.cleaned_data["url"]).strip()
        try:
            endpoints.place_of(url)
        except AddressError as error:
            raise forms.ValidationError(str(error)) from None
        return url

    def clean(self) -> dict[str, Any]:
        """Let personal data out, and to another address, only where somebody says so who may."""
        told: dict[str, Any] = super().clean() or self.cleaned_data
        if told.get("personal") and {"personal", "url"} & set(self.changed_data) and not self.may_have_personal:
            self.add_error(
                "personal", "You may not let personal data go to an address. Leave it off, or ask an administrator."
            )
        return told


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(ModelAdmin):
    """The other systems that are told what happens."""

    form = EndpointForm
    list_display = ("name", "state", "is_told", "waiting", "last")
    fields: tuple[str, ...] = ("name", "url", "events", "personal", "state", "secret", "newest")
    readonly_fields = ("state", "secret", "newest")
    actions_submit_line = ("test", "rotate", "pause", "resume")
    ordering = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookEndpoint]:
        waiting = Count("deliveries", filter=Q(deliveries__state=State.WAITING))
        last = Max("deliveries__done_at", filter=Q(deliveries__state=State.DELIVERED))
        return WebhookEndpoint.objects.annotate(n=waiting, last_at=last).order_by(*self.ordering)

    def get_fields(self, request: HttpRequest, obj: WebhookEndpoint | None = None) -> Any:
        """Lead to the secret whoever may change it, and show what became of it once it is there."""
        if obj is None:
            return self.fields[:4]
        return [name for name in self.fields if name != "secret" or self.has_change_permission(request, obj)]

    def get_form(self, request: HttpRequest, obj: WebhookEndpoint | None = None, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, **kwargs)
        return type("EndpointForm", (form,), {"may_have_personal": request.user.has_perm(PERSONAL)})

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """Leave out the button that adds another: there are others enough."""
        context = {**(extra_context or {}), "show_save_and_add_another": False}
        return super().changeform_view(request, object_id, form_url, context)

    def get_actions_submit_line(self, request: HttpRequest, object_id: int) -> list[Any]:
        """Offer what can be done: nothing before it is there, and of pausing and resuming one."""
        endpoint = WebhookEndpoint.objects.filter(pk=object_id).first() if object_id else None
        if endpoint is None:
            return []
        left_out = "pause" if endpoint.paused_at else "resume"
        offered = super().get_actions_submit_line(request, object_id)
        return [one for one in offered if not one.action_name.endswith(f"_{left_out}")]

    def save_model(self, request: HttpRequest, obj: WebhookEndpoint, form: Any, change: bool) -> None:  # noqa: FBT001
        if "personal" in form.changed_data or "url" in form.changed_data:
            obj.personal_by_id = staff_id(request) if obj.personal else None
        if change:
            super().save_model(request, obj, form, change)
            return
        endpoints.add(obj, timezone.now())
        messages.success(
            request, "It is told of what happens from now on. Its page leads to its secret; send it a test."
        )

    @action(description="Send a test", permissions=["change"])  # type: ignore[untyped-decorator]
    def test(self, request: HttpRequest, endpoint: WebhookEndpoint) -> None:
        send_test(endpoint, timezone.now())
        messages.success(request, "A test is on its way within a minute. What came of it stands below.")

    @action(description="Make a new secret", permissions=["change"])  # type: ignore[untyped-decorator]
    def rotate(self, request: HttpRequest, endpoint: WebhookEndpoint) -> None:
        endpoints.rotate(endpoint, timezone.now())
        messages.success(
            request, "There is a new secret. For 24 hours the old one signs too: put the new one in by then."
        )

    @action(description="Pause", permissions=["change"])  # type: ignore[untyped-decorator]
    def pause(self, request: HttpRequest, endpoint: WebhookEndpoint) -> None:
        by = staff_id(request)
        endpoints.pause(endpoint, f"Paused by {request.user}.", at=timezone.now(), by_id=by)
        messages.success(request, "It is called no more. What happens meanwhile waits, for 30 days.")

    @action(description="Resume", permissions=["change"])  # type: ignore[untyped-decorator]
    def resume(self, request: HttpRequest, endpoint: WebhookEndpoint) -> None:
        waited = endpoints.resume(endpoint, timezone.now())
        messages.success(request, f"It is called again. {waited:,} deliveries that waited go out within some minutes.")

    @admin.display(description="State")
    def state(self, endpoint: WebhookEndpoint) -> str:
        if endpoint.paused_at:
            by = "" if endpoint.paused_by_id else "by itself "
            return f"Paused {by}since {_moment(endpoint.paused_at)}. {endpoint.pause_reason}"
        if endpoint.failing_since:
            return f"Fails since {_moment(endpoint.failing_since)}, {endpoint.failures} times in a row"
        return "Works"

    @admin.display(description="Is told when")
    def is_told(self, endpoint: WebhookEndpoint) -> str:
        return ", ".join(endpoint.events)

    @admin.display(description="Wait")
    def waiting(self, endpoint: Any) -> int:
        return int(endpoint.n)

    @admin.display(description="Last delivered")
    def last(self, endpoint: Any) -> Any:
        return endpoint.last_at or "Nothing yet"

    @admin.display(description="Secret")
    def secret(self, endpoint: WebhookEndpoint) -> SafeString:
        return format_html(
            '<span class="cx"><a href="{}">Show the secret</a></span>', reverse("webhook-secret", args=[endpoint.pk])
        )

    @admin.display(description="Newest deliveries")
    def newest(self, endpoint: WebhookEndpoint) -> SafeString | str:
        """What was told last, each with what became of it."""
        found = endpoint.deliveries.select_related("event").prefetch_related("attempts").order_by("-pk")[:NEWEST]
        lines = [
            (
                reverse("admin:recovery_webhookdelivery_change", args=[one.pk]),
                one.event,
                one.get_state_display(),
                _last(one),
            )
            for one in found
        ]
        if not lines:
            return "Nothing was told yet."
        rows = format_html_join("", '<li><a href="{}">{}</a>: <strong>{}</strong> {}</li>', lines)
        return format_html('<ul class="cx">{}</ul>', rows)


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(KeptAdmin):
    """What was told to whom, what came back, and the way to tell it again."""

    list_display = ("told", "endpoint", "state", "tries", "next_try_at", "newest")
    list_filter = ("endpoint", ("state", ChoicesDropdownFilter), ("event__type", ChoicesDropdownFilter))
    list_select_related = ("event", "endpoint")
    search_fields = ("event__uid", "event__customer__external_id")
    search_help_text = "webhook-id, or the customer's id"
    fields = ("told", "endpoint", "state", "tries", "next_try_at", "sent", "attempts")
    readonly_fields = fields
    actions = ("send_again",)
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookDelivery]:
        return WebhookDelivery.objects.prefetch_related("attempts").order_by(*self.ordering)

    def has_send_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("recovery.change_webhookendpoint")

    @admin.action(description="Send again", permissions=["send"])
    def send_again(self, request: HttpRequest, deliveries: QuerySet[WebhookDelivery]) -> None:
        again = endpoints.send_again(WebhookDelivery.objects.filter(pk__in=deliveries.values("pk")), timezone.now())
        messages.success(request, f"{again:,} go out again within a minute, with the same webhook-id as before.")

    @admin.display(description="What")
    def told(self, delivery: WebhookDelivery) -> str:
        return str(delivery.event)

    @admin.display(description="Newest answer")
    def newest(self, delivery: WebhookDelivery) -> str:
        return _last(delivery)

    @admin.display(description="What is sent")
    def sent(self, delivery: WebhookDelivery) -> SafeString:
        body = json.loads(body_of(delivery.event, personal=delivery.endpoint.personal))
        text = json.dumps(body, indent=2, ensure_ascii=False)
        pattern = 'webhook-id: {}<pre class="cx-message">{}</pre>'
        return format_html(pattern, delivery.event.uid, text)

    @admin.display(description="What came back")
    def attempts(self, delivery: WebhookDelivery) -> SafeString | str:
        lines = [
            (_moment(one.at), one.status or "No answer", one.answer, one.seconds) for one in delivery.attempts.all()
        ]
        if not lines:
            return "Nothing yet."
        rows = format_html_join("", "<li>{}: <strong>{}</strong> {} ({} seconds)</li>", lines)
        return format_html('<ul class="cx">{}</ul>', rows)


def _last(delivery: WebhookDelivery) -> str:
    """The newest answer in a line; its attempts are read already."""
    newest = max(delivery.attempts.all(), key=lambda one: one.at, default=None)
    return f"{newest.status or 'No answer'} {newest.answer}"[:120].strip() if newest else ""


def _moment(at: Any) -> str:
    return f"{timezone.localtime(at, timezone.get_default_timezone()):%Y-%m-%d %H:%M}"
