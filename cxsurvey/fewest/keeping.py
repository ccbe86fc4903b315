"""The plan of a day, worked out and kept: what the waves of that day follow."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from analytics.month_cells import month_of
from cxsurvey.fewest.known import know
from cxsurvey.fewest.working_out import WorkedOut, work_out
from surveys.channels.gateways import served
from surveys.models import ContactPlan, PlannedGroup, PlannedTarget, Program
from surveys.targeting import targets_of

KEPT = timedelta(days=400)
"""So long old plans tell what was planned."""


def plan_contacts(at: datetime) -> ContactPlan | None:
    """Work out whom to ask for the rest of the month and keep it as the plan of the day, in place of an earlier one.

    None where no active program has a target. Any number of planners may do it at once: each works out for itself, and
    what one of them keeps is whole.
    """
    programs = [program for program in programs_with_targets() if program.active]
    if not programs:
        return None
    since, until = month_of(at)
    targets, exact = work_out(know(programs, targets_of(programs), since, until, at))
    day = timezone.localtime(at).date()
    try:
        return _keep(targets, ContactPlan(day=day, made_at=at, since=since, until=until, exact=exact))
    except IntegrityError:
        # Another planner has kept the same day's just now.
        return ContactPlan.objects.get(day=day)


def try_out(at: datetime) -> list[PlannedTarget]:
    """What a plan would say of all targets, those of programs that are not active too; nothing is kept."""
    programs = programs_with_targets()
    if not programs:
        return []
    targets, _ = work_out(know(programs, targets_of(programs), *month_of(at), at))
    return [PlannedTarget(**columns(one)) for one in targets.values()]


def programs_with_targets() -> list[Program]:
    """Programs that ask by message and have a target, active or not."""
    programs = Program.objects.filter(targets__isnull=False).select_related("survey").distinct().order_by("slug")
    return [program for program in programs if not program.by_phone and served(program.contact_channels)]


def forget_plans(before: datetime) -> None:
    """Forget plans that were made before an instant; the decisions keep each probability."""
    ContactPlan.objects.filter(made_at__lt=before).delete()


@transaction.atomic
def _keep(targets: Mapping[str, WorkedOut], plan: ContactPlan) -> ContactPlan:
    ContactPlan.objects.filter(day=plan.day).delete()
    plan.save()
    for one in targets.values():
        planned = PlannedTarget.objects.create(plan=plan, **columns(one))
        PlannedGroup.objects.bulk_create(
            PlannedGroup(
                planned=planned,
                group=group,
                customers=share.customers,
                contacts=share.contacts,
                probability=share.probability,
            )
            for group, share in one.groups.items()
        )
    return plan


def columns(one: WorkedOut) -> dict[str, Any]:
    """What is kept of a target."""
    return {
        "target": one.known.target,
        "margin": one.known.target.margin,
        "needed": one.needed,
        "answers": one.known.answers,
        "coming": one.known.coming,
        "supply": one.supply,
        "contacts": one.contacts,
        "expected": one.expected,
        "missing": one.missing,
        "capped": one.capped,
        "probability": one.probability,
        "slack": one.slack,
        "seconds": one.known.seconds,
        "margins": list(one.margins),
    }
