"""The messages that the embedded gateway kept, for whoever may open this page (setting OUTBOX_PAGE)."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from contacts.models.words import Channel
from surveys.links import url
from surveys.models import OutboxMessage
from surveys.sms import size

PER_PAGE = 20
CHANNELS = (Channel.EMAIL, Channel.SMS)
#: A mail carries its own style; nothing else is let in.
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'"


def where_allowed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Say that there is no such page unless OUTBOX_PAGE is set: the messages hold names, addresses and links."""

    @require_safe
    @wraps(view)
    def guarded(request: HttpRequest, **where: object) -> HttpResponse:
        if not settings.OUTBOX_PAGE:
            raise Http404
        return view(request, **where)

    return guarded


@where_allowed
def messages(request: HttpRequest) -> HttpResponse:
    """Show the messages, newest first; `channel` and `recipient` in the address narrow them down."""
    channel, recipient = request.GET.get("channel", ""), request.GET.get("recipient", "").strip()
    found = matching(channel, recipient).select_related("attempt__invitation__customer")
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


@where_allowed
def message_html(_: HttpRequest, message_id: int) -> HttpResponse:
    """Show an email as a mail program would."""
    message = get_object_or_404(OutboxMessage.objects.exclude(html=""), pk=message_id)
    return HttpResponse(message.html, headers={"Content-Security-Policy": MAIL_POLICY})


def matching(channel: str, recipient: str) -> QuerySet[OutboxMessage]:
    """Return the messages of a channel (empty: all) whose recipient contains a text, newest first."""
    found = OutboxMessage.objects.filter(recipient__icontains=recipient) if recipient else OutboxMessage.objects.all()
    return (found.filter(channel=channel) if channel in CHANNELS else found).order_by("-at", "-id")


def _size(message: OutboxMessage) -> str:
    """How long an SMS is, in words, with what it would cost."""
    if message.channel != Channel.SMS:
        return ""
    return f", {size(message.text, settings.SMS_PRICE, settings.SMS_CURRENCY)}"
