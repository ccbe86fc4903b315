"""Forgets customers of whom nothing was heard for long: nothing happened, nobody contacted them, they said nothing."""

import time
from datetime import datetime

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from contacts.models import ConsentEvent, Contact, Customer, Event, Touchpoint
from contacts.persons import read_records
from contacts.retention import PAUSES, Enough
from cxsurvey.erasing import forget

LOT = 200


def quiet(before: datetime) -> QuerySet[Customer]:
    """Return the records of which nothing is known from an instant on."""
    signs = (
        Touchpoint.objects.filter(occurred_at__gte=before),
        Contact.objects.filter(at__gte=before),
        ConsentEvent.objects.filter(at__gte=before),
        Event.objects.filter(received_at__gte=before),
    )
    heard = [~Exists(rows.filter(customer=OuterRef("pk"))) for rows in signs]
    return Customer.objects.filter(*heard, erased_at=None, created_at__lt=before)


def forget_quiet(before: datetime, at: datetime, enough: Enough) -> None:
    """Empty the records of persons all of whose records are quiet, person by person, until it is enough."""
    behind = 0
    while not enough():
        ids = list(quiet(before).filter(pk__gt=behind).order_by("pk").values_list("pk", flat=True)[:LOT])
        if not ids:
            return
        for pk in ids:
            records = [record.id for record in read_records([pk])]
            if quiet(before).filter(pk__in=records).count() == len(records):
                forget(pk, at=at)
        behind = ids[-1]
        time.sleep(PAUSES[connection.vendor])
