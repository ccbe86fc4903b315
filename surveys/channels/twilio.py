"""SMS through an HTTP gateway of the common form: Twilio's Messages API, version 2010-04-01 (TWILIO_...).

Statuses and error codes are those of Twilio's documentation ("Message resource", "Error and warning dictionary").
"""

import hmac
import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.http import HttpRequest

from surveys.channels.base import Certainty, ChannelError, FateUnknownError, Gateway, Message, Sent
from surveys.channels.events import Event, HookRefusedError, IncomingMessage, Status, StatusEvent
from surveys.channels.http import answered_at, busy, call, hook_url, in_short, refused_us, was_taken

#: Invalid number, not a mobile one, a landline; unknown handset, landline or unreachable carrier.
BAD_ADDRESS = frozenset({21211, 21614, 21635, 30005, 30006})
OPTED_OUT = 21610
#: No route to this number; text too long, empty. The next try would be refused as well.
FOR_GOOD = frozenset({OPTED_OUT, 21612, 21617, 21602, 21619})
ABOUT_US = frozenset({301, 302, 303, 307, 308, 401, 402, 403, 404})
"""Answers that mean a wrong address, a wrong token or an account without credit."""
BUSY = frozenset({429, 503})

STATUSES = {
    "accepted": Status.ACCEPTED,
    "scheduled": Status.ACCEPTED,
    "queued": Status.ACCEPTED,
    "sending": Status.ACCEPTED,
    "sent": Status.ACCEPTED,
    "delivered": Status.DELIVERED,
    "read": Status.DELIVERED,
    "undelivered": Status.FAILED,
    "failed": Status.FAILED,
    "canceled": Status.FAILED,
}
PAGE = 100
"""Messages that a look-up reads: of one number, newest first."""
CLOCKS_APART = timedelta(minutes=2)
"""By how much the provider's clock may be behind ours."""
SETTLED = timedelta(minutes=5)
"""After this a message that the provider does not list is not on its way to it any more."""


class TwilioGateway(Gateway):
    """Sends by one POST; what became of it is told at /hooks/twilio/, with our reference in the address.

    There is no key that would keep the provider from sending twice, and its list of messages does not know our
    reference. But it gives the messages to a number with their texts, and ours holds a link that no other has: so an
    unknown fate can be looked up.
    """

    certainty = Certainty.LOOK_UP

    def send(self, message: Message) -> Sent:
        """Hand the message over. TWILIO_MESSAGING_SERVICE, where it is set, chooses the sender."""
        service = settings.TWILIO_MESSAGING_SERVICE
        sender = {"MessagingServiceSid": service} if service else {"From": message.sender}
        callback = hook_url("twilio", ref=message.reference)
        form = {"To": message.recipient, "Body": message.text, "StatusCallback": callback} | sender
        response = call("POST", _address(), data=form, auth=_account())
        if not was_taken(response):
            raise _refusal(response, message.at)
        return Sent(reference=_sid(response))

    def look_up(self, message: Message) -> Sent | None:
        """Look for the message among the newest to its recipient, by the link in its text."""
        query = {"To": message.recipient, "PageSize": str(PAGE)}
        try:
            response = call("GET", _address(), params=query, auth=_account())
        except ChannelError as error:
            raise FateUnknownError(str(error)) from error
        if response.status_code != requests.codes.ok:
            raise FateUnknownError(f"The gateway did not say: {in_short(response)}")
        try:
            return _found(response, message)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise FateUnknownError("The gateway's list of messages cannot be read.") from error


class TwilioHook:
    """Status callbacks and incoming messages, signed as Twilio's "Webhooks security" says."""

    methods: tuple[str, ...] = ("POST",)

    def read(self, request: HttpRequest, at: datetime) -> list[Event]:
        """Return the one event of the call. Twilio gives no time: `at` stands for it."""
        if not _is_signed(request):
            raise HookRefusedError("X-Twilio-Signature does not fit SITE_URL, this call and TWILIO_AUTH_TOKENS.")
        told = {name: value.replace("\0", "") for name, value in request.POST.items() if isinstance(value, str)}
        sid = told.get("MessageSid", "")
        if sid and "Body" in told and {"From", "To"} <= told.keys():
            # Where the provider has taken it for one of its own words (STOP, START, HELP), that word is what counts.
            text = told.get("OptOutType") or told["Body"]
            return [IncomingMessage(key=sid, sender=told["From"], recipient=told["To"], text=text, at=at)]
        if sid and "MessageStatus" in told:
            return list(_status_event(sid, told, request.GET.get("ref", ""), at))
        raise HookRefusedError("Expected MessageSid with MessageStatus, or with From, To and Body.", status=400)

    def answer(self) -> tuple[str, str]:
        """Return TwiML without any verb: nothing is replied."""
        return '<?xml version="1.0" encoding="UTF-8"?><Response/>', "text/xml"


