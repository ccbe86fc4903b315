"""Reading answers, storing them once, and what a link leads to."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import OperationalError, connection
from pytest_django import DjangoAssertNumQueries

from contacts.models import Contact
from surveys.answering import (
    AlreadyAnsweredError,
    AnswerError,
    LinkState,
    UnknownQuestionError,
    open_link,
    questionnaire,
    read_answers,
    submit,
)
from surveys.links import token
from surveys.models import Answer, Invitation, Question, Response, SurveyVersion
from surveys.page_words import Problem
from surveys.texts import QuestionWords
from tests.surveys.makers import NOON, make_invitation, make_program, make_version

LATER = NOON + timedelta(hours=2)


def question(key: str, kind: str, *, required: bool = False) -> QuestionWords:
    return QuestionWords(key=key, kind=kind, required=required, text=key, help="", low="", high="")


QUESTIONS = (
    question("score", Question.Kind.NPS, required=True),
    question("reason", Question.Kind.TEXT),
    question("call_me", Question.Kind.CONTACT_WISH),
)


def opened(invitation: Invitation, at: datetime = LATER) -> Invitation:
    found = open_link(token(invitation), at)
    assert found.state == LinkState.OPEN
    assert found.invitation
    return found.invitation


@pytest.mark.parametrize("score", range(11))
def test_every_score_of_the_scale_is_read(score: int) -> None:
    assert read_answers(QUESTIONS, {"score": str(score)}) == {"score": score}


@pytest.mark.parametrize(
    "score",
    ["11", "-1", "9.5", "NaN", "inf", "1_0", "²", "\uff19", "+9", " 9", "09", "9/10", "nine", "٩", "1e1", "9\x00"],
)
def test_what_is_no_score_is_refused(score: str) -> None:
    with pytest.raises(AnswerError) as refused:
        read_answers(QUESTIONS, {"score": score})
    assert refused.value.problems == {"score": Problem.NO_CHOICE}


def test_a_required_answer_is_missed() -> None:
    with pytest.raises(AnswerError) as refused:
        read_answers(QUESTIONS, {"reason": "So so", "score": ""})
    assert refused.value.problems == {"score": Problem.MISSING}


def test_nothing_answered_at_all_is_no_answer() -> None:
    with pytest.raises(AnswerError) as refused:
        read_answers((question("reason", Question.Kind.TEXT),), {"reason": " \r\n "})
    assert refused.value.problems == {"reason": Problem.MISSING}


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(AnswerError) as refused:
        read_answers(QUESTIONS, {"score": "12", "reason": "x" * 5001, "call_me": "yes"})
    assert refused.value.problems == {
        "score": Problem.NO_CHOICE,
        "reason": Problem.TOO_LONG,
        "call_me": Problem.NO_CHOICE,
    }


def test_a_question_that_is_not_asked_is_refused() -> None:
    with pytest.raises(UnknownQuestionError, match="is_staff"):
        read_answers(QUESTIONS, {"score": "9", "is_staff": "1"})


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("x" * 5000, "x" * 5000),
        ("😀" * 5000, "😀" * 5000),
        ("a\r\n" * 2500, ("a\n" * 2500).strip()),
        ("two\r\nlines\tand a tab", "two\nlines\tand a tab"),
        ("a\x00b\x07c", "abc"),
        ("  <script>alert(1)</script> ", "<script>alert(1)</script>"),
        ("{name} {{ settings.SECRET_KEY }} %s", "{name} {{ settings.SECRET_KEY }} %s"),
    ],
)
def test_a_comment_is_kept_whole(given: str, kept: str) -> None:
    assert read_answers(QUESTIONS, {"score": "9", "reason": given})["reason"] == kept


def test_yes_and_no_are_one_and_zero() -> None:
    asked = (question("fixed", Question.Kind.YES_NO, required=True),)
    assert read_answers(asked, {"fixed": "1"}) == {"fixed": 1}
    assert read_answers(asked, {"fixed": "0"}) == {"fixed": 0}


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
    assert open_link(token(reminder), LATER).state == LinkState.ANSWERED


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
