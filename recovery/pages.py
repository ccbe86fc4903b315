"""A follow-up's page in the admin: the customer's words, the story so far, and the next step."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from contacts.explaining import say_decision
from contacts.guarded import admin_page, show, staff_id
from contacts.hiding import shown, shown_rows
from contacts.readers import SEES_PERSONAL, reader_of_request
from recovery import followups
from recovery.models import FollowUp
from surveys.story import told


class NoteForm(forms.Form):
    """A line for the story."""

    text = forms.CharField(label="What happened", widget=forms.Textarea(attrs={"rows": 3}), max_length=5000)


class CloseForm(forms.Form):
    """How it ended: with something that the customer can see, or with a reason why there is nothing."""

    action = forms.CharField(
        label="What was done for the customer",
        help_text="The customer is then asked once whether it is fixed, if the frequency policy allows it.",
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        max_length=5000,
    )
    no_action_reason = forms.CharField(
        label="Or why nothing was done",
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
        max_length=5000,
    )


def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the follow-up."""
    return _show(request, _get(pk), NoteForm(), CloseForm())


@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Give it to whoever is logged in."""
    follow_up = _get(pk)
    try:
        followups.assign(follow_up, staff_id(request), by_id=staff_id(request), at=timezone.now())
    except followups.FollowUpError as error:
        messages.error(request, str(error))
    return redirect("follow-up", pk)


@require_POST
def note(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a line to the story."""
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _show(request, _get(pk), form, CloseForm(), status=400)
    followups.note(_get(pk), form.cleaned_data["text"], by_id=staff_id(request), at=timezone.now())
    return redirect("follow-up", pk)


@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close it, and say whether the customer will be asked."""
    follow_up, form = _get(pk), CloseForm(request.POST)
    if not form.is_valid():
        return _show(request, follow_up, NoteForm(), form, status=400)
    try:
        closed = followups.close(follow_up, **form.cleaned_data, by_id=staff_id(request), at=timezone.now())
    except followups.FollowUpError as error:
        form.add_error(None, str(error))
        return _show(request, follow_up, NoteForm(), form, status=400)
    messages.success(request, _what_follows(closed, follow_up.customer.time_zone))
    return redirect("follow-up", pk)


def _what_follows(closed: followups.Closed, zone: str) -> str:
    if closed.check:
        return "Closed. The customer is asked whether it is fixed; a no opens it again."
    if closed.refusal:
        refusal = closed.refusal
        why = say_decision(refusal.result, refusal.allowed_at, refusal.reasons, zone)
        return f"Closed. The customer is not asked whether it is fixed: {why}"
    return "Closed."


def _get(pk: int) -> FollowUp:
    follow_ups = FollowUp.objects.select_related(
        "customer", "owner", "response__touchpoint", "response__version__survey"
    )
    return get_object_or_404(follow_ups, pk=pk)


def _show(
    request: HttpRequest, follow_up: FollowUp, note: NoteForm, close: CloseForm, status: int = 200
) -> HttpResponse:
    reader = reader_of_request(request)
    shown(follow_up, reader)
    return show(
        request,
        "recovery/follow_up.html",
        status,
        title=f"Follow-up: {follow_up.customer}",
        follow_up=follow_up,
        reader=reader,
        said=told(follow_up.response).shown(reader),
        notes=shown_rows(follow_up.notes.select_related("by"), reader),
        note_form=note,
        close_form=close,
        now=timezone.now(),
    )


_CHANGE = ("recovery.view_followup", "recovery.change_followup", SEES_PERSONAL)
urlpatterns = [
    admin_page("follow-ups/<int:pk>/", page, "follow-up", "recovery.view_followup"),
    admin_page("follow-ups/<int:pk>/take/", take, "follow-up-take", *_CHANGE),
    admin_page("follow-ups/<int:pk>/note/", note, "follow-up-note", *_CHANGE, "recovery.add_followupnote"),
    admin_page("follow-ups/<int:pk>/close/", close, "follow-up-close", *_CHANGE),
]
