"""What a customer's link opens. Everything is decided elsewhere; here it meets HTTP."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps

from csp.context_processors import nonce
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from surveys import pages, wishes
from surveys.answering import AlreadyAnsweredError, LinkState, open_link, submit
from surveys.models import Invitation, Response
from surveys.questions.reading import AnswerError, UnknownQuestionError

#: Finds what is told after an answer. It comes from rooms that this one must not import, so the composition root
#: hands it in with the addresses (`surveys.urls.answer_pages`): unlike a name in the settings, types check it.
FindAftercare = Callable[[Response], pages.Aftercare]


@dataclass(frozen=True, slots=True)
class Visit:
    """A request through a genuine link, and what the link leads to at that instant."""

    request: HttpRequest
    token: str
    at: datetime
    state: LinkState
    invitation: Invitation

    def show(self, template: str, context: dict[str, object], status: int = 200) -> HttpResponse:
        return show(self.request, template, context, status)

    def to(self, name: str) -> HttpResponse:
        """Lead to another page of this link, by GET: loading it again repeats nothing."""
        response = HttpResponseRedirect(reverse(f"answers:{name}", args=[self.token]))
        response.status_code = 303
        return response


def behind_link(*methods: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Make a view of a page that whoever holds the link may use, and nobody else may find.

    No CSRF token: there is no login or cookie whose authority another site could borrow. What allows the request is
    the token in its address (128 bits), which another site does not know; the headers keep it from leaking there.
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @require_http_methods(methods)
        @wraps(view)
        def guarded(request: HttpRequest, token: str, **handed_in: object) -> HttpResponse:
            at = timezone.now()
            opened = open_link(token, at)
            if opened.invitation is None:
                response = show(request, "message", pages.unknown_page(get_language() or "en"), 404)
            else:
                response = view(Visit(request, token, at, opened.state, opened.invitation), **handed_in)
            return keep_private(response)

        return guarded

    return decorate


@behind_link("GET", "HEAD", "POST")
def page(visit: Visit) -> HttpResponse:
    """Show the questions, with `?score=9` one answer chosen in advance; take the answers."""
    if visit.state != LinkState.OPEN:
        return _ended(visit)
    if visit.request.method == "POST":
        return _take(visit)
    voice = pages.voice(visit.invitation)
    chosen = pages.chosen_in_advance(voice, visit.request.GET)
    return visit.show("survey", pages.survey_page(voice, visit.token, visit.at, chosen, {}))


@behind_link("GET", "HEAD")
def thanks(visit: Visit, aftercare: FindAftercare) -> HttpResponse:
    """Thank for the answer, and say what becomes of it."""
    if visit.state != LinkState.ANSWERED:
        return visit.to("page")
    found = aftercare(visit.invitation.response)
    return visit.show("message", pages.thanks_page(pages.voice(visit.invitation), visit.token, found))


@behind_link("POST")
def later(visit: Visit) -> HttpResponse:
    """Ask another time."""
    wishes.another_time(visit.invitation, _days(visit, wishes.LATER_DAYS), at=visit.at)
    return visit.to("noted")


@behind_link("POST")
def less(visit: Visit) -> HttpResponse:
    """Ask less often."""
    wishes.less_often(visit.invitation, _days(visit, wishes.LESS_DAYS), at=visit.at)
    return visit.to("noted")


@behind_link("GET", "HEAD", "POST")
def unsubscribe(visit: Visit) -> HttpResponse:
    """Stop one channel or everything; mail programs post here without showing anything (RFC 8058).

    They must not be redirected (its section 3.1) and name no channel: then it is the one of the message.
    """
    if visit.request.method != "POST":
        return visit.show("unsubscribe", pages.unsubscribe_page(pages.voice(visit.invitation), visit.token))
    channel = visit.request.POST.get("channel", visit.invitation.channel)
    if channel not in ("", visit.invitation.channel):
        raise BadRequest("This message did not come by that channel.")
    wishes.stop(visit.invitation, channel, at=visit.at)
    return _noted(visit) if "List-Unsubscribe" in visit.request.POST else visit.to("noted")


@behind_link("GET", "HEAD")
def noted(visit: Visit) -> HttpResponse:
    """Confirm what was asked for, as the tables have it."""
    return _noted(visit)


def keep_private(response: HttpResponse) -> HttpResponse:
    """Return the page with the headers that keep it, and the token in its address, from caches and other sites."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def show(request: HttpRequest, template: str, context: dict[str, object], status: int = 200) -> HttpResponse:
    """Render a customer's page without the context processors, which would ask for a session and a user."""
    html = get_template(f"surveys/{template}.html").render(context | {**nonce(request)})
    return HttpResponse(html, status=status)


def _take(visit: Visit) -> HttpResponse:
    given = read_form(visit.request)
    flags = ("trap",) if given.pop(pages.TRAP, "") else ()
    try:
        submit(visit.invitation, given, at=visit.at, flags=flags)
    except UnknownQuestionError as error:
        raise BadRequest(str(error)) from error
    except AnswerError as error:
        voice = pages.voice(visit.invitation)
        return visit.show("survey", pages.survey_page(voice, visit.token, visit.at, given, error.problems), 422)
    except AlreadyAnsweredError:
        opened = open_link(visit.token, visit.at)
        return _ended(replace(visit, state=opened.state, invitation=opened.invitation or visit.invitation))
    return visit.to("thanks")


def read_form(request: HttpRequest) -> dict[str, str]:
    """Return what a form sent; a form of ours sends no name twice."""
    if any(len(values) > 1 for _, values in request.POST.lists()):
        raise BadRequest("Each question takes one answer.")
    return request.POST.dict()


def _days(visit: Visit, offered: Sequence[int]) -> int:
    given = visit.request.POST.get("days", "")
    for days in offered:
        if given == str(days):
            return days
    raise BadRequest(f"The number of days must be one of: {', '.join(map(str, offered))}.")


def _ended(visit: Visit) -> HttpResponse:
    answered = 409 if visit.request.method == "POST" else 200
    status = answered if visit.state == LinkState.ANSWERED else 410
    return visit.show("message", pages.ended_page(pages.voice(visit.invitation), visit.token, visit.state), status)


def _noted(visit: Visit) -> HttpResponse:
    found = wishes.noted(visit.invitation, visit.at)
    still_open = visit.state == LinkState.OPEN
    context = pages.noted_page(pages.voice(visit.invitation), visit.token, found, still_open=still_open)
    return visit.show("message", context)
