"""An unhappy answer gets an owner, a visible action, and the customer has the last word."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from contacts.consent import opt_out
from contacts.models import Contact
from recovery import followups
from recovery.models import FollowUp
from surveys.models import Answer, Invitation, Response
from tests.surveys.answered import make_response, question
from tests.surveys.makers import NOON

LATER = NOON + timedelta(minutes=1)
pytestmark = pytest.mark.django_db


def opened(score: int = 2, **fields: object) -> FollowUp:
    response = make_response(score, **fields)  # type: ignore[arg-type]
    followups.open_due(LATER)
    return FollowUp.objects.get(response=response)


@pytest.fixture
def agent() -> User:
    return User.objects.create(username="agent")


@pytest.mark.parametrize(("score", "count"), [(0, 1), (6, 1), (7, 0), (10, 0)])
def test_a_low_score_opens_a_follow_up(score: int, count: int) -> None:
    make_response(score)
    assert followups.open_due(LATER) == count
    assert FollowUp.objects.filter(trigger="low_score").count() == count


def test_the_wish_to_be_called_opens_one_whatever_the_score() -> None:
    assert opened(10, call_me=True).trigger == FollowUp.Trigger.CONTACT_WISH


def test_a_second_pass_opens_nothing_more() -> None:
    opened()
    assert followups.open_due(LATER) == 0
    assert FollowUp.objects.count() == 1


def test_an_answer_that_comes_later_is_seen_too() -> None:
    opened()
    make_response(1, answered_at=NOON + timedelta(days=3))
    assert followups.open_due(NOON + timedelta(days=4)) == 1


def test_history_from_another_tool_opens_none() -> None:
    make_response(0, invitation=None, source="old-tool")
    assert followups.open_due(LATER) == 0


def test_it_is_due_within_the_promised_time_of_the_answer(settings: object) -> None:
    settings.FOLLOW_UP_WITHIN_HOURS = 24  # type: ignore[attr-defined]
    assert opened().due_at == NOON + timedelta(hours=24)


def test_an_owner_is_noted_in_the_story(agent: User) -> None:
    follow_up = opened()
    followups.assign(follow_up, agent.pk, by_id=agent.pk, at=LATER)
    follow_up.refresh_from_db()
    assert follow_up.owner == agent
    assert [note.text for note in follow_up.notes.all()] == ["Took it over."]


@pytest.mark.parametrize(("action", "reason"), [("", ""), ("   ", "\n")])
def test_it_cannot_be_closed_without_action_or_reason(action: str, reason: str) -> None:
    with pytest.raises(followups.FollowUpError, match="what was done"):
        followups.close(opened(), action=action, no_action_reason=reason, by_id=None, at=LATER)


def test_the_database_refuses_it_too() -> None:
    follow_up = opened()
    with pytest.raises(IntegrityError), transaction.atomic():
        FollowUp.objects.filter(pk=follow_up.pk).update(state="closed", closed_at=LATER)


def test_a_closed_one_cannot_be_closed_again() -> None:
    follow_up = opened()
    followups.close(follow_up, action="", no_action_reason="Duplicate.", by_id=None, at=LATER)
    with pytest.raises(followups.FollowUpError, match="is closed"):
        followups.close(follow_up, action="x", no_action_reason="", by_id=None, at=LATER)


def test_two_colleagues_who_close_at_once_ask_the_customer_once() -> None:
    mine = opened()
    hers = FollowUp.objects.get(pk=mine.pk)
    followups.close(mine, action="Refunded.", no_action_reason="", by_id=None, at=LATER)
    with pytest.raises(followups.FollowUpError, match="is closed"):
        followups.close(hers, action="Refunded too.", no_action_reason="", by_id=None, at=LATER)
    assert Invitation.objects.filter(version__survey__slug="fixed").count() == 1


def test_after_a_visible_action_the_customer_is_asked_through_the_gate() -> None:
    follow_up = opened()
    closed = followups.close(follow_up, action="Refunded.", no_action_reason="", by_id=None, at=LATER)
    assert closed.check is not None
    assert closed.check.version.survey.slug == "fixed"
    assert Contact.objects.filter(pk=closed.check.contact_id, purpose="other", outcome="reserved").exists()


def test_without_a_visible_action_nobody_is_asked() -> None:
    closed = followups.close(opened(), action="", no_action_reason="Spam.", by_id=None, at=LATER)
    assert (closed.check, closed.refusal) == (None, None)
    assert not Invitation.objects.filter(version__survey__slug="fixed").exists()


def test_who_opted_out_is_not_asked_and_the_refusal_is_told() -> None:
    follow_up = opened()
    opt_out(follow_up.customer_id, "", at=LATER, via="link")
    closed = followups.close(follow_up, action="Refunded.", no_action_reason="", by_id=None, at=LATER)
    assert closed.check is None
    assert closed.refusal is not None
    assert closed.refusal.reasons[0]["rule"] == "opt-out"


def answer_check(check: Invitation, number: int) -> None:
    response = Response.objects.create(
        invitation=check,
        version=check.version,
        customer=check.customer,
        source="cxsurvey",
        answered_at=LATER + timedelta(days=1),
        updated_at=LATER,
    )
    Answer.objects.create(response=response, question=question(check.version, "yes_no"), number=number)


@pytest.mark.parametrize(("number", "state"), [(0, "open"), (1, "closed")])
def test_the_customers_no_opens_it_again(number: int, state: str) -> None:
    follow_up = opened()
    closed = followups.close(follow_up, action="Refunded.", no_action_reason="", by_id=None, at=LATER)
    assert closed.check is not None
    answer_check(closed.check, number)
    assert followups.reopen_unfixed(LATER + timedelta(days=2)) == 1 - number
    assert followups.reopen_unfixed(LATER + timedelta(days=2)) == 0
    follow_up.refresh_from_db()
    assert (follow_up.state, follow_up.reopened) == (state, 1 - number)


def test_a_reopened_one_keeps_what_was_done_in_its_story_and_can_be_closed_again() -> None:
    follow_up = opened()
    closed = followups.close(follow_up, action="Refunded.", no_action_reason="", by_id=None, at=LATER)
    assert closed.check is not None
    answer_check(closed.check, 0)
    followups.reopen_unfixed(LATER + timedelta(days=2))
    follow_up.refresh_from_db()
    assert any("Refunded." in note.text for note in follow_up.notes.all())
    followups.close(follow_up, action="Rang her.", no_action_reason="", by_id=None, at=LATER + timedelta(days=3))
    assert follow_up.state == FollowUp.State.CLOSED


def test_an_empty_note_is_refused() -> None:
    with pytest.raises(followups.FollowUpError, match="Write what happened"):
        followups.note(opened(), "  ", by_id=None, at=LATER)
