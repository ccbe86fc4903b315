"""What the link of a test message opens: the customer's pages, which take everything and store nothing."""

from collections.abc import Mapping

from csp.constants import SELF
from csp.decorators import csp_replace
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from surveys import pages
from surveys.answering import LinkState, Questionnaire
from surveys.models import Program, SurveyVersion
from surveys.page_words import page_words
from surveys.pages import LinkVoice
from surveys.previewing import Wanted, sample
from surveys.questions.reading import AnswerError, UnknownQuestionError, read_given
from surveys.texts import facts, words
from surveys.trial_links import Trial, read_trial
from surveys.views import keep_private, read_form, show

WISHES = ("later", "less", "unsubscribe")
NOTHING_COMES_OF_IT = pages.Aftercare(said_and_done="", read_by=None, call_by=None)


@csrf_exempt
@xframe_options_sameorigin  # the editor shows it beside the draft
@csp_replace({"frame-ancestors": [SELF]})  # type: ignore[arg-type]  # its types know no arguments
@require_http_methods(["GET", "HEAD", "POST"])
def trial(request: HttpRequest, token: str, step: str = "") -> HttpResponse:
    """Show the questions and take answers and wishes as a customer's link does, without storing anything."""
    opened = read_trial(token)
    voice = _voice(opened) if opened else None
    if voice is None:
        return keep_private(show(request, "message", pages.unknown_page(get_language() or "en"), 404))
    return keep_private(_answer(request, voice, token, step))


def _answer(request: HttpRequest, voice: LinkVoice, token: str, step: str) -> HttpResponse:
    posted = request.method == "POST"
    if voice.invitation.closes_at <= timezone.now():
        return _show(request, voice, token, "message", pages.ended_page(voice, token, LinkState.EXPIRED), 410)
    if step == "":
        return _take(request, voice, token) if posted else _ask(request, voice, token, request.GET)
    if step == "thanks" and not posted:
        return _show(request, voice, token, "message", pages.thanks_page(voice, token, NOTHING_COMES_OF_IT))
    if step == "unsubscribe" and not posted:
        return _show(request, voice, token, "unsubscribe", pages.unsubscribe_page(voice, token))
    if step in WISHES and posted:
        noted = {**pages.unsubscribe_page(voice, token), "title": voice.words.noted}
        return _show(request, voice, token, "message", noted | {"sentences": [voice.words.test_noted]})
    raise Http404


def _ask(request: HttpRequest, voice: LinkVoice, token: str, given: Mapping[str, str]) -> HttpResponse:
    chosen = pages.chosen_in_advance(voice, given)
    return _show(request, voice, token, "survey", pages.survey_page(voice, token, timezone.now(), chosen, {}))


def _take(request: HttpRequest, voice: LinkVoice, token: str) -> HttpResponse:
    given = read_form(request)
    given.pop(pages.TRAP, "")
    try:
        read_given(voice.asked.words.questions, given, timezone.localdate())
    except UnknownQuestionError as error:
        raise BadRequest(str(error)) from error
    except AnswerError as error:
        page = pages.survey_page(voice, token, timezone.now(), given, error.problems)
        return _show(request, voice, token, "survey", page, 422)
    response = HttpResponseRedirect(reverse("answers:trial", args=[token, "thanks"]))
    response.status_code = 303
    return response


def _show(
    request: HttpRequest, voice: LinkVoice, token: str, template: str, context: Mapping[str, object], status: int = 200
) -> HttpResponse:
    """Show a customer's page whose forms lead back to the test."""
    own = {"address": reverse("answers:trial", args=[token]), "test": voice.words.test, "stop_link": False}
    return show(request, template, {**context, **own}, status)


def _voice(opened: Trial) -> LinkVoice | None:
    """How the sample customer is spoken to; None where the version was deleted meanwhile."""
    version = SurveyVersion.objects.select_related("survey__brand").filter(pk=opened.version_id).first()
    if version is None:
        return None
    program = Program.objects.filter(pk=opened.program_id).first()
    invitation = sample(Wanted(version, program, opened.language), opened.channel, timezone.now())
    invitation.closes_at = opened.closes_at
    # Read anew each time: a draft changes, and what is kept of published versions never does.
    spoken = words(version, opened.language)
    return LinkVoice(
        invitation=invitation,
        customer=invitation.customer,
        words=page_words(spoken.language),
        asked=Questionnaire(spoken, {}),
        facts=facts(invitation, spoken),
        brand=version.survey.brand,
    )
