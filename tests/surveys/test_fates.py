"""What becomes of an invitation after its gateway spoke, or died."""

from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.contrib.auth.models import User
from django.db import connection
from pytest_django import Settings

from surveys.channels.base import ChannelError, FateUnknownError, Message, Sent
from surveys.channels.gateways import GATEWAYS
from surveys.delivery import Delivery, deliver, hand_over
from surveys.fates import WAITS
from surveys.models import Attempt, Invitation, OutboxMessage
from surveys.recording import LEASE, record, settle_expired_claims
from surveys.unknowns import say_not_sent
from tests.surveys.gateways import ToldGateway
from tests.surveys.makers import NOON, make_invitation, make_version

BAD_ADDRESS = ChannelError("550 No such user", permanent=True, bad_address=True)
REFUSED = ChannelError("554 Looks like spam", permanent=True)
BUSY = ChannelError("451 Try later", permanent=False)
SILENCE = FateUnknownError("timed out")
AFTER_LEASE = NOON + LEASE + timedelta(seconds=1)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> ToldGateway:
    gateway = ToldGateway(Sent("their-id"))
    monkeypatch.setitem(GATEWAYS, "told", gateway)
    settings.CHANNEL_GATEWAYS = {"email": "told"}
    return gateway


def start(invitation: Invitation, at: datetime = NOON) -> tuple[Attempt, Message]:
    """Claim the invitation and write down its attempt, as a worker does that then dies or is slow."""
    delivery = Delivery(at, "w", lambda: at)
    [attempt] = delivery.claim([invitation.pk], at)
    message = delivery.start(attempt, {invitation.customer_id})
    assert message
    return attempt, message


def fates(invitation: Invitation) -> tuple[str, str, str]:
    """Return the states of the invitation, of its place in the ledger and of its newest attempt."""
    found = Invitation.objects.select_related("contact").get(pk=invitation.pk)
    newest = found.attempts.order_by("-number").first()
    return found.state, found.contact.outcome, newest.outcome if newest else ""


@pytest.mark.parametrize(
    ("fate", "expected", "address_open"),
    [
        (Sent("x"), ("sent", "accepted", "accepted"), True),
        (Sent("x", delivered=True), ("sent", "delivered", "accepted"), True),
        (BAD_ADDRESS, ("failed", "rejected", "permanent"), False),
        (REFUSED, ("failed", "cancelled", "permanent"), True),
        (BUSY, ("planned", "reserved", "passing"), True),
        (SILENCE, ("unknown", "unknown", "unknown"), True),
    ],
)
def test_each_fate_is_noted_in_three_places(
    db: None,
    told: ToldGateway,
    fate: Sent | Exception,
    expected: tuple[str, str, str],
    address_open: bool,
) -> None:
    told.fates = [fate]
    invitation = make_invitation()
    deliver(NOON)
    assert fates(invitation) == expected
    assert (invitation.customer.identifiers.get().closed_at is None) == address_open


def test_what_the_gateway_said_is_kept(db: None, told: ToldGateway) -> None:
    told.fates = [BUSY, Sent("their-id")]
    invitation = make_invitation()
    deliver(NOON)
    deliver(NOON + WAITS[0])
    assert list(invitation.attempts.order_by("number").values_list("detail", "reference", "gateway")) == [
        ("451 Try later", "", "told"),
        ("", "their-id", "told"),
    ]


def test_the_waits_grow_and_end(db: None, told: ToldGateway) -> None:
    told.fates = [BUSY]
    invitation, at = make_invitation(), NOON
    for wait in WAITS:
        assert deliver(at).retried == 1
        assert Invitation.objects.get().due_at == at + wait
        assert deliver(at + wait - timedelta(seconds=1)).due == 0
        at += wait
    assert deliver(at).failed == 1
    assert fates(invitation) == ("failed", "cancelled", "passing")
    assert Invitation.objects.get().state_reason == "451 Try later"


def test_an_unknown_fate_is_never_tried_again(db: None, told: ToldGateway) -> None:
    told.fates = [SILENCE, Sent("x")]
    make_invitation()
    assert deliver(NOON).unknown == 1
    assert deliver(NOON + timedelta(days=5)).due == 0
    assert len(told.taken) == 1


@pytest.mark.parametrize("death", [KeyboardInterrupt(), SystemExit(9)])
def test_who_dies_while_handing_over_leaves_a_claim_that_becomes_unknown(
    db: None, told: ToldGateway, death: BaseException
) -> None:
    told.fates = [death, Sent("x")]
    invitation = make_invitation()
    with pytest.raises(type(death)):
        deliver(NOON)
    assert fates(invitation) == ("claimed", "reserved", "started")
    assert settle_expired_claims(NOON + LEASE) == 0
    assert settle_expired_claims(AFTER_LEASE) == 1
    assert fates(invitation) == ("unknown", "unknown", "unknown")
    assert deliver(AFTER_LEASE).due == 0


def test_who_dies_after_handing_over_leaves_the_same(db: None, told: ToldGateway) -> None:
    invitation = make_invitation()
    hand_over(*start(invitation))
    settle_expired_claims(AFTER_LEASE)
    assert fates(invitation) == ("unknown", "unknown", "unknown")
    assert deliver(AFTER_LEASE).due == 0


def test_an_error_of_ours_in_a_gateway_is_an_unknown_fate_after_the_lease(
    db: None, told: ToldGateway, caplog: pytest.LogCaptureFixture
) -> None:
    told.fates = [ZeroDivisionError(), Sent("x")]
    broken, other = make_invitation(due_at=NOON - LEASE), make_invitation()
    report = deliver(NOON)
    assert (report.broken, report.sent) == (1, 1)
    assert (fates(broken)[0], fates(other)[0]) == ("claimed", "sent")
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    ("fate", "expected"),
    [
        (Sent("late"), ("sent", "accepted")),
        (BUSY, ("planned", "reserved")),
        (BAD_ADDRESS, ("failed", "rejected")),
        (SILENCE, ("unknown", "unknown")),
    ],
)
def test_what_is_noted_too_late_still_says_what_became_of_it(
    db: None, told: ToldGateway, fate: Sent | ChannelError, expected: tuple[str, str]
) -> None:
    invitation = make_invitation()
    attempt, _ = start(invitation)
    settle_expired_claims(AFTER_LEASE)
    assert fates(invitation) == ("unknown", "unknown", "unknown")
    record([(attempt, fate)], AFTER_LEASE)
    assert fates(invitation)[:2] == expected


def test_what_is_noted_too_late_says_nothing_of_a_later_attempt(db: None, told: ToldGateway) -> None:
    invitation = make_invitation()
    attempt, _ = start(invitation)
    settle_expired_claims(AFTER_LEASE)
    assert say_not_sent(invitation.pk, at=AFTER_LEASE, by_id=User.objects.create_user("ada").pk)
    start(invitation, AFTER_LEASE)
    record([(attempt, Sent("late"))], AFTER_LEASE)
    assert fates(invitation) == ("claimed", "reserved", "started")


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_a_gateway_works(told: ToldGateway) -> None:
    make_invitation()
    deliver(NOON)
    assert told.in_transaction == [False]


@pytest.mark.django_db(transaction=True)
def test_workers_at_the_same_time_send_each_message_once() -> None:
    version = make_version()
    for _ in range(30):
        make_invitation(version)
    start, sent = Barrier(4), []

    def work() -> None:
        start.wait()
        sent.append(deliver(NOON).sent)
        connection.close()

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(sent) == OutboxMessage.objects.count() == Attempt.objects.count() == 30
    assert not Invitation.objects.exclude(state="sent").exists()
