"""Pages of the admin on which customer records are found to be one person, merged, and taken apart again."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from contacts.brands import records_read, visible_to
from contacts.duplicates import find_customers, lookalikes
from contacts.guarded import admin_page, show, staff_id
from contacts.merging import MergeError, are_different, merge, split
from contacts.models import Customer, Proposal
from contacts.readers import SEES_PERSONAL, Reader, reader_of_request
from cxsurvey.same_person import side_by_side


class SearchForm(forms.Form):
    """Whom somebody looks for."""

    q = forms.CharField(label="Id, name, email or phone number of the other record", max_length=254)


class MergeForm(forms.Form):
    """Why two records are one person."""

    why = forms.CharField(
        label="How do you know that this is one person",
        help_text="Kept in the log for good: please no names, addresses or numbers.",
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=500,
    )


@require_GET
def same_person(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Look for the other record of the person."""
    customer = get_object_or_404(Customer, pk=customer_id)
    reader = reader_of_request(request)
    own = records_read(customer.pk, reader)
    form = SearchForm(request.GET if "q" in request.GET else None)
    return show(
        request,
        "cxsurvey/same_person.html",
        title=f"{customer} is the same person as ...",
        customer=customer,
        form=form,
        found=find_customers(form.cleaned_data["q"], besides=own, reader=reader) if form.is_valid() else [],
        lookalikes=lookalikes(own, reader),
    )


def merge_page(request: HttpRequest, customer_id: int, other_id: int) -> HttpResponse:
    """Show both side by side; merge the other one into the customer once somebody says why."""
    customer, other = (get_object_or_404(Customer, pk=pk) for pk in (customer_id, other_id))
    form = MergeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        why = form.cleaned_data["why"]
        try:
            merge(other.pk, into=customer.pk, at=timezone.now(), by_id=staff_id(request), why=why)
        except MergeError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "These records are one person now: contacts, opt-outs and wishes count together.")
            return redirect("customer-page", customer.person_id)
    return show(
        request,
        "cxsurvey/merge.html",
        400 if form.errors else 200,
        title="Is this one person?",
        customer=customer,
        other=other,
        lines=side_by_side(customer, other, reader_of_request(request)),
        form=form,
    )


@require_GET
def proposal_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show two records that may be one person side by side, with why, and both ways to decide."""
    proposal = get_object_or_404(Proposal.objects.select_related("first", "second", "by"), pk=pk)
    return show(
        request,
        "cxsurvey/merge.html",
        title="Is this one person?",
        customer=proposal.first,
        other=proposal.second,
        lines=side_by_side(proposal.first, proposal.second, reader_of_request(request)),
        form=MergeForm(),
        proposal=proposal,
    )


@require_POST
def not_the_same(request: HttpRequest, pk: int) -> HttpResponse:
    """Remember that the two are different people, and lead to the next pair that waits."""
    proposal = get_object_or_404(Proposal, pk=pk)
    try:
        are_different(proposal.first_id, proposal.second_id, at=timezone.now(), by_id=staff_id(request))
    except MergeError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Remembered: two people. Nobody is asked about them again.")
    return _next_proposal(reader_of_request(request))


def _next_proposal(reader: Reader) -> HttpResponse:
    open_ones = visible_to(reader, Proposal.objects.filter(state=Proposal.State.OPEN))
    waiting = open_ones.order_by("found_at", "pk").first()
    return redirect("proposal", waiting.pk) if waiting else redirect("admin:contacts_proposal_changelist")


@require_POST
def take_apart(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Make a merged record a person of its own again."""
    customer = get_object_or_404(Customer, pk=customer_id)
    try:
        split(customer.pk, at=timezone.now(), by_id=staff_id(request))
    except MergeError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Taken apart: this record is a person of its own again, with what came for it.")
    return redirect("customer-page", customer.pk)


_SEES = ("contacts.view_customer", SEES_PERSONAL)
_MERGE = (*_SEES, "contacts.merge_customer")
urlpatterns = [
    admin_page("customers/<int:customer_id>/same-person/", same_person, "customer-same-person", *_MERGE),
    admin_page("customers/<int:customer_id>/same-person/<int:other_id>/", merge_page, "customer-merge", *_MERGE),
    admin_page("proposals/<int:pk>/", proposal_page, "proposal", *_SEES, "contacts.view_proposal"),
    admin_page("proposals/<int:pk>/different/", not_the_same, "proposal-different", *_MERGE),
    admin_page("customers/<int:customer_id>/take-apart/", take_apart, "customer-take-apart", *_MERGE),
]
