"""Cases that are over are closed with the disposition that fits; those with a time that she named come back."""

from datetime import timedelta
from typing import Any

import pytest

from contacts import consent
from surveys.call_tasks import close_cases
from surveys.calls.claiming import take
from surveys.calls.closing import close_over
from surveys.calls.dispositions import Disposition, Ended, final
from surveys.models import CallCase, SurveyVersion
from tests.contacts.makers import put_in_force
from tests.surveys.answered import make_response
from tests.surveys.desk import appoint, call, interviewer
from tests.surveys.makers import NOON, make_case, make_customer, make_touchpoint

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def closed(case: CallCase, at: Any = NOON) -> str:
    """Close what is over; return the disposition of the case, empty while it is open."""
    close_over(at)
    case.refresh_from_db()
    return case.disposition


@pytest.fixture
def case(db: None) -> CallCase:
    put_in_force()
    return make_case()


def test_a_case_that_is_not_over_stays(case: CallCase) -> None:
    assert closed(case) == closed(case, case.expires_at) == ""


def test_too_old_it_closes_as_far_as_it_came(case: CallCase) -> None:
    call(case, "voicemail")

    assert closed(case, case.expires_at + HOUR) == "3.14"
    assert case.closed_at == case.expires_at + HOUR


def test_never_called_it_says_so(case: CallCase) -> None:
    assert closed(case, case.expires_at + HOUR) == "3.11"


def test_somebody_on_the_phone_is_left_to_end_the_call(case: CallCase) -> None:
    at = case.expires_at
    take(case.pk, interviewer(), at)

    assert closed(case, at + timedelta(minutes=1)) == ""
    assert closed(case, at + HOUR) == "3.11"


def test_answered_on_the_web_it_closes_as_complete_also_on_a_screen(case: CallCase) -> None:
    take(case.pk, interviewer(), NOON)
    make_response(9, touchpoint=case.touchpoint)

    assert closed(case) == "1.1"
    assert (case.response, case.claimed_by) == (None, None), "the response is that of the invitation"


@pytest.mark.parametrize("channel", ["phone", ""])
def test_who_opts_out_of_calls_or_of_everything_is_not_called(case: CallCase, channel: str) -> None:
    consent.opt_out(case.customer_id, channel, at=NOON, via="link")

    assert closed(case) == "2.11"


def test_a_no_on_another_record_of_the_person_counts_too(db: None) -> None:
    customer = make_customer(phone="+12125550001")
    twin = make_customer(merged_into=customer)
    case = make_case(make_touchpoint(twin))
    consent.opt_out(customer.pk, "phone", at=NOON, via="link")

    assert closed(case) == "2.11"


def test_a_no_to_email_does_not_concern_calls(case: CallCase) -> None:
    consent.opt_out(case.customer_id, "email", at=NOON, via="link")

    assert closed(case) == ""


def test_a_closed_survey_asks_nobody_any_more_but_a_newer_version_does(case: CallCase) -> None:
    case.version.state = SurveyVersion.State.CLOSED
    case.version.save()
    newer = SurveyVersion.objects.create(
        survey=case.version.survey, number=9, seconds=5, state="published", published_at=NOON
    )
    assert closed(case) == ""

    newer.delete()

    assert closed(case) == "3.11"


def test_a_time_that_she_named_keeps_an_old_case_open_until_it_is_over(case: CallCase) -> None:
    starts = case.expires_at + DAY
    appoint(case, starts, starts + HOUR)

    assert closed(case, starts) == ""
    assert closed(case, starts + HOUR) == "3.11"


def test_a_closed_case_comes_back_for_a_time_that_she_names_later(case: CallCase) -> None:
    for days in (0, 7):
        call(case, "not_now", NOON + days * DAY)
    assert case.disposition == "2.21"
    appoint(case, NOON + 10 * DAY, NOON + 10 * DAY + HOUR, NOON + 8 * DAY)

    assert closed(case, NOON + 8 * DAY) == ""

    assert (case.state, case.closed_at) == ("open", None)
    assert call(case, "completed", NOON + 10 * DAY, answers={"score": "9"}).late == ""
    assert case.disposition == "1.1"


def test_an_answered_case_does_not_come_back(case: CallCase) -> None:
    call(case, "completed", answers={"score": "9"})
    appoint(case, NOON + DAY, NOON + DAY + HOUR, NOON + HOUR)

    assert closed(case) == "1.1"


def test_the_job_closes_by_the_clock(case: CallCase) -> None:
    CallCase.objects.update(expires_at=NOON - 1000 * DAY)

    close_cases()

    case.refresh_from_db()
    assert case.state == "closed"


def test_a_pass_reads_as_many_rows_of_many_cases_in_as_few_statements(
    case: CallCase, django_assert_num_queries: Any
) -> None:
    for _ in range(5):
        make_case()
    with django_assert_num_queries(2):
        close_over(NOON)


@pytest.mark.parametrize(
    ("outcomes", "ended", "code"),
    [
        (["not_now"], {"answered": True}, "1.1"),
        (["refused"], {"enough": True, "begun": True}, "1.2"),
        (["refused"], {"begun": True}, "2.12"),
        (["no_answer", "soft_refusal", "no_answer"], {}, "2.11"),
        ([], {"refused": True}, "2.11"),
        (["not_now", "no_answer"], {}, "2.21"),
        (["not_now"], {"unreachable": True}, "2.21"),
        ([], {}, "3.11"),
        (["busy", "busy"], {}, "3.12"),
        (["busy", "no_answer"], {}, "3.13"),
        (["no_answer", "voicemail", "busy"], {}, "3.14"),
        (["no_answer"], {"unreachable": True}, "3.91"),
        (["no_answer", "wrong_number"], {"unreachable": True}, "3.92"),
    ],
)
def test_the_farthest_that_a_case_ever_came_is_its_disposition(
    outcomes: list[str], ended: dict[str, bool], code: str
) -> None:
    assert final(outcomes, Ended(**ended)) == Disposition(code)
