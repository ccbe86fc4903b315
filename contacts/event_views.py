"""The door at /v1/: events of other systems, as Segment's clients, CloudEvents or help desks. 2xx only once stored."""

import json
import logging
import zlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from contacts.events import cloudevents, segment
from contacts.events.desks import DESKS, Forged, check
from contacts.events.incoming import Incoming, MalformedError, TooManyError
from contacts.events.keeping import Verdict, keep
from contacts.events.keys import desk_of, key_in, signing_secrets, source_of
from contacts.events.pace import Pace
from contacts.models import EventSource

LONGEST = 4 * 1024 * 1024
"""Bytes of a request, packed and unpacked: what RudderStack's clients may send, and more than Segment's do."""
RETRY_AFTER = 30
"""Seconds."""

CODES = {401: "unknown_key", 413: "too_long", 429: "too_fast"}

logger = logging.getLogger(__name__)
pace = Pace()


class Refused(ValueError):  # noqa: N818 - it is what the request is
    """A request of which nothing is taken; with the status of the answer."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


@csrf_exempt
@require_POST
def take_events(request: HttpRequest, call: str) -> HttpResponse:
    """Store the events of a request of Segment's API to /v1/<call>; they take effect within a minute."""
    return _taken(request, lambda body, received: segment.read(call, body, received))


@csrf_exempt
@require_POST
def take_cloudevents(request: HttpRequest) -> HttpResponse:
    """Store the CloudEvents of a request, in whichever mode they come."""
    return _taken(request, lambda body, received: cloudevents.read(request.headers, body, received))


@csrf_exempt
@require_POST
def take_desk(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """Store what a help desk's webhook tells; its signature is checked wherever it has one."""

    def of_desk(received: datetime) -> tuple[EventSource, list[Incoming]]:
        content = _content(request)
        source = _desk(request, name, key, content, received)
        body = _parsed(content)
        if not isinstance(body, dict):
            raise MalformedError("Expected a JSON object.")
        return source, DESKS[source.sender].read(body, received, source.ids_of)

    return _answered(of_desk)


def _taken(request: HttpRequest, read: Callable[[Any, datetime], list[Incoming]]) -> HttpResponse:
    def of_source(received: datetime) -> tuple[EventSource, list[Incoming]]:
        body = _parsed(_content(request))
        return _sender(request, body), read(body, received)

    return _answered(of_source)


def _answered(read: Callable[[datetime], tuple[EventSource, list[Incoming]]]) -> HttpResponse:
    received = timezone.now()
    try:
        source, events = read(received)
    except TooManyError as error:
        return _refusal(413, str(error))
    except MalformedError as error:
        return _refusal(400, str(error))
    except Refused as error:
        return _refusal(error.status, str(error))
    if pace.too_many_wait(received, len(events)):
        return _refusal(
            429, "Too many events wait for their turn. Send this again later.", **{"Retry-After": RETRY_AFTER}
        )
    if wait := pace.wait(source, received, len(events)):
        return _refusal(429, "This source sends too fast. Send this again later.", **{"Retry-After": wait})
    verdicts = keep(source, events, received)
    refused = [verdict for verdict in verdicts if not verdict.accepted]
    if refused:
        logger.warning("Events of %s that cannot be used: %s; the first: %s", source, len(refused), refused[0].reason)
    return JsonResponse(_strict(verdicts) if source.strict else {"success": True})


def _strict(verdicts: list[Verdict]) -> dict[str, Any]:
    told = [
        {
            "messageId": verdict.message_id,
            "status": "accepted" if verdict.accepted else "refused",
            "reason": verdict.reason,
        }
        for verdict in verdicts
    ]
    return {"success": all(verdict.accepted for verdict in verdicts), "events": told}


def _content(request: HttpRequest) -> bytes:
    """The body, unpacked where it came packed."""
    content = request.read(LONGEST + 1)
    if request.headers.get("Content-Encoding", "").lower() == "gzip":
        unpacker = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        try:
            content = unpacker.decompress(content, LONGEST + 1)
        except zlib.error:
            raise Refused(400, "Expected a body packed with gzip, as Content-Encoding says.") from None
        if not unpacker.eof and len(content) <= LONGEST:
            raise Refused(400, "Expected a whole body; this one ends in the middle.")
    if len(content) > LONGEST:
        raise Refused(413, f"Expected at most {LONGEST:,} bytes. Send smaller batches.")
    return content


def _parsed(content: bytes) -> Any:
    if not content:
        return None
    try:
        return json.loads(content, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Refused(400, "Expected JSON in UTF-8.") from None


def _no_number(name: str) -> float:
    raise ValueError(name)


def _sender(request: HttpRequest, body: Any) -> EventSource:
    source = source_of(key_in(request.headers.get("Authorization", "")) or segment.write_key_in(body))
    if source is None:
        raise Refused(401, "Expected the write key of an event source, as the user of HTTP Basic.")
    return source


def _desk(request: HttpRequest, name: str, key: str, content: bytes, received: datetime) -> EventSource:
    source = desk_of(name, key)
    if source is None:
        raise Refused(401, "No open help desk has this address.")
    desk = DESKS[source.sender]
    secrets = signing_secrets(source, chosen_there=desk.chooses)
    if secrets:
        try:
            check(desk, request.headers, content, secrets, received)
        except Forged as error:
            logger.warning("A webhook to %s was refused: %s", source, error)
            raise Refused(401, str(error)) from None
    return source


def _refusal(status: int, why: str, **headers: Any) -> JsonResponse:
    # Clients in Python look for a code, and without one take the refusal for a broken answer.
    told = {"success": False, "code": CODES.get(status, "refused"), "message": why}
    return JsonResponse(told, status=status, headers=headers)


urlpatterns = [
    *(path(call, take_events, {"call": call}, name="events-in") for call in segment.CALLS),
    path("desks/<slug:name>/<slug:key>/", take_desk, name="desk-in"),
    path("cloudevents", take_cloudevents, name="cloudevents-in"),
]
