"""What becomes of an invitation whose place a program of higher priority takes."""

from datetime import timedelta

import pytest
from django.db import connection

from contacts.models import Contact, Customer, Decision
from contacts.policies import publish as publish_policy
from surveys import lots, waves
from surveys.delivery import deliver
from surveys.models import Invitation, Program, SurveyVersion
from surveys.planning import plan
from tests.contacts.test_gate_race import FORK
from tests.surveys.makers import NOON, make_customer, make_program, make_touchpoint, make_version

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
CUSTOMERS = 60


@pytest.fixture
def version(db: None) -> SurveyVersion:
    cap = {"name": "one", "limit": 1, "measure": "contacts", "window": "10 days"}
    publish_policy("test", "Test", {"caps": [cap]}, at=NOON)
    return make_version()


def invited(version: SurveyVersion, customer: Customer, **program: object) -> Invitation:
    """Return the invitation, due at NOON, of a program of low priority."""
    make_program(version, slug="low", kinds=["purchase"], **program)
    make_touchpoint(customer)
    plan(NOON)
    return Invitation.objects.get()


def ask_before_it(version: SurveyVersion, *customers: Customer) -> Program:
    """Let a more important program have touchpoints of these customers."""
    program = make_program(version, slug="high", kinds=["chat"], priority=5)
    for customer in customers:
        make_touchpoint(customer, kind="chat")
    return program


def fresh(invitation: Invitation) -> Invitation:
    return Invitation.objects.select_related("contact").get(pk=invitation.pk)


def test_it_is_planned_for_later_with_its_link_open_as_long(version: SurveyVersion) -> None:
    low = invited(version, make_customer())
    ask_before_it(version, low.customer)

    plan(NOON + MINUTE)

    moved = fresh(low)
    assert (moved.state, moved.due_at) == ("planned", NOON + MINUTE + 10 * DAY)
    assert moved.due_at == moved.contact.at
    assert moved.closes_at - moved.due_at == low.closes_at - low.due_at
    assert Invitation.objects.get(program__slug="high").due_at == NOON + MINUTE


def test_it_is_not_sent_where_the_experience_is_too_old_by_then(version: SurveyVersion) -> None:
    low = invited(version, make_customer(), worth=5 * DAY)
    ask_before_it(version, low.customer)

    plan(NOON + MINUTE)

    lost = fresh(low)
    assert (lost.state, lost.state_reason, lost.contact.outcome) == ("cancelled", "priority", "cancelled")
    assert deliver(NOON + DAY).sent == 1


def test_one_that_was_sent_keeps_its_place(version: SurveyVersion) -> None:
    low = invited(version, make_customer())
    deliver(NOON)
    ask_before_it(version, low.customer)

    plan(NOON + MINUTE)

    assert fresh(low).state == "sent"
    assert Invitation.objects.get(program__slug="high").due_at == NOON + 10 * DAY


@pytest.mark.parametrize(("worth", "state", "reason"), [(14 * DAY, "planned", ""), (5 * DAY, "cancelled", "priority")])
def test_delivery_finds_what_became_of_a_place_that_was_taken_behind_its_back(
    version: SurveyVersion, worth: timedelta, state: str, reason: str
) -> None:
    low = invited(version, make_customer(), worth=worth)
    ask_before_it(version, low.customer)
    plan(NOON + MINUTE)
    Invitation.objects.filter(pk=low.pk).update(state="planned", due_at=NOON, state_reason="")

    deliver(NOON + MINUTE)

    found = fresh(low)
    assert (found.state, found.state_reason) == (state, reason)
    assert Invitation.objects.filter(state="sent").count() == 1


@pytest.mark.django_db(transaction=True)
def test_planners_and_deliveries_at_the_same_customers_neither_ask_twice_nor_wait_crosswise() -> None:
    cap = {"name": "one", "limit": 1, "measure": "contacts", "window": "10 days"}
    publish_policy("test", "Test", {"caps": [cap]}, at=NOON)
    version = make_version()
    make_program(version, slug="low", kinds=["purchase"])
    customers = [make_customer() for _ in range(CUSTOMERS)]
    for customer in customers:
        make_touchpoint(customer)
    plan(NOON)
    ask_before_it(version, *customers)

    meet(plan, deliver, deliver, plan)

    sent = Contact.objects.exclude(outcome__in=["reserved", "cancelled"])
    assert sent.values("customer").distinct().count() == sent.count(), "nobody twice within ten days"
    assert Decision.objects.filter(stage="give_way").exists() or sent.count() == CUSTOMERS
    deliver(NOON + MINUTE)
    rows = Invitation.objects.select_related("contact")
    assert all(row.due_at == row.contact.at for row in rows.filter(state="planned"))
    assert all(row.contact.outcome == "cancelled" for row in rows.filter(state="cancelled"))
    assert sent.count() == CUSTOMERS, "and everybody once"


def meet(*passes: object) -> None:
    """Let all passes run at NOON, in processes of their own that begin at once and go on in small lots."""
    connection.close()
    barrier = FORK.Barrier(len(passes))
    runners = [FORK.Process(target=run, args=(pass_, barrier)) for pass_ in passes]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join(60)
    assert [runner.exitcode for runner in runners] == [0] * len(runners)


def run(pass_: object, barrier: object) -> None:
    lots.LENGTH = 5
    waves.LENGTHS, waves.PAUSES = dict.fromkeys(waves.LENGTHS, 5), dict.fromkeys(waves.PAUSES, 0)
    barrier.wait(30)  # type: ignore[attr-defined]
    pass_(NOON)  # type: ignore[operator]
    connection.close()
