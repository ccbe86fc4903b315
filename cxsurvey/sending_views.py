"""The page Sending of the admin: how sending is going, pauses, waves, and messages of unknown fate."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from contacts.brands import visible_to
from contacts.guarded import admin_page, show, staff_id
from contacts.hiding import shown_rows
from contacts.models.words import Channel
from contacts.readers import Reader, reader_of_request
from cxsurvey.customer_forms import focus_on_error
from cxsurvey.sending_now import sending_now
from surveys.cancelling import being_cancelled, cancel_wave, give_back
from surveys.channels.gateways import served
from surveys.models import Attempt, Invitation, Pause, Program, Wave
from surveys.pausing import open_pauses, pause, resume
from surveys.stopped import MARK, stopped
from surveys.unknowns import for_a_person, say_not_sent, say_sent
from surveys.wave_states import LOOKED_AT, newest_waves, wave_states

UNKNOWN_SHOWN = STOPPED_SHOWN = 50
EARLIER_SHOWN = 5
AT_ONCE = 2_000
"""Invitations of a cancelled wave that are given back while the page waits; the rest goes by a job."""
SAY = {"yes": say_sent, "no": say_not_sent}
TOLD = {
    "yes": "Noted: it was sent.",
    "no": "Noted: it was not sent. It is tested again, and goes out within a minute if nothing stops it.",
}


class ReasonForm(forms.Form):
    """Why somebody pauses or cancels."""

    reason = forms.CharField(
        label="Why",
        help_text="Colleagues read it, and it is kept in the log for good: please no names, addresses or numbers.",
        max_length=180,  # with a word before it, it is the reason of each invitation that is cancelled
    )


class PauseForm(ReasonForm):
    """What is to be paused, in one choice: everything, a channel or a program."""

    field_order = ("what", "reason")

    def __init__(self, reader: Reader, *args: Any, **kwargs: Any) -> None:
        """Offer what somebody may pause: a channel serves all brands."""
        super().__init__(*args, **kwargs)
        channels = _channels() if reader.brands is None else []
        self.fields["what"] = forms.ChoiceField(label="What", choices=[*channels, *_programs(reader)])
        self.order_fields(self.field_order)

    def about(self) -> dict[str, Any]:
        """Return what `pause` takes."""
        kind, _, key = self.cleaned_data["what"].partition(":")
        return {"channel": key} if kind == "channel" else {"program_id": int(key)}


def _channels() -> list[tuple[str, str]]:
    return [(f"channel:{channel}", f"All by {Channel(channel).label}") for channel in served(Channel.values)]


def _programs(reader: Reader) -> list[tuple[str, str]]:
    programs = visible_to(reader, Program.objects.order_by("name", "pk")).values_list("pk", "name")
    return [(f"program:{pk}", f"The program “{name}”") for pk, name in programs]


@require_GET
def sending_page(request: HttpRequest) -> HttpResponse:
    """Show the state of it all."""
    return _show(request)


@require_POST
def pause_everything(request: HttpRequest) -> HttpResponse:
    """The kill switch: nothing is claimed any more, by no channel and for no program."""
    form = ReasonForm(request.POST, auto_id="all_%s")
    if not form.is_valid():
        return _show(request, 400, everything=form)
    pause(form.cleaned_data["reason"], at=timezone.now(), by_id=staff_id(request))
    messages.success(request, "Sending is paused. What a worker had in its hands just now may still arrive.")
    return redirect("sending")


@require_POST
def pause_some(request: HttpRequest) -> HttpResponse:
    """Pause a channel or a program."""
    form = PauseForm(reader_of_request(request), request.POST, auto_id="some_%s")
    if not form.is_valid():
        return _show(request, 400, some=form)
    made = pause(form.cleaned_data["reason"], at=timezone.now(), by_id=staff_id(request), **form.about())
    messages.success(request, f"{made} is paused. What is due waits, and is tested again before it is sent.")
    return redirect("sending")


@require_POST
def end_pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Let sending go on; where somebody did already, say so."""
    ended = get_object_or_404(Pause, pk=pk)
    if resume(pk, at=timezone.now(), by_id=staff_id(request)):
        messages.success(request, f"{ended} goes on: what is due is sent within a minute, if nothing else holds it.")
    elif ended.wave and ended.wave.being_cancelled:
        messages.info(request, f"{ended} is being cancelled, and cannot go on.")
    else:
        messages.info(request, f"{ended} was resumed already.")
    return redirect("sending-wave", ended.wave_id) if ended.wave_id else redirect("sending")


