"""What a customer's link opens. Everything is decided elsewhere; here it meets HTTP."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import wraps

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from contacts.proof import Proof
from surveys import pages, wishes
from surveys.answering import AlreadyAnsweredError, LinkState, amend, open_link
from surveys.keeping import Sitting, sitting_of
from surveys.models import Invitation, Response
from surveys.survey_pages import Whose
from surveys.visits import THANKS, Visit, accepted_by, address_of, browser_language, keep_private, show
from surveys.voices import LinkVoice, voice

BY_MAIL_PROGRAM = "List-Unsubscribe=One-Click"
"""What proves a stop by a mail program's own button: whatever that shows, it sends this (RFC 8058)."""

#: Finds what is told after an answer. It comes from rooms that this one must not import, so the composition root
#: hands it in with the addresses (`surveys.urls.answer_pages`): unlike a name in the settings, types check it.
FindAftercare = Callable[[Response], pages.Aftercare]


@dataclass(frozen=True)
class LinkVisit(Visit):
    """A customer's request through the link of a message, and what the link leads to at that instant."""

    token: str
    state: LinkState
    invitation: Invitation

    whose = Whose.CUSTOMER

    @cached_property
    def voice(self) -> LinkVoice:
        return voice(self.invitation, self.address, chosen=self.chosen, accepted=accepted_by(self.request))

    @cached_property
    def sitting(self) -> Sitting:
        return sitting_of(self.invitation, self.voice.asked, self.at)

    def proof(self, shown: str) -> Proof:
        """Return what proves a choice on this page: the text that stood there."""
        return Proof(
            evidence=f"invitation {self.invitation.pk}",
            shown=shown,
            language=self.voice.words.language,
            version=str(self.invitation.version),
        )

    @property
    def response(self) -> Response | None:
        return getattr(self.invitation, "response", None)


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
                address = address_of(request, token)
                response = view(LinkVisit(request, address, at, token, opened.state, opened.invitation), **handed_in)
            return keep_private(response)

        return guarded

    return decorate


@behind_link("GET", "HEAD", "POST")
def page(visit: LinkVisit, number: int = 0) -> HttpResponse:
    """Show a page of questions, the one to go on with unless told which; keep what it sends."""
    if not visit.state.takes_answers or (visit.state == LinkState.CHANGEABLE and not number and visit.is_get):
        return _ended(visit)
    if not visit.standing.pages:  # all that it asks is known
        return _ended(replace(visit, state=LinkState.CLOSED))
    if visit.is_get:
        return visit.ask(number)
    try:
        return visit.keep(number)
    except AlreadyAnsweredError:
        opened = open_link(visit.token, visit.at)
        return _ended(replace(visit, state=opened.state, invitation=opened.invitation or visit.invitation))


@behind_link("GET", "HEAD")
def change(visit: LinkVisit) -> HttpResponse:
    """Show the first page of a finished answer that may still be changed."""
    if visit.state != LinkState.CHANGEABLE:
        return visit.to()
    return visit.ask(min(visit.standing.pages))


@behind_link("GET", "HEAD")
def thanks(visit: LinkVisit, aftercare: FindAftercare) -> HttpResponse:
    """Thank for the answer, and say what becomes of it and what can still be done."""
    if not visit.state.is_finished:
        return visit.to()
    response = visit.invitation.response
    context = pages.thanks_page(visit.voice, visit.state, visit.standing, response, aftercare(response))
    return visit.show("message", context)


@behind_link("POST")
def call(visit: LinkVisit) -> HttpResponse:
    """Note the wish to be called that the thanks offer."""
    wish = pages.open_wish(visit.standing)
    if visit.state == LinkState.CHANGEABLE and wish:
        amend(visit.invitation.response, {wish: "1"}, at=visit.at)
    return visit.to(THANKS)


@behind_link("POST")
def later(visit: LinkVisit) -> HttpResponse:
    """Ask another time."""
    days = _days(visit, wishes.LATER_DAYS)
    wishes.another_time(visit.invitation, days, at=visit.at, proof=visit.proof(visit.voice.words.later[days]))
    return visit.to("noted")


@behind_link("POST")
def less(visit: LinkVisit) -> HttpResponse:
    """Ask less often."""
    days = _days(visit, wishes.LESS_DAYS)
    shown = visit.voice.say(visit.voice.words.less, days=days)
    wishes.less_often(visit.invitation, days, at=visit.at, proof=visit.proof(shown))
    return visit.to("noted")


@behind_link("GET", "HEAD", "POST")
def unsubscribe(visit: LinkVisit) -> HttpResponse:
    """Stop one channel or everything; mail programs post here without showing anything (RFC 8058).

    They must not be redirected (its section 3.1) and name no channel: then it is the one of the message.
    """
    if visit.request.method != "POST":
        return visit.show("unsubscribe", pages.unsubscribe_page(visit.voice))
    channel = visit.request.POST.get("channel", visit.invitation.channel)
    if channel not in ("", visit.invitation.channel):
        raise BadRequest("This message did not come by that channel.")
    one_click = "List-Unsubscribe" in visit.request.POST
    words = visit.voice.words
    shown = BY_MAIL_PROGRAM if one_click else f"{visit.voice.say(words.stop_text)} {words.stop[channel]}"
    wishes.stop(visit.invitation, channel, at=visit.at, proof=visit.proof(shown))
    return _noted(visit) if one_click else visit.to("noted")


@behind_link("GET", "HEAD")
def noted(visit: LinkVisit) -> HttpResponse:
    """Confirm what was asked for, as the tables have it."""
    return _noted(visit)


def _days(visit: LinkVisit, offered: Sequence[int]) -> int:
    given = visit.request.POST.get("days", "")
    for days in offered:
        if given == str(days):
            return days
    raise BadRequest(f"The number of days must be one of: {', '.join(map(str, offered))}.")


def _ended(visit: LinkVisit) -> HttpResponse:
    answered = 200 if visit.is_get else 409
    status = answered if visit.state.is_finished else 410
    return visit.show("message", pages.ended_page(visit.voice, visit.state), status)


def _noted(visit: LinkVisit) -> HttpResponse:
    found = wishes.noted(visit.invitation, visit.at)
    still_open = visit.state in (LinkState.OPEN, LinkState.BEGUN)
    return visit.show("message", pages.noted_page(visit.voice, found, still_open=still_open))
