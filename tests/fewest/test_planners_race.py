"""Two planners at the same day's plan: whichever comes second, there is one plan, and it is whole."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.db import connection, transaction

from analytics.month_cells import month_of
from cxsurvey.fewest.keeping import plan_contacts
from surveys.models import ContactPlan, PlannedGroup, PlannedTarget, Target
from tests.fewest.world import DAY, Coming, make_people, make_touchpoints
from tests.surveys.makers import make_program, make_version

pytestmark = pytest.mark.django_db(transaction=True)
MAY = datetime(2026, 5, 1, tzinfo=UTC)


def make_target() -> Target:
    make_touchpoints({"app": Coming(5, 0.2)}, make_people(50, MAY), MAY - 28 * DAY, 28, np.random.default_rng(1))
    program = make_program(make_version(), slug="app", kinds=["app"], starts_at=MAY)
    return Target.objects.create(program=program, value="app", margin=30)


def plan_here() -> ContactPlan | None:
    try:
        return plan_contacts(MAY + timedelta(minutes=4))
    finally:
        connection.close()


def test_a_planner_that_meets_another_in_the_midst_of_its_plan_leaves_one_that_is_whole() -> None:
    """The first has its row, and not yet its targets, when the second wants to keep its own."""
    target = make_target()
    since, until = month_of(MAY)
    numbers = {"margin": 30, "needed": 43, "answers": 0, "probability": 0.5, "seconds": 30}
    numbers |= dict.fromkeys(("coming", "supply", "contacts", "expected", "missing", "capped", "slack"), 0)
    with ThreadPoolExecutor(1) as second:
        with transaction.atomic():
            plan = ContactPlan.objects.create(
                day=MAY.date(), made_at=MAY + timedelta(minutes=3), since=since, until=until, exact=True
            )
            kept = second.submit(plan_here)
            time.sleep(1.5)
            assert not kept.done()
            PlannedTarget.objects.create(plan=plan, target=target, **numbers)
        found = kept.result(timeout=60)
    assert list(ContactPlan.objects.all()) == [found]
    assert PlannedTarget.objects.get().plan == found


def test_planners_at_once_leave_one_plan() -> None:
    make_target()
    with ThreadPoolExecutor(3) as planners:
        for kept in [planners.submit(plan_here) for _ in range(3)]:
            assert kept.result(timeout=120)
    plan = ContactPlan.objects.get()
    assert plan.targets.count() == 1
    groups = list(PlannedGroup.objects.values_list("group", flat=True))
    assert groups
    assert len(groups) == len(set(groups))