@require_GET
def wave_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far a wave has come, and how to pause or cancel it."""
    return _show_wave(request, get_object_or_404(Wave, pk=pk))


@require_POST
def pause_wave(request: HttpRequest, pk: int) -> HttpResponse:
    """Pause a wave."""
    wave = get_object_or_404(Wave, pk=pk)
    form = ReasonForm(request.POST, auto_id="pause_%s")
    if not form.is_valid():
        return _show_wave(request, wave, 400, pausing=form)
    pause(form.cleaned_data["reason"], at=timezone.now(), by_id=staff_id(request), wave_id=pk)
    messages.success(request, f"{wave} is paused.")
    return redirect("sending-wave", pk)


@require_POST
def cancel_rest(request: HttpRequest, pk: int) -> HttpResponse:
    """Send nothing more of a wave, for good."""
    wave = get_object_or_404(Wave, pk=pk)
    form = ReasonForm(request.POST, auto_id="cancel_%s")
    if form.is_valid() and wave.open:
        form.add_error(None, "This wave is still being planned. Pause it now, and cancel it when its planning is done.")
    if not form.is_valid():
        return _show_wave(request, wave, 400, cancelling=form)
    now = timezone.now()
    cancel_wave(wave, form.cleaned_data["reason"], at=now, by_id=staff_id(request))
    cancelled = give_back(wave, at=now, most=AT_ONCE)
    messages.success(request, f"{cancelled:,} invitations are cancelled; these customers may be asked by others again.")
    if being_cancelled().filter(pk=pk).exists():
        messages.info(request, "The rest follows within minutes. Nothing of this wave is sent meanwhile.")
    return redirect("sending-wave", pk)


@require_POST
def settle_unknown(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a person's word on whether a message of unknown fate went out."""
    invitation = get_object_or_404(Invitation, pk=pk)
    answer = request.POST.get("sent")
    if answer not in SAY:
        return HttpResponseBadRequest("Say sent=yes or sent=no.", content_type="text/plain")
    if SAY[answer](invitation.pk, at=timezone.now(), by_id=staff_id(request)):
        messages.success(request, TOLD[answer])
    else:
        messages.info(request, "Its fate is known already: nothing was changed.")
    return redirect("sending")


def _show(request: HttpRequest, status: int = 200, **bound: forms.Form) -> HttpResponse:
    """Show the page with the forms that are `bound`, by name, and empty ones for the others.

    Who reads only some brands sees what holds their programs back and which of their messages wait for a person.
    """
    now, reader = timezone.now(), reader_of_request(request)
    for form in bound.values():
        focus_on_error(form)
    unknown, halted = visible_to(reader, for_a_person(now)), visible_to(reader, stopped(now))
    ended = visible_to(reader, Pause.objects.filter(ended_at__isnull=False))
    forms_shown = {"everything": ReasonForm(auto_id="all_%s"), "some": PauseForm(reader, auto_id="some_%s")} | bound
    return show(
        request,
        "cxsurvey/sending.html",
        status,
        title="Sending",
        **(_of_all(request, now) if reader.brands is None else _of_some(reader, unknown, halted)),
        unknown=_unknown(shown_rows(unknown, reader)),
        unknown_shown=UNKNOWN_SHOWN,
        stopped=_stopped(shown_rows(halted, reader)),
        stopped_shown=STOPPED_SHOWN,
        ended=ended.select_related("program", "wave", "by", "ended_by").order_by("-ended_at")[:EARLIER_SHOWN],
        **forms_shown,
    )


