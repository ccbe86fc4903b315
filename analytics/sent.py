"""How many invitations were sent and answered: the counts behind the answer rates."""

from typing import Literal, NamedTuple

from django.db.models import Count, F, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from analytics.scope import Scope
from contacts.models.words import Purpose

RateGrouping = Literal["overall", "kind", "asked_by"]


class Sent(NamedTuple):
    """Of `n` invitations of a group so many were answered; `still_open` ones may yet be."""

    group: str
    answered: int
    still_open: int
    n: int


def sent_groups(by: RateGrouping, scope: Scope) -> list[Sent]:
    """The first invitations sent in the scope per touchpoint kind or contact channel, the largest group first."""
    sent = scope.invitations().filter(purpose=Purpose.INVITATION)
    answered = Q(response__answered_at__lte=scope.period.at)
    groups = sent.values(group=_group(by)).annotate(
        answered=Count("id", filter=answered),
        still_open=Count("id", filter=Q(closes_at__gt=scope.period.at) & ~answered),
        n=Count("id"),
    )
    return [Sent(**row) for row in groups.order_by("-n", "group")]


def _group(by: RateGrouping) -> Combinable:
    if by == "overall":
        return Value("all")
    return Coalesce("touchpoint__kind", Value("")) if by == "kind" else F("channel")
