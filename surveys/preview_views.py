"""Preview: pages of the admin that show what a customer gets, and send it to whoever looks at it."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.conf.locale import LANG_INFO
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_POST

from contacts.brands import visible_to
from contacts.guarded import admin_page, show, staff_id
from contacts.identity import IdentityError
from contacts.models.words import Channel, Purpose
from contacts.readers import Reader, reader_of_request
from surveys.channels.gateways import served
from surveys.models import Program, SurveyVersion
from surveys.outbox_views import MAIL_POLICY
from surveys.previewing import NAMES, OTHER, Wanted, gaps, languages, preview
from surveys.prospects import say_channel, say_days, say_reminders
from surveys.sms import size
from surveys.trial_links import trial_url
from surveys.trials import Outcome, Told, TrialRefusedError, send_trial

CHANNELS = (Channel.EMAIL, Channel.SMS)
PURPOSES = (Purpose.INVITATION, Purpose.REMINDER)
#: The mail is shown inside our own page and nowhere else; it has no scripts and reaches nothing.
FRAME_POLICY = MAIL_POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")


class ChoiceForm(forms.Form):
    """Which message to look at."""

    language = forms.ChoiceField()
    purpose = forms.ChoiceField(label="Message", choices=[(purpose, purpose.label) for purpose in PURPOSES])
    name = forms.ChoiceField(
        label="Customer's name",
        choices=[(key, f"{key.capitalize()}: {name or 'not known'}") for key, name in NAMES.items()],
    )
    program = forms.ModelChoiceField(Program.objects.all(), required=False, widget=forms.HiddenInput)

    def __init__(self, version: SurveyVersion, query: QueryDict, reader: Reader) -> None:
        first = version.survey.brand.default_language.casefold()
        super().__init__({"language": first, "purpose": PURPOSES[0], "name": "usual"} | query.dict(), auto_id="of_%s")
        offered = [(language, _named(language)) for language in languages(version)]
        self.fields["language"] = forms.ChoiceField(choices=offered)
        self.fields["program"].queryset = visible_to(reader, Program.objects.all())  # type: ignore[attr-defined]


class TestForm(forms.Form):
    """Where a test goes."""

    channel = forms.ChoiceField(label="By")
    to = forms.CharField(label="To", max_length=254, help_text="Your own email address, or your number for an SMS.")

    def __init__(self, data: QueryDict | None = None, **initial: str) -> None:
        super().__init__(data, initial=initial, auto_id="test_%s")
        self.fields["channel"] = forms.ChoiceField(
            label="By", choices=[(channel, Channel(channel).label) for channel in served(CHANNELS)]
        )


@require_GET
def preview_page(request: HttpRequest, version_id: int) -> HttpResponse:
    """Show a message by each channel, what the languages lack, and the form for a test."""
    return _show(request, *_wanted(request, version_id), TestForm(to=_own_address(request)))


@xframe_options_sameorigin
@require_GET
def preview_mail(request: HttpRequest, version_id: int) -> HttpResponse:
    """Show the email as a mail program does, for a frame in the page."""
    wanted, _ = _wanted(request, version_id)
    html = preview(wanted, Channel.EMAIL, timezone.now()).html
    return HttpResponse(html, headers={"Content-Security-Policy": FRAME_POLICY})


@require_POST
def send_test(request: HttpRequest, version_id: int) -> HttpResponse:
    """Send the message to the address that was typed, and say what became of it."""
    wanted, choice = _wanted(request, version_id)
    form = TestForm(request.POST)
    if form.is_valid():
        channel, to = form.cleaned_data["channel"], form.cleaned_data["to"]
        try:
            told = send_trial(wanted, channel, to, at=timezone.now(), by_id=staff_id(request))
        except IdentityError as error:
            form.add_error("to", f"{str(error).capitalize()}.")
        except TrialRefusedError as error:
            form.add_error(None, str(error))
        else:
            _tell(request, told)
            return redirect(_address("preview", wanted, choice))
    return _show(request, wanted, choice, form, 400)


def _wanted(request: HttpRequest, version_id: int) -> tuple[Wanted, ChoiceForm]:
    """What the address asks for; 400 for what no form of ours offers."""
    version = get_object_or_404(SurveyVersion.objects.select_related("survey__brand__look"), pk=version_id)
    form = ChoiceForm(version, request.GET, reader_of_request(request))
    if not form.is_valid():
        raise BadRequest(f"There is no such preview: {form.errors.as_text()}")
    given = form.cleaned_data
    program = given["program"] if given["program"] and given["program"].survey_id == version.survey_id else None
    return Wanted(version, program, given["language"], given["purpose"], given["name"]), form


def _show(request: HttpRequest, wanted: Wanted, choice: ChoiceForm, test: TestForm, status: int = 200) -> HttpResponse:
    at, version, program = timezone.now(), wanted.version, wanted.program
    sms = preview(wanted, Channel.SMS, at)
    program_id = program.pk if program else 0
    return show(
        request,
        "surveys/preview.html",
        status,
        title=f"Preview of {program or version}",
        version=version,
        program=_told_program(program) if program else None,
        choice=choice,
        mail=preview(wanted, Channel.EMAIL, at),
        mail_address=_address("preview-mail", wanted, choice),
        sms=sms,
        sms_size=size(sms.text, settings.SMS_PRICE, settings.SMS_CURRENCY),
        page_address=trial_url(version.pk, program_id, wanted.language, Channel.EMAIL, at),
        languages=[(_named(language), gaps(version, language)) for language in languages(version)],
        test=test,
        test_address=_address("preview-test", wanted, choice),
        may_send=request.user.has_perms(MAY_SEND),
    )


def _told_program(program: Program) -> dict[str, Any]:
    """How a program asks, in words."""
    ways = ", else by ".join(say_channel(channel) for channel in program.contact_channels)
    return {"name": program.name, "delay": say_days(program.delay), "ways": ways, "reminds": say_reminders(program)}


def _tell(request: HttpRequest, told: Told) -> None:
    if told.outcome == Outcome.ACCEPTED:
        messages.success(request, "Accepted: the gateway took the test message. An answer to it is kept as a test.")
    elif told.outcome == Outcome.REFUSED:
        messages.error(request, f"Refused by the gateway: {told.detail}")
    else:
        messages.warning(request, f"Unknown: nothing says whether it was taken. Look whether it arrives. {told.detail}")


def _address(page: str, wanted: Wanted, choice: ChoiceForm) -> str:
    """Return the address of a page about the same message."""
    given = {name: choice[name].value() for name in ("language", "purpose", "name", "program")}
    query = urlencode({name: value for name, value in given.items() if value})
    return f"{reverse(page, args=[wanted.version.pk])}?{query}"


def _named(language: str) -> str:
    if language == OTHER:
        return "Any other language"
    name = LANG_INFO.get(language, {}).get("name")
    return f"{name} ({language})" if name else language


def _own_address(request: HttpRequest) -> str:
    return str(getattr(request.user, "email", ""))


MAY_SEE = "surveys.view_surveyversion"
MAY_SEND = ("surveys.change_survey", "surveys.change_program")
urlpatterns = [
    admin_page("preview/<int:version_id>/", preview_page, "preview", MAY_SEE),
    admin_page("preview/<int:version_id>/mail/", preview_mail, "preview-mail", MAY_SEE),
    admin_page("preview/<int:version_id>/test/", send_test, "preview-test", MAY_SEE, *MAY_SEND),
]
