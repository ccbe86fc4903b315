"""The admin's pages that show several rooms at once: the customer's page, and what is done from it."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.contrib.admin.models import CHANGE
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from contacts import consent, gate
from contacts.duplicates import lookalikes
from contacts.gate import LeaveError
from contacts.gate.audit import audit
from contacts.guarded import admin_page, show, staff_id
from contacts.hiding import shown
from contacts.models import Appointment, Customer, Decision
from contacts.proof import Proof
from contacts.readers import SEES_PERSONAL, reader_of_request
from contacts.refusing import Refusal, refusal_of
from cxsurvey.customer_forms import AppointmentForm, CallForm, OptOutForm, OverrideForm, add_leave_error, focus_on_error
from cxsurvey.customer_page import next_contacts, open_appointments, timeline
from cxsurvey.same_person import records_of_person


def customer_page(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Show the person's story and when they may be asked next."""
    return _show(request, get_object_or_404(Customer.objects.select_related("account"), pk=customer_id))


@require_POST
def log_call(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Log a call where the rules allow it; else refuse it on the page, with the reasons and what can be done."""
    customer = get_object_or_404(Customer, pk=customer_id)
    form = CallForm(customer, request.POST, reader=reader_of_request(request))
    if not form.is_valid():
        return _show(request, customer, 400, call_form=form)
    now = timezone.now()
    try:
        decision = gate.log_call(
            customer.pk,
            form.cleaned_data["outcome"],
            at=now,
            by_id=staff_id(request),
            touchpoint_id=form.touchpoint_id,
            seconds=60 * form.cleaned_data["minutes"],
            named=form.named,
        )
    except LeaveError as error:
        add_leave_error(form, error)
        return _show(request, customer, 400, call_form=form)
    if decision.result != Decision.Result.SEND:
        return _show(
            request, customer, 409, refusal_of(decision, customer, now, reader_of_request(request)), call_form=form
        )
    agreed = " The appointment is recorded." if form.named else ""
    messages.success(request, f"The call is logged and counts.{agreed}")
    return redirect("customer-page", customer.pk)


@require_POST
def appoint(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Record the time at which the customer asked to be called."""
    customer = get_object_or_404(Customer, pk=customer_id)
    form = AppointmentForm(customer, request.POST, auto_id="appointment_%s", reader=reader_of_request(request))
    if form.is_valid() and form.named:
        try:
            gate.appoint(
                customer.pk,
                form.named,
                at=timezone.now(),
                by_id=staff_id(request),
                touchpoint_id=form.touchpoint_id,
            )
        except LeaveError as error:
            add_leave_error(form, error)
    if form.errors:
        return _show(request, customer, 400, appointment_form=form)
    messages.success(request, "The appointment is recorded. The call is allowed at that time.")
    return redirect("customer-page", customer.pk)


@require_POST
def cancel_appointment(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel an appointment that the customer does not want any more."""
    appointment = get_object_or_404(Appointment, pk=pk)
    try:
        gate.cancel_appointment(pk, at=timezone.now(), by_id=staff_id(request))
    except gate.GateError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The appointment is cancelled.")
    return redirect("customer-page", appointment.customer_id)


@require_POST
def override(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Let one contact pass the policy, for a reason and until an end."""
    customer = get_object_or_404(Customer, pk=customer_id)
    form = OverrideForm(request.POST, auto_id="override_%s")
    if form.is_valid():
        try:
            gate.override(customer.pk, **form.cleaned_data, by_id=staff_id(request), at=timezone.now())
        except LeaveError as error:
            add_leave_error(form, error)
    if form.errors:
        return _show(request, customer, 400, override_form=form)
    messages.success(request, "The override is recorded. It serves for one contact, which counts.")
    return redirect("customer-page", customer.pk)


@require_POST
def opt_out(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Record a customer's no; it takes effect at once."""
    customer = get_object_or_404(Customer, pk=customer_id)
    form = OptOutForm(request.POST, auto_id="opt_out_%s")
    if not form.is_valid():
        return _show(request, customer, 400, opt_out_form=form)
    channel, via, now = form.cleaned_data["channel"], form.cleaned_data["via"], timezone.now()
    with transaction.atomic():
        proof = Proof(wording=form.cleaned_data["wording"], by_id=staff_id(request))
        consent.opt_out(customer.pk, channel, at=now, via=via, proof=proof)
        audit(customer, CHANGE, f"Opted out: {channel or 'everything'}.", by_id=staff_id(request), at=now)
    messages.success(request, "Recorded. Nothing more is sent from this moment on.")
    return redirect("customer-page", customer.pk)


def _show(
    request: HttpRequest,
    customer: Customer,
    status: int = 200,
    refusal: Refusal | None = None,
    **bound: forms.Form,
) -> HttpResponse:
    """Show the page with the forms that are `bound`, by name, and empty ones for the others."""
    now, reader = timezone.now(), reader_of_request(request)
    records = records_of_person(customer, reader)
    alike = lookalikes([record.pk for record in records], reader)
    for row in (customer, *records, *(one.customer for one in alike)):
        shown(row, reader)
    for form in bound.values():
        focus_on_error(form)
    empty = {
        "call_form": CallForm(customer, reader=reader),
        "appointment_form": AppointmentForm(customer, auto_id="appointment_%s", reader=reader),
        "override_form": OverrideForm(initial={"ends_at": now + timedelta(days=1)}, auto_id="override_%s"),
        "opt_out_form": OptOutForm(auto_id="opt_out_%s"),
    }
    return show(
        request,
        "cxsurvey/customer_page.html",
        status,
        title=str(customer),
        customer=customer,
        reader=reader,
        refusal=refusal,
        next_contacts=next_contacts(customer, now),
        appointments=open_appointments(customer, now, reader),
        timeline=timeline(customer, reader),
        records=records,
        lookalikes=alike,
        **(empty | bound),
    )


_SEES = "contacts.view_customer"
_ACTS = (_SEES, SEES_PERSONAL)
urlpatterns = [
    admin_page("customers/<int:customer_id>/", customer_page, "customer-page", _SEES),
    admin_page("customers/<int:customer_id>/call/", log_call, "customer-call", *_ACTS, "contacts.add_contact"),
    admin_page(
        "customers/<int:customer_id>/appointment/",
        appoint,
        "customer-appointment",
        *_ACTS,
        "contacts.add_appointment",
    ),
    admin_page(
        "appointments/<int:pk>/cancel/",
        cancel_appointment,
        "appointment-cancel",
        *_ACTS,
        "contacts.change_appointment",
    ),
    admin_page("customers/<int:customer_id>/override/", override, "customer-override", *_ACTS, "contacts.add_override"),
    admin_page("customers/<int:customer_id>/opt-out/", opt_out, "customer-opt-out", *_ACTS, "contacts.add_optout"),
]
