"""What the link of a test message opens: the customer's pages, drafts too; what is answered there is kept as a test."""

from dataclasses import dataclass

from csp.constants import SELF
from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from surveys import pages, trial_answers
from surveys.answering import LinkState
from surveys.keeping import Sitting
from surveys.models import Program, Response, SurveyVersion
from surveys.previewing import Wanted, sample
from surveys.questionnaires import read_questionnaire
from surveys.speaking import spoken
from surveys.survey_pages import Whose
from surveys.trial_links import Trial, read_trial
from surveys.visits import THANKS, Visit, browser_language, keep_private, page_number, show
from surveys.voices import LinkVoice, voice_of_trial

WISHES = ("later", "less", "unsubscribe")


@dataclass(frozen=True)
class TrialVisit(Visit):
    """A colleague's request through a genuine test link."""

    token: str
    opened: Trial
    version: SurveyVersion

    whose = Whose.COLLEAGUE

    @cached_property
    def voice(self) -> LinkVoice:
        """Return how the sample customer is spoken to."""
        # Read anew each time: a draft changes, and what is kept of published versions never does.
        asked = read_questionnaire(self.version, self.opened.language)
        chosen = spoken(asked.languages, [self.chosen], "")
        if chosen:
            asked = read_questionnaire(self.version, chosen)
        program = Program.objects.filter(pk=self.opened.program_id).first()
        wanted = Wanted(self.version, program, chosen or self.opened.language)
        invitation = sample(wanted, self.opened.channel, self.at)
        invitation.closes_at = self.opened.closes_at
        return voice_of_trial(invitation, asked, self.address, chosen)

    @cached_property
    def sitting(self) -> Sitting:
        return trial_answers.sitting_of_trial(self.voice, self.token)

    @cached_property
    def response(self) -> Response | None:
        return self.sitting.stored()

    def show(self, template: str, context: dict[str, object], status: int = 200) -> HttpResponse:
        """Show a customer's page that says that it is a test."""
        context = {**context, "test": self.voice.words.test, "stop_link": "", "own_page": ""}
        return show(self.request, template, context, status)


@csrf_exempt
@xframe_options_sameorigin  # the editor shows it beside the draft
@csp_replace({"frame-ancestors": [SELF]})  # type: ignore[arg-type]  # its types know no arguments
@require_http_methods(["GET", "HEAD", "POST"])
def trial(request: HttpRequest, token: str, step: str = "") -> HttpResponse:
    """Ask page by page and take wishes as a customer's link does; answers are tests, and wishes are not noted."""
    opened = read_trial(token)
    versions = SurveyVersion.objects.select_related("survey__brand")
    version = versions.filter(pk=opened.version_id).first() if opened else None
    if opened is None or version is None:  # a draft may have been deleted meanwhile
        return keep_private(show(request, "message", pages.unknown_page(browser_language(request)), 404))
    address = reverse("answers:trial", args=[token])
    visit = TrialVisit(request, address, timezone.now(), token, opened, version)
    return keep_private(_answer(visit, step))


def _answer(visit: TrialVisit, step: str) -> HttpResponse:
    if visit.opened.closes_at <= visit.at:
        return visit.show("message", pages.ended_page(visit.voice, LinkState.EXPIRED), 410)
    if visit.request.method == "POST":
        return _take(visit, step)
    if step == THANKS:
        return _thanks(visit)
    if step == "unsubscribe":
        return visit.show("unsubscribe", pages.unsubscribe_page(visit.voice))
    if step == "" and visit.response and visit.response.finished_at:
        return visit.to(THANKS)
    return visit.ask(min(visit.standing.pages) if step == "change" else page_number(step))


def _take(visit: TrialVisit, step: str) -> HttpResponse:
    if step in WISHES:
        noted = {**pages.unsubscribe_page(visit.voice), "title": visit.voice.words.noted}
        return visit.show("message", noted | {"sentences": [visit.voice.words.test_noted]})
    if step == "again":
        trial_answers.begin_again(visit.sitting)
        return visit.to()
    return visit.keep(page_number(step))


def _thanks(visit: TrialVisit) -> HttpResponse:
    response, voice = visit.response, visit.voice
    if response is None or response.finished_at is None:
        return visit.to()
    nothing_comes_of_it = pages.Aftercare(said_and_done="", read_by=None, call_by=None)
    page = pages.thanks_page(voice, LinkState.ANSWERED, visit.standing, response, nothing_comes_of_it)
    stored = trial_answers.told(voice, visit.standing, response)
    return visit.show("message", page | {"stored": stored, "again": voice.to("again")})