def _of_all(request: HttpRequest, now: datetime) -> dict[str, Any]:
    """How sending as a whole is going, and its waves."""
    before = request.GET.get("before", "")
    waves = newest_waves(now, int(before) if before.isdecimal() else None)
    state = sending_now(now)
    return {
        "state": state,
        "pauses": [(pause, True) for pause in state.pauses],
        "unknown_count": state.for_a_person,
        "stopped_count": state.stopped,
        "waves": wave_states(waves),
        "earlier": waves[-1].pk if len(waves) == LOOKED_AT else None,
    }


def _of_some(reader: Reader, unknown: QuerySet[Invitation], halted: QuerySet[Invitation]) -> dict[str, Any]:
    """What holds messages of some brands back; who reads only those resumes nothing but their programs."""
    pauses = open_pauses().select_related("program__survey", "wave", "by")
    return {
        "pauses": [
            (pause, pause.program is not None)
            for pause in pauses
            if pause.program is None or reader.reads([pause.program.survey.brand_id])
        ],
        "unknown_count": unknown.count(),
        "stopped_count": halted.count(),
    }


def _unknown(invitations: QuerySet[Invitation]) -> list[tuple[Invitation, Attempt | None]]:
    """Messages for a person, the oldest first, each with its newest attempt, whose name its provider may know."""
    oldest = invitations.select_related("customer", "program").prefetch_related("attempts").order_by("due_at", "pk")
    return [
        (one, max(one.attempts.all(), key=lambda attempt: attempt.number, default=None))
        for one in oldest[:UNKNOWN_SHOWN]
    ]


def _stopped(invitations: QuerySet[Invitation]) -> list[tuple[Invitation, str]]:
    """Messages that an error of ours stops, the soonest to be tried first, each with that error."""
    soonest = invitations.select_related("customer", "program", "version__survey").order_by("due_at", "pk")
    return [(one, one.state_reason.removeprefix(MARK)) for one in soonest[:STOPPED_SHOWN]]


def _show_wave(request: HttpRequest, wave: Wave, status: int = 200, **bound: forms.Form) -> HttpResponse:
    for form in bound.values():
        focus_on_error(form)
    forms_shown = {"pausing": ReasonForm(auto_id="pause_%s"), "cancelling": ReasonForm(auto_id="cancel_%s")} | bound
    state = next(iter(wave_states([wave])), None)
    held_by = wave.pauses.filter(ended_at=None).select_related("by").first()
    context = {"title": str(wave), "wave": wave, "state": state, "pause": held_by}
    return show(request, "cxsurvey/sending_wave.html", status, **context, **forms_shown)


_SEES, _PAUSES, _CHANGES = ("surveys.view_pause",), ("surveys.add_pause",), ("surveys.change_pause",)
urlpatterns = [
    admin_page("sending/", sending_page, "sending", *_SEES),
    admin_page("sending/pause/", pause_everything, "sending-pause", *_SEES, *_PAUSES),
    admin_page("sending/pause-some/", pause_some, "sending-pause-some", *_SEES, *_PAUSES),
    admin_page("sending/pauses/<int:pk>/resume/", end_pause, "sending-resume", *_SEES, *_CHANGES),
    admin_page("sending/waves/<int:pk>/", wave_page, "sending-wave", *_SEES),
    admin_page("sending/waves/<int:pk>/pause/", pause_wave, "sending-wave-pause", *_SEES, *_PAUSES),
    admin_page("sending/waves/<int:pk>/cancel/", cancel_rest, "sending-wave-cancel", *_SEES, *_CHANGES),
    admin_page("sending/unknown/<int:pk>/", settle_unknown, "sending-unknown", *_SEES, *_CHANGES),
]
