"""The next best case: whose it is, in which order, for how long, and that nobody else gets it."""

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from contacts import gate
from contacts.policies import publish
from surveys.calls import claiming
from surveys.calls.claiming import HELD, held_by, hold, release, take, take_next
from surveys.models import CallCase
from surveys.pausing import pause, resume
from tests.contacts.makers import cap, put_in_force
from tests.surveys.answered import make_response
from tests.surveys.desk import appoint, call, interviewer
from tests.surveys.makers import NOON, make_case, make_customer, make_program, make_touchpoint

pytestmark = pytest.mark.django_db
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture(autouse=True)
def any_hour(request: pytest.FixtureRequest) -> None:
    """A policy without caps and hours."""
    if "transactional_db" not in request.fixturenames:
        put_in_force()


def next_of(name: str = "ines", at: Any = NOON) -> CallCase | None:
    return take_next(interviewer(name), at)


def test_she_gets_a_case_for_a_quarter_of_an_hour() -> None:
    case = make_case()

    assert next_of() == case

    case.refresh_from_db()
    assert (case.claimed_by_id, case.claimed_at, case.claimed_until) == (interviewer(), NOON, NOON + HELD)
    assert timedelta(minutes=15) == HELD
    assert next_of("otto") is None


def test_asking_again_gives_what_she_has_in_hand() -> None:
    case, _ = make_case(), make_case()

    assert next_of() == next_of(at=NOON + MINUTE) == case == held_by(interviewer(), NOON + MINUTE)


def test_a_claim_that_ran_out_is_free_again() -> None:
    case = make_case()
    next_of()

    assert next_of("otto", NOON + HELD - timedelta(seconds=1)) is None
    assert next_of("otto", NOON + HELD) == case
    assert not hold(case.pk, interviewer(), NOON + HELD), "it is not hers any more"


def test_held_on_while_she_works_and_free_when_she_leaves() -> None:
    case = make_case()
    next_of()

    assert hold(case.pk, interviewer(), NOON + 14 * MINUTE)
    assert next_of("otto", NOON + 20 * MINUTE) is None
    release(case.pk, interviewer("otto"))
    assert next_of("otto", NOON + 20 * MINUTE) is None, "only she can give it back"
    release(case.pk, interviewer())
    assert next_of("otto", NOON + 20 * MINUTE) == case


def test_whoever_takes_another_case_gives_the_first_back() -> None:
    first, second = make_case(), make_case()
    take(first.pk, interviewer(), NOON)

    assert take(second.pk, interviewer(), NOON)

    assert held_by(interviewer(), NOON) == second
    assert next_of("otto") == first


def test_priority_comes_first_then_the_oldest_experience() -> None:
    new, old = (make_touchpoint(make_customer(phone=f"+1212555000{n}"), occurred_at=NOON - n * DAY) for n in (1, 3))
    program = make_program(contact_channels=["phone"])
    cases = [make_case(new, program=program), make_case(old, program=program), make_case(priority=5)]

    assert [next_of(name) for name in ("a", "b", "c")] == [cases[2], cases[1], cases[0]]


def test_the_time_that_a_customer_named_comes_before_everything_the_one_agreed_with_her_first() -> None:
    cases = [make_case(priority=9), make_case(), make_case()]
    appoint(cases[1], NOON, NOON + HOUR, NOON - HOUR, by="otto")
    appoint(cases[2], NOON + MINUTE, NOON + HOUR, NOON - HOUR)
    at = NOON + 2 * MINUTE

    assert [next_of(name, at) for name in ("ines", "otto", "anna")] == [cases[2], cases[1], cases[0]]


def test_anybody_keeps_the_appointment_of_somebody_who_is_not_there() -> None:
    case = make_case()
    appoint(case, NOON, NOON + HOUR, NOON - HOUR, by="otto")

    assert next_of("ines", NOON + MINUTE) == case


def test_a_named_time_is_kept_after_the_case_is_too_old_and_the_program_is_off() -> None:
    case = make_case(expires_at=NOON - DAY)
    assert next_of() is None
    appoint(case, NOON, NOON + HOUR, NOON - DAY)
    case.program.__class__.objects.update(active=False)

    assert next_of() == case


