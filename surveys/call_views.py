"""The interviewers' work list: the next call, its case, how it ended. Everything is decided elsewhere."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from contacts.gate import LeaveError
from contacts.guarded import admin_page, staff_id
from contacts.models import Customer
from contacts.readers import SEES_PERSONAL, Reader, reader_of_request
from contacts.story import Moment
from surveys import call_pages
from surveys.call_forms import ResultForm, answers_of
from surveys.calls import claiming, results
from surveys.calls.cases import CASES
from surveys.calls.watching import watch
from surveys.models import CallCase
from surveys.questionnaires import questionnaire
from surveys.questions.reading import AnswerError

#: A person's story and the response rates come from rooms that this one must not import: the composition root hands
#: them in with the addresses.
FindStory = Callable[[Customer, Reader], Sequence[Moment]]
FindRates = Callable[[datetime, Reader], Sequence[Mapping[str, Any]]]

SEES_RATES = "surveys.view_response"
NOBODY = "Nobody may be called now. What waits is listed below, with the next time that a customer named."

TAKEN = "Somebody else has this case, this customer or this number on the phone, or the case is closed."


@require_safe
def work_list(request: HttpRequest, rates: FindRates) -> HttpResponse:
    """Show what there is to do, and to who may see them the response rates."""
    now, reader = timezone.now(), reader_of_request(request)
    context = {
        "title": "Calls",
        "in_hand": claiming.held_by(staff_id(request), now),
        "waiting": call_pages.waiting(now, reader),
        "appointments": call_pages.appointments(now, reader),
        "rates": rates(now, reader) if request.user.has_perm(SEES_RATES) else None,
    }
    return render(request, "surveys/calls/list.html", context)


@require_POST
def next_call(request: HttpRequest) -> HttpResponse:
    """Give the interviewer the next best case."""
    case = claiming.take_next(staff_id(request), timezone.now(), reader_of_request(request))
    if case is None:
        messages.info(request, NOBODY)
        return redirect("calls")
    return redirect("call", case.pk)


@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the interviewer this case, if nobody has it."""
    get_object_or_404(CallCase, pk=pk)
    if not claiming.take(pk, staff_id(request), timezone.now()):
        messages.warning(request, TAKEN)
    return redirect("call", pk)


@require_safe
def case(request: HttpRequest, pk: int, story: FindStory) -> HttpResponse:
    """Show the case: who she is, what she lived through, what may be asked now."""
    found = get_object_or_404(CASES, pk=pk)
    return _show(request, found, story, 200)


@require_safe
def state(request: HttpRequest, pk: int) -> HttpResponse:
    """Say whether the case on the screen is still the interviewer's to call; `?dialled=1` once she has dialled."""
    get_object_or_404(CallCase, pk=pk)
    seen = watch(pk, staff_id(request), timezone.now(), dialled="dialled" in request.GET)
    return JsonResponse({"state": seen.state, "text": seen.text})


@require_POST
def hold(request: HttpRequest, pk: int) -> HttpResponse:
    """Hold the case on while the interviewer works on it."""
    return JsonResponse({"held": claiming.hold(pk, staff_id(request), timezone.now())})


@require_POST
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the case back uncalled."""
    claiming.release(pk, staff_id(request))
    messages.info(request, "The case is free again.")
    return redirect("calls")


@require_POST
def result(request: HttpRequest, pk: int, story: FindStory) -> HttpResponse:
    """Log how the call ended; what came too late is kept, and told."""
    found = get_object_or_404(CASES, pk=pk)
    form = ResultForm(found, staff_id(request), request.POST)
    if not form.is_valid():
        return _show(request, found, story, 409 if "offer" in form.errors else 400, form=form)
    questions = questionnaire(found.version, found.language).words.questions
    try:
        attempt = results.log(pk, form.call(answers_of(request.POST, questions)), timezone.now())
    except LeaveError as error:
        form.add_error(error.place if error.place in form.fields else None, f"{error.text[0].upper()}{error.text[1:]}")
        return _show(request, found, story, 400, form=form)
    except AnswerError as error:
        return _show(request, found, story, 422, form=form, problems=error.problems)
    if attempt.late:
        return render(
            request, "surveys/calls/late.html", {"title": str(found.customer), "attempt": attempt}, status=409
        )
    messages.success(
        request, f"{found.customer}: {attempt.get_outcome_display().lower()}. The call is logged and counts."
    )
    return redirect("calls")


def _show(request: HttpRequest, found: CallCase, story: FindStory, status: int, **given: Any) -> HttpResponse:
    reader = reader_of_request(request)
    context = call_pages.case_page(found, staff_id(request), timezone.now(), reader, **given)
    return render(
        request, "surveys/calls/case.html", context | {"timeline": story(found.customer, reader)}, status=status
    )


def call_addresses(story: FindStory, rates: FindRates) -> list[URLPattern]:
    """Return what lies under /calls/ for `include()`.

    `story` tells everything that happened with a customer, newest first; `rates` the response rates of the programs by
    phone as known at an instant, as rows with `value`, `n`, `rr1`, `rr3` and `state`; both as far as somebody may read
    it.
    """
    rights = ("contacts.view_customer", "surveys.add_callattempt", SEES_PERSONAL)
    return [
        admin_page("", partial(work_list, rates=rates), "calls", *rights),
        admin_page("next/", next_call, "call-next", *rights),
        admin_page("<int:pk>/", partial(case, story=story), "call", *rights),
        admin_page("<int:pk>/take/", take, "call-take", *rights),
        admin_page("<int:pk>/state/", state, "call-state", *rights),
        admin_page("<int:pk>/hold/", hold, "call-hold", *rights),
        admin_page("<int:pk>/release/", release, "call-release", *rights),
        admin_page("<int:pk>/result/", partial(result, story=story), "call-result", *rights),
    ]
