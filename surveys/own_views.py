"""The customer's own page, behind the link of every message: looking stores nothing, every wish is one form."""

from datetime import date

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from surveys import own_pages, wishes
from surveys.answering import is_erased
from surveys.data_in_words import data_file
from surveys.own_page_words import OwnPageWords, own_page_words
from surveys.own_pages import OwnSteps
from surveys.views import LinkVisit, behind_link
from surveys.visits import browser_language, keep_private, show

#: What the form that erases sends once the box is ticked.
TICKED = "yes"


@behind_link("GET", "HEAD")
def you(visit: LinkVisit, own: OwnSteps) -> HttpResponse:
    """Say why she was asked and what became of it, and offer what she can ask of us."""
    return _own_page(visit, own)


@behind_link("POST")
def prefer(visit: LinkVisit) -> HttpResponse:
    """Ask by another channel from now on."""
    channel = visit.request.POST.get("channel", "")
    if channel not in wishes.noted(visit.invitation, visit.at).reachable:
        raise BadRequest("You cannot be reached by that channel.")
    wishes.prefer(visit.invitation, channel, at=visit.at, proof=visit.proof(_words(visit).prefer[channel]))
    return visit.to("you")


@behind_link("POST")
def pause(visit: LinkVisit, own: OwnSteps) -> HttpResponse:
    """Leave her in peace until a day of her choice."""
    earliest, latest = wishes.pause_days(visit.invitation.customer, visit.at)
    try:
        day = date.fromisoformat(visit.request.POST.get("until", ""))
    except ValueError:
        day = None
    if day is None or not earliest <= day <= latest:
        return _own_page(visit, own, own_pages.wrong_day(visit.voice, visit.at))
    words = _words(visit)
    shown = f"{words.pause}. {words.pause_label} {day.isoformat()} {words.pause_button}"
    wishes.pause_until(visit.invitation, day, at=visit.at, proof=visit.proof(shown))
    return visit.to("you")


@behind_link("POST")
def resume(visit: LinkVisit) -> HttpResponse:
    """Take back everything that she has asked for."""
    wishes.take_all_back(visit.invitation, at=visit.at, proof=visit.proof(_words(visit).resume))
    return visit.to("you")


@behind_link("POST")
def data(visit: LinkVisit, own: OwnSteps) -> HttpResponse:
    """Give her what is kept about her, to read or as a file: only to a POST, as mail scanners follow every link."""
    found = own.data(visit.invitation)
    if visit.request.POST.get("as") != "file":
        return visit.show("own_data", own_pages.data_page(visit.voice, found))
    response = HttpResponse(data_file(found, visit.voice.words.language), content_type="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return response


@csrf_exempt
def erase(request: HttpRequest, token: str, own: OwnSteps) -> HttpResponse:
    """Say what erasing means; do it once the box is ticked and sent. What is done is said again to a second click."""
    if request.method == "POST" and is_erased(token):
        return keep_private(show(request, "message", own_pages.erased_before_page(browser_language(request))))
    return _erase(request, token=token, own=own)


@behind_link("GET", "HEAD", "POST")
def _erase(visit: LinkVisit, own: OwnSteps) -> HttpResponse:
    if visit.is_get:
        return visit.show("own_erase", own_pages.erase_page(visit.voice))
    if visit.request.POST.get("sure") != TICKED:
        return visit.show("own_erase", own_pages.erase_page(visit.voice, unticked=True), 422)
    told = own_pages.erased_page(visit.voice)
    own.erase(visit.invitation, visit.at)
    return visit.show("message", told)


def _words(visit: LinkVisit) -> OwnPageWords:
    return own_page_words(visit.voice.words.language)


def _own_page(visit: LinkVisit, own: OwnSteps, problem: str = "") -> HttpResponse:
    facts, noted = own.facts(visit.invitation, visit.at), wishes.noted(visit.invitation, visit.at)
    page = own_pages.own_page(visit.voice, visit.at, facts, noted, problem)
    return visit.show("own", page, 422 if problem else 200)
