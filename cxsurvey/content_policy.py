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


class ContentPolicyMiddleware(CSPMiddleware):
    """django-csp's, but the policy of the settings is put together once and not for every response."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        super().__init__(get_response)
        self.excluded = tuple(settings.CONTENT_SECURITY_POLICY["EXCLUDE_URL_PREFIXES"])
        self.without_nonce, self.with_nonce = build_policy(), build_policy(nonce=NONCE)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Set the header, with the nonce if the page has asked for one."""
        has_its_own = HEADER in response.headers or not OWN.isdisjoint(vars(response))
        if settings.DEBUG or has_its_own or request.path_info.startswith(self.excluded):
            return super().process_response(request, response)
        nonce: str | None = getattr(request, "_csp_nonce", None)
        response.headers[HEADER] = self.with_nonce.replace(NONCE, nonce) if nonce else self.without_nonce
        if nonce is None:  # a page that asked for one now would not be shown as it is meant
            request.csp_nonce = CheckableLazyObject(self._csp_nonce_post_response)  # type: ignore[attr-defined]
        return response
