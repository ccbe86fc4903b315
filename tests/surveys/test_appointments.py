"""A call that was agreed on and an answer on the web about the same experience: one of the two, whichever is first."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection, transaction

from contacts import gate
from contacts.appointments import appointments_to_keep
from contacts.gate import NamedTime
from contacts.models import Appointment, Contact, Decision, Touchpoint
from contacts.policies import publish
from surveys.answering import AlreadyAnsweredError, open_link, submit
from surveys.history import RESPONSES
from surveys.links import token
from surveys.models import Invitation, Response
from tests.contacts import test_gate_race
from tests.contacts.files import bring
from tests.contacts.test_gate_race import race
from tests.processes import wait_until
from tests.surveys.makers import NOON, make_customer, make_invitation, make_touchpoint, make_version

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
CALL = NOON + 3 * HOUR
ANSWER = NOON + HOUR


def one_call_in_30_days() -> None:
    """At any hour: a second one needs the appointment."""
    cap = {"name": "calls", "limit": 1, "measure": "call_attempts", "window": "30 days"}
    publish("test", "Test", {"caps": [cap], "hours": {"phone": "always"}}, at=NOON)


@pytest.fixture
def touchpoint() -> Touchpoint:
    one_call_in_30_days()
    return make_touchpoint(make_customer(phone="+12025550123"))


def interviewer() -> User:
    return User.objects.get_or_create(username="interviewer")[0]


def appoint(touchpoint: Touchpoint, *, about: bool = True, hours: int = 3) -> Appointment:
    start = NOON + hours * HOUR
    return gate.appoint(
        touchpoint.customer_id,
        NamedTime(start, start + HOUR),
        at=NOON,
        by_id=interviewer().pk,
        touchpoint_id=touchpoint.pk if about else None,
    )


def call(touchpoint: Touchpoint, at: datetime = CALL) -> Decision:
    return gate.log_call(
        touchpoint.customer_id, "completed", at=at, by_id=interviewer().pk, touchpoint_id=touchpoint.pk
    )


def answer(invitation: Invitation, at: datetime = ANSWER, score: str = "9") -> Response:
    found = open_link(token(invitation), at).invitation
    assert found
    return submit(found, {"score": score}, at=at)


def kinds(decision: Decision) -> list[str]:
    return [reason["kind"] for reason in decision.reasons]


def test_the_earliest_comes_first_and_what_is_over_or_cancelled_is_none(touchpoint: Touchpoint) -> None:
    later, sooner, cancelled = (appoint(touchpoint, hours=hours) for hours in (5, 2, 4))
    gate.cancel_appointment(cancelled.pk, at=NOON, by_id=cancelled.by_id)

    assert list(appointments_to_keep(NOON)) == [sooner, later]
    assert list(appointments_to_keep(NOON + 3 * HOUR)) == [later]


def test_answered_on_the_web_meanwhile_it_leaves_the_list_at_once_and_no_call_is_let_through(
    touchpoint: Touchpoint,
) -> None:
    call(touchpoint, NOON - HOUR)
    appoint(touchpoint)

    answer(make_invitation(touchpoint=touchpoint))

    assert not appointments_to_keep(ANSWER).exists()
    refused = call(touchpoint)
    assert (refused.result, kinds(refused)) == ("skip", ["cap", "answered"])
    assert Contact.objects.filter(purpose="call").count() == 1


def test_an_answer_that_another_tool_collected_ends_it_too(touchpoint: Touchpoint) -> None:
    appoint(touchpoint)
    lines = "external_id,customer,survey,touchpoint,answered_at,score\n"
    lines += f"r1,{touchpoint.customer.external_id},Old,{touchpoint.external_id},{{at}},9\n"

    bring(RESPONSES, lines.format(at=(NOON - HOUR).isoformat()), source="test", at=ANSWER)
    assert appointments_to_keep(ANSWER).exists(), "it was agreed on after that answer"

    bring(RESPONSES, lines.format(at=ANSWER.isoformat()), source="test", at=ANSWER)
    assert not appointments_to_keep(ANSWER).exists()
    assert kinds(call(touchpoint)) == ["answered"]


def test_a_call_agreed_on_after_the_answer_stays_on_the_list(touchpoint: Touchpoint) -> None:
    answer(make_invitation(touchpoint=touchpoint), NOON - HOUR)

    appointment = appoint(touchpoint)

    assert list(appointments_to_keep(NOON)) == [appointment]
    assert call(touchpoint).result == "send"


def test_an_answer_about_something_else_closes_nothing(touchpoint: Touchpoint) -> None:
    about_it, about_any = appoint(touchpoint), appoint(touchpoint, about=False)

    answer(make_invitation(touchpoint=make_touchpoint(touchpoint.customer)))

    assert list(appointments_to_keep(ANSWER)) == [about_it, about_any]


def test_an_answer_that_is_not_stored_ends_nothing(touchpoint: Touchpoint) -> None:
    invitation = make_invitation(touchpoint=touchpoint)
    opened = open_link(token(invitation), ANSWER).invitation
    assert opened
    answer(invitation, NOON - HOUR)
    appointment = appoint(touchpoint)

    with pytest.raises(AlreadyAnsweredError):
        submit(opened, {"score": "1"}, at=ANSWER)

    assert list(appointments_to_keep(ANSWER)) == [appointment]


def test_an_answer_and_the_end_of_the_appointment_are_stored_together_or_not_at_all(touchpoint: Touchpoint) -> None:
    def disk_full(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith('UPDATE "contacts_appointment"'):
            raise OperationalError("disk full")
        return execute(sql, *rest)

    appointment, invitation = appoint(touchpoint), make_invitation(touchpoint=touchpoint)

    with connection.execute_wrapper(disk_full), pytest.raises(OperationalError):
        answer(invitation)

    assert list(appointments_to_keep(ANSWER)) == [appointment]
    assert not Response.objects.exists()
    assert not Decision.objects.filter(stage="call").exists()


def elsewhere(act: Callable[[], object]) -> object:
    """Do it on a connection of its own."""
    try:
        return act()
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_who_logs_the_call_while_the_answer_is_being_stored_waits_and_is_refused() -> None:
    one_call_in_30_days()
    touchpoint = make_touchpoint(make_customer(phone="+12025550123"))
    appoint(touchpoint)
    invitation = make_invitation(touchpoint=touchpoint)
    with ThreadPoolExecutor(1) as caller:
        with transaction.atomic():
            answer(invitation)
            logged = caller.submit(elsewhere, lambda: call(touchpoint))
            time.sleep(0.3)
            assert not logged.done()

        decision = logged.result(timeout=60)

    assert isinstance(decision, Decision)
    assert (decision.result, kinds(decision)) == ("skip", ["answered"])
    assert not Contact.objects.filter(purpose="call").exists()


@pytest.mark.django_db(transaction=True)
def test_who_answers_while_the_call_is_being_logged_waits_and_ends_nothing() -> None:
    one_call_in_30_days()
    touchpoint = make_touchpoint(make_customer(phone="+12025550123"))
    appointment = appoint(touchpoint)
    invitation = make_invitation(touchpoint=touchpoint)
    with ThreadPoolExecutor(1) as customer:
        with transaction.atomic():
            decision = call(touchpoint)
            answered = customer.submit(elsewhere, lambda: answer(invitation, CALL))
            time.sleep(0.3)
            assert not answered.done()

        assert isinstance(answered.result(timeout=60), Response)

    appointment.refresh_from_db()
    assert (decision.result, appointment.state) == ("send", "kept")
    assert [kinds(told) for told in Decision.objects.filter(stage="call")] == [[]]


def invited_and_agreed_on() -> list[int]:
    """Return touchpoints about which a customer each can answer and is to be called, which needs the appointment."""
    one_call_in_30_days()
    version = make_version()
    touchpoints = [make_touchpoint(make_customer(phone=f"+120255501{n:02}")) for n in range(40)]
    for touchpoint in touchpoints:
        call(touchpoint, NOON - HOUR)
        appoint(touchpoint)
        make_invitation(version, touchpoint=touchpoint)
    return [touchpoint.pk for touchpoint in touchpoints]


@pytest.mark.django_db(transaction=True)
def test_no_call_is_let_through_from_the_moment_on_at_which_the_answer_can_be_seen() -> None:
    ids = invited_and_agreed_on()

    race(answer_all, [ids], call_each_when_its_answer_is_seen)

    assert Appointment.objects.filter(state="cancelled").count() == len(ids)


@pytest.mark.django_db(transaction=True)
def test_of_answers_and_calls_at_once_each_customer_gives_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_gate_race, "BATCH", 1)
    ids = invited_and_agreed_on()

    race(answer_all, [ids], call_in_a_moment)

    called = touchpoints_of(Appointment.objects.filter(state="kept"))
    answered = touchpoints_of(Appointment.objects.filter(state="cancelled"))
    assert Response.objects.count() == len(called | answered) == len(ids)
    calls = Decision.objects.filter(stage="call", at__gte=CALL)
    let_through = calls.filter(contact__purpose="call")
    assert touchpoints_of(let_through) == called
    assert touchpoints_of(told for told in calls if "answered" in kinds(told)) == answered


def touchpoints_of(rows: object) -> set[int]:
    return {row.touchpoint_id for row in rows}  # type: ignore[attr-defined]


def answer_all(ids: list[int]) -> None:
    for invitation in Invitation.objects.filter(touchpoint__in=ids).order_by("pk"):
        answer(invitation, CALL)


def call_each_when_its_answer_is_seen(ids: list[int]) -> None:
    for touchpoint in Touchpoint.objects.filter(pk__in=ids).order_by("pk"):
        wait_until(Response.objects.filter(touchpoint=touchpoint).exists, pause=0)
        assert call(touchpoint).result == "skip"


def call_in_a_moment(ids: list[int]) -> None:
    """Call as late as it takes to open and fill in the page, more or less: now one is first, now the other."""
    touchpoints = list(Touchpoint.objects.filter(pk__in=ids))
    time.sleep(Random(ids[0]).uniform(0, 0.02))  # noqa: S311
    for touchpoint in touchpoints:
        call(touchpoint)
