"""A webhook's secret, for whoever has just shown who it is; the audit keeps who looked."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST, require_safe

from contacts.guarded import admin_page, show
from recovery.models import WebhookEndpoint
from recovery.webhooks.signing import secret_of


@require_safe
def secret(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer to show it."""
    endpoint = get_object_or_404(WebhookEndpoint, pk=pk)
    return show(request, "recovery/webhook_secret.html", title=f"Secret of {endpoint}", endpoint=endpoint)


@require_POST
def secret_shown(request: HttpRequest, pk: int) -> HttpResponse:
    """Show it."""
    endpoint = get_object_or_404(WebhookEndpoint, pk=pk)
    title, secret = f"Secret of {endpoint}", secret_of(endpoint)
    return show(request, "recovery/webhook_secret.html", title=title, endpoint=endpoint, secret=secret)


_MAY = "recovery.change_webhookendpoint"
urlpatterns = [
    admin_page("webhooks/<int:pk>/secret/", secret, "webhook-secret", _MAY),
    admin_page("webhooks/<int:pk>/secret/shown/", secret_shown, "webhook-secret-shown", _MAY),
]
