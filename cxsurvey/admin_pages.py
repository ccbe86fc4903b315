"""The admin's pages that show several rooms at once: the customer's page, and what is done from it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from contacts import consent, gate
from contacts.duplicates import lookalikes
from contacts.explaining import say_decision
from contacts.guarded import admin_page, show, staff_id
from contacts.models import Customer, Decision, Touchpoint
from contacts.models.words import CALL_OUTCOMES, Channel, Via
from contacts.persons import read_records
from cxsurvey.customer_page import next_contacts, timeline
from cxsurvey.same_person import records_of_person


class CallForm(forms.Form):
    """A call that was dialled: how it ended, and about which experience it was."""

    outcome = forms.ChoiceField(
        label="How did it end", choices=[(outcome.value, outcome.label) for outcome in CALL_OUTCOMES]
    )
    minutes = forms.IntegerField(label="Talk time in minutes", min_value=0, max_value=600, initial=0)

    def __init__(self, customer: Customer, *args: Any) -> None:
        super().__init__(*args)
        records = [record.id for record in read_records([customer.pk])]
        newest = Touchpoint.objects.filter(customer__in=records).order_by("-occurred_at")
        self.fields["touchpoint"] = forms.ModelChoiceField(
            newest, label="About", required=False, empty_label="Nothing in particular", initial=newest.first()
        )


class OptOutForm(forms.Form):
    """A customer's no that reached us by other means than a link."""

    channel = forms.ChoiceField(label="Stop", choices=[("", "Everything"), *Channel.choices], required=False)
    via = forms.ChoiceField(
        label="How we know", choices=[(via.value, via.label) for via in (Via.CALL, Via.COMPLAINT, Via.STAFF)]
    )
    wording = forms.CharField(label="In the customer's words", required=False, max_length=1000)


def customer_page(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Show the person's story and when they may be asked next."""
    customer = get_object_or_404(Customer.objects.select_related("account"), pk=customer_id)
    return _show(request, customer, CallForm(customer), OptOutForm())


@require_POST
def log_call(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Log a call where the rules allow it; else refuse it on the page, with the reason and the next allowed time."""
    customer = get_object_or_404(Customer, pk=customer_id)
    form = CallForm(customer, request.POST)
    if not form.is_valid():
        return _show(request, customer, form, OptOutForm(), status=400)
    touchpoint = form.cleaned_data["touchpoint"]
    decision = gate.log_call(
        customer.pk,
        form.cleaned_data["outcome"],
        at=timezone.now(),
        by_id=staff_id(request),
        touchpoint_id=touchpoint.pk if touchpoint else None,
        seconds=60 * form.cleaned_data["minutes"],
    )
    if decision.result != Decision.Result.SEND:
        text = say_decision(decision.result, decision.allowed_at, decision.reasons, customer.time_zone)
        messages.error(request, f"This call is not allowed and was not logged. {text}")
        return _show(request, customer, form, OptOutForm(), status=409)
    messages.success(request, "The call is logged and counts.")
    return redirect("customer-page", customer.pk)


@require_POST
def opt_out(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Record a customer's no; it takes effect at once."""
    customer = get_object_or_404(Customer, pk=customer_id)
    form = OptOutForm(request.POST)
    if not form.is_valid():
        return _show(request, customer, CallForm(customer), form, status=400)
    consent.opt_out(
        customer.pk,
        form.cleaned_data["channel"],
        at=timezone.now(),
        via=form.cleaned_data["via"],
        wording=form.cleaned_data["wording"],
    )
    messages.success(request, "Recorded. Nothing more is sent from this moment on.")
    return redirect("customer-page", customer.pk)


def _show(request: HttpRequest, customer: Customer, call: CallForm, no: OptOutForm, status: int = 200) -> HttpResponse:
    records = records_of_person(customer)
    return show(
        request,
        "cxsurvey/customer_page.html",
        status,
        title=str(customer),
        customer=customer,
        next_contacts=next_contacts(customer, timezone.now()),
        timeline=timeline(customer),
        records=records,
        lookalikes=lookalikes([record.pk for record in records]),
        call_form=call,
        opt_out_form=no,
    )


urlpatterns = [
    admin_page("customers/<int:customer_id>/", customer_page, "customer-page", "contacts.view_customer"),
    admin_page(
        "customers/<int:customer_id>/call/", log_call, "customer-call", "contacts.view_customer", "contacts.add_contact"
    ),
    admin_page(
        "customers/<int:customer_id>/opt-out/",
        opt_out,
        "customer-opt-out",
        "contacts.view_customer",
        "contacts.add_optout",
    ),
]
