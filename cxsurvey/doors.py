"""Doors before all others: what is too large is not read; customers' pages pay for no login, session and cookie."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import resolve

CUSTOMERS = "/s/"
"""What the addresses of all pages begin with that customers open (`surveys.urls.answer_pages`)."""
_FORM = 1024 * 1024
"""Bytes that a form may have around its file."""
Respond = Callable[[HttpRequest], HttpResponseBase]


def customers_door(get_response: Respond) -> Respond:
    """Return middleware that answers customers at once; everybody else goes on to the middleware behind it.

    Behind it stand sessions, logins and what protects them; before it what every page needs: hosts, HTTPS, headers.
    """

    def respond(request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(CUSTOMERS):
            return get_response(request)
        request.resolver_match = match = resolve(request.path_info)
        response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
        return response

    return respond


def size_door(get_response: Respond) -> Respond:
    """Return middleware that refuses, unread, what is larger than the largest file that is taken."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.IMPORT_MAX_BYTES + _FORM:
            limit = settings.IMPORT_MAX_BYTES // 1024 // 1024
            text = f"Files of more than {limit:,} MB are not taken. Split it, and send the parts.\n"
            return HttpResponse(text, status=413, content_type="text/plain; charset=utf-8")
        return get_response(request)

    return respond
