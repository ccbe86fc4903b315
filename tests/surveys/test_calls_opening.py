"""A program by phone: a pass opens a case for each touchpoint of its sample that may be called about, once."""

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from analytics.frames import planned
from analytics.period import Period
from analytics.scope import Scope
from contacts import consent, gate
from contacts.explaining import say_reason
from contacts.models import Contact, Customer, Decision
from contacts.policies import publish as publish_policy
from surveys.calls import opening
from surveys.candidates import draw, undecided
from surveys.models import CallCase, Invitation, Program
from surveys.planning import ProgramReport, plan
from surveys.replaying import of_program
from tests.contacts.makers import put_in_force
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON, make_customer, make_program, make_touchpoint, numbers

DAY = timedelta(days=1)


def reachable(**fields: Any) -> Customer:
    return make_customer(phone=f"+1212555{next(numbers):04}", **fields)


def by_phone(**fields: Any) -> Program:
    return make_program(contact_channels=["phone"], **fields)


def report(at: Any = NOON) -> ProgramReport:
    [program] = plan(at).programs
    return program


def test_a_ripe_touchpoint_becomes_a_case(db: None) -> None:
    program, touchpoint = by_phone(priority=7), make_touchpoint(reachable(language="de"))

    figures = report()

    case = CallCase.objects.get()
    assert (case.program, case.touchpoint, case.customer) == (program, touchpoint, touchpoint.customer)
    assert (case.state, case.priority, case.language, case.disposition) == ("open", 7, "de", "")
    assert (case.opened_at, case.next_at) == (NOON, NOON)
    assert case.expires_at == touchpoint.occurred_at + program.worth
    assert (figures.problem, figures.touchpoints, figures.asked, figures.delayed) == ("", 1, 1, 0)


def test_the_decision_is_kept_and_no_place_is_taken_before_the_call(db: None) -> None:
    program, touchpoint = by_phone(share=1), make_touchpoint(reachable())

    plan(NOON)

    decision = Decision.objects.get()
    assert (decision.stage, decision.purpose, decision.channel, decision.result) == ("plan", "call", "phone", "send")
    assert (decision.touchpoint, decision.program, decision.survey) == (touchpoint, program.slug, "nps")
    assert (decision.probability, decision.contact, decision.decided_at) == (1, None, NOON)
    assert not Contact.objects.exists()
    assert not Invitation.objects.exists()


def test_a_second_pass_finds_nothing_to_decide(db: None) -> None:
    program = by_phone()
    make_touchpoint(reachable()), make_touchpoint(make_customer())
    assert report().touchpoints == 2

    program.refresh_from_db()
    assert (program.planned_at, program.seen_touchpoint > 0) == (NOON, True)
    assert sum(part.count() for part in undecided(program, NOON)) == 0
    assert report(NOON + DAY).touchpoints == 0
    assert CallCase.objects.count() == 1


def test_who_is_not_drawn_is_not_called_and_the_chance_of_all_is_known(db: None) -> None:
    program = by_phone(share=0.5)
    touchpoints = [make_touchpoint(reachable()) for _ in range(40)]
    drawn = {one.pk for one in touchpoints if draw(program.slug, one.source, one.external_id) < 0.5}

    figures = report()

    assert set(CallCase.objects.values_list("touchpoint", flat=True)) == drawn
    assert 0 < len(drawn) < 40
    assert (figures.asked, figures.skipped) == (len(drawn), {"sampling": 40 - len(drawn)})
    assert set(Decision.objects.values_list("probability", flat=True)) == {0.5}
    frame = planned(Scope(Period(None, None, NOON))).set_index("touchpoint")
    assert set(frame.index[frame["asked"]]) == drawn
    assert set(frame.index[frame["sampled"]]) == drawn
    assert set(frame["design"]) == {0.5}


def test_who_may_not_be_called_gets_no_case_but_a_decision_with_the_reason(db: None) -> None:
    by_phone()
    refuses, has_no_number = reachable(), make_customer()
    consent.opt_out(refuses.pk, "phone", at=NOON, via="call")
    for customer in (refuses, has_no_number):
        make_touchpoint(customer)

    figures = report()

    assert (figures.asked, figures.skipped) == (0, {"consent": 2})
    assert not CallCase.objects.exists()
    reasons = {decision.customer: decision.reasons[0]["rule"] for decision in Decision.objects.all()}
    assert reasons == {refuses: "opt-out", has_no_number: "no-address"}


def test_a_call_at_night_waits_for_the_morning(db: None) -> None:
    publish_policy("test", "Test", {}, at=NOON)
    by_phone()
    make_touchpoint(reachable())

    figures = report(NOON.replace(hour=23))

    assert (figures.asked, figures.delayed) == (1, 1)
    assert CallCase.objects.get().next_at == (NOON + DAY).replace(hour=9)


def test_what_was_answered_already_is_not_asked_on_the_phone(db: None) -> None:
    by_phone()
    touchpoint = make_touchpoint(reachable())
    make_response(9, touchpoint=touchpoint)

    figures = report()

    decision = Decision.objects.get(stage="plan")
    assert (figures.asked, figures.skipped) == (0, {"answered": 1})
    assert not CallCase.objects.exists()
    assert say_reason(decision.reasons[0], "") == "The customer has answered about this experience already."
    [answer] = gate.assess(
        [gate.Ask(touchpoint.customer_id, NOON, ("phone",), "call", touchpoint_id=touchpoint.pk)], NOON
    )
    assert answer.result == "send", "somebody unhappy may still be called because of the answer"


def test_made_up_customers_get_made_up_cases(db: None) -> None:
    by_phone()
    make_touchpoint(reachable(simulated=True))

    plan(NOON)

    assert CallCase.objects.get().simulated


def test_more_than_a_lot_is_decided_in_one_pass(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "LOT", 3)
    by_phone()
    for _ in range(8):
        make_touchpoint(reachable())

    assert report().touchpoints == 8
    assert CallCase.objects.count() == 8


def test_phone_stands_alone(db: None) -> None:
    make_program(contact_channels=["phone", "email"])
    make_touchpoint(reachable())

    figures = report()

    assert "or phone alone" in figures.problem
    assert not Decision.objects.exists()


def test_messages_and_calls_are_planned_in_one_pass(db: None) -> None:
    put_in_force()
    by_phone(slug="calls"), make_program(slug="mails", kinds=["visit"])
    customer = reachable()
    make_touchpoint(customer), make_touchpoint(customer, kind="visit")

    asked = {program.program: program.asked for program in plan(NOON).programs}

    assert asked == {"calls": 1, "mails": 1}
    assert (CallCase.objects.count(), Invitation.objects.count()) == (1, 1)


def test_a_policy_is_tried_on_a_program_by_phone_as_it_asks(db: None) -> None:
    [request] = of_program(by_phone()).plan.requests

    assert (request.channel, request.purpose) == ("phone", "call")


@pytest.mark.django_db(transaction=True)
def test_passes_at_the_same_instant_open_a_case_once() -> None:
    by_phone()
    for _ in range(12):
        make_touchpoint(reachable())
    start, asked = Barrier(3), []

    def run() -> None:
        start.wait()
        asked.append(report().asked)
        connection.close()

    threads = [Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(asked) == 12
    assert CallCase.objects.count() == Decision.objects.count() == 12
