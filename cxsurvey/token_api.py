"""Who calls the API with a token: its user, as far as the token's scopes go."""

from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from contacts.readers import reader_of
from contacts.scopes import scope_needed
from cxsurvey.addressed import let_in
from cxsurvey.models import ApiToken
from cxsurvey.tokens import find_token, note_use


class ScopedTokenAuthentication(TokenAuthentication):
    """`Authorization: Token …`: the user's rights, and of them only what the token was made for."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return the user and the token; None where none was sent.

        Raises PermissionDenied where the token was made for something else, before anything is asked of the user's
        rights: a view cannot forget it. So it is with what the address names, for who reads only some brands.
        """
        found: tuple[User, ApiToken] | None = super().authenticate(request)
        if found and (scope := scope_needed(_view(request), request.method or "GET")) not in (None, *found[1].scopes):
            raise PermissionDenied(f"This needs a token with the scope “{scope}”. Ask an administrator for one.")
        if found and (match := request.resolver_match):
            let_in(reader_of(found[0]), match.view_name, match.kwargs, request.method or "GET")
        return found

    def authenticate_credentials(self, key: str) -> tuple[User, ApiToken]:
        """Return the user and the token. Raises AuthenticationFailed, always in the same words."""
        now = timezone.now()
        token = find_token(key, now)
        if token is None:
            raise AuthenticationFailed("This token opens nothing: it is unknown, has ended or was revoked.")
        note_use(token, now)
        return token.user, token


def _view(request: Request) -> Any:
    return (request.parser_context or {}).get("view")
