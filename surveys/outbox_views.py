"""The messages that the embedded gateway kept, with links that answer as the customer (setting OUTBOX_PAGE)."""

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from contacts.brands import visible_to
from contacts.models.words import Channel
from contacts.readers import SEES_PERSONAL, reader_of_request
from surveys.links import url
from surveys.models import OutboxMessage
from surveys.sms import size

PER_PAGE = 20
MAY = (SEES_PERSONAL, "surveys.view_invitation")
CHANNELS = (Channel.EMAIL, Channel.SMS)
#: A mail carries its own style; nothing else is let in.
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'"


@require_safe
def messages(request: HttpRequest) -> HttpResponse:
    """Show the messages, newest first; `channel` and `recipient` in the address narrow them down."""
    channel, recipient = request.GET.get("channel", ""), request.GET.get("recipient", "").strip()
    found = matching(_kept(request), channel, recipient).select_related("attempt__invitation__customer")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "letters": [
            (message, url(message.attempt.invitation) if message.attempt else "", _size(message)) for message in page
        ],
        "channel": channel,
        "channels": CHANNELS,
        "recipient": recipient,
    }
    return render(request, "surveys/outbox.html", context)


@require_safe
def message_html(request: HttpRequest, message_id: int) -> HttpResponse:
    """Show an email as a mail program would."""
    message = get_object_or_404(_kept(request).exclude(html=""), pk=message_id)
    return HttpResponse(message.html, headers={"Content-Security-Policy": MAIL_POLICY})


def matching(kept: QuerySet[OutboxMessage], channel: str, recipient: str) -> QuerySet[OutboxMessage]:
    """Return the messages of a channel (empty: all) whose recipient contains a text, newest first."""
    found = kept.filter(recipient__icontains=recipient) if recipient else kept
    return (found.filter(channel=channel) if channel in CHANNELS else found).order_by("-at", "-id")


def _kept(request: HttpRequest) -> QuerySet[OutboxMessage]:
    """Return the messages of the reader's brands; raises Http404 where the setting forbids the page."""
    if not settings.OUTBOX_PAGE:
        raise Http404
    return visible_to(reader_of_request(request), OutboxMessage.objects.all())


def _size(message: OutboxMessage) -> str:
    """How long an SMS is, in words, with what it would cost."""
    if message.channel != Channel.SMS:
        return ""
    return f", {size(message.text, settings.SMS_PRICE, settings.SMS_CURRENCY)}"
