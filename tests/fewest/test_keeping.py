"""The plan of a night, and the wave that follows it."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from analytics.month_cells import month_of
from contacts.models import Decision
from cxsurvey.fewest.keeping import plan_contacts
from surveys.models import ContactPlan, Invitation, PlannedGroup, PlannedTarget, Target
from surveys.planning import plan
from tests.fewest.world import DAY, Coming, make_people, make_touchpoints
from tests.surveys.makers import make_program, make_version

pytestmark = pytest.mark.django_db
MAY = datetime(2026, 5, 1, tzinfo=UTC)
KINDS = {"app": Coming(60, 0.2), "claim": Coming(4, 0.2)}


@pytest.fixture
def targets() -> dict[str, Target]:
    """Four weeks of touchpoints before May, and a program for each of their kinds that begins in May."""
    version, rng = make_version(), np.random.default_rng(1)
    make_touchpoints(KINDS, make_people(3000, MAY - 40 * DAY), MAY - 28 * DAY, 31, rng)
    programs = {kind: make_program(version, slug=kind, kinds=[kind], starts_at=MAY) for kind in KINDS}
    return {kind: Target.objects.create(program=programs[kind], value=kind, margin=20) for kind in KINDS}


def test_before_anybody_is_asked_it_is_said_what_it_takes_and_what_cannot_be_reached(
    targets: dict[str, Target],
) -> None:
    found = plan_contacts(MAY + timedelta(minutes=3))
    app, claim = (PlannedTarget.objects.get(plan=found, target=targets[kind]) for kind in KINDS)
    assert (app.needed, app.answers, app.coming) == (97, 0, 0)
    assert app.missing == 0
    assert app.contacts == pytest.approx(97 / 0.1, abs=1)  # nobody was asked yet: one in ten is the guess
    assert claim.needed == 97
    assert claim.missing == pytest.approx(97 - claim.expected, abs=0.01)
    assert claim.expected < 0.1 * 4 * 32
    assert [row["margin"] for row in app.margins] == list(range(15, 26))
    contacts = [row["contacts"] for row in app.margins]
    assert contacts == sorted(contacts, reverse=True)


def test_the_wave_draws_by_the_plan_and_keeps_each_probability(targets: dict[str, Target]) -> None:
    plan_contacts(MAY + timedelta(minutes=3))
    plan(MAY + 3 * DAY)
    decisions = Decision.objects.filter(program="app")
    first = PlannedGroup.objects.get(planned__target=targets["app"], group=f"{targets['app'].pk} new first")
    drawn = [one for one in decisions if not any(reason["kind"] == "sampling" for reason in one.reasons)]
    left = [one for one in decisions if one not in drawn]
    assert 0.5 < first.probability < 1
    assert first.probability == pytest.approx(first.contacts / first.customers)
    assert drawn
    assert left
    assert {round(one.probability, 6) for one in [*drawn, *left]} >= {round(first.probability, 6)}
    alike = [one for one in decisions if one.probability == first.probability]
    share = sum(one in drawn for one in alike) / len(alike)
    assert share == pytest.approx(first.probability, abs=4 * (first.probability / len(alike)) ** 0.5)
    assert Invitation.objects.filter(program__slug="app").count() <= len(drawn)


def test_a_second_plan_of_the_day_takes_the_place_of_the_first(targets: dict[str, Target]) -> None:
    first, second = (plan_contacts(MAY + timedelta(hours=hour)) for hour in (1, 2))
    assert first
    assert second
    assert list(ContactPlan.objects.values_list("made_at", flat=True)) == [MAY + timedelta(hours=2)]
    rows = [(one.group, one.contacts) for one in PlannedGroup.objects.order_by("pk")]
    assert len(rows) == len(set(rows))


def test_without_a_target_nothing_is_planned_and_the_share_decides() -> None:
    make_program(make_version(), slug="app", kinds=["app"], starts_at=MAY, share=0.5)
    make_touchpoints({"app": Coming(20, 0.2)}, make_people(50, MAY), MAY, 2, np.random.default_rng(2))
    assert plan_contacts(MAY) is None
    plan(MAY + 3 * DAY)
    assert set(Decision.objects.values_list("probability", flat=True)) == {0.5}


def test_a_month_is_that_of_the_organisation() -> None:
    assert month_of(datetime(2026, 12, 31, 12, tzinfo=UTC)) == (
        datetime(2026, 12, 1, tzinfo=UTC),
        datetime(2027, 1, 1, tzinfo=UTC),
    )
