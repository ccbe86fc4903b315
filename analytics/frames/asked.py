"""Who was asked and who was not: invitations with what went before them, and decisions of planning."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
from django.db.models import Exists, OuterRef, Subquery
from numpy.typing import NDArray

from analytics.drawn import arms_then
from analytics.frames.typed import AT_ONCE, typed
from analytics.scope import Scope
from contacts.models import Contact, Decision
from contacts.models.customers import PERSON
from contacts.models.words import CLOCK_EVENTS, RELEASED, Purpose
from surveys.models import Answer, Question

FATIGUE_DAYS = 90
"""Contacts of so many days before an invitation are its prior contacts."""
FEWEST_OF_A_KIND = 100
"""Invitations from which on a value is a covariate of its own; rarer ones are taken together."""


def invited(scope: Scope) -> pd.DataFrame:
    """All first invitations of the scope to say a score whose time to answer is over, a row each.

    Columns as `analytics.fatigue.standardise` takes them: prior (contacts of any kind in the 90 days before, calls
    too), responded, score, customer (the person), and what was known before: what (kind of the touchpoint and how it
    ended), team, channel (by which was asked).
    """
    asks_score = Question.objects.filter(version=OuterRef("version"), kind=Question.Kind.NPS)
    score = Answer.objects.filter(response__invitation=OuterRef("pk"), question__kind=Question.Kind.NPS)
    over = scope.invitations().filter(Exists(asks_score), purpose=Purpose.INVITATION, closes_at__lte=scope.period.at)
    rows = over.annotate(score=Subquery(score.values("number")[:1])).values_list(
        *(PERSON, "contact__at", "score", "touchpoint__kind", "touchpoint__outcome", "touchpoint__team", "channel")
    )
    columns = ("customer", "own", "responded", "score", "what", "team", "channel")
    told = (
        (customer, own, score is not None, score, f"{kind or ''} {outcome or ''}".strip(), team or "", channel)
        for customer, own, score, kind, outcome, team, channel in rows.iterator(chunk_size=AT_ONCE)
    )
    frame = typed(told, columns)
    frame["prior"] = _contacts_before(frame["customer"], frame["own"])
    for name in ("what", "team"):
        rare = frame.groupby(name)[name].transform("size") < FEWEST_OF_A_KIND
        frame[name] = frame[name].mask(rare, "other")
    return frame.drop(columns="own")


def _contacts_before(customers: "pd.Series[int]", instants: "pd.Series[Any]") -> NDArray[np.intp]:
    """How many contacts each of these persons had in the 90 days before an instant. One statement."""
    if customers.empty:
        return np.zeros(0, dtype=np.intp)
    span = timedelta(days=FATIGUE_DAYS)
    contacts = Contact.objects.filter(at__gte=instants.min() - span, at__lt=instants.max())
    rows = contacts.exclude(purpose__in=CLOCK_EVENTS).exclude(outcome__in=RELEASED).values_list(PERSON, "at")
    ledger = typed(rows.iterator(chunk_size=AT_ONCE), ("customer", "at"))
    # One sorted line of all persons' instants, each person far from the next, so that one search serves everybody.
    line = np.sort(_on_a_line(ledger["customer"], ledger["at"]))
    own = _on_a_line(customers, instants)
    return np.searchsorted(line, own) - np.searchsorted(line, own - int(span.total_seconds()))


def _on_a_line(customers: "pd.Series[int]", instants: "pd.Series[Any]") -> NDArray[np.int64]:
    """Seconds since the epoch, each person's a good century after the one before."""
    return customers.to_numpy() * 2**32 + instants.astype("int64").to_numpy() // 1_000_000


def planned(scope: Scope) -> pd.DataFrame:
    """All decisions of planning about touchpoints in the scope, a row each.

    Columns: decision, touchpoint, customer (the person), customer_id (in the system that they came from), program,
    kind, at, design, sampled, eligible (false: refused, or no address), asked (a place that was not given back, or a
    case for interviewers, who take a place with each call), arm (what was drawn for the person, `contacts.arms.Arm`).
    """
    decisions = scope.decisions().filter(stage=Decision.Stage.PLAN, touchpoint__isnull=False)
    columns = ("decision", "touchpoint", "customer", "customer_id", "program", "kind", "at", "design")
    rows = decisions.order_by("decided_at", "pk").values_list(
        *("pk", "touchpoint", PERSON, "customer__external_id", "program", "touchpoint__kind", "decided_at"),
        *("probability", "reasons", "contact__outcome", "purpose", "result"),
    )
    known = len(columns)
    told = ((*row[:known], *_fate(*row[known:])) for row in rows.iterator(chunk_size=AT_ONCE))
    frame = typed(told, (*columns, "sampled", "eligible", "asked"))
    return frame.assign(arm=[str(arm) for arm in arms_then(frame["customer"].tolist(), frame["at"].tolist())])


def _fate(
    reasons: Sequence[Mapping[str, str]], outcome: str | None, purpose: str, result: str
) -> tuple[bool, bool, bool]:
    """Whether the touchpoint was drawn, whether any channel was open to the customer, and whether we asked."""
    channels = {reason["channel"] for reason in reasons}
    refused = {reason["channel"] for reason in reasons if reason["kind"] == "consent"}
    drawn = all(reason["kind"] != "sampling" for reason in reasons)
    to_be_called = purpose == Purpose.CALL and result != Decision.Result.SKIP
    asked = to_be_called or (outcome is not None and outcome not in RELEASED)
    return drawn, not reasons or channels > refused, asked
