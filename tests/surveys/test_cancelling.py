"""A wave that somebody cancels: nothing of it is sent from then on, and its places come back, to the last."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from contacts import gate
from contacts.gate import Ask
from contacts.models import Contact, Decision
from contacts.policies import publish
from surveys import cancelling, tasks
from surveys.cancelling import being_cancelled, cancel, cancel_wave, give_back
from surveys.channels.base import ChannelError, Sent
from surveys.channels.gateways import GATEWAYS
from surveys.delivery import Delivery, deliver, hand_over
from surveys.models import Invitation, Pause, Wave
from surveys.pausing import resume
from surveys.recording import record
from tests.surveys.gateways import ToldGateway
from tests.surveys.makers import NOON, make_invitation, make_version

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WRONG = "wrong list"


@pytest.fixture
def user() -> User:
    return User.objects.create(username="ada")


def make_wave(invitations: int = 0) -> Wave:
    wave = Wave.objects.create(at=NOON, newest_touchpoint=0, open=False)
    version = make_version()
    for _ in range(invitations):
        make_invitation(version, wave=wave)
    return wave


def states(wave: Wave) -> list[str]:
    return list(wave.invitations.order_by("pk").values_list("state", flat=True))


def outcomes(wave: Wave) -> list[str]:
    return list(Contact.objects.filter(invitation__wave=wave).order_by("pk").values_list("outcome", flat=True))


def test_cancelling_gives_places_back_and_leaves_what_went(user: User) -> None:
    wave, elsewhere = make_wave(3), make_invitation(wave=make_wave())
    gone = make_invitation(wave=wave, state="sent", sent_at=NOON)
    cancel_wave(wave, WRONG, at=NOON, by_id=user.pk)
    assert give_back(wave, at=NOON, most=10) == 3
    assert states(wave) == ["cancelled"] * 3 + ["sent"]
    assert outcomes(wave) == ["cancelled"] * 3 + ["reserved"]
    assert set(wave.invitations.exclude(pk=gone.pk).values_list("state_reason", flat=True)) == {
        f"wave cancelled: {WRONG}"
    }
    assert deliver(NOON).sent == 1
    elsewhere.refresh_from_db()
    assert elsewhere.state == "sent"
    messages = LogEntry.objects.values_list("change_message", flat=True)
    assert f"Cancelled what is not sent yet: {WRONG}" in messages


def test_the_word_holds_before_the_first_place_is_given_back(user: User) -> None:
    wave = make_wave(3)
    cancel_wave(wave, WRONG, at=NOON, by_id=user.pk)
    assert deliver(NOON).due == 0
    assert states(wave) == ["planned"] * 3


def test_what_is_being_cancelled_cannot_be_resumed_and_what_is_cancelled_can(user: User) -> None:
    wave = make_wave(3)
    cancel_wave(wave, WRONG, at=NOON, by_id=user.pk)
    give_back(wave, at=NOON, most=2)
    assert not resume(Pause.objects.get().pk, at=NOON, by_id=user.pk)
    assert deliver(NOON).due == 0
    give_back(wave, at=NOON, most=2)
    assert resume(Pause.objects.get().pk, at=NOON, by_id=user.pk)


def test_a_job_gives_back_the_rest_of_every_wave(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "GIVEN_BACK", 2)
    waves = [make_wave(5), make_wave(4), make_wave(3)]
    for wave in waves[:2]:
        cancel_wave(wave, WRONG, at=NOON, by_id=user.pk)
    before = timezone.now()
    for _ in range(2):
        tasks.give_back_cancelled()
    assert [set(states(wave)) for wave in waves] == [{"cancelled"}, {"cancelled"}, {"planned"}]
    assert not being_cancelled().exists()
    ended = [Wave.objects.get(pk=wave.pk).cancelled_at for wave in waves]
    assert [at is not None and at >= before for at in ended] == [True, True, False]


def test_the_newest_contacts_stay_true(user: User) -> None:
    wave = make_wave(3)
    call_command("check_ledger", "--repair")
    cancel_wave(wave, WRONG, at=NOON, by_id=user.pk)
    give_back(wave, at=NOON, most=10)
    call_command("check_ledger")


def test_a_cancelled_place_is_free_for_another_program() -> None:
    publish("test", "Test", {"caps": [{"name": "c", "limit": 1, "measure": "contacts", "window": "90 days"}]}, at=NOON)
    invitation = make_invitation()
    cancel(Invitation.objects.all(), WRONG, at=NOON, most=10)
    with transaction.atomic():
        ask = Ask(invitation.customer_id, NOON, channels=("email",), purpose="invitation", survey="other")
        [grant] = gate.reserve([ask], at=NOON)
    assert grant.decision.result == Decision.Result.SEND


@pytest.mark.parametrize("fate", [ChannelError("451 later", permanent=False), Sent("x")], ids=["not taken", "taken"])
def test_what_is_in_a_workers_hands_goes_or_is_cancelled_when_it_comes_back(
    user: User, monkeypatch: pytest.MonkeyPatch, settings: Settings, fate: ChannelError | Sent
) -> None:
    monkeypatch.setitem(GATEWAYS, "told", ToldGateway(fate))
    settings.CHANNEL_GATEWAYS = {"email": "told"}
    wave = make_wave(1)
    delivery = Delivery(NOON, "w", lambda: NOON)
    [attempt] = delivery.claim([wave.invitations.get().pk], NOON)
    message = delivery.start(attempt, ())
    assert message
    cancel_wave(wave, WRONG, at=NOON, by_id=user.pk)
    assert give_back(wave, at=NOON, most=10) == 0
    assert being_cancelled().exists()
    record([(attempt, hand_over(attempt, message))], NOON)
    assert deliver(NOON + DAY).due == 0
    came_back = isinstance(fate, ChannelError)
    assert give_back(wave, at=NOON, most=10) == came_back
    assert (states(wave), being_cancelled().exists()) == (["cancelled" if came_back else "sent"], False)


def test_many_are_cancelled_in_lots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cancelling, "LOT", 2)
    make_wave(5)
    assert cancel(Invitation.objects.all(), WRONG, at=NOON, most=4) == 4
    assert cancel(Invitation.objects.all(), WRONG, at=NOON, most=4) == 1
    assert cancel(Invitation.objects.all(), WRONG, at=NOON, most=4) == 0


def test_statements_of_cancelling_do_not_grow_with_what_is_cancelled(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    make_wave(12)
    with django_assert_max_num_queries(12):
        assert cancel(Invitation.objects.all(), WRONG, at=NOON, most=100) == 12
