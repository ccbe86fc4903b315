"""The page of the admin on which everything about a customer is erased, because she wishes it."""

from django import forms
from django.contrib import messages
from django.contrib.admin.models import DELETION
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from contacts.brands import records_read
from contacts.gate.audit import audit
from contacts.guarded import admin_page, show, staff_id
from contacts.models import Customer
from contacts.models.words import Via
from contacts.persons import read_records
from contacts.readers import SEES_PERSONAL, reader_of_request
from cxsurvey.erasing import erase


class EraseForm(forms.Form):
    """That it is really meant, and how the wish came."""

    via = forms.ChoiceField(
        label="How the customer said so",
        choices=[(Via.CALL.value, "On the phone"), (Via.STAFF.value, "By letter, email or in person")],
    )
    sure = forms.BooleanField(
        label="I have made sure that it is this customer who wishes it",
        error_messages={"required": "Tick this first: what is erased cannot be brought back."},
    )


def erase_page(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Say what is erased and what is left, and erase it once somebody is sure; the records of all brands, or none."""
    customer = get_object_or_404(Customer, pk=customer_id)
    form = EraseForm(request.POST or None)
    records, reader = read_records([customer.pk]), reader_of_request(request)
    if reader.brands is not None and len(records_read(customer.pk, reader)) < len(records):
        raise PermissionDenied
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            at = timezone.now()
            erase(customer.pk, at=at, via=form.cleaned_data["via"])
            customer.refresh_from_db()
            audit(customer, DELETION, "Erased all that was known.", by_id=staff_id(request), at=at)
        messages.success(request, "Erased: nothing here says any more who this was, and nobody contacts her again.")
        return redirect("customer-page", customer.person_id)
    return show(
        request,
        "cxsurvey/erase.html",
        400 if form.errors else 200,
        title=f"Erase all about {customer}",
        customer=customer,
        records=records,
        form=form,
    )


urlpatterns = [
    admin_page(
        "customers/<int:customer_id>/erase/",
        erase_page,
        "customer-erase",
        "contacts.view_customer",
        "contacts.erase_customer",
        SEES_PERSONAL,
    ),
]
