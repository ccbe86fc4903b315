"""Somebody at a link: a request, what it is about, and the pages of questions that every kind of link asks alike."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from csp.context_processors import nonce
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import get_template
from django.utils.functional import cached_property

from surveys.devices import device
from surveys.keeping import Seen, Sitting, Standing, keep_page
from surveys.models import Response
from surveys.page_times import read_time
from surveys.page_words import LANGUAGES
from surveys.questions.reading import AnswerError, UnknownQuestionError
from surveys.speaking import accepted, spoken
from surveys.survey_pages import BACK, LOADED, TRAP, Sent, Whose, chosen_in_advance, survey_page
from surveys.voices import LinkVoice

THANKS = "thanks"


@dataclass(frozen=True)
class Visit(ABC):
    """A request through a genuine link at an instant; `address`: that of the link, with no step behind it."""

    request: HttpRequest
    address: str
    at: datetime

    whose: ClassVar[Whose]

    @property
    @abstractmethod
    def voice(self) -> LinkVoice:
        """Return how to speak to whoever opened the link."""

    @property
    @abstractmethod
    def sitting(self) -> Sitting:
        """Return who opened the link at the questionnaire."""

    @property
    @abstractmethod
    def response(self) -> Response | None:
        """Return what was answered so far, if anything was."""

    @cached_property
    def standing(self) -> Standing:
        """Return how far it has come."""
        return self.sitting.standing(self.response)

    @property
    def is_get(self) -> bool:
        """Whether it only looks."""
        return self.request.method != "POST"

    @property
    def chosen(self) -> str:
        """Return the language that was chosen on the page, as its address tells; may be empty."""
        return self.request.GET.get("lang", "")

    def show(self, template: str, context: dict[str, object], status: int = 200) -> HttpResponse:
        """Show a page that asks nothing."""
        return show(self.request, template, context, status)

    def to(self, step: str | int = "") -> HttpResponse:
        """Lead to another page of this link, by GET: loading it again repeats nothing."""
        return see_other(self.voice.to(step))

    def ask(self, number: int) -> HttpResponse:
        """Show a page of questions; 0: the one to go on with.

        On the first page `?score=9` chooses an answer in advance.
        """
        if number and not self.standing.may_open(number):
            return self.to()
        return self._form(number or self.standing.next)

    def keep(self, number: int, keep: Callable[..., int] = keep_page) -> HttpResponse:
        """Keep what a page sent, and lead on; show it once more where something is wrong with it.

        `keep`: the step that stores it. Raises what that raises but for wrong answers.
        """
        number = number or min(self.standing.pages)
        given, back, seen = _read_form(self.request), BACK in self.request.POST, self._seen()
        try:
            leads_to = keep(self.sitting, number, given, at=self.at, seen=seen, back=back)
        except UnknownQuestionError as error:
            raise BadRequest(str(error)) from error
        except AnswerError as error:
            if number not in self.standing.pages:
                return self.to()  # another tab has led the way elsewhere since it was read
            return self._form(number, Sent(given, error.problems, self.request.POST.get(LOADED, "")))
        return self.to(leads_to or THANKS)

    def _form(self, number: int, sent: Sent | None = None) -> HttpResponse:
        chosen = {} if sent else chosen_in_advance(self.standing, number, self.request.GET)
        page = survey_page(
            self.voice,
            self.standing,
            number,
            self.at,
            whose=self.whose,
            nonce=str(nonce(self.request)["CSP_NONCE"]),
            chosen=chosen,
            sent=sent,
        )
        return HttpResponse(page.html(), status=422 if sent else 200, headers={"Content-Language": self.voice.language})

    def _seen(self) -> Seen:
        """How the page was answered, as the form and the browser tell."""
        form = self.request.POST
        loaded_at = read_time(form.get(LOADED, ""), self.address, self.at)
        said = self.request.META
        told = {
            "User-Agent": said.get("HTTP_USER_AGENT", ""),
            "Sec-CH-UA-Mobile": said.get("HTTP_SEC_CH_UA_MOBILE", ""),
        }
        return Seen(loaded_at, device(told), bool(form.get(TRAP)))


def address_of(request: HttpRequest, token: str) -> str:
    """Return the address of a link, of which one of the pages was asked for; looking it up by name costs more."""
    before, _, _ = request.path.partition(token)
    return before + token


def page_number(step: str) -> int:
    """Return the number of a page of questions; 0 for the one to go on with. Raises Http404 for what is none."""
    if step and not (step.isascii() and step.isdigit()):
        raise Http404
    return int(step or 0)


def keep_private(response: HttpResponse) -> HttpResponse:
    """Return the page with the headers that keep it, and the token in its address, from caches and other sites."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Vary"] = "Accept-Language"
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
    return spoken(tuple(LANGUAGES), accepted_by(request), "en")


def accepted_by(request: HttpRequest) -> list[str]:
    """Return the languages of the browser, the dearest first.

    Headers are read where WSGI has them: `request.headers` gives each of them its proper name first.
    """
    return accepted(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))


def _read_form(request: HttpRequest) -> dict[str, str | list[str]]:
    """Return the answers that a form sent: what it sent several times, as a list; without its own fields."""
    own = (TRAP, LOADED, BACK)
    return {name: values[0] if len(values) == 1 else values for name, values in request.POST.lists() if name not in own}
