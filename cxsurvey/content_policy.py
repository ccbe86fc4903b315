"""The header that says what a page may load and run (W3C, Content Security Policy Level 3)."""

from collections.abc import Callable

from csp.constants import HEADER
from csp.middleware import CheckableLazyObject, CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

OWN = frozenset(f"_csp_{change}{kind}" for change in ("exempt", "config", "update", "replace") for kind in ("", "_ro"))
"""How django-csp's decorators mark a response that wants another policy than that of the settings."""
NONCE = "nonce of this response"
"""Stands for it in the policy that is kept."""
DEBUG_PAGES = (404, 500)
"""Django's own pages about an error, which only developers see and which need inline styles and scripts."""
ADMIN = "/admin/"
"""What the addresses begin with whose pages get the admin's policy."""


class ContentPolicyMiddleware(CSPMiddleware):
    """django-csp's, but the policies of the settings are put together once and not for every response."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        super().__init__(get_response)
        self.without_nonce, self.with_nonce = build_policy(), build_policy(nonce=NONCE)
        self.of_the_admin = build_policy(replace=settings.ADMIN_CONTENT_POLICY)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Set the header, with the nonce if the page has asked for one."""
        has_its_own = HEADER in response.headers or not OWN.isdisjoint(vars(response))
        for_developers = settings.DEBUG and response.status_code in DEBUG_PAGES
        if for_developers or has_its_own:
            return super().process_response(request, response)
        if request.path_info.startswith(ADMIN):
            response.headers[HEADER] = self.of_the_admin
            return response
        nonce: str | None = getattr(request, "_csp_nonce", None)
        response.headers[HEADER] = self.with_nonce.replace(NONCE, nonce) if nonce else self.without_nonce
        if nonce is None:  # a page that asked for one now would not be shown as it is meant
            request.csp_nonce = CheckableLazyObject(self._csp_nonce_post_response)  # type: ignore[attr-defined]
        return response
