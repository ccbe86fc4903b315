"""What an open link or a receipt opens. No cookie, no account; looking stores nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from contacts.client_address import client_address
from surveys import pages
from surveys.answering import AlreadyAnsweredError, LinkState
from surveys.models import Response, SurveyVersion
from surveys.open_answers import FullError, Opened, OpenSitting, full_until, keep, open_place, sitting_at, voice_at
from surveys.open_marks import Browser
from surveys.open_tokens import new_name
from surveys.open_words import open_words
from surveys.page_words import page_words
from surveys.speaking import direction
from surveys.survey_pages import Whose
from surveys.views import FindAftercare
from surveys.visits import THANKS, Visit, accepted_by, browser_language, keep_private, page_number, show
from surveys.voices import LinkVoice

TOO_MANY_REQUESTS, GONE = 429, 410
#: What is not for passers-by: messages that they do not get, and a page of their own.
NOT_FOR_THEM: Mapping[str, object] = {"stop_link": "", "own_page": "", "change": ""}


@dataclass(frozen=True)
class Place(Visit):
    """A request at a place that asks: what it leads to, and under which key the answer is kept."""

    opened: Opened
    version: SurveyVersion
    key: str

    whose = Whose.PASSER_BY

    @cached_property
    def voice(self) -> LinkVoice:
        browser = accepted_by(self.request)
        return voice_at(self.opened, self.version, self.address, chosen=self.chosen, accepted=browser, at=self.at)

    @cached_property
    def sitting(self) -> OpenSitting:
        return sitting_at(self.opened, self.voice, self.key, self.at)

    @cached_property
    def response(self) -> Response | None:
        return self.sitting.stored()

    def show(self, template: str, context: dict[str, object], status: int = 200) -> HttpResponse:
        """Show a customer's page as it is for passers-by."""
        return show(self.request, template, {**context, **NOT_FOR_THEM}, status)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def place(request: HttpRequest, aftercare: FindAftercare, token: str, key: str = "", step: str = "") -> HttpResponse:
    """Ask whoever is there, page by page. As on customers' links, what allows the request stands in its address."""
    at = timezone.now()
    opened = open_place(token, key, at)
    if opened is None:
        return keep_private(show(request, "message", pages.unknown_page(browser_language(request)), 404))
    if opened.version is None:
        return keep_private(_closed(request, opened))
    key = key or new_name()
    address = reverse("answers:open", args=[token, key])
    return keep_private(_answer(Place(request, address, at, opened, opened.version, key), step, aftercare))


def _answer(here: Place, step: str, aftercare: FindAftercare) -> HttpResponse:
    posted = not here.is_get
    if step == THANKS and not posted:
        return _thanks(here, aftercare)
    if here.response and here.response.finished_at:
        return here.to(THANKS) if posted or not here.opened.touchpoint else _answered(here, here.response)
    if here.response is None and (again_at := full_until(here.opened.link, here.at)):
        return _full(here, again_at)
    return _keep(here, page_number(step)) if posted else here.ask(page_number(step))


def _keep(here: Place, number: int) -> HttpResponse:
    try:
        return here.keep(number, partial(keep, browser=_browser(here.request)))
    except FullError as error:
        return _full(here, error.again_at)
    except AlreadyAnsweredError:
        return here.to(THANKS)


def _thanks(here: Place, aftercare: FindAftercare) -> HttpResponse:
    if here.response is None or here.response.finished_at is None:
        return here.to()
    # Nobody is promised a call or a reader: we would not know whom to tell.
    told = replace(aftercare(here.response), read_by=None, call_by=None)
    page = pages.thanks_page(here.voice, LinkState.ANSWERED, here.standing, here.response, told)
    return here.show("message", page)


def _answered(here: Place, response: Response) -> HttpResponse:
    """A receipt is answered once."""
    words = here.voice.words
    text = here.voice.say(words.answered_text, response.answered_at)
    return here.show("message", pages.frame(here.voice, words.answered) | {"sentences": [text]})


def _full(here: Place, again_at: datetime) -> HttpResponse:
    words = open_words(here.voice.words.language)
    page = pages.frame(here.voice, words.full) | {"sentences": [words.full_text], "tongues": []}
    response = here.show("message", page, TOO_MANY_REQUESTS)
    response.headers["Retry-After"] = str(max(1, round((again_at - here.at).total_seconds())))
    return response


def _closed(request: HttpRequest, opened: Opened) -> HttpResponse:
    language = browser_language(request)
    words, brand = page_words(language), opened.link.survey.brand
    page = {"words": words, "language": language, "direction": direction(language), "brand": brand}
    return show(request, "message", page | {"title": words.closed, "sentences": [words.closed_text]}, GONE)


def _browser(request: HttpRequest) -> Browser:
    return Browser(client_address(request), request.headers.get("User-Agent", ""))
