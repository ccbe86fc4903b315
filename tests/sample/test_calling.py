from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User

from contacts.models import Contact, Identifier, Touchpoint
from cxsurvey.models import SampleState
from cxsurvey.sample.answers import Invited
from cxsurvey.sample.calling import LEFT_OPEN, NAMES, Picked, call_customers, ensure_interviewers, pick_up
from cxsurvey.sample.load import end_of_data
from cxsurvey.sample.truth import TRUTH
from surveys.models import CallAttempt, CallCase, CallOutcome, Response
from surveys.planning import plan

COUNT = 2_000
DAY = timedelta(days=1)


def picked(*, agreed: bool) -> list[Picked]:
    about = [
        Invited(f"delivery-{number}", "delivery", "damaged", "Parcel Post", "phone", "en", 0) for number in range(COUNT)
    ]
    return [pick_up(invited, 1, agreed=agreed) for invited in about]


@pytest.fixture
def working_day(last_days: SampleState) -> datetime:
    """Return an hour at which people may be called, with some cases; everybody lives in UTC and has a number."""
    at = last_days.reached + timedelta(days=3, hours=15)
    damaged = Touchpoint.objects.filter(kind="delivery", occurred_at__range=(last_days.reached, at - DAY))
    Touchpoint.objects.filter(pk__in=list(damaged.values_list("pk", flat=True)[:12])).update(outcome="damaged")
    for number, touchpoint in enumerate(damaged.filter(outcome="damaged").select_related("customer")):
        customer, seen = touchpoint.customer, {"first_seen_at": at - DAY, "last_seen_at": at}
        customer.time_zone = "UTC"
        customer.save()
        Identifier.objects.create(customer=customer, type="phone", value=f"+4930232555{number:02}", **seen)
    plan(at)
    return at


def test_calls_end_as_the_truth_says() -> None:
    ends = Counter(one.outcome for one in picked(agreed=False))

    assert {end: ends[end] / COUNT for end in TRUTH.call_ends} == pytest.approx(TRUTH.call_ends, abs=0.035)
    assert sum(TRUTH.call_ends.values()) == pytest.approx(1)
    assert set(TRUTH.call_ends) == set(CallOutcome.values)


def test_who_named_a_time_mostly_keeps_it() -> None:
    ends = Counter(one.outcome for one in picked(agreed=True))

    assert ends["completed"] / COUNT == pytest.approx(TRUTH.kept_call_ends["completed"], abs=0.03)


def test_only_who_completes_answers_and_only_who_cannot_talk_names_a_time() -> None:
    all_of_them = picked(agreed=False)

    assert all(("score" in one.answers) == (one.outcome == "completed") for one in all_of_them)
    assert {one.outcome for one in all_of_them if one.in_days} == {"not_now"}


def test_nobody_can_log_in_as_an_interviewer_of_the_sample(db: None) -> None:
    assert ensure_interviewers() == ensure_interviewers()
    assert User.objects.filter(groups__name="Interviewer", is_active=False).count() == len(NAMES)


def test_interviewers_call_and_all_of_it_is_marked_as_simulated(working_day: datetime, last_days: SampleState) -> None:
    assert CallCase.objects.exists()

    call_customers(working_day, end_of_data(last_days.weeks) + 30 * DAY, ensure_interviewers())

    calls = CallAttempt.objects.all()
    assert calls.exists()
    assert {call.late for call in calls} == {""}
    assert not Contact.objects.filter(channel="phone", simulated=False).exists()
    assert not Response.objects.filter(channel="phone", simulated=False).exists()


def test_calling_again_at_the_same_hour_calls_nobody_twice(working_day: datetime, last_days: SampleState) -> None:
    end, interviewers = end_of_data(last_days.weeks) + 30 * DAY, ensure_interviewers()

    call_customers(working_day, end, interviewers)
    called = set(CallAttempt.objects.values_list("case", "outcome"))
    call_customers(working_day, end, interviewers)

    assert set(CallAttempt.objects.values_list("case", "outcome")) == called


def test_the_last_days_are_left_to_whoever_tries_the_demo(working_day: datetime) -> None:
    call_customers(working_day, working_day + LEFT_OPEN - DAY, ensure_interviewers())

    assert not CallAttempt.objects.exists()
    assert CallCase.objects.filter(state="open").exists()
