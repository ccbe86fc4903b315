"""The customers' door: their pages need no login, no session and no cookie, and pay for none."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.urls import resolve

CUSTOMERS = "/s/"
"""What the addresses of all pages begin with that customers open (`surveys.urls.answer_pages`)."""
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
