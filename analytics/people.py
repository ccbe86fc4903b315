"""A person is a customer record together with all that were merged into it, and counts once."""

from django.db.models import QuerySet

from contacts.models import Customer


def everybody() -> QuerySet[Customer]:
    """One record per person."""
    return Customer.objects.filter(merged_into=None)
