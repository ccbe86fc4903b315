from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from contacts.models import Contact, Decision, Identifier, OptOut, Touchpoint, Wish
from cxsurvey.models import SampleState
from cxsurvey.sample.answers import Reaction
from cxsurvey.sample.journey import STILL_ANSWERED, Due, carry_out, contacts_before, days_left, reactions, run
from cxsurvey.sample.load import end_of_data
from surveys.models import IncomingSms, Invitation, Response
from tests.sample.conftest import ASKED, NOW, unseen

START = datetime(2026, 11, 1, tzinfo=UTC)


def whole_story() -> list[tuple[Any, ...]]:
    """Return what customers were sent and said, without ids of rows."""
    told = Invitation.objects.order_by("touchpoint__external_id", "created_at").values_list(
        "touchpoint__external_id", "channel", "state", "sent_at", "response__answered_at", "response__answers__number"
    )
    return sorted(told, key=str)


class InterruptedRunError(Exception):
    pass


def stop_after(days: int) -> Any:
    def progress(items: Sequence[Any], what: str) -> Iterable[Any]:
        yield from items[:days]
        raise InterruptedRunError

    return progress


def test_days_go_on_after_the_last_pass_up_to_the_end() -> None:
    until = START + timedelta(days=1, hours=16, minutes=30)

    days = days_left(START + timedelta(hours=15), until)

    assert [[f"{at:%d %H:%M}" for at in day] for day in days] == [
        ["01 18:00", "01 21:00"],
        ["02 09:00", "02 15:00"],
        ["02 16:30"],
    ]


def test_no_day_is_left_at_the_end() -> None:
    assert days_left(START, START) == []


def test_a_run_ends_with_everything_decided_and_the_last_links_open(last_days: SampleState, staff: User) -> None:
    end = end_of_data(last_days.weeks)

    run(last_days, staff.pk, unseen)

    ripe = Touchpoint.objects.filter(occurred_at__gt=end - ASKED, kind__in=["service_call", "chat"])
    open_links = Invitation.objects.filter(state="sent", closes_at__gt=NOW, response=None)
    assert last_days.is_whole
    assert Decision.objects.filter(stage="plan", touchpoint__in=ripe).count() == ripe.count() > 0
    assert open_links.exists()
    assert not Response.objects.filter(invitation__sent_at__gte=end + STILL_ANSWERED).exists()
    assert not Response.objects.filter(simulated=False).exists()


def test_an_interrupted_run_goes_on_to_the_same_end_and_then_rests(last_days: SampleState, staff: User) -> None:
    with transaction.atomic():
        run(last_days, staff.pk, unseen)
        uninterrupted = whole_story()
        transaction.set_rollback(True)

    with pytest.raises(InterruptedRunError):
        run(SampleState.objects.get(), staff.pk, stop_after(4))
    assert not SampleState.objects.get().is_whole
    for _ in ("go on", "rest"):
        run(SampleState.objects.get(), staff.pk, unseen)
        assert whole_story() == uninterrupted
    assert any(answered for *_, answered, _ in uninterrupted)


def test_a_pass_that_was_cut_off_after_sending_is_finished(
    last_days: SampleState, sent: Invitation, sent_at: datetime, staff: User
) -> None:
    first_sent = set(Invitation.objects.filter(state="sent").values_list("pk", flat=True))
    last_days.reached = sent_at - timedelta(hours=1)

    run(last_days, staff.pk, unseen)

    assert last_days.is_whole
    assert Response.objects.filter(invitation__in=first_sent).exists()


def test_earlier_contacts_of_ninety_days_tire_the_customer(sent: Invitation, sent_at: datetime) -> None:
    for days, purpose, outcome in (
        (10, "other", "delivered"),
        (89, "other", "delivered"),
        (91, "other", "delivered"),
        (5, "other", "cancelled"),
        (-1, "other", "delivered"),
    ):
        Contact.objects.create(
            customer=sent.customer,
            at=sent_at - timedelta(days=days),
            channel="email",
            purpose=purpose,
            outcome=outcome,
            source="newsletter",
            recorded_at=NOW,
            updated_at=NOW,
        )

    counted = contacts_before(Invitation.objects.filter(pk=sent.pk)).get()

    assert vars(counted)["contacts_before"] == 2


