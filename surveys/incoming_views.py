"""The page of one reply by SMS: what was written, what it can be about, and what a person makes of it."""

from collections.abc import Collection, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from contacts.brands import visible_to
from contacts.guarded import admin_page, show, staff_id
from contacts.models.words import Channel
from contacts.readers import SEES_PERSONAL, Reader, reader_of_request
from surveys.models import IncomingSms, Invitation, Question
from surveys.reply_answers import question_of
from surveys.reply_list import ReplyError, mark_seen, questions_for, take_as_answer, take_as_opt_out
from surveys.senders import Asked, who_has

EARLIER = 20
"""Messages of the same number that are shown beside the reply."""
SCORES = [(str(score), str(score)) for score in range(11)]
EVERYTHING = "all"
YES_NO = [("1", "Yes"), ("0", "No")]
MEANS_BOTH = [("0", "0, or no"), ("1", "1, or yes")]


def _offered(kinds: Collection[str]) -> Sequence[tuple[str, str]]:
    """What questions of these kinds take."""
    if Question.Kind.NPS not in kinds:
        return YES_NO
    return [*MEANS_BOTH, *SCORES[2:]] if Question.Kind.YES_NO in kinds else SCORES


class AnswerForm(forms.Form):
    """Which question the reply answers, and what it says; `number` offers what the question takes."""

    invitation = forms.TypedChoiceField(label="About", coerce=int)
    number = forms.TypedChoiceField(label="The answer is", coerce=int)

    def __init__(self, sms: IncomingSms, reader: Reader, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = _readable(questions_for(sms), reader)
        kinds = {question.kind for one in asked if (question := question_of(one.version))}
        self.fields["invitation"].choices = [(one.pk, _named(one)) for one in asked]  # type: ignore[attr-defined]
        self.fields["number"].choices = [("", "Choose"), *_offered(kinds)]  # type: ignore[attr-defined]
        self.possible = bool(kinds)


class OptOutForm(forms.Form):
    """What the customer wants no more."""

    channel = forms.ChoiceField(
        label="The customer wants",
        choices=[(Channel.SMS.value, "No more SMS"), (EVERYTHING, "No more messages or calls at all")],
    )

    @property
    def refused(self) -> str:
        """The channel, or empty for everything."""
        channel = str(self.cleaned_data["channel"])
        return "" if channel == EVERYTHING else channel


def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the reply."""
    sms = _get(pk)
    return _show(request, sms, AnswerForm(sms, reader_of_request(request)))


@require_POST
def seen(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it off the list."""
    mark_seen([_get(pk).pk], by_id=staff_id(request), at=timezone.now())
    return _done(request, "Seen: it is off the list.")


@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it as the answer to a question."""
    sms = _get(pk)
    form = AnswerForm(sms, reader_of_request(request), request.POST)
    if form.is_valid():
        invitation, number = form.cleaned_data["invitation"], form.cleaned_data["number"]
        try:
            take_as_answer(pk, invitation, number, by_id=staff_id(request), at=timezone.now())
        except ReplyError as error:
            form.add_error(None, str(error))
    if form.errors:
        return _show(request, sms, form, 400)
    return _done(request, "Taken as the answer. It counts as if the customer had chosen it on the page.")


@require_POST
def opt_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it as the customer's no."""
    sms = _get(pk)
    form = OptOutForm(request.POST)
    if not form.is_valid():
        return _show(request, sms, AnswerForm(sms, reader_of_request(request)), 400)
    take_as_opt_out(pk, form.refused, by_id=staff_id(request), at=timezone.now())
    return _done(request, "Recorded. Nothing more is sent from this moment on.")


def _get(pk: int) -> IncomingSms:
    return get_object_or_404(IncomingSms.objects.select_related("customer", "invitation", "seen_by"), pk=pk)


def _done(request: HttpRequest, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect("admin:surveys_incomingsms_changelist")


def _readable(asked: Sequence[Asked], reader: Reader) -> list[Invitation]:
    """The invitations that somebody may read; no statement for who reads all brands."""
    found = [one.invitation for one in asked]
    if reader.brands is None:
        return found
    theirs = visible_to(reader, Invitation.objects.filter(pk__in=[one.pk for one in found]))
    ids = set(theirs.values_list("pk", flat=True))
    return [one for one in found if one.pk in ids]


def _named(invitation: Invitation) -> str:
    when = timezone.localtime(invitation.sent_at or invitation.due_at)
    return f"{invitation.version.survey}, {invitation.customer}, sent {when:%Y-%m-%d %H:%M}"


def _show(request: HttpRequest, sms: IncomingSms, form: AnswerForm, status: int = 200) -> HttpResponse:
    reader = reader_of_request(request)
    of_number = visible_to(reader, IncomingSms.objects.filter(sender=sms.sender))
    others = of_number.exclude(pk=sms.pk).order_by("-at", "-pk")
    having = {identifier.customer_id: identifier.customer for identifier in who_has(sms.sender).identifiers}
    customers = {pk: one for pk, one in having.items() if reader.brands is None or one.brand_id in reader.brands}
    return show(
        request,
        "surveys/reply.html",
        status,
        title="Reply by SMS",
        sms=sms,
        customers=customers.values(),
        others=others[:EARLIER],
        answer_form=form,
        opt_out_form=OptOutForm(),
    )


_SEES = ("surveys.view_incomingsms", SEES_PERSONAL)
_CHANGES = (*_SEES, "surveys.change_incomingsms")
urlpatterns = [
    admin_page("replies/<int:pk>/", page, "reply", *_SEES),
    admin_page("replies/<int:pk>/seen/", seen, "reply-seen", *_CHANGES),
    admin_page("replies/<int:pk>/answer/", answer, "reply-answer", *_CHANGES),
    admin_page("replies/<int:pk>/opt-out/", opt_out, "reply-opt-out", *_CHANGES),
]
