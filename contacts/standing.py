"""What stands about a person besides the ledger: opt-outs, wishes, overrides and appointments, in one statement."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple, cast

from django.db import models
from django.db.models import ExpressionWrapper, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast

from contacts.frequency import Leave
from contacts.models import Appointment, Contact, OptOut, Override, Wish
from contacts.models.customers import PERSON
from contacts.models.words import RELEASED, Channel
from contacts.records import records_of

OPT_OUT, OVERRIDE, APPOINTMENT = "opt_out", "override", "appointment"
Part = QuerySet[Any, Any]
"""Rows of one table, as a part of the statement."""


class Standing(NamedTuple):
    """An open opt-out, wish, override or appointment, with whichever values it has; `kind` says which it is.

    `since`: when it was said, or when an appointment begins; an override or an appointment holds until `until`.
    `contact_id` is the contact that took an override.
    """

    kind: str
    channel: str
    since: datetime
    until: datetime | None = None
    days: int | None = None
    hours: Mapping[str, str] | None = None
    id: int | None = None
    touchpoint_id: int | None = None
    contact_id: int | None = None
    any_hour: bool = False

    def serves(self, channel: str, touchpoint_id: int | None, contact_id: int | None) -> bool:
        """Whether this override or appointment may serve the contact: by its channel, about its touchpoint, untaken."""
        about_it = self.touchpoint_id is None or touchpoint_id in (None, self.touchpoint_id)
        return channel == self.channel and about_it and self.contact_id in (None, contact_id)

    @property
    def leave(self) -> Leave:
        """This override or appointment as the rules read it."""
        kind: Literal["appointment", "override"] = "appointment" if self.kind == APPOINTMENT else "override"
        return Leave(kind, self.since, cast("datetime", self.until), self.any_hour, self.id)


TYPES: Mapping[str, Any] = {
    "kind": models.CharField(),
    "channel": models.CharField(),
    "since": models.DateTimeField(),
    "until": models.DateTimeField(),
    "days": models.IntegerField(),
    "hours": models.JSONField(),
    "id": models.BigIntegerField(),
    "touchpoint_id": models.BigIntegerField(),
    "contact_id": models.BigIntegerField(),
    "any_hour": models.BooleanField(),
}
"""Every part of the statement names the types, so that the databases agree on those of the empty columns."""


def read_standing(*, own: Collection[int], others: Collection[int]) -> Iterator[tuple[int, Standing]]:
    """Whose it is and what stands, in one statement.

    All on the `own` records, each by the id of its record, and of the persons `others` the opt-outs, by theirs.
    """
    refusals = _refusals(OptOut.objects.filter(customer_id__in=own))
    more = [_wishes(own), _overrides(own), _appointments(own)]
    if others:
        of_others = OptOut.objects.filter(customer__in=records_of(others)).annotate(person=PERSON)
        more.append(_refusals(of_others, "person"))
    for whose, *values in refusals.union(*more, all=True):
        yield whose, Standing(*values)


def _refusals(opt_outs: QuerySet[Any], whose: str = "customer_id") -> Part:
    standing = opt_outs.filter(reopened_at=None)
    return _columns(standing, whose, kind=Value(OPT_OUT), channel=F("channel"), since=F("at"))


def _wishes(records: Collection[int]) -> Part:
    return _columns(
        Wish.objects.filter(withdrawn_at=None, customer_id__in=records),
        kind=F("kind"),
        channel=F("channel"),
        until=F("pause_until"),
        days=F("once_in_days"),
        hours=F("hours"),
        since=F("at"),
    )


def _overrides(records: Collection[int]) -> Part:
    takers = Contact.objects.filter(override=OuterRef("pk")).exclude(outcome__in=RELEASED)
    return _columns(
        Override.objects.filter(customer_id__in=records),
        kind=Value(OVERRIDE),
        channel=F("channel"),
        until=F("ends_at"),
        since=F("at"),
        id=F("pk"),
        contact_id=Subquery(takers.values("pk")[:1]),
    )


def _appointments(records: Collection[int]) -> Part:
    return _columns(
        Appointment.objects.filter(state=Appointment.State.OPEN, customer_id__in=records),
        kind=Value(APPOINTMENT),
        channel=Value(Channel.PHONE.value),
        until=F("ends_at"),
        since=F("starts_at"),
        id=F("pk"),
        touchpoint_id=F("touchpoint"),
        any_hour=F("any_hour"),
    )


def _columns(rows: QuerySet[Any], whose: str = "customer_id", **given: Any) -> Part:
    values = {
        f"said_{name}": ExpressionWrapper(given[name], type_) if name in given else Cast(Value(None), type_)
        for name, type_ in TYPES.items()
    }
    said: QuerySet[Any, Any] = rows.annotate(**values)
    return said.values_list(whose, *values)
