"""The page of the admin on which all that is known of a customer is read, and taken out for her."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST

from contacts.guarded import admin_page, show
from contacts.models import Customer
from contacts.readers import SEES_PERSONAL
from cxsurvey.access import archive, sections


def data_page(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Show everything that is kept about the person."""
    customer = get_object_or_404(Customer, pk=customer_id)
    return show(
        request,
        "cxsurvey/own_data.html",
        title=f"All that is known of {customer}",
        customer=customer,
        sections=sections(customer),
    )


@require_POST
def data_file(_request: HttpRequest, customer_id: int) -> HttpResponse:
    """Give everything as a file to send to her."""
    customer = get_object_or_404(Customer, pk=customer_id)
    response = HttpResponse(archive(customer, timezone.now()), content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="customer-{customer.pk}-data.zip"'
    response.headers["Cache-Control"] = "no-store"
    return response


_NEEDS = ("contacts.view_customer", "contacts.access_customer", SEES_PERSONAL)
urlpatterns = [
    admin_page("customers/<int:customer_id>/data/", data_page, "customer-data", *_NEEDS),
    admin_page("customers/<int:customer_id>/data/file/", data_file, "customer-data-file", *_NEEDS),
]
