"""A comment that refuses further surveys reaches consent where it is plain, and a person where it may be one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from analytics import comments
from contacts import consent
from contacts.models import OptOut
from recovery.followups import open_due
from recovery.models import FollowUp
from recovery.refusals import heed
from recovery.tasks import see_to_answers
from surveys.models import Response
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=1)


def heard(score: int | None, text: str, **fields: object) -> Response:
    """Let a customer say this, and everything take effect."""
    response = make_response(score, text, **fields)  # type: ignore[arg-type]
    comments.hear(LATER)
    heed(LATER)
    open_due(LATER)
    return response


def standing(response: Response) -> list[tuple[str, str]]:
    refused = OptOut.objects.filter(customer=response.customer, reopened_at=None)
    return list(refused.values_list("channel", "via"))


@pytest.mark.parametrize(
    ("text", "channel", "refused"),
    [
        ("Nice visit. Please stop sending me surveys", "email", [("email", "link")]),
        ("Please stop texting me", "sms", [("sms", "link")]),
        ("No more surveys please", "phone", [("phone", "call")]),
        ("Leave me alone", "email", [("", "link")]),
        ("The bus stop was far", "email", []),
        ("Stop selling plastic bags", "email", []),
    ],
)
def test_a_plain_no_holds_for_the_channel_or_for_all(text: str, channel: str, refused: list[tuple[str, str]]) -> None:
    assert standing(heard(9, text, channel=channel)) == refused


def test_the_customers_words_are_kept_with_it_and_it_counts_from_when_they_were_said() -> None:
    heard(9, "Please stop texting me", channel="sms")
    assert OptOut.objects.values_list("wording", "at").get() == ("Please stop texting me", NOON)


def test_the_job_of_each_minute_hears_it() -> None:
    now = timezone.now()
    response = make_response(9, "Please stop texting me", channel="sms", answered_at=now, updated_at=now)
    see_to_answers()
    assert standing(response) == [("sms", "link")]


def test_hearing_it_again_changes_nothing() -> None:
    heard(9, "unsubscribe")
    assert heed(LATER) == 0
    assert OptOut.objects.count() == 1


@pytest.mark.parametrize("channel", ["email", ""])
def test_whoever_takes_it_back_later_is_not_shut_out_again(channel: str) -> None:
    response = heard(9, "unsubscribe")
    assert response.customer_id
    consent.reopen(response.customer_id, channel, at=LATER, via="link")
    assert heed(LATER + timedelta(minutes=1)) == 0
    assert standing(response) == []


def test_a_no_of_today_stands_beside_one_taken_back_before() -> None:
    earlier = make_response(9, "fine")
    assert earlier.customer_id
    consent.opt_out(earlier.customer_id, "email", at=NOON - timedelta(days=9), via="link")
    consent.reopen(earlier.customer_id, "email", at=NOON - timedelta(days=8), via="link")
    assert standing(heard(9, "unsubscribe", touchpoint=earlier.touchpoint)) == [("email", "link")]


def test_what_may_be_a_no_is_for_a_person() -> None:
    response = heard(9, "Stop selling plastic bags")
    follow_up = FollowUp.objects.get(response=response)
    assert follow_up.get_trigger_display() == "May want no more surveys"
    assert open_due(LATER) == 0


def test_a_low_score_and_the_wish_to_be_called_are_the_stronger_reasons() -> None:
    low = heard(2, "Stop selling plastic bags")
    wish = heard(9, "Stop selling plastic bags", call_me=True)
    triggers = dict(FollowUp.objects.values_list("response", "trigger"))
    assert triggers == {low.pk: "low_score", wish.pk: "contact_wish"}


def test_comments_from_another_tool_are_history() -> None:
    response = heard(9, "unsubscribe", invitation=None, source="old-tool")
    also = heard(9, "Stop selling plastic bags", invitation=None, source="old-tool")
    assert standing(response) == standing(also) == []
    assert not FollowUp.objects.exists()
