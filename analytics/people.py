"""A person is a customer record together with all that were merged into it, and counts once."""

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from contacts.models import Customer

PERSON = Coalesce("customer__merged_into", "customer")
"""Of a row that belongs to a customer record: the id of the person."""


def everybody() -> QuerySet[Customer]:
    """One record per person."""
    return Customer.objects.filter(merged_into=None)
