"""What needs attention: unowned answers, refusals, sending held back, webhooks that fail, what waits for a word."""

from collections import Counter
from datetime import datetime
from typing import Any

from analytics.burning import BurnRow, burn_rows
from analytics.period import Period
from analytics.scope import Scope
from contacts.brands import visible_to
from contacts.hiding import shown_rows
from contacts.models import Decision, Event
from contacts.proposing import to_decide
from contacts.readers import EVERYTHING, Reader
from recovery.models import FollowUp, WebhookEndpoint
from recovery.webhooks.endpoints import in_trouble
from surveys.pausing import open_pauses
from surveys.stopped import stopped
from surveys.unknowns import for_a_person

#: A program is shown as burning its customers from this share of opt-outs on, when it sent at least so many in 30 days.
BURNING_SHARE, BURNING_FROM = 0.02, 50

REFUSED_IN_WORDS = {
    "cap": "were contacted often enough already",
    "consent": "opted out or have no working address",
    "expiry": "could only have been asked too late",
    "hours": "could not be reached within the contact hours",
    "holiday": "could not be reached because of a holiday",
    "wish": "asked us to wait",
    "sampling": "were not drawn in the sample",
    "holdout": "are held out to measure what surveys do",
    "priority": "gave their place to a more important survey",
    "answered": "had answered already",
    "appointment": "have an appointment",
}


def unowned(at: datetime, reader: Reader = EVERYTHING) -> dict[str, Any]:
    """Return the open follow-ups that nobody owns, oldest first, and how many are overdue whoever owns them."""
    waiting = visible_to(reader, FollowUp.objects.filter(state=FollowUp.State.OPEN))
    oldest = waiting.filter(owner=None).select_related("customer").order_by("opened_at", "pk")
    return {
        "unowned": shown_rows(oldest, reader)[:8],
        "unowned_count": waiting.filter(owner=None).count(),
        "overdue_count": waiting.filter(due_at__lt=at).count(),
    }


def refused(since: datetime, until: datetime, reader: Reader = EVERYTHING) -> list[dict[str, Any]]:
    """Return in words how many were not asked, and why: first reasons only, the most frequent first."""
    skipped = Decision.objects.filter(
        stage__in=[Decision.Stage.PLAN, Decision.Stage.GIVE_WAY],
        result=Decision.Result.SKIP,
        decided_at__gte=since,
        decided_at__lt=until,
    )
    reasons = visible_to(reader, skipped).values_list("reasons", flat=True)
    counts = Counter(str(reason[0]["kind"]) for reason in reasons if reason)
    return [
        {"count": count, "words": REFUSED_IN_WORDS.get(kind, kind), "kind": kind}
        for kind, count in counts.most_common()
    ]


def held_back(at: datetime, reader: Reader = EVERYTHING) -> dict[str, Any]:
    """Return the open pauses, and how many messages have a fate that only a person can find out or an error of ours."""
    pauses = open_pauses().select_related("program__survey", "wave", "by")
    return {
        "pauses": [one for one in pauses if one.program is None or reader.reads([one.program.survey.brand_id])],
        "unknown": visible_to(reader, for_a_person(at)).count(),
        "stopped": visible_to(reader, stopped(at)).count(),
    }


def not_decided(reader: Reader = EVERYTHING) -> dict[str, int]:
    """Return how many kinds of events nobody has given a meaning, and how many records may be those of one person."""
    unmapped = visible_to(reader, Event.objects.filter(state=Event.State.UNMAPPED))
    return {"unmapped": unmapped.values("source", "name").distinct().count(), "proposals": to_decide(reader)}


def not_told(at: datetime, reader: Reader = EVERYTHING) -> list[WebhookEndpoint]:
    """Return the systems that are not told what happens, though they should be: they fail, or paused themselves."""
    return list(visible_to(reader, in_trouble(at)))


def burning(since: datetime, until: datetime, reader: Reader = EVERYTHING) -> list[BurnRow]:
    """Return the programs whose messages were followed by too many opt-outs, the worst first."""
    rows = burn_rows(Scope(Period(since, until, until), reader=reader))
    return [row for row in rows if row["sent"] >= BURNING_FROM and row["opt_outs"] >= BURNING_SHARE * row["sent"]]
