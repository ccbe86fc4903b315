"""Makes anonymous what lies far back, by whole months: scores, touchpoints and contacts stay, the person goes.

All that happened with a person in a month goes to one record that is nobody. So each month counts as many customers
as before, and what was decided and with which probability stays; over several months a person is no longer known to be
the same.
"""

import time
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Exists, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from contacts import past as of_contacts
from contacts.models import Contact, Customer, Touchpoint
from contacts.past import Past
from contacts.persons import lock_records
from contacts.retention import PAUSES, Enough
from recovery import past as of_recovery
from surveys import past as of_surveys

LOT = 100
"""Persons that are looked for at once; each is handed over in a transaction of its own."""


LOOSE = (Q(invitation=None) | Q(invitation__touchpoint=None)) & Q(call_attempt=None)
"""Contacts about no touchpoint: they go by their own time, the others with it."""


def with_past(before: datetime) -> QuerySet[Customer]:
    """Return the records with something that happened in months that were over before an instant."""
    until = month_of(before)
    happened = Touchpoint.objects.filter(customer=OuterRef("pk"), occurred_at__lt=until)
    contacted = Contact.objects.filter(LOOSE, customer=OuterRef("pk"), at__lt=until)
    return Customer.objects.filter(Exists(happened) | Exists(contacted), erased_at=None)


def hand_over_past(before: datetime, at: datetime, enough: Enough) -> None:
    """Hand over every month that was over before an instant, person by person, until it is enough."""
    behind = 0
    while not enough():
        rows = with_past(before).filter(pk__gt=behind).order_by("pk").values_list("pk", flat=True)[:LOT]
        ids = list(rows)
        if not ids:
            return
        for pk in ids:
            hand_over(pk, month_of(before), at)
        behind = ids[-1]
        time.sleep(PAUSES[connection.vendor])


@transaction.atomic
def hand_over(customer_id: int, until: datetime, at: datetime) -> None:
    """Hand over what happened with a person before a month began."""
    records = [record.id for record in lock_records([customer_id])]
    like = Customer.objects.get(pk=customer_id)
    for since, touchpoints in sorted(_months(records, until).items()):
        past = Past(records, touchpoints, since, _next(since), of_contacts.nobody(like, at).pk)
        linked, kept = of_surveys.hand_over(past, at=at)
        of_recovery.hand_over(past)
        of_contacts.hand_over(past, linked, kept, at=at)


def month_of(at: datetime) -> datetime:
    """Return the instant at which the month of an instant began by the organisation's clock."""
    local = timezone.localtime(at)
    return timezone.make_aware(datetime(local.year, local.month, 1))  # noqa: DTZ001 - its zone is set here


def _months(records: Collection[int], until: datetime) -> Mapping[datetime, list[int]]:
    """Months before `until` in which something happened, with the touchpoints: one that was answered counts with it."""
    months: dict[datetime, list[int]] = defaultdict(list)
    touchpoints = Touchpoint.objects.filter(customer__in=records, occurred_at__lt=until)
    dated = touchpoints.annotate(told=Coalesce(Min("responses__answered_at"), "occurred_at")).filter(told__lt=until)
    for pk, told in dated.values_list("pk", "told"):
        months[month_of(told)].append(pk)
    for at in Contact.objects.filter(LOOSE, customer__in=records, at__lt=until).values_list("at", flat=True):
        months[month_of(at)]
    return months


def _next(month: datetime) -> datetime:
    local = timezone.localtime(month)
    year, number = divmod(local.year * 12 + local.month, 12)
    return timezone.make_aware(datetime(year, number + 1, 1))  # noqa: DTZ001
