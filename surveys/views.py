"""What a customer's link opens. Everything is decided elsewhere; here it meets HTTP."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, wraps

from csp.context_processors import nonce
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from surveys import pages, wishes
from surveys.answering import AlreadyAnsweredError, LinkState, amend, open_link
from surveys.devices import device
from surveys.keeping import Seen, Sitting, Standing, keep_page, sitting_of
from surveys.models import Invitation, Response
from surveys.page_times import read_time
from surveys.page_words import LANGUAGES
from surveys.questions.reading import AnswerError, UnknownQuestionError
from surveys.speaking import accepted, spoken
from surveys.voices import LinkVoice, voice

#: Finds what is told after an answer. It comes from rooms that this one must not import, so the composition root
#: hands it in with the addresses (`surveys.urls.answer_pages`): unlike a name in the settings, types check it.
FindAftercare = Callable[[Response], pages.Aftercare]


@dataclass(frozen=True)
class Visit:
    """A request through a genuine link, and what the link leads to at that instant."""

    request: HttpRequest
    token: str
    at: datetime
    state: LinkState
    invitation: Invitation

    @property
    def is_get(self) -> bool:
        """Whether it only looks."""
        return self.request.method != "POST"

    @cached_property
    def voice(self) -> LinkVoice:
        """Return how to speak to whoever opened the link."""
        chosen, browser = self.request.GET.get("lang", ""), self.request.headers.get("Accept-Language", "")
        address = reverse("answers:page", args=[self.token])
        return voice(self.invitation, address, chosen=chosen, accepted=accepted(browser))

    @cached_property
    def sitting(self) -> Sitting:
        """Return the customer at the questionnaire."""
        return sitting_of(self.invitation, self.voice.asked, self.at)

    @cached_property
    def standing(self) -> Standing:
        """Return how far the customer has come."""
        return self.sitting.standing(getattr(self.invitation, "response", None))

    def show(self, template: str, context: dict[str, object], status: int = 200) -> HttpResponse:
        return show(self.request, template, context, status)

    def to(self, step: str | int = "") -> HttpResponse:
        """Lead to another page of this link, by GET: loading it again repeats nothing."""
        return see_other(self.voice.to(step))


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
                response = show(request, "message", pages.unknown_page(browser_language(request)), 404)
            else:
                response = view(Visit(request, token, at, opened.state, opened.invitation), **handed_in)
            return keep_private(response)

        return guarded

    return decorate


@behind_link("GET", "HEAD", "POST")
def page(visit: Visit, number: int = 0) -> HttpResponse:
    """Show a page of questions, the one to go on with unless told which; keep what it sends.

    On the first page `?score=9` chooses an answer in advance.
    """
    if not visit.state.takes_answers or (visit.state == LinkState.CHANGEABLE and not number and visit.is_get):
        return _ended(visit)
    if not visit.standing.pages:  # all that it asks is known
        return _ended(replace(visit, state=LinkState.CLOSED))
    return _keep(visit, number) if visit.request.method == "POST" else _ask(visit, number)


@behind_link("GET", "HEAD")
def change(visit: Visit) -> HttpResponse:
    """Show the first page of a finished answer that may still be changed."""
    if visit.state != LinkState.CHANGEABLE:
        return visit.to()
    return _ask(visit, min(visit.standing.pages))


@behind_link("GET", "HEAD")
def thanks(visit: Visit, aftercare: FindAftercare) -> HttpResponse:
    """Thank for the answer, and say what becomes of it and what can still be done."""
    if not visit.state.is_finished:
        return visit.to()
    response = visit.invitation.response
    context = pages.thanks_page(visit.voice, visit.state, visit.standing, response, aftercare(response))
    return visit.show("message", context)


@behind_link("POST")
def call(visit: Visit) -> HttpResponse:
    """Note the wish to be called that the thanks offer."""
    wish = pages.open_wish(visit.standing)
    if visit.state == LinkState.CHANGEABLE and wish:
        amend(visit.invitation.response, {wish: "1"}, at=visit.at)
    return visit.to("thanks")


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
        return visit.show("unsubscribe", pages.unsubscribe_page(visit.voice))
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
    return HttpResponse(html, status=status, headers={"Content-Language": context["language"]})


def see_other(address: str) -> HttpResponse:
    """Lead to another address by GET (303, RFC 9110, 15.4.4)."""
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response


def browser_language(request: HttpRequest) -> str:
    """Return the first language of the browser that the pages speak, or English."""
    return spoken(tuple(LANGUAGES), accepted(request.headers.get("Accept-Language", "")), "en")


def read_form(request: HttpRequest) -> dict[str, str | list[str]]:
    """Return the answers that a form sent: what it sent several times, as a list; without its own fields."""
    own = (pages.TRAP, pages.LOADED, pages.BACK)
    return {name: values[0] if len(values) == 1 else values for name, values in request.POST.lists() if name not in own}


def read_seen(request: HttpRequest, address: str, at: datetime) -> Seen:
    """Return how a page was answered, as the form and the browser tell."""
    loaded = request.POST.get(pages.LOADED, "")
    return Seen(read_time(loaded, address, at), device(request.headers), bool(request.POST.get(pages.TRAP)))


def _ask(visit: Visit, number: int) -> HttpResponse:
    standing = visit.standing
    if number and not standing.may_open(number):
        return visit.to()
    number = number or standing.next
    chosen = pages.chosen_in_advance(standing, number, visit.request.GET)
    return visit.show("survey", pages.survey_page(visit.voice, standing, number, visit.at, chosen))


def _keep(visit: Visit, number: int) -> HttpResponse:
    given, back = read_form(visit.request), pages.BACK in visit.request.POST
    number = number or min(visit.standing.pages)
    seen = read_seen(visit.request, visit.voice.address, visit.at)
    try:
        leads_to = keep_page(visit.sitting, number, given, at=visit.at, seen=seen, back=back)
    except UnknownQuestionError as error:
        raise BadRequest(str(error)) from error
    except AnswerError as error:
        if number not in visit.standing.pages:
            return visit.to()  # another tab has led the way elsewhere since it was read
        sent = pages.Sent(given, error.problems, visit.request.POST.get(pages.LOADED, ""))
        context = pages.survey_page(visit.voice, visit.standing, number, visit.at, {}, sent)
        return visit.show("survey", context, 422)
    except AlreadyAnsweredError:
        opened = open_link(visit.token, visit.at)
        return _ended(replace(visit, state=opened.state, invitation=opened.invitation or visit.invitation))
    return visit.to(leads_to or "thanks")


def _days(visit: Visit, offered: Sequence[int]) -> int:
    given = visit.request.POST.get("days", "")
    for days in offered:
        if given == str(days):
            return days
    raise BadRequest(f"The number of days must be one of: {', '.join(map(str, offered))}.")


def _ended(visit: Visit) -> HttpResponse:
    answered = 200 if visit.is_get else 409
    status = answered if visit.state.is_finished else 410
    return visit.show("message", pages.ended_page(visit.voice, visit.state), status)


def _noted(visit: Visit) -> HttpResponse:
    found = wishes.noted(visit.invitation, visit.at)
    still_open = visit.state in (LinkState.OPEN, LinkState.BEGUN)
    return visit.show("message", pages.noted_page(visit.voice, found, still_open=still_open))
