"""The middleware that writes into the audit who saw and took away what, once the answer is decided."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from cxsurvey.audit import record
from cxsurvey.models import ApiToken, AuditEntry
from cxsurvey.watched import BEGUN, look_at, right_to_see

Respond = Callable[[HttpRequest], HttpResponseBase]
FORBIDDEN = 403
BEGINS = (302, 202)
"""Statuses of what begins work: a page moves on, the API accepts."""
FORM_AGAIN = (400, 409, 422)
"""Statuses of pages that show a form once more, with all that stands around it."""


def watch(get_response: Respond) -> Respond:
    """Return middleware that records before the answer leaves: what cannot be recorded is not shown.

    One statement for an answer about single customers, none for any other. The rows of a download are still to be read
    when it is recorded.
    """

    def respond(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        _record(request, response)
        return response

    return respond


def _record(request: HttpRequest, response: HttpResponseBase) -> None:
    match = request.resolver_match
    if match is None:
        return
    if match.view_name in BEGUN and response.status_code in BEGINS and request.user.is_authenticated:
        table, part = BEGUN[match.view_name]
        record(AuditEntry.Action.CHANGED, table, str(match.kwargs[part]), at=timezone.now(), by_id=request.user.pk)
        return
    look, status = look_at(match.view_name, match.kwargs, request.GET.dict()), response.status_code
    if look is None or not (_shows(response) or status == FORBIDDEN) or not request.user.is_authenticated:
        return
    if (right := right_to_see(look)) and status != FORBIDDEN and not request.user.has_perm(right):
        return
    token = getattr(request, "auth", None)
    record(
        AuditEntry.Action.REFUSED if status == FORBIDDEN else look.action,
        look.subject_type,
        look.subject_id,
        at=timezone.now(),
        by_id=request.user.pk,
        token_id=token.pk if isinstance(token, ApiToken) else None,
        details=look.details,
    )


def _shows(response: HttpResponseBase) -> bool:
    of_page = response.headers.get("Content-Type", "").startswith("text/html")
    return response.status_code == 200 or (of_page and response.status_code in FORM_AGAIN)
