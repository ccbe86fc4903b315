"""What everybody gets in place of a page: what happened, what to do, whom to ask and the way back; programs get JSON.

Nothing here asks the database, the session or who is logged in: it must work when they do not.
"""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone

from cxsurvey.api_refusals import API
from cxsurvey.doors import CUSTOMERS

HTML, JSON = "text/html", "application/json"


@dataclass(frozen=True, slots=True)
class Said:
    """An error in words: for programs, for staff, and for customers, who know of no administrator and no start page."""

    status: int
    detail: str
    title: str
    to_staff: str
    to_customers: str


BAD = Said(
    400,
    "Bad request.",
    "This could not be read",
    "The address or the form is not as this page makes it: cut off, changed, or put together by hand. Go back, load "
    "the page again and try once more. If that does not help, tell an administrator what you did.",
    "Go back, load the page again and try once more.",
)
FORBIDDEN = Said(
    403,
    "You do not have the right to do this.",
    "You may not do this",
    "It takes a right that your login does not have. If you need it for your work, ask an administrator, who gives "
    "rights under Users.",
    "Open the link in your message again.",
)
FORM_REFUSED = Said(
    403,
    "CSRF verification failed.",
    "Nothing was saved",
    "The form was opened in another login, or your browser keeps no cookies of this address. Go back, load the page "
    "again and send it once more; allow cookies if it goes on.",
    "Go back, load the page again and send it once more.",
)
MISSING = Said(
    404,
    "Not found.",
    "There is nothing here",
    "The address is wrong, or what was here is gone: deleted, or merged with another. It may also be of a brand that "
    "you do not read: an administrator can tell.",
    "Open the link in your message again.",
)
BROKEN = Said(
    500,
    "Something went wrong on our side. Try again later.",
    "Something went wrong",
    "It is an error of ours and not of yours, and what you sent may not be saved: look before you send it again. If it "
    "goes on, tell whoever runs this installation what you did, and that it was on {at:%Y-%m-%d at %H:%M:%S} UTC.",
    "It is our error and not yours. Please try again in some minutes.",
)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - may quote what came in
    """Say that what came in cannot be understood."""
    return _say(request, BAD)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that it takes a right, with what the step itself says about it."""
    return _say(request, FORBIDDEN, str(exception))


def form_refused(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - for developers
    """Say that a form was not sent from a page of ours (CSRF_FAILURE_VIEW)."""
    return _say(request, FORM_REFUSED)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - says what was looked for
    """Say that nothing is there."""
    return _say(request, MISSING)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that it is our fault, and when it was, by which the log is searched."""
    return _say(request, BROKEN)


def _say(request: HttpRequest, said: Said, more: str = "") -> HttpResponse:
    if request.path_info.startswith(API) or request.get_preferred_type([HTML, JSON]) == JSON:
        return JsonResponse({"detail": more or said.detail}, status=said.status)
    of_staff = not request.path_info.startswith(CUSTOMERS)
    context = {
        "organisation": settings.ORGANISATION_NAME,
        # Not {% static %}, which fails where files were not collected.
        "static": settings.STATIC_URL,
        "title": said.title,
        "more": more if of_staff else "",
        "text": said.to_staff.format(at=timezone.now()) if of_staff else said.to_customers,
        "of_staff": of_staff,
    }
    return HttpResponse(render_to_string("cxsurvey/error.html", context), status=said.status)
