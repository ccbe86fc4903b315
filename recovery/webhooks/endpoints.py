"""Who is told: adding, pausing and resuming endpoints, their secrets, and which of them need a person."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet

from recovery.models import WebhookDelivery, WebhookEndpoint
from recovery.webhooks import marks
from recovery.webhooks.addresses import Place, read_place

State = WebhookDelivery.State
SOON = timedelta(hours=1)
"""After failing for so long an endpoint is shown to people; it is not paused yet."""
HEALTHY = {"failures": 0, "failing_since": None, "quiet_until": None}


def place_of(url: str) -> Place:
    """Read an address. Raises AddressError for one that no webhook may have."""
    return read_place(url, settings.WEBHOOK_INSIDE_HOSTS, settings.WEBHOOK_PORTS)


@transaction.atomic
def add(endpoint: WebhookEndpoint, at: datetime) -> None:
    """Store a new endpoint; it is told of what happens from now on."""
    endpoint.created_at = at
    marks.begin(at)
    endpoint.save()


def rotate(endpoint: WebhookEndpoint, at: datetime) -> None:
    """Make a new secret; for a day the old one signs beside it."""
    rows = WebhookEndpoint.objects.filter(pk=endpoint.pk)
    rows.update(generation=F("generation") + 1, rotated_at=at)
    endpoint.refresh_from_db(fields=["generation", "rotated_at"])


def pause(endpoint: WebhookEndpoint, reason: str, *, at: datetime, by_id: int | None) -> bool:
    """Call it no more; what happens meanwhile waits. `by_id` is empty where it pauses itself. False where it is."""
    running = WebhookEndpoint.objects.filter(pk=endpoint.pk, paused_at=None)
    return bool(running.update(paused_at=at, paused_by=by_id, pause_reason=reason[:300]))


@transaction.atomic
def resume(endpoint: WebhookEndpoint, at: datetime) -> int:
    """Call it again; return how many deliveries waited, which all go with the next passes."""
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(paused_at=None, paused_by=None, pause_reason="", **HEALTHY)
    return WebhookDelivery.objects.filter(endpoint=endpoint, state=State.WAITING).update(next_try_at=at, tries=0)


def send_again(deliveries: QuerySet[WebhookDelivery], at: datetime) -> int:
    """Let deliveries take their turn anew, whatever became of them, but for those that are being sent."""
    return deliveries.exclude(state=State.CLAIMED).update(state=State.WAITING, next_try_at=at, tries=0, done_at=None)


def in_trouble(at: datetime) -> QuerySet[WebhookEndpoint]:
    """Return the endpoints that a person should see to: those that paused themselves, or have failed for an hour."""
    paused = Q(paused_at__isnull=False, paused_by=None)
    failing = Q(paused_at=None, failing_since__lte=at - SOON)
    return WebhookEndpoint.objects.filter(paused | failing).order_by("failing_since", "pk")
