"""What asking took and gave: answer rates, decisions with their reasons, contacts per customer."""

import json
from collections import Counter
from typing import TypedDict

from django.db.models import Count

from analytics.people import everybody
from analytics.reasons import Rules
from analytics.scope import Scope
from analytics.scores import withheld
from analytics.sent import GROUPINGS, RateGrouping, Sent, sent_groups
from analytics.shares import PublishedShare, percent, published
from contacts.brands import visible_to
from contacts.models import Decision
from contacts.models.customers import PERSON
from contacts.models.words import CLOCK_EVENTS, RELEASED


class AnswerRateRow(PublishedShare):
    """Of the invitations sent in the period, how many were answered; `still_open` ones may yet be."""

    by: RateGrouping
    value: str
    still_open: int | None


class DecisionRow(TypedDict):
    """In how many decisions a reason was given; one decision can give several. Reason `all` counts decisions."""

    stage: str
    decision: str
    reason: str
    kind: str
    n: int


class FatigueRow(TypedDict):
    """How many customers were contacted so often in the period, also those who never were."""

    contacts: int
    customers: int
    share: float


def answer_rates(by: RateGrouping, scope: Scope) -> list[AnswerRateRow]:
    """A row per touchpoint kind (`kind`), contact channel (`asked_by`) or program, the largest first; in percent.

    Only first invitations count, as an answer to a reminder is the answer to them. The rows of a grouping add up to
    the overall one, so that some are hidden beside those too small to be shown.
    """
    return _rates(by, sent_groups(scope)[by])


def all_answer_rates(scope: Scope) -> list[AnswerRateRow]:
    """The rows of every grouping, one after the other. One statement."""
    groups = sent_groups(scope)
    return [row for by in GROUPINGS for row in _rates(by, groups[by])]


def decisions(scope: Scope) -> list[DecisionRow]:
    """How often the gate said what and why, per stage; the commonest reasons first within a stage and answer.

    One rule that blocks two channels is one reason of a decision.
    """
    given: Counter[tuple[str, str, str, str]] = Counter()
    rows = scope.decisions().values_list("stage", "result", Rules("reasons")).annotate(n=Count("pk"))
    for stage, result, reasons, n in rows.order_by():
        for name in {("all", "all"), *((reason["rule"], reason["kind"]) for reason in json.loads(reasons))}:
            given[stage, result, *name] += n
    stages, results = list(Decision.Stage.values), list(Decision.Result.values)
    in_order = sorted(
        given.items(), key=lambda item: (stages.index(item[0][0]), results.index(item[0][1]), -item[1], item[0])
    )
    return [
        DecisionRow(stage=stage, decision=result, reason=rule, kind=kind, n=n)
        for (stage, result, rule, kind), n in in_order
    ]


def contacts_per_customer(scope: Scope) -> list[FatigueRow]:
    """One row per number of contacts, from 0 on; merged records are one customer, released places no contact."""
    contacts = scope.contacts().exclude(purpose__in=CLOCK_EVENTS)
    per_person = contacts.exclude(outcome__in=RELEASED).values(person=PERSON).annotate(n=Count("id"))
    customers = Counter(per_person.order_by().values_list("n", flat=True).iterator(chunk_size=5000))
    people = visible_to(scope.reader, everybody()).count()
    customers[0] = people - customers.total()
    return [
        FatigueRow(contacts=n, customers=customers[n], share=percent(customers[n], people))
        for n in range(max(customers) + 1)
        if people
    ]


def _rates(by: RateGrouping, groups: list[Sent]) -> list[AnswerRateRow]:
    hidden = withheld({sent.group: (sent.answered, sent.n - sent.answered) for sent in groups})
    return [
        _rate(by, sent.group, published(sent.answered, sent.n, hidden=sent.group in hidden), sent.still_open)
        for sent in groups
    ]


def _rate(by: RateGrouping, value: str, share: PublishedShare, still_open: int) -> AnswerRateRow:
    shown = share["state"] != "withheld"
    return {"by": by, "value": value, **share, "still_open": still_open if shown else None}
