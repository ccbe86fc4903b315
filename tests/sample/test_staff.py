from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User

from contacts.models import Contact, Identifier
from cxsurvey.sample.staff import LEFT_ALONE, see_to_follow_ups, see_to_replies
from recovery.models import FollowUp
from surveys.answering import submit
from surveys.channels.events import IncomingMessage
from surveys.models import Invitation
from surveys.reply_list import to_read
from surveys.replying import take_in

DAY = timedelta(days=1)


@pytest.fixture
def unhappy(sent: Invitation, sent_at: datetime) -> Invitation:
    """Answer unhappily, at a customer whom the phone reaches at any hour of the test."""
    sent.customer.time_zone = "Etc/UTC"
    sent.customer.save()
    Identifier.objects.filter(customer=sent.customer, type="phone").delete()
    seen = {"first_seen_at": sent_at, "last_seen_at": sent_at}
    Identifier.objects.create(customer=sent.customer, type="phone", value="+12125550100", **seen)
    return sent


@pytest.mark.parametrize(("days", "state", "owned"), [(0.5, "open", False), (1.1, "open", True), (3.1, "closed", True)])
def test_somebody_takes_it_over_and_closes_it(
    unhappy: Invitation, sent_at: datetime, staff: User, days: float, state: str, *, owned: bool
) -> None:
    submit(unhappy, {"score": "2"}, at=sent_at)
    end = sent_at + 60 * DAY

    for at in (sent_at, sent_at + min(days, 1.1) * DAY, sent_at + days * DAY):
        see_to_follow_ups(at, end, staff.pk)

    follow_up = FollowUp.objects.get()
    assert (follow_up.state, follow_up.owner_id is not None) == (state, owned)
    assert bool(follow_up.action or follow_up.no_action_reason) == (state == "closed")


def test_who_wishes_for_a_call_is_called(unhappy: Invitation, sent_at: datetime, staff: User) -> None:
    submit(unhappy, {"score": "2", "call_me": "1"}, at=sent_at)
    noon = sent_at.replace(hour=12)

    for days in (0, 2, 6):
        see_to_follow_ups(noon + (days + 1) * DAY, sent_at + 60 * DAY, staff.pk)

    assert FollowUp.objects.get().action.startswith("Called back.")
    assert Contact.objects.get(purpose="call").outcome == "completed"


def test_in_the_last_days_nobody_gets_round_to_it(unhappy: Invitation, sent_at: datetime, staff: User) -> None:
    submit(unhappy, {"score": "2"}, at=sent_at)

    for days in (0, 2, 6):
        see_to_follow_ups(sent_at + days * DAY, sent_at - DAY + LEFT_ALONE, staff.pk)

    follow_up = FollowUp.objects.get()
    assert (follow_up.state, follow_up.owner_id) == ("open", None)


@pytest.mark.parametrize(("days", "left"), [(LEFT_ALONE.days + 2, 0), (LEFT_ALONE.days, 1)])
def test_unclear_replies_are_seen_to_but_for_those_of_the_last_days(
    sent_at: datetime, staff: User, days: int, left: int
) -> None:
    take_in("sample", [IncomingMessage("1", "+12125550100", "", "Depends who you ask", sent_at)], sent_at)
    end = sent_at + days * DAY

    for at in (sent_at, sent_at + DAY):
        see_to_replies(at, end, staff.pk)

    assert to_read().count() == left
