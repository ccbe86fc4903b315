"""Reading answers, storing them once, and what a link leads to."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import OperationalError, connection
from pytest_django import DjangoAssertNumQueries

from contacts.models import Contact
from surveys.answering import AlreadyAnsweredError, LinkState, open_link, submit
from surveys.links import token
from surveys.models import Answer, Invitation, Response, SurveyVersion
from surveys.questionnaires import questionnaire
from surveys.questions.reading import AnswerError, UnknownQuestionError
from tests.surveys.makers import NOON, make_invitation, make_program, make_version

LATER = NOON + timedelta(hours=2)


def opened(invitation: Invitation, at: datetime = LATER) -> Invitation:
    found = open_link(token(invitation), at)
    assert found.state == LinkState.OPEN
    assert found.invitation
    return found.invitation


def test_an_answer_is_stored_with_all_that_belongs_to_it(db: None) -> None:
    program = make_program()
    version = program.survey.versions.get()
    invitation = make_invitation(version, program=program, language="de", channel="sms", simulated=True)
    response = submit(opened(invitation), {"score": "3", "reason": "Zu spät", "call_me": "1"}, at=LATER)
    response.refresh_from_db()
    assert (response.invitation, response.customer) == (invitation, invitation.customer)
    assert (response.touchpoint, response.version) == (invitation.touchpoint, version)
    assert (response.channel, response.language, response.answered_at) == ("sms", "de", LATER)
    assert response.simulated
    assert response.attributes == {}
    answers = response.answers.order_by("question__position").values_list("question__key", "number", "text")
    assert list(answers) == [("score", 3, ""), ("reason", None, "Zu spät"), ("call_me", 1, "")]


def test_an_answer_starts_the_clock_of_the_rules(db: None) -> None:
    program = make_program()
    invitation = make_invitation(program.survey.versions.get(), program=program)
    submit(opened(invitation), {"score": "9"}, at=LATER)
    event = Contact.objects.get(purpose="response")
    assert (event.customer, event.at, event.channel) == (invitation.customer, LATER, "")
    assert (event.survey, event.program, event.source) == ("nps", program.slug, "cxsurvey")


def test_the_second_answer_is_refused_and_the_first_stays(db: None) -> None:
    invitation = opened(make_invitation())
    submit(invitation, {"score": "9"}, at=LATER)
    with pytest.raises(AlreadyAnsweredError):
        submit(invitation, {"score": "1"}, at=LATER)
    assert Answer.objects.get().number == 9
    assert Contact.objects.filter(purpose="response").count() == 1


@pytest.mark.parametrize("answers", [{"score": "11"}, {"score": "9", "unknown": "1"}, {}])
def test_refused_answers_leave_nothing_behind(db: None, answers: dict[str, str]) -> None:
    invitation = opened(make_invitation())
    with pytest.raises((AnswerError, UnknownQuestionError)):
        submit(invitation, answers, at=LATER)
    assert not Response.objects.exists()
    assert not Contact.objects.filter(purpose="response").exists()


def test_an_answer_and_its_clock_are_stored_together_or_not_at_all(db: None) -> None:
    def disk_full(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith('INSERT INTO "contacts_contact"'):
            raise OperationalError("disk full")
        return execute(sql, *rest)

    invitation = opened(make_invitation())
    with connection.execute_wrapper(disk_full), pytest.raises(OperationalError):
        submit(invitation, {"score": "9"}, at=LATER)
    assert not Response.objects.exists()
    assert not Answer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_many_submits_at_once_one_is_stored() -> None:
    invitation = opened(make_invitation())
    clicks = 8
    barrier = Barrier(clicks)

    def click(score: int) -> Any:
        barrier.wait()
        try:
            return submit(invitation, {"score": str(score)}, at=LATER)
        except AlreadyAnsweredError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(clicks) as threads:
        results = list(threads.map(click, range(clicks)))
    [stored] = [result for result in results if isinstance(result, Response)]
    assert [answer.number for answer in Answer.objects.all()] == [results.index(stored)]
    assert Contact.objects.filter(purpose="response").count() == 1


def test_a_link_opens_until_it_closes(db: None) -> None:
    invitation = make_invitation(closes_at=LATER)
    assert open_link(token(invitation), LATER).state == LinkState.OPEN
    assert open_link(token(invitation), LATER + timedelta(seconds=1)).state == LinkState.EXPIRED


def test_an_answered_link_stays_answered_after_it_closed(db: None) -> None:
    invitation = make_invitation(closes_at=LATER)
    submit(opened(invitation), {"score": "9"}, at=LATER)
    assert open_link(token(invitation), LATER + timedelta(days=1)).state == LinkState.ANSWERED


def test_a_version_that_a_newer_one_replaced_is_still_answered(
    db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    invitation = make_invitation()
    old = invitation.version
    SurveyVersion.objects.filter(pk=old.pk).update(state="closed")
    assert open_link(token(invitation), LATER).state == LinkState.CLOSED
    SurveyVersion.objects.create(survey=old.survey, number=2, state="published", seconds=9, published_at=NOON)
    with django_assert_num_queries(2):
        assert open_link(token(invitation), LATER).state == LinkState.OPEN
    assert submit(opened(invitation), {"score": "9"}, at=LATER).version == old


def test_a_reminder_opens_the_answer_of_the_first_invitation(db: None) -> None:
    first = make_invitation()
    reminder = make_invitation(first.version, touchpoint=first.touchpoint, first=first, purpose="reminder")
    submit(opened(reminder), {"score": "9"}, at=LATER)
    assert Response.objects.get().invitation == first
    assert open_link(token(reminder), LATER).state == LinkState.CHANGEABLE


def test_opening_takes_one_statement(db: None, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    genuine = token(make_invitation())
    with django_assert_num_queries(1):
        open_link(genuine, LATER)


@pytest.mark.parametrize("broken", ["", "nope", "1-1AAAAAAAAAAAAAAAAAAAAAA", "ü" * 40, "1-" + "9" * 400])
def test_a_token_that_is_not_ours_asks_no_database(
    db: None, broken: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert open_link(broken, LATER).state == LinkState.UNKNOWN


def test_a_genuine_token_of_an_erased_invitation_is_unknown(db: None) -> None:
    invitation = make_invitation()
    genuine = token(invitation)
    invitation.contact.delete()
    assert open_link(genuine, LATER).state == LinkState.UNKNOWN


def test_questions_are_read_once_per_process_and_language(
    db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    version = make_version()
    german = questionnaire(version, "de")
    with django_assert_num_queries(0):
        assert questionnaire(version, "de") is german
    assert questionnaire(version, "en").words.language == "en"


def test_flags_are_kept_with_the_answer(db: None) -> None:
    submit(opened(make_invitation()), {"score": "9"}, at=datetime(2026, 5, 6, tzinfo=UTC), flags=("trap",))
    assert Response.objects.get().attributes == {"flags": ["trap"]}
