"""The customer's own page, behind the link of every message: looking stores nothing, every wish is one form."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import BadRequest
from django.http import HttpResponse

from contacts.own_data import OwnData
from surveys import own_pages, wishes
from surveys.models import Invitation
from surveys.own_pages import OwnFacts
from surveys.views import Visit, behind_link

#: What the form that erases sends once the box is ticked.
TICKED = "yes"


@dataclass(frozen=True, slots=True)
class OwnSteps:
    """What several rooms do for the page; handed in with the addresses, because this room must not import them.

    `facts` and `data` read only; `erase` empties everything about the person and returns when it is done.
    """

    facts: Callable[[Invitation, datetime], OwnFacts]
    data: Callable[[Invitation], OwnData]
    erase: Callable[[Invitation, datetime], None]


@behind_link("GET", "HEAD")
def you(visit: Visit, own: OwnSteps) -> HttpResponse:
    """Say why she was asked and what became of it, and offer what she can ask of us."""
    return _own_page(visit, own)


@behind_link("POST")
def prefer(visit: Visit) -> HttpResponse:
    """Ask by another channel from now on."""
    channel = visit.request.POST.get("channel", "")
    if channel not in wishes.noted(visit.invitation, visit.at).reachable:
        raise BadRequest("You cannot be reached by that channel.")
    wishes.prefer(visit.invitation, channel, at=visit.at)
    return visit.to("you")


@behind_link("POST")
def pause(visit: Visit, own: OwnSteps) -> HttpResponse:
    """Leave her in peace until a day of her choice."""
    earliest, latest = wishes.pause_days(visit.invitation.customer, visit.at)
    try:
        day = date.fromisoformat(visit.request.POST.get("until", ""))
    except ValueError:
        day = None
    if day is None or not earliest <= day <= latest:
        return _own_page(visit, own, own_pages.wrong_day(visit.voice, visit.at))
    wishes.pause_until(visit.invitation, day, at=visit.at)
    return visit.to("you")


@behind_link("POST")
def resume(visit: Visit) -> HttpResponse:
    """Take back everything that she has asked for."""
    wishes.take_all_back(visit.invitation, at=visit.at)
    return visit.to("you")


@behind_link("POST")
def data(visit: Visit, own: OwnSteps) -> HttpResponse:
    """Give her what is kept about her, to read or as a file: only to a POST, as mail scanners follow every link."""
    found = own.data(visit.invitation)
    if visit.request.POST.get("as") != "file":
        return visit.show("own_data", own_pages.data_page(visit.voice, found))
    response = HttpResponse(own_pages.data_file(found), content_type="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return response


@behind_link("GET", "HEAD", "POST")
def erase(visit: Visit, own: OwnSteps) -> HttpResponse:
    """Say what erasing means; do it once the box is ticked and sent."""
    if visit.is_get:
        return visit.show("own_erase", own_pages.erase_page(visit.voice))
    if visit.request.POST.get("sure") != TICKED:
        return visit.show("own_erase", own_pages.erase_page(visit.voice, unticked=True), 422)
    told = own_pages.erased_page(visit.voice)
    own.erase(visit.invitation, visit.at)
    return visit.show("message", told)


def _own_page(visit: Visit, own: OwnSteps, problem: str = "") -> HttpResponse:
    facts, noted = own.facts(visit.invitation, visit.at), wishes.noted(visit.invitation, visit.at)
    page = own_pages.own_page(visit.voice, visit.at, facts, noted, problem)
    return visit.show("own", page, 422 if problem else 200)
