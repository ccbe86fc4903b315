"""How often a customer was contacted in the days before: what tires her, in the sample's truth."""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.db.models.expressions import OuterRef

from contacts.models import Contact
from contacts.models.words import CLOCK_EVENTS, RELEASED
from cxsurvey.sample.truth import TRUTH


def contacts_until(customer: int | OuterRef, at: datetime | OuterRef) -> QuerySet[Contact]:
    """Return the contacts that count of the `Truth.fatigue_days` before an instant."""
    since = at - timedelta(days=TRUTH.fatigue_days)
    found = Contact.objects.filter(customer=customer, at__lt=at, at__gt=since)
    return found.exclude(purpose__in=CLOCK_EVENTS).exclude(outcome__in=RELEASED)
