"""A person is a customer record together with all that were merged into it, and counts once."""

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from contacts.models import Customer

OF_ANSWER = Coalesce("response__customer__merged_into", "response__customer")
"""Of an answer: id of the record that stands for who gave it (`contacts.models.customers.PERSON` of other rows)."""


def everybody() -> QuerySet[Customer]:
    """One record per person."""
    return Customer.objects.filter(merged_into=None)