def test_nobody_is_called_for_a_program_that_is_off() -> None:
    make_case(program=make_program(contact_channels=["phone"], active=False))

    assert next_of() is None


@pytest.mark.parametrize("about", [{}, {"channel": "phone"}, {"program_id": 0}, {"channel": "email"}])
def test_what_is_paused_is_not_called(about: dict[str, Any]) -> None:
    case = make_case()
    scope = about | ({"program_id": case.program_id} if "program_id" in about else {})
    held = pause("A storm warning", at=NOON, **scope)
    assert (next_of() is None) is (about != {"channel": "email"})
    resume(held.pk, at=NOON, by_id=interviewer())
    assert next_of() == case


def test_the_gate_is_asked_and_whoever_must_wait_is_put_off_until_then() -> None:
    publish("test", "Test", {}, at=NOON)
    asleep = make_case(
        make_touchpoint(make_customer(phone="+12125550001", time_zone="America/Los_Angeles")), priority=9
    )
    awake = make_case()

    assert next_of() == awake

    asleep.refresh_from_db()
    assert (asleep.state, asleep.next_at) == ("open", NOON + 4 * HOUR)


def test_one_that_waits_long_is_looked_at_again_within_a_day_as_the_policy_may_change() -> None:
    put_in_force(cap(1, "10 days", "call_attempts"))
    case = make_case()
    gate.log_call(case.customer_id, "no_answer", at=NOON - DAY, by_id=interviewer())

    assert next_of() is None
    case.refresh_from_db()
    assert case.next_at == NOON + DAY
    put_in_force()
    assert next_of(at=NOON + DAY) == case


def test_who_said_no_is_not_offered_and_the_case_closes() -> None:
    case = make_case()
    gate.log_call(case.customer_id, "refused", at=NOON - DAY, by_id=interviewer())

    assert next_of() is None

    case.refresh_from_db()
    assert (case.state, case.disposition) == ("closed", "2.11")


def test_answered_on_the_web_it_leaves_the_list_at_once() -> None:
    case = make_case()
    make_response(9, touchpoint=case.touchpoint)

    assert next_of() is None
    assert not take(case.pk, interviewer(), NOON)


def test_after_a_soft_refusal_somebody_else_calls() -> None:
    case = make_case()
    call(case, "soft_refusal")
    week = NOON + 7 * DAY

    assert next_of("otto", week - MINUTE) is None
    assert next_of("ines", week) is None
    assert next_of("otto", week) == case


def test_one_customer_is_in_one_persons_hands_whatever_the_number_of_cases() -> None:
    customer = make_customer(phone="+12125550001")
    twin = make_customer(merged_into=customer)
    cases = [make_case(make_touchpoint(record)) for record in (customer, twin)]

    assert next_of() == cases[0]
    assert next_of("otto") is None
    assert next_of("otto", NOON + HELD) in cases


def test_more_than_a_lot_that_must_wait_does_not_hide_the_one_that_may_be_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(claiming, "LOT", 2)
    put_in_force(hours={"phone": {"mon-sun": "12:00-20:00"}})
    for n in range(5):
        make_case(make_touchpoint(make_customer(phone=f"+1212555010{n}", time_zone="America/New_York")), priority=1)
    may = make_case()

    assert next_of() == may


@pytest.mark.django_db(transaction=True)
def test_two_interviewers_at_the_same_instant_never_get_the_same_case(transactional_db: None) -> None:
    put_in_force()
    cases, names = [make_case() for _ in range(3)], ["a", "b", "c", "d", "e", "f"]
    users = [interviewer(name) for name in names]
    start, got = Barrier(len(users)), []

    def run(user: int) -> None:
        start.wait()
        got.append(take_next(user, NOON))
        connection.close()

    threads = [Thread(target=run, args=[user]) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(case.pk for case in got if case) == sorted(case.pk for case in cases)
    assert got.count(None) == 3
