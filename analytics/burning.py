"""What asking takes from the customers, by program: attention, opt-outs and complaints."""

from datetime import timedelta
from typing import TypedDict

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from analytics.scope import Scope
from contacts.consent import OWN_WORD
from contacts.models import OptOut
from contacts.models.customers import PERSON
from contacts.models.words import CLOCK_EVENTS, RELEASED, Via
from contacts.records import records_of_one

BLAMED = timedelta(days=7)
"""An opt-out so soon after a message is held against its program."""
HELD_AGAINST = tuple(via for via in OWN_WORD if via != Via.CALL)
"""Ways of the customer's own no that can follow a message."""


class BurnRow(TypedDict):
    """What a program took: `sent` invitations and reminders, after how many of them the customer said no or complained.

    A complaint is a no too. Rates are per thousand sent. `attention_hours`: what reading and answering is said to take,
    and what calls took, of all contacts of the program, answered or not.
    """

    program: str
    sent: int
    opt_outs: int
    opt_outs_per_thousand: float
    complaints: int
    complaints_per_thousand: float
    attention_hours: float


def burn_rows(scope: Scope) -> list[BurnRow]:
    """A row per program that sent something in the scope, the one with the highest rate of opt-outs first.

    Two statements. The opt-outs of a message count until 7 days after it, also beyond the period.
    """
    sent = scope.invitations().filter(program__isnull=False).alias(_person=PERSON)
    noes = sent.annotate(lost=Exists(_noes(*HELD_AGAINST)), spam=Exists(_noes(Via.COMPLAINT)))
    programs = noes.values("program__slug", name=F("program__name")).annotate(
        sent=Count("pk"), opt_outs=Count("pk", Q(lost=True)), complaints=Count("pk", Q(spam=True))
    )
    hours = _attention_hours(scope)
    rows = [
        BurnRow(
            program=row["name"],
            sent=row["sent"],
            opt_outs=row["opt_outs"],
            opt_outs_per_thousand=_per_thousand(row["opt_outs"], row["sent"]),
            complaints=row["complaints"],
            complaints_per_thousand=_per_thousand(row["complaints"], row["sent"]),
            attention_hours=hours.get(row["program__slug"], 0.0),
        )
        for row in programs.order_by("name")
    ]
    return sorted(rows, key=lambda row: -row["opt_outs"] / row["sent"])


def _noes(*via: Via) -> QuerySet[OptOut]:
    """The customer's own noes after the invitation of an outer query that can be held against it."""
    return OptOut.objects.filter(
        customer__in=records_of_one(OuterRef(OuterRef("_person"))).values("pk"),
        via__in=via,
        at__gte=OuterRef("sent_at"),
        at__lt=OuterRef("sent_at") + BLAMED,
    )


def _attention_hours(scope: Scope) -> dict[str, float]:
    """Slug of the program -> hours."""
    contacts = scope.contacts().exclude(purpose__in=CLOCK_EVENTS).exclude(outcome__in=RELEASED)
    seconds = contacts.values("program").annotate(seconds=Sum("seconds")).values_list("program", "seconds")
    return {program: round(total / 3600, 1) for program, total in seconds.order_by()}


def _per_thousand(count: int, of: int) -> float:
    return round(1000 * count / of, 1)
