"""The middleware that notes that a login is used: a page that asks by itself, again and again, does not count."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from cxsurvey.login.session_store import SessionStore
from cxsurvey.login.sessions import note_use
from cxsurvey.login.tables import stored_key

BY_ITSELF = {"call-state"}
"""Addresses that pages ask every few seconds, also when nobody sits before them."""
Respond = Callable[[HttpRequest], HttpResponseBase]


def note_activity(get_response: Respond) -> Respond:
    """Return middleware that writes one statement every two minutes in which somebody works, else none."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        session, match = request.session, request.resolver_match
        row = session.row if isinstance(session, SessionStore) else None
        if row and row.pk == stored_key(session.session_key) and match and match.view_name not in BY_ITSELF:
            note_use(row, timezone.now())
        return response

    return respond
