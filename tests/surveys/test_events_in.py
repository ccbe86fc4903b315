"""What a provider tells, and what it means for the attempt, the invitation, the ledger and the customer's word."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from contacts.models import OptOut
from surveys import events_in
from surveys.channels.base import ChannelError, FateUnknownError, Sent
from surveys.channels.events import Status, StatusEvent
from surveys.channels.gateways import GATEWAYS
from surveys.delivery import Delivery, deliver
from surveys.models import Attempt, Invitation, Pause, ProviderEvent
from surveys.pausing import resume
from surveys.recording import record
from tests.surveys.gateways import ToldGateway
from tests.surveys.makers import NOON, make_invitation, make_program
from tests.surveys.siege import make_due

SOON = NOON + timedelta(minutes=1)
SILENCE = FateUnknownError("timed out")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> ToldGateway:
    gateway = ToldGateway(Sent("their-id"))
    monkeypatch.setitem(GATEWAYS, "told", gateway)
    settings.CHANNEL_GATEWAYS = {"email": "told"}
    return gateway


def sent(**fields: Any) -> Attempt:
    """An invitation that was handed over."""
    invitation = make_invitation(**fields)
    deliver(NOON)
    return invitation.attempts.get()


def tell(attempt: Attempt, *statuses: str, **about: Any) -> int:
    """Let the provider tell these things, one after the other."""
    known = {"reference": attempt.our_reference} | about
    events = [StatusEvent(key=f"{attempt.pk}-{status}", status=Status(status), at=SOON, **known) for status in statuses]
    for event in events:
        events_in.store("told", [event], SOON)
    return events_in.apply_waiting(SOON)


def end_state(attempt: Attempt) -> tuple[str, str, str, bool, str]:
    """Attempt, invitation, place in the ledger, whether the address is closed, and the channel said no to."""
    found = Attempt.objects.select_related("invitation__contact", "invitation__address").get(pk=attempt.pk)
    invitation = found.invitation
    assert invitation.address
    no = OptOut.objects.filter(customer=invitation.customer_id).values_list("channel", flat=True)
    closed = invitation.address.closed_at is not None
    return found.delivery, invitation.state, invitation.contact.outcome, closed, ", ".join(no)


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["accepted"], ("accepted", "sent", "accepted", False, "")),
        (["deferred"], ("deferred", "sent", "accepted", False, "")),
        (["delivered"], ("delivered", "sent", "delivered", False, "")),
        (["failed"], ("failed", "sent", "accepted", False, "")),
        (["bounced"], ("bounced", "failed", "bounced", True, "")),
        (["unsubscribed"], ("unsubscribed", "sent", "delivered", False, "email")),
        (["complained"], ("complained", "sent", "delivered", False, "email")),
        (["delivered", "deferred"], ("delivered", "sent", "delivered", False, "")),
        (["bounced", "delivered"], ("bounced", "failed", "bounced", True, "")),
        (["delivered", "bounced"], ("bounced", "failed", "bounced", True, "")),
        (["complained", "bounced"], ("complained", "failed", "bounced", True, "email")),
        (["bounced", "complained"], ("complained", "failed", "bounced", True, "email")),
    ],
)
def test_what_each_status_means(
    db: None, told: ToldGateway, statuses: list[str], expected: tuple[str, str, str, bool, str]
) -> None:
    attempt = sent()
    tell(attempt, *statuses)
    assert end_state(attempt) == expected
    tell(attempt, *statuses)
    assert end_state(attempt) == expected, "told again"
    assert not ProviderEvent.objects.filter(applied_at=None).exists()


def test_a_message_is_found_by_the_providers_name_for_it(db: None, told: ToldGateway) -> None:
    attempt = sent()
    tell(attempt, "delivered", reference="", provider_reference="their-id")
    assert end_state(attempt)[0] == "delivered"


def test_news_that_come_before_our_own_note_wait_for_it(db: None, told: ToldGateway) -> None:
    invitation = make_invitation()
    delivery = Delivery(NOON, "w", lambda: NOON)
    [attempt] = delivery.claim([invitation.pk], NOON)
    delivery.start(attempt, {invitation.customer_id})
    assert tell(attempt, "delivered") == 0
    assert tell(attempt, "bounced", reference="", provider_reference="later-known") == 0
    record([(attempt, Sent("later-known"))], SOON)
    assert events_in.apply_waiting(SOON) == 1
    assert end_state(attempt) == ("bounced", "failed", "bounced", True, "")


def test_a_request_may_tell_of_thousands_of_messages(db: None, told: ToldGateway) -> None:
    attempt = sent()
    others = [
        StatusEvent(f"o{n}", Status.DELIVERED, NOON, f"invitation-{n}-attempt-1") for n in range(10**6, 10**6 + 1500)
    ]
    events_in.store("told", [*others, StatusEvent("own", Status.DELIVERED, NOON, attempt.our_reference)], NOON)
    assert ProviderEvent.objects.count() == 1501
    assert ProviderEvent.objects.exclude(attempt=None).get().attempt == attempt


def test_news_of_messages_that_nobody_knows_are_kept(db: None, told: ToldGateway) -> None:
    attempt = sent()
    assert tell(attempt, "delivered", reference="invitation-999999-attempt-1") == 0
    assert tell(attempt, "bounced", reference="nonsense") == 0
    assert ProviderEvent.objects.filter(attempt=None, applied_at=None).count() == 2


@pytest.mark.parametrize("status", ["delivered", "bounced", "failed"])
def test_news_say_what_became_of_an_unknown_message(db: None, told: ToldGateway, status: str) -> None:
    told.fates = [SILENCE]
    attempt = sent()
    assert end_state(attempt)[1:3] == ("unknown", "unknown")
    tell(attempt, status)
    expected = {"delivered": ("sent", "delivered"), "bounced": ("failed", "bounced"), "failed": ("sent", "accepted")}
    assert end_state(attempt)[1:3] == expected[status]
    assert Attempt.objects.get().outcome == "accepted"


def test_an_error_about_one_message_leaves_it_waiting_and_lets_the_others_pass(
    db: None, told: ToldGateway, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    poison, other = sent(), sent()
    events = [StatusEvent(f"{a.pk}", Status.BOUNCED, SOON, a.our_reference) for a in (poison, other)]
    Invitation.objects.filter(pk=poison.invitation_id).update(contact=0)
    events_in.store("told", events, SOON)
    events_in.apply_waiting(SOON)
    assert end_state(other)[1] == "failed"
    assert events_in.apply_waiting(SOON) in (0, 1)


def make_sent(program: Any, count: int, told: ToldGateway, bad: int = 0) -> list[Attempt]:
    make_due(count, at=NOON, program=program)
    refused = ChannelError("550 No such user", permanent=True, bad_address=True)
    told.fates = [*[refused] * bad, Sent("x")]
    deliver(NOON)
    return list(Attempt.objects.filter(invitation__program=program, outcome="accepted").order_by("pk"))


def test_sending_pauses_itself_when_a_twentieth_bounces(db: None, told: ToldGateway) -> None:
    program, other = make_program(), make_program()
    attempts = make_sent(program, 100, told)
    for attempt in attempts[:4]:
        tell(attempt, "bounced")
    assert not Pause.objects.exists()
    tell(attempts[4], "bounced")
    pause = Pause.objects.get()
    assert (pause.program, pause.channel, pause.by, pause.reason[:29]) == (
        program,
        "email",
        None,
        "5 of 100 messages bounced. Lo",
    )
    waiting, going = make_invitation(program=program), make_invitation(program=other)
    assert deliver(NOON).sent == 1
    assert [Invitation.objects.get(pk=one.pk).state for one in (waiting, going)] == ["planned", "sent"]


def test_addresses_refused_at_once_count_as_bounced(db: None, told: ToldGateway) -> None:
    make_sent(make_program(), 50, told, bad=6)
    assert Pause.objects.get().reason.startswith("5 of 5 messages bounced.")


def test_two_complaints_of_a_thousand_pause_and_one_does_not(db: None, told: ToldGateway) -> None:
    attempts = make_sent(make_program(), 20, told)
    tell(attempts[0], "complained")
    assert not Pause.objects.exists()
    tell(attempts[1], "complained")
    assert Pause.objects.get().reason.startswith("2 of 20 customers complained.")


def test_after_a_pause_was_ended_only_what_came_later_counts(db: None, told: ToldGateway) -> None:
    program = make_program()
    attempts = make_sent(program, 20, told)
    for attempt in attempts[:5]:
        tell(attempt, "bounced")
    assert resume(Pause.objects.get().pk, at=SOON, by_id=User.objects.create_user("ada").pk)
    tell(attempts[5], "bounced")
    assert not Pause.objects.filter(ended_at=None).exists()
