"""How many invitations were sent and answered: the counts behind the answer rates."""

from typing import Literal, NamedTuple

from django.db.models import Count, F, Q, Value
from django.db.models.functions import Coalesce

from analytics.scope import Scope
from contacts.models.words import Purpose

RateGrouping = Literal["overall", "kind", "asked_by", "program"]
GROUPINGS: tuple[RateGrouping, ...] = ("overall", "kind", "asked_by", "program")


class Sent(NamedTuple):
    """Of `n` invitations of a group so many were answered; `still_open` ones may yet be."""

    group: str
    answered: int
    still_open: int
    n: int


def sent_groups(scope: Scope) -> dict[RateGrouping, list[Sent]]:
    """The first invitations sent in the scope, each counted once in every grouping, the largest group first.

    One statement. There is an overall group of nothing, too.
    """
    sent = scope.invitations().filter(purpose=Purpose.INVITATION)
    answered = Q(response__answered_at__lte=scope.period.at)
    kind, program = Coalesce("touchpoint__kind", Value("")), Coalesce("program__slug", Value(""))
    cells = sent.values(kind=kind, asked_by=F("channel"), of_program=program).annotate(
        answered=Count("id", filter=answered),
        still_open=Count("id", filter=Q(closes_at__gt=scope.period.at) & ~answered),
        n=Count("id"),
    )
    rows = [{**cell, "overall": "all", "program": cell["of_program"]} for cell in cells.order_by()]
    groups = {
        by: _together([(str(row[by]), Sent("", row["answered"], row["still_open"], row["n"])) for row in rows])
        for by in GROUPINGS
    }
    return groups | {"overall": groups["overall"] or [Sent("all", 0, 0, 0)]}


def _together(cells: list[tuple[str, Sent]]) -> list[Sent]:
    found: dict[str, Sent] = {}
    for group, cell in cells:
        before = found.get(group, Sent(group, 0, 0, 0))
        found[group] = Sent(
            group, before.answered + cell.answered, before.still_open + cell.still_open, before.n + cell.n
        )
    return sorted(found.values(), key=lambda sent: (-sent.n, sent.group))