def _address() -> str:
    return f"{settings.TWILIO_URL}/2010-04-01/Accounts/{settings.TWILIO_ACCOUNT_SID}/Messages.json"


def _account() -> tuple[str, str]:
    return settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKENS[0]


def _sid(response: requests.Response) -> str:
    try:
        return str(response.json()["sid"])
    except (ValueError, KeyError, TypeError) as error:
        raise FateUnknownError(f"The gateway answered without naming the message: {in_short(response)}") from error


def _refusal(response: requests.Response, at: datetime) -> ChannelError | FateUnknownError:
    """What is about this customer or this text is for good; anything else somebody can mend."""
    if response.status_code in BUSY:
        return busy(response, at)
    code, detail = _error(response)
    if code in BAD_ADDRESS | FOR_GOOD:
        return ChannelError(detail, permanent=True, bad_address=code in BAD_ADDRESS, opted_out=code == OPTED_OUT)
    if response.status_code in ABOUT_US:
        return refused_us(detail)
    if response.status_code >= requests.codes.server_error:
        return FateUnknownError(detail)
    return ChannelError(detail, permanent=False)


def _error(response: requests.Response) -> tuple[int, str]:
    """Return Twilio's error code, 0 for none, and what is said."""
    try:
        told = response.json()
        return int(told["code"]), f"{told['code']} {told.get('message', '')}".strip()
    except (ValueError, KeyError, TypeError):
        return 0, in_short(response)


def _found(response: requests.Response, message: Message) -> Sent | None:
    listed: list[dict[str, Any]] = response.json()["messages"]
    since = message.at - CLOCKS_APART
    recent = [row for row in listed if parsedate_to_datetime(row["date_created"]) >= since]
    ours = [row for row in recent if row["direction"].startswith("outbound")]
    mark = _mark(message)
    for row in ours:
        if mark in row["body"]:
            return Sent(reference=row["sid"], delivered=STATUSES.get(row["status"]) == Status.DELIVERED)
    if any(not row["body"] for row in ours):
        raise FateUnknownError("The gateway hides the texts of its messages, so that ours cannot be told.")
    if len(recent) >= PAGE:
        raise FateUnknownError("The gateway lists too many messages to this number to be sure.")
    if answered_at(response, message.at) - message.at < SETTLED:
        raise FateUnknownError("The gateway does not list the message, but it may still be on its way.")
    return None


def _mark(message: Message) -> str:
    """The end of the link, which only this message has: a gateway may put words before it or change characters."""
    link = re.search(re.escape(settings.SITE_URL) + r"(/s/\S+)", message.text)
    return link[1] if link else message.text


def _status_event(sid: str, told: dict[str, str], reference: str, at: datetime) -> Iterator[StatusEvent]:
    """Yield the event, or nothing for a status that is not about what became of a message."""
    status = STATUSES.get(told["MessageStatus"])
    code = int(told["ErrorCode"]) if told.get("ErrorCode", "").isdecimal() else 0
    if status == Status.FAILED and code in BAD_ADDRESS:
        status = Status.BOUNCED
    if status == Status.FAILED and code == OPTED_OUT:
        status = Status.UNSUBSCRIBED
    if status:
        yield StatusEvent(
            key=f"{sid}:{told['MessageStatus']}",
            status=status,
            at=at,
            reference=reference,
            provider_reference=sid,
            detail=f"{code} {told.get('ErrorMessage', '')}".strip() if code else "",
        )


def _is_signed(request: HttpRequest) -> bool:
    """Whether HMAC-SHA1 over address and sorted parameters, under one of our tokens, is what the header holds."""
    given = request.headers.get("X-Twilio-Signature", "").encode(errors="replace")
    parameters = "".join(
        name + value for name, values in sorted(request.POST.lists()) for value in sorted(set(map(str, values)))
    )
    expected = [
        b64encode(hmac.digest(token.encode(), (address + parameters).encode(errors="replace"), "sha1"))
        for token in settings.TWILIO_AUTH_TOKENS
        for address in _spellings(request)
    ]
    fitting = [hmac.compare_digest(signature, given) for signature in expected]
    return any(fitting)


def _spellings(request: HttpRequest) -> tuple[str, str]:
    """Return the address that was called, without and with its port: Twilio signs either.

    Made from SITE_URL, because behind proxies the request itself knows neither the scheme nor the host, and whoever
    forges one could choose it.
    """
    query = request.META.get("QUERY_STRING", "")
    rest = request.path_info + (f"?{query}" if query else "")
    site = urlsplit(settings.SITE_URL)
    host = site.netloc.removesuffix(f":{site.port}")
    port = site.port or (443 if site.scheme == "https" else 80)
    return f"{site.scheme}://{host}{site.path}{rest}", f"{site.scheme}://{host}:{port}{site.path}{rest}"
