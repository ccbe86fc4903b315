"""SMS through Kannel (KANNEL_...): the `sendsms` interface of its smsbox, as its User's Guide describes it.

Kannel passes the message on by SMPP or whatever the operator's centre speaks, and calls us back at /hooks/kannel/.
"""

import hmac
import re
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import requests
from django.conf import settings
from django.http import HttpRequest

from surveys.channels.base import Certainty, ChannelError, FateUnknownError, Gateway, Message, Sent
from surveys.channels.events import Event, HookRefusedError, IncomingMessage, Status, StatusEvent
from surveys.channels.http import busy, call, hook_url, in_short, refused_us, was_taken
from surveys.sms import is_gsm

EVERY_REPORT = "31"
"""dlr-mask: delivered (1), undelivered (2), buffered (4), accepted by the centre (8), refused by it (16)."""
STATES = {
    "1": Status.DELIVERED,
    "2": Status.FAILED,
    "4": Status.DEFERRED,
    "8": Status.ACCEPTED,
    "16": Status.FAILED,
}
SECONDS = re.compile(r"[0-9]{1,10}")
INVALID_DESTINATION = "NACK/0x0000000b/"
"""How Kannel writes the SMPP status ESME_RINVDSTADR."""
ESCAPES = "&state=%d&reason=%A&at=%T"
"""Kannel puts what happened, the centre's words and the seconds since 1970 in their place."""


class KannelGateway(Gateway):
    """Sends by one GET. Nobody can be asked later: Kannel keeps no list of what it took, and knows no keys.

    But each report holds our reference, so whatever it took is told by itself as long as we are reachable.
    """

    certainty = Certainty.BLIND

    def send(self, message: Message) -> Sent:
        """Hand the message over. Kannel gives it no name that it would use again."""
        response = call("GET", settings.KANNEL_URL, params=_query(message))
        if not was_taken(response):
            raise _refusal(response, message.at)
        return Sent()


class KannelHook:
    """Delivery reports (dlr-url) and incoming messages (get-url), both of which Kannel brings by GET.

    Kannel signs nothing: a secret in the address stands for a signature.
    """

    methods: tuple[str, ...] = ("GET",)

    def read(self, request: HttpRequest, at: datetime) -> list[Event]:
        """Return the one event of the call. Its time is Kannel's, or `at` where that is missing."""
        query = request.META.get("QUERY_STRING", "")
        # As bytes in disguise: the text can be in another charset than the rest.
        told = dict(parse_qsl(query, keep_blank_values=True, encoding="latin-1"))
        _refuse_strangers(told.get("token", ""))
        when = datetime.fromtimestamp(int(told["at"]), UTC) if SECONDS.fullmatch(told.get("at", "")) else at
        if "state" in told and told.get("ref"):
            return _report(told, when)
        if "text" in told and told.get("id"):
            return [_incoming(told, when)]
        raise HookRefusedError("Expected ref and state, or id, from, to and text.", status=400)

    def answer(self) -> tuple[str, str]:
        """Return nothing: Kannel would send any text back to the customer."""
        return "", "text/plain; charset=utf-8"


def _query(message: Message) -> dict[str, str]:
    # In a dlr-url a percent sign begins an escape, and two stand for one.
    callback = hook_url("kannel", token=settings.KANNEL_HOOK_TOKENS[0], ref=message.reference).replace("%", "%%")
    return {
        "username": settings.KANNEL_USERNAME,
        "password": settings.KANNEL_PASSWORD,
        "from": message.sender,
        "to": message.recipient,
        "text": message.text,
        "charset": "UTF-8",
        # Told to write GSM-7 (0), Kannel makes question marks of whatever is not in it.
        "coding": "0" if is_gsm(message.text) else "2",
        "dlr-mask": EVERY_REPORT,
        "dlr-url": callback + ESCAPES,
    }


def _refusal(response: requests.Response, at: datetime) -> ChannelError | FateUnknownError:
    detail = in_short(response)
    if response.status_code == requests.codes.service_unavailable:
        return busy(response, at)
    if response.status_code >= requests.codes.server_error:
        return FateUnknownError(detail)
    if response.status_code == requests.codes.bad_request or "Not routable" in response.text:
        return ChannelError(detail, permanent=True)
    return refused_us(detail)


def _refuse_strangers(token: str) -> None:
    known = [hmac.compare_digest(ours.encode(), token.encode("latin-1")) for ours in settings.KANNEL_HOOK_TOKENS]
    if not any(known):
        raise HookRefusedError("The token in the address is none of KANNEL_HOOK_TOKENS.")


def _report(told: dict[str, str], at: datetime) -> list[Event]:
    """Return the report; nothing for a state that we did not ask for."""
    state, reason = told["state"], _text(told, "reason")
    if state not in STATES:
        return []
    status = Status.BOUNCED if state == "16" and reason.startswith(INVALID_DESTINATION) else STATES[state]
    key = f"{told['ref']}:{state}"
    return [StatusEvent(key=key, status=status, at=at, reference=told["ref"], detail=reason)]


def _incoming(told: dict[str, str], at: datetime) -> IncomingMessage:
    text = _text(told, "text")
    return IncomingMessage(key=told["id"], sender=told.get("from", ""), recipient=told.get("to", ""), text=text, at=at)


def _text(told: dict[str, str], name: str) -> str:
    charset = told.get("charset") or "UTF-8"
    try:
        return told.get(name, "").encode("latin-1").decode(charset, errors="replace").replace("\0", "")
    except LookupError as error:
        raise HookRefusedError(f"The charset {charset} is not known.", status=400) from error