def test_an_answer_is_stored_as_the_customer_gave_it(sent: Invitation, sent_at: datetime) -> None:
    at = sent_at + timedelta(hours=2)

    answers = {"score": "3", "reason": "Late.", "call_me": "1"}
    carry_out(Due(at, sent.pk, Reaction(timedelta(hours=2), answers, seconds=12, device="tablet")))

    response = Response.objects.get(invitation=sent)
    assert (response.answered_at, response.simulated) == (at, True)
    assert (response.started_at, response.seconds, response.device) == (at - timedelta(seconds=12), 12, "tablet")
    assert list(response.answers.values_list("question__key", "number", "text")) == [
        ("score", 3, ""),
        ("reason", None, "Late."),
        ("call_me", 1, ""),
    ]


def test_who_has_had_enough_is_left_in_peace(sent: Invitation, sent_at: datetime) -> None:
    at = sent_at + timedelta(hours=2)

    for stop in ("opt_out", "ask_less"):
        carry_out(Due(at, sent.pk, Reaction(timedelta(hours=2), {}, stop)))

    assert OptOut.objects.get().channel == sent.channel
    assert Wish.objects.get().once_in_days == 90
    assert not Response.objects.exists()


def test_reactions_are_those_of_the_invitations(sent: Invitation) -> None:
    invitations = Invitation.objects.filter(state="sent")

    once, again = list(reactions(invitations)), list(reactions(invitations))

    assert once == again
    assert {due.invitation_id for due in once} <= set(invitations.values_list("pk", flat=True))
    assert all(due.reaction.answers or due.reaction.stop for due in once)


@pytest.fixture
def texted(sent: Invitation, sent_at: datetime) -> Invitation:
    """Return the invitation as if it had gone out by SMS, to a number of its customer's own in Berlin."""
    seen = {"first_seen_at": sent_at, "last_seen_at": sent_at}
    number = Identifier.objects.create(customer=sent.customer, type="phone", value="+493023125999", **seen)
    Invitation.objects.filter(pk=sent.pk).update(channel="sms", address=number)
    return Invitation.objects.get(pk=sent.pk)


def write(texted: Invitation, at: datetime, *texts: str) -> None:
    carry_out(Due(at, texted.pk, Reaction(timedelta(minutes=30), {}, "", texts)))


def test_who_writes_back_answers_by_sms(texted: Invitation, sent_at: datetime) -> None:
    write(texted, sent_at + timedelta(minutes=30), "9/10", "Lovely staff.")

    response = Response.objects.get(invitation=texted)
    assert response.simulated
    assert list(response.answers.values_list("question__key", "number", "text")) == [
        ("score", 9, ""),
        ("reason", None, "Lovely staff."),
    ]
    assert set(IncomingSms.objects.values_list("gateway", "for_person")) == {("sample", "")}


def test_what_nobody_can_be_sure_about_waits_for_a_person(texted: Invitation, sent_at: datetime) -> None:
    write(texted, sent_at + timedelta(minutes=30), "9 or 10")

    assert IncomingSms.objects.exclude(for_person="").count() == 1
    assert not Response.objects.exists()


def test_nobody_reacts_to_our_own_replies(texted: Invitation, sent_at: datetime) -> None:
    write(texted, sent_at + timedelta(minutes=30), "9")
    sent = Invitation.objects.filter(state="sent")
    first = next(reactions(sent)).invitation_id

    Invitation.objects.filter(pk=first).update(replies_to=IncomingSms.objects.get())

    assert first not in {due.invitation_id for due in reactions(sent)}
