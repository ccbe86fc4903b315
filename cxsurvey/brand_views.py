"""The middleware that lets who reads only some brands get at nothing of others by an address."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from contacts.readers import limits_of
from cxsurvey.addressed import let_in

Respond = Callable[[HttpRequest], HttpResponseBase]


class BrandMiddleware:
    """Asks before a page is made whether its address is one of the reader's; programs are asked at their token."""

    def __init__(self, get_response: Respond) -> None:
        """Take what answers the request."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer it."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, parts: Mapping[str, Any]) -> None:
        """Raise Http404 or PermissionDenied where the reader has no business; one statement where a row is named."""
        if request.resolver_match and request.user.is_authenticated:
            let_in(limits_of(request.user), request.resolver_match.view_name, parts, request.method or "GET")
