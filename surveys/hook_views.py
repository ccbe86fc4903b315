"""The doors at /hooks/<gateway>/, by which providers tell us things: checked, stored, answered, applied."""

import logging

from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from surveys import events_in
from surveys.channels.events import HookRefusedError, IncomingMessage, StatusEvent
from surveys.channels.hooks import HOOKS
from surveys.models import ProviderRequest
from surveys.replying import take_in

LONGEST = 100_000
"""Characters of a request that are kept."""

logger = logging.getLogger(__name__)


@csrf_exempt
def hook(request: HttpRequest, gateway: str) -> HttpResponse:
    """Take what a provider tells. 2xx only once it is stored; what then goes wrong is done again by the next job."""
    listener = HOOKS.get(gateway)
    if listener is None:
        raise Http404
    if request.method not in listener.methods:
        return HttpResponseNotAllowed(listener.methods)
    at = timezone.now()
    try:
        body = request.body.decode(errors="replace").replace("\0", "")
        events = listener.read(request, at)
    except RequestDataTooBig:
        return HttpResponse("This is too long.", status=413, content_type="text/plain")
    except HookRefusedError as error:
        logger.warning("Refused what came to /hooks/%s/: %s", gateway, error)
        return HttpResponse(str(error), status=error.status, content_type="text/plain")
    told = [event for event in events if isinstance(event, StatusEvent)]
    with transaction.atomic():
        ProviderRequest.objects.create(
            gateway=gateway, received_at=at, query=request.META.get("QUERY_STRING", "")[:LONGEST], body=body[:LONGEST]
        )
        events_in.store(gateway, told, at)
    take_in(gateway, [event for event in events if isinstance(event, IncomingMessage)], at)
    events_in.apply_waiting(at, only={event.key[:200] for event in told})
    answer, content_type = listener.answer()
    return HttpResponse(answer, content_type=content_type)
