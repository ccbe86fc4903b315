"""What needs attention: unhappy answers that nobody owns, refusals, what holds sending back, programs that burn."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q

from contacts.models import Decision, OptOut
from contacts.models.customers import PERSON
from contacts.models.words import Via
from contacts.records import records_of_one
from recovery.models import FollowUp
from surveys.models import Invitation
from surveys.pausing import open_pauses
from surveys.stopped import stopped
from surveys.unknowns import for_a_person

#: An opt-out within so long after an invitation is held against its program ...
BLAMED = timedelta(days=7)
#: ... and a program is shown as burning its customers from this share on, when it sent at least so many in 30 days.
BURNING_SHARE, BURNING_FROM = 0.02, 50

REFUSED_IN_WORDS = {
    "cap": "were contacted often enough already",
    "consent": "opted out or have no working address",
    "expiry": "could only have been asked too late",
    "hours": "could not be reached within the contact hours",
    "holiday": "could not be reached because of a holiday",
    "wish": "asked us to wait",
    "sampling": "were not drawn in the sample",
    "priority": "gave their place to a more important survey",
    "answered": "had answered already",
    "appointment": "have an appointment",
}


@dataclass(frozen=True, slots=True)
class Burning:
    """A program whose invitations make customers opt out: counts of the last 30 days."""

    program: str
    sent: int
    opted_out: int


def unowned(at: datetime) -> dict[str, Any]:
    """Return the open follow-ups that nobody owns, oldest first, and how many are overdue whoever owns them."""
    waiting = FollowUp.objects.filter(state=FollowUp.State.OPEN)
    return {
        "unowned": waiting.filter(owner=None).select_related("customer").order_by("opened_at", "pk")[:8],
        "unowned_count": waiting.filter(owner=None).count(),
        "overdue_count": waiting.filter(due_at__lt=at).count(),
    }


def refused(since: datetime, until: datetime) -> list[dict[str, Any]]:
    """Return in words how many were not asked, and why: first reasons only, the most frequent first."""
    reasons = Decision.objects.filter(
        stage__in=[Decision.Stage.PLAN, Decision.Stage.GIVE_WAY],
        result=Decision.Result.SKIP,
        decided_at__gte=since,
        decided_at__lt=until,
    ).values_list("reasons", flat=True)
    counts = Counter(str(reason[0]["kind"]) for reason in reasons if reason)
    return [
        {"count": count, "words": REFUSED_IN_WORDS.get(kind, kind), "kind": kind}
        for kind, count in counts.most_common()
    ]


def held_back(at: datetime) -> dict[str, Any]:
    """Return the open pauses, and how many messages have a fate that only a person can find out or an error of ours."""
    pauses = open_pauses().select_related("program", "wave", "by")
    return {"pauses": list(pauses), "unknown": for_a_person(at).count(), "stopped": stopped(at).count()}


def burning(since: datetime, until: datetime) -> list[Burning]:
    """Return the programs whose invitations were followed by too many opt-outs, the worst first."""
    opted_out = OptOut.objects.filter(
        customer__in=records_of_one(OuterRef(OuterRef("_person"))).values("pk"),
        via__in=[Via.LINK, Via.REPLY, Via.COMPLAINT],
        at__gte=OuterRef("sent_at"),
        at__lt=OuterRef("sent_at") + BLAMED,
    )
    programs = (
        Invitation.objects.filter(sent_at__gte=since, sent_at__lt=until, program__isnull=False)
        .alias(_person=PERSON)
        .annotate(lost=Exists(opted_out))
        .values(name=F("program__name"))
        .annotate(sent=Count("pk"), opted_out=Count("pk", Q(lost=True)))
    )
    found = [Burning(row["name"], row["sent"], row["opted_out"]) for row in programs]
    worst = sorted(found, key=lambda program: program.opted_out / program.sent, reverse=True)
    return [p for p in worst if p.sent >= BURNING_FROM and p.opted_out >= BURNING_SHARE * p.sent]
