"""What lies far back is handed over to a record that is nobody: it counts in the reports, and is no customer's."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.db.models import CharField, Q, Value
from django.db.models.functions import Cast, Concat

from contacts.models import Appointment, Contact, Customer, Decision, Event, Override, Touchpoint
from contacts.models.words import OURS
from contacts.newest import refresh

NO_LONGER = "No longer kept."


@dataclass(frozen=True, slots=True)
class Past:
    """What happened with a person in one month: the person's `records`, touchpoints, the month, and to whom it goes.

    All that hangs on the touchpoints goes along whenever it was; what hangs on none goes by its own time.
    """

    records: Collection[int]
    touchpoints: Collection[int]
    since: datetime
    until: datetime
    to: int


def nobody(like: Customer, at: datetime) -> Customer:
    """Return a new record that says no more than the brand: who stands for somebody in one month."""
    return Customer.objects.create(
        source=OURS,
        external_id=f"past {uuid4()}",
        brand_id=like.brand_id,
        simulated=like.simulated,
        erased_at=at,
        created_at=at,
        updated_at=at,
    )


def hand_over(past: Past, linked: Collection[int], kept: Collection[int], *, at: datetime) -> None:
    """Hand a month over; `linked` are the contacts that go along, `kept` those that belong to other months.

    The person is locked.
    """
    in_month = {"at__gte": past.since, "at__lt": past.until, "customer__in": past.records}
    decisions = Decision.objects.filter(touchpoint__in=past.touchpoints)
    with_them = {*linked, *decisions.exclude(contact=None).values_list("contact", flat=True)}
    contacts = Contact.objects.filter(Q(pk__in=with_them) | Q(**in_month) & ~Q(pk__in=kept), customer__in=past.records)
    contacts.update(customer=past.to, external_id="", address=None, updated_at=at)
    decisions.update(customer=past.to)
    Decision.objects.filter(touchpoint=None, **in_month).update(customer=past.to)
    Event.objects.filter(touchpoint__in=past.touchpoints).delete()
    Override.objects.filter(**in_month).update(customer=past.to, reason=NO_LONGER)
    agreed = Appointment.objects.filter(Q(touchpoint__in=past.touchpoints) | Q(touchpoint=None, **in_month))
    agreed.filter(customer__in=past.records).update(customer=past.to)
    Touchpoint.objects.filter(pk__in=past.touchpoints).update(
        customer=past.to,
        external_id=Concat(Value("past "), Cast("pk", CharField())),
        reference="",
        attributes={},
        updated_at=at,
    )
    refresh([*past.records, past.to])
