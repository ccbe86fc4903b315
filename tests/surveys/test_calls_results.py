"""How a call ended: in the ledger, in the case, and what comes next. Late results are kept, and change nothing."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from contacts import consent
from contacts.gate import LeaveError, NamedTime
from contacts.models import Appointment, Contact, Decision, Identifier
from contacts.policies import ensure_default_policy
from surveys.calls.claiming import take, take_next
from surveys.calls.closing import assess
from surveys.calls.results import ANSWERED_MEANWHILE
from surveys.models import CallAttempt, CallCase, Response
from surveys.questions.reading import AnswerError
from tests.contacts.makers import add_address, put_in_force
from tests.surveys.answered import make_response
from tests.surveys.desk import call, interviewer, log
from tests.surveys.makers import NOON, make_case

pytestmark = pytest.mark.django_db
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
NINE = {"score": "9", "reason": "Lovely", "call_me": "1"}


@pytest.fixture
def case() -> CallCase:
    put_in_force()
    return make_case()


def answers(response: Response | None) -> dict[str, object]:
    assert response is not None
    return {one.question.key: one.text or one.number for one in response.answers.select_related("question")}


@pytest.mark.parametrize(
    ("outcome", "rest"),
    [
        ("no_answer", 3 * HOUR),
        ("busy", 15 * MINUTE),
        ("voicemail", DAY),
        ("not_now", 7 * DAY),
        ("soft_refusal", 7 * DAY),
    ],
)
def test_it_counts_and_the_gate_says_when_to_try_again(case: CallCase, outcome: str, rest: timedelta) -> None:
    attempt = call(case, outcome, note="A dog barked", seconds=0)

    contact = Contact.objects.get()
    ledger = "not_now" if outcome == "soft_refusal" else outcome
    assert (contact.purpose, contact.outcome, contact.at, contact.program) == ("call", ledger, NOON, case.program.slug)
    assert (attempt.contact, attempt.outcome, attempt.note, attempt.late) == (contact, outcome, "A dog barked", "")
    assert (case.state, case.claimed_by, case.next_at) == ("open", None, min(NOON + rest, NOON + DAY))
    assert [assess([case], NOON + rest - MINUTE)[0].result, assess([case], NOON + rest)[0].result] == ["delay", "send"]


def test_an_interview_is_a_response_by_phone_and_closes_the_case(case: CallCase) -> None:
    call(case, "completed", answers=NINE)

    response = Response.objects.get()
    assert (case.state, case.disposition, case.response, case.closed_at) == ("closed", "1.1", response, NOON)
    assert (response.source, response.channel, response.touchpoint) == ("cxsurvey", "phone", case.touchpoint)
    assert (response.customer, response.version, response.invitation) == (case.customer, case.version, None)
    assert answers(response) == {"score": 9, "reason": "Lovely", "call_me": 1}
    assert Contact.objects.filter(purpose="response").count() == 1, "the clock of the rules has started"


@pytest.mark.parametrize("given", [{}, {"score": "11"}, {"score": "9", "reason": "x" * 5001}])
def test_an_interview_with_answers_that_cannot_be_stored_is_not_logged(case: CallCase, given: dict[str, str]) -> None:
    with pytest.raises(AnswerError):
        call(case, "completed", answers=given)

    assert not Contact.objects.exists()
    assert not CallAttempt.objects.exists()


def test_the_call_counts_from_when_it_was_dialled(case: CallCase) -> None:
    take(case.pk, interviewer(), NOON)

    attempt = log(case, "busy", NOON + 9 * MINUTE, offered_at=NOON, seconds=60)
    assert attempt.at == Contact.objects.get().at == NOON + 8 * MINUTE

    other = make_case()
    assert call(other, "busy", NOON, seconds=9999).at == NOON, "not from before she had the case"


def test_a_long_talk_may_end_after_the_hour_in_which_it_had_to_begin(case: CallCase) -> None:
    put_in_force(hours={"phone": {"mon-sun": "09:00-12:10"}})
    take(case.pk, interviewer(), NOON)

    attempt = log(case, "completed", NOON + 20 * MINUTE, offered_at=NOON, seconds=19 * 60, answers=NINE)

    assert attempt.late == ""
    assert case.disposition == "1.1"


def test_sent_twice_it_is_logged_once(case: CallCase) -> None:
    first = call(case, "busy", seconds=30)

    again = log(case, "busy", NOON + MINUTE, offered_at=NOON)

    assert again == first
    assert (Contact.objects.count(), CallAttempt.objects.count()) == (1, 1)


def test_a_time_that_was_named_is_an_appointment_and_the_case_waits_for_it(case: CallCase) -> None:
    time = NamedTime(NOON + 2 * HOUR, NOON + 3 * HOUR)

    call(case, "not_now", named=time)

    appointment = Appointment.objects.get()
    assert (appointment.touchpoint, appointment.starts_at) == (case.touchpoint, NOON + 2 * HOUR)
    assert case.next_at == NOON + 2 * HOUR
    assert take_next(interviewer(), NOON + 2 * HOUR - MINUTE) is None
    assert take_next(interviewer(), NOON + 2 * HOUR) == case


def test_a_time_with_any_other_outcome_is_refused_and_nothing_is_logged(case: CallCase) -> None:
    with pytest.raises(LeaveError, match="only a call at a bad moment"):
        call(case, "busy", named=NamedTime(NOON + HOUR, NOON + 2 * HOUR))

    assert not Contact.objects.exists()


def test_the_second_bad_moment_ends_the_calls_about_it(case: CallCase) -> None:
    call(case, "not_now")
    call(case, "not_now", NOON + 7 * DAY)

    assert (case.state, case.disposition) == ("closed", "2.21")


def test_a_second_soft_refusal_is_a_refusal_of_this_but_not_of_all_calls(case: CallCase) -> None:
    call(case, "soft_refusal")
    call(case, "soft_refusal", NOON + 7 * DAY, by="otto")

    assert (case.state, case.disposition) == ("closed", "2.11")
    another = make_case(customer=case.customer, expires_at=NOON + 30 * DAY)
    assert assess([another], NOON + 14 * DAY)[0].result == "send"


def test_a_refusal_closes_the_phone_for_good(case: CallCase) -> None:
    call(case, "refused")

    assert (case.state, case.disposition) == ("closed", "2.11")
    assert assess([make_case(customer=case.customer)], NOON + 1000 * DAY)[0].result == "skip"


def test_a_wrong_number_is_closed_gives_its_place_back_and_ends_the_case(case: CallCase) -> None:
    call(case, "wrong_number")

    number = Identifier.objects.get(customer=case.customer, type="phone")
    assert (number.closed_at, number.closed_reason) == (NOON, "wrong number")
    assert Contact.objects.get().outcome == "rejected", "it was not she whom we disturbed"
    assert (case.state, case.disposition) == ("closed", "3.92")


def test_with_another_number_the_case_stays(case: CallCase) -> None:
    add_address(case.customer, "phone", "+12125559999", last_seen_at=NOON - DAY)

    call(case, "wrong_number")

    assert (case.state, case.next_at) == ("open", NOON)
    call(case, "busy", NOON + HOUR)
    assert Contact.objects.get(outcome="busy").address == Identifier.objects.get(value="+12125559999")


def test_an_interview_that_broke_off_is_kept_and_goes_on(case: CallCase) -> None:
    call(case, "not_now", answers={"score": "", "reason": "Too slow"}, named=NamedTime(NOON + HOUR, NOON + 2 * HOUR))
    assert case.answers == {"reason": "Too slow"}
    call(case, "no_answer", NOON + HOUR)
    assert case.answers == {"reason": "Too slow"}, "nobody spoke"

    call(case, "completed", NOON + 4 * HOUR, answers={"score": "9", "reason": "Too slow"})

    assert answers(case.response) == {"score": 9, "reason": "Too slow"}
    assert (case.disposition, case.answers) == ("1.1", {})


def test_what_had_to_be_answered_before_she_refused_is_a_partial_response(case: CallCase) -> None:
    call(case, "refused", answers={"score": "3"})

    assert (case.disposition, answers(case.response)) == ("1.2", {"score": 3})
    assert Response.objects.get().attributes == {"flags": ["partial"]}


def test_less_than_that_is_a_break_off(case: CallCase) -> None:
    call(case, "refused", answers={"reason": "Too slow"})

    assert (case.disposition, case.response, Response.objects.count()) == ("2.12", None, 0)


def test_answered_on_the_web_during_the_call_the_call_is_kept_and_its_answers_are_not(case: CallCase) -> None:
    take(case.pk, interviewer(), NOON)
    web = make_response(2, touchpoint=case.touchpoint, answered_at=NOON + MINUTE)

    attempt = log(case, "completed", NOON + 2 * MINUTE, offered_at=NOON, answers=NINE)

    assert attempt.late == ANSWERED_MEANWHILE
    assert Contact.objects.get(purpose="call").outcome == "completed"
    assert list(Response.objects.all()) == [web]


def test_a_result_after_her_time_is_kept_and_makes_no_second_call(case: CallCase) -> None:
    take(case.pk, interviewer(), NOON)
    take(case.pk, interviewer("otto"), NOON + 16 * MINUTE)

    attempt = log(case, "no_answer", NOON + 17 * MINUTE, offered_at=NOON)

    assert attempt.late == "Your time was over, and Otto has the case now."
    assert case.claimed_by_id == interviewer("otto")
    assert assess([case], NOON + 18 * MINUTE)[0].result == "delay", "he is told not to call"


def test_of_two_results_the_later_says_that_somebody_has_called(case: CallCase) -> None:
    take(case.pk, interviewer(), NOON)
    call(case, "no_answer", NOON + 16 * MINUTE, by="otto")

    attempt = log(case, "completed", NOON + 17 * MINUTE, offered_at=NOON, answers=NINE)

    assert attempt.late == "Your time was over, and Otto has called meanwhile."
    assert (case.disposition, answers(case.response)["score"]) == ("1.1", 9), "her answers are hers, however late"


def test_opted_out_during_the_call_it_still_counts_and_says_so(case: CallCase) -> None:
    take(case.pk, interviewer(), NOON)
    consent.opt_out(case.customer_id, "", at=NOON, via="link")

    attempt = log(case, "not_now", NOON + MINUTE, offered_at=NOON)

    assert "The customer opted out." in attempt.late
    assert Decision.objects.get(stage="call").result == "skip"
    assert (Contact.objects.get().outcome, case.disposition) == ("not_now", "2.11")


def test_the_default_policy_allows_two_calls_in_a_month() -> None:
    ensure_default_policy(NOON)
    case = make_case()
    call(case, "no_answer")
    call(case, "no_answer", NOON + 3 * HOUR)

    assert (case.state, case.disposition) == ("closed", "3.13"), "the third would come too late to be worth it"


@pytest.mark.django_db(transaction=True)
def test_a_double_click_is_one_call(transactional_db: None) -> None:
    put_in_force()
    case, ines = make_case(), interviewer()
    take(case.pk, ines, NOON)
    start = Barrier(2)

    def run() -> None:
        start.wait()
        log(CallCase.objects.get(pk=case.pk), "busy", NOON + MINUTE, offered_at=NOON)
        connection.close()

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (Contact.objects.count(), CallAttempt.objects.count()) == (1, 1)
