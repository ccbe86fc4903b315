"""What the link of a test message opens: the customer's pages, drafts too; what is answered there is kept as a test."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from csp.constants import SELF
from csp.decorators import csp_replace
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from surveys import pages, trial_answers
from surveys.answering import LinkState
from surveys.keeping import Sitting, Standing, keep_page
from surveys.models import Program, Response, SurveyVersion
from surveys.previewing import Wanted, sample
from surveys.questionnaires import read_questionnaire
from surveys.questions.reading import AnswerError, UnknownQuestionError
from surveys.speaking import spoken
from surveys.trial_links import Trial, read_trial
from surveys.views import browser_language, keep_private, read_form, read_seen, see_other, show
from surveys.voices import LinkVoice, voice_of_trial

WISHES = ("later", "less", "unsubscribe")


@dataclass(frozen=True)
class TrialVisit:
    """A request through a genuine test link."""

    request: HttpRequest
    token: str
    at: datetime
    voice: LinkVoice

    @cached_property
    def sitting(self) -> Sitting:
        """Return the colleague at the questionnaire."""
        return trial_answers.sitting_of_trial(self.voice, self.token)

    @cached_property
    def response(self) -> Response | None:
        """Return what was answered so far, if anything was."""
        return self.sitting.stored()

    @cached_property
    def standing(self) -> Standing:
        """Return how far the colleague has come."""
        return self.sitting.standing(self.response)

    def show(self, template: str, context: dict[str, object], status: int = 200) -> HttpResponse:
        """Show a customer's page that says that it is a test."""
        return show(
            self.request, template, {**context, "test": self.voice.words.test, "stop_link": "", "own_page": ""}, status
        )

    def to(self, step: str | int = "") -> HttpResponse:
        """Lead to another page of this link, by GET."""
        return see_other(self.voice.to(step))


@csrf_exempt
@xframe_options_sameorigin  # the editor shows it beside the draft
@csp_replace({"frame-ancestors": [SELF]})  # type: ignore[arg-type]  # its types know no arguments
@require_http_methods(["GET", "HEAD", "POST"])
def trial(request: HttpRequest, token: str, step: str = "") -> HttpResponse:
    """Ask page by page and take wishes as a customer's link does; answers are tests, and wishes are not noted."""
    opened, at = read_trial(token), timezone.now()
    voice = _voice(opened, request, token, at) if opened else None
    if voice is None:
        return keep_private(show(request, "message", pages.unknown_page(browser_language(request)), 404))
    return keep_private(_answer(TrialVisit(request, token, at, voice), step))


def _answer(visit: TrialVisit, step: str) -> HttpResponse:
    if visit.voice.invitation.closes_at <= visit.at:
        return visit.show("message", pages.ended_page(visit.voice, LinkState.EXPIRED), 410)
    if visit.request.method == "POST":
        return _take(visit, step)
    if step == "thanks":
        return _thanks(visit)
    if step == "unsubscribe":
        return visit.show("unsubscribe", pages.unsubscribe_page(visit.voice))
    if step == "" and visit.response and visit.response.finished_at:
        return visit.to("thanks")
    return _ask(visit, min(visit.standing.pages) if step == "change" else _number(step))


def _take(visit: TrialVisit, step: str) -> HttpResponse:
    if step in WISHES:
        noted = {**pages.unsubscribe_page(visit.voice), "title": visit.voice.words.noted}
        return visit.show("message", noted | {"sentences": [visit.voice.words.test_noted]})
    if step == "again":
        trial_answers.begin_again(visit.sitting)
        return visit.to()
    return _keep(visit, _number(step))


def _ask(visit: TrialVisit, number: int) -> HttpResponse:
    if number and not visit.standing.may_open(number):
        return visit.to()
    number = number or visit.standing.next
    chosen = pages.chosen_in_advance(visit.standing, number, visit.request.GET)
    return visit.show("survey", pages.survey_page(visit.voice, visit.standing, number, visit.at, chosen))


def _keep(visit: TrialVisit, number: int) -> HttpResponse:
    given, back = read_form(visit.request), pages.BACK in visit.request.POST
    number = number or min(visit.standing.pages)
    seen = read_seen(visit.request, visit.voice.address, visit.at)
    try:
        leads_to = keep_page(visit.sitting, number, given, at=visit.at, seen=seen, back=back)
    except UnknownQuestionError as error:
        raise BadRequest(str(error)) from error
    except AnswerError as error:
        sent = pages.Sent(given, error.problems, visit.request.POST.get(pages.LOADED, ""))
        context = pages.survey_page(visit.voice, visit.standing, number, visit.at, {}, sent)
        return visit.show("survey", context, 422)
    return visit.to(leads_to or "thanks")


def _thanks(visit: TrialVisit) -> HttpResponse:
    response, voice = visit.response, visit.voice
    if response is None or response.finished_at is None:
        return visit.to()
    nothing_comes_of_it = pages.Aftercare(said_and_done="", read_by=None, call_by=None)
    page = pages.thanks_page(voice, LinkState.ANSWERED, visit.standing, response, nothing_comes_of_it)
    stored = trial_answers.told(voice, visit.standing, response)
    return visit.show("message", page | {"stored": stored, "again": voice.to("again")})


def _number(step: str) -> int:
    """The number of a page; 0 for the one to go on with."""
    if step and not (step.isascii() and step.isdigit()):
        raise Http404
    return int(step or 0)


def _voice(opened: Trial, request: HttpRequest, token: str, at: datetime) -> LinkVoice | None:
    """How the sample customer is spoken to; None where the version was deleted meanwhile."""
    version = SurveyVersion.objects.select_related("survey__brand").filter(pk=opened.version_id).first()
    if version is None:
        return None
    program = Program.objects.filter(pk=opened.program_id).first()
    # Read anew each time: a draft changes, and what is kept of published versions never does.
    asked = read_questionnaire(version, opened.language)
    chosen = spoken(asked.languages, [request.GET.get("lang", "")], "")
    if chosen:
        asked = read_questionnaire(version, chosen)
    invitation = sample(Wanted(version, program, chosen or opened.language), opened.channel, at)
    invitation.closes_at = opened.closes_at
    return voice_of_trial(invitation, asked, reverse("answers:trial", args=[token]), chosen)
