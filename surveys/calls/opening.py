"""Touchpoint -> decision -> case: what interviewers are to call about."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from contacts import gate
from contacts.frequency import Reason
from contacts.gate import Ask
from contacts.models import Decision, Touchpoint
from contacts.models.words import Purpose
from surveys.asking import main_reason
from surveys.calls.cases import BY_PHONE
from surveys.candidates import draw, undecided
from surveys.inviting import SAMPLING, Inviting
from surveys.models import CallCase, Response
from surveys.waves import note_progress

LOT = 500
"""Touchpoints decided about together: their customers stay locked so long."""
ANSWERED_BEFORE = Reason("answered-before", "answered")


def open_cases(inviting: Inviting, at: datetime) -> Iterator[dict[str, Any]]:
    """Decide about every touchpoint of a phone program that is ripe, and open a case for each that may be called about.

    Yields the figures of each lot: touchpoints, asked (cases opened), delayed (of these), skipped (by kind). Any number
    of passes may run at once: what one has decided, the others leave out.
    """
    newest = Touchpoint.objects.aggregate(newest=Max("pk"))["newest"] or 0
    for part in undecided(inviting.program, at):
        ripe = part.select_related("customer").order_by("occurred_at", "pk")
        while lot := list(ripe[:LOT]):
            yield _figures(_decide(inviting, lot, at))
    note_progress([inviting.program.pk], newest, at)


@transaction.atomic
def _decide(inviting: Inviting, touchpoints: Sequence[Touchpoint], at: datetime) -> list[Decision]:
    answered = set(Response.objects.filter(touchpoint__in=touchpoints).values_list("touchpoint", flat=True))
    asks = [_ask(inviting, touchpoint, at, answered=touchpoint.pk in answered) for touchpoint in touchpoints]
    decisions = gate.plan_calls(asks, at=at)
    to_call = {decision.touchpoint_id: decision for decision in decisions if decision.result != Decision.Result.SKIP}
    CallCase.objects.bulk_create(
        (
            _case(inviting, touchpoint, to_call[touchpoint.pk], at)
            for touchpoint in touchpoints
            if touchpoint.pk in to_call
        ),
        ignore_conflicts=True,
    )
    return decisions


def _ask(inviting: Inviting, touchpoint: Touchpoint, at: datetime, *, answered: bool) -> Ask:
    program = inviting.program
    drawn = draw(program.slug, touchpoint.source, touchpoint.external_id) < program.share
    return Ask(
        customer_id=touchpoint.customer_id,
        at=at,
        channels=BY_PHONE,
        purpose=Purpose.CALL,
        survey=program.survey.slug,
        program=program.slug,
        touchpoint_id=touchpoint.pk,
        expires=touchpoint.occurred_at + program.worth,
        priority=program.priority,
        seconds=inviting.version.seconds,
        probability=program.share,
        refusal=SAMPLING if not drawn else ANSWERED_BEFORE if answered else None,
        simulated=_made_up(touchpoint),
    )


def _case(inviting: Inviting, touchpoint: Touchpoint, decision: Decision, at: datetime) -> CallCase:
    program, version = inviting.program, inviting.version
    return CallCase(
        program=program,
        touchpoint=touchpoint,
        customer_id=touchpoint.customer_id,
        version=version,
        priority=program.priority,
        language=touchpoint.customer.language or version.survey.brand.default_language,
        opened_at=at,
        expires_at=touchpoint.occurred_at + program.worth,
        next_at=decision.allowed_at or at,
        simulated=_made_up(touchpoint),
    )


def _made_up(touchpoint: Touchpoint) -> bool:
    return touchpoint.simulated or touchpoint.customer.simulated


def _figures(decisions: Sequence[Decision]) -> dict[str, Any]:
    results = Counter(decision.result for decision in decisions)
    skipped = (decision for decision in decisions if decision.result == Decision.Result.SKIP)
    return {
        "touchpoints": len(decisions),
        "asked": len(decisions) - results[Decision.Result.SKIP],
        "delayed": results[Decision.Result.DELAY],
        "skipped": Counter(main_reason(decision.reasons)["kind"] for decision in skipped),
    }
