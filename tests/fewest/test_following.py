"""Which touchpoints a wave draws by a plan: one for each customer, as often as the plan says, the scarcest first."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from contacts.models import Decision
from surveys.following import Following
from surveys.models import ContactPlan, PlannedGroup, PlannedTarget, Program, Target
from surveys.planning import plan
from tests.fewest.world import DAY, make_people
from tests.surveys.makers import make_program, make_touchpoint, make_version

pytestmark = pytest.mark.django_db
MAY = datetime(2026, 5, 1, tzinfo=UTC)
KINDS = ("app", "claim")


@pytest.fixture
def programs() -> dict[str, Program]:
    version = make_version()
    return {kind: make_program(version, slug=kind, kinds=[kind], starts_at=MAY, share=0.9) for kind in KINDS}


def keep_plan(
    programs: dict[str, Program], slack: dict[str, float], probability: dict[str, float]
) -> dict[str, Target]:
    """A plan of these average probabilities."""
    made = ContactPlan.objects.create(day=MAY.date(), made_at=MAY, since=MAY, until=MAY + 31 * DAY, exact=True)
    targets = {kind: Target.objects.create(program=programs[kind], value=kind, margin=20) for kind in KINDS}
    numbers = {"margin": 20, "needed": 97, "answers": 0, "seconds": 30}
    numbers |= dict.fromkeys(("coming", "supply", "contacts", "expected", "missing", "capped"), 0)
    for kind, target in targets.items():
        PlannedTarget.objects.create(
            plan=made, target=target, probability=probability[kind], slack=slack[kind], **numbers
        )
    return targets


def both_happen(number: int) -> list[int]:
    """So many customers have both on one morning; return them."""
    people = make_people(number, MAY)
    for person in people:
        for hour, kind in enumerate(KINDS):
            make_touchpoint(person, kind=kind, occurred_at=MAY + timedelta(hours=8 + hour))
    return [person.pk for person in people]


def drawn() -> Counter[str]:
    decisions = Decision.objects.values_list("program", "reasons")
    return Counter(program for program, reasons in decisions if all(one["kind"] != "sampling" for one in reasons))


def test_who_had_both_is_drawn_for_one_the_scarcer_first(programs: dict[str, Program]) -> None:
    keep_plan(programs, {"app": 50, "claim": -5}, {"app": 0.7, "claim": 0.6})
    customers = both_happen(150)
    plan(MAY + DAY)
    probabilities = dict(Decision.objects.values_list("program", "probability").distinct())
    assert probabilities == {"claim": pytest.approx(0.6), "app": pytest.approx(0.4)}
    found = drawn()
    assert found.total() == len(customers)  # 0.6 and 0.4 are everybody, each once
    assert found["claim"] == pytest.approx(90, abs=24)
    in_both = Counter(Decision.objects.filter(result="send").values_list("customer", flat=True))
    assert set(in_both.values()) == {1}


def test_the_plan_s_own_probability_holds_for_a_group_it_knows(programs: dict[str, Program]) -> None:
    targets = keep_plan(programs, {"app": 1, "claim": 2}, {"app": 0.7, "claim": 0.6})
    group = f"{targets['app'].pk} {targets['claim'].pk} new first"
    for kind, probability in (("app", 0.0), ("claim", 1.0)):
        planned = PlannedTarget.objects.get(target=targets[kind])
        PlannedGroup.objects.create(planned=planned, group=group, customers=20, contacts=0, probability=probability)
    both_happen(20)
    plan(MAY + DAY)
    assert drawn() == {"claim": 20}
    assert set(Decision.objects.filter(program="app").values_list("probability", flat=True)) == {0}


def test_the_share_decides_until_a_target_is_in_a_plan(programs: dict[str, Program]) -> None:
    Target.objects.create(program=programs["app"], value="app", margin=20)
    both_happen(10)
    assert Following.read(list(programs.values()), MAY + DAY) is None
    plan(MAY + DAY)
    assert set(Decision.objects.values_list("probability", flat=True)) == {0.9}


def test_a_touchpoint_counts_for_its_team_before_its_kind(programs: dict[str, Program]) -> None:
    keep_plan(programs, {"app": 1, "claim": 1}, {"app": 0.5, "claim": 0.5})
    Target.objects.create(program=programs["app"], by="team", value="Leeds", margin=20)
    following = Following.read(list(programs.values()), MAY + DAY)
    assert following
    person = make_people(1, MAY)[0]
    ours = make_touchpoint(person, kind="app", team="Leeds", occurred_at=MAY)
    other = make_touchpoint(person, kind="app", team="York", occurred_at=MAY)
    app = programs["app"].pk
    # The team's target is not in the plan yet, so that the kind's serves both.
    assert following.chances({app: [ours.pk, other.pk]}).keys() == {(app, ours.pk), (app, other.pk)}
