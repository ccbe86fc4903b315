"""Sending stopped and let go on: by a person, by itself, for everything or a part of it."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from pytest_django import Settings

from contacts import gate
from contacts.gate import Ask
from contacts.models import Decision
from contacts.policies import publish
from surveys import wave_states
from surveys.channels.base import ChannelError, Sent
from surveys.channels.gateways import GATEWAYS
from surveys.claiming import Claiming
from surveys.delivery import Delivery, deliver
from surveys.models import Attempt, Invitation, OutboxMessage, Pause, Program, Wave
from surveys.pausing import Rates, Stream, open_pauses, pause, rates_of, resume, watch
from surveys.planning import plan
from tests.surveys.gateways import ToldGateway
from tests.surveys.makers import NOON, make_customer, make_invitation, make_program, make_touchpoint, make_version

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.fixture
def user() -> User:
    return User.objects.create(username="ada")


def make_wave(**fields: Any) -> Wave:
    return Wave.objects.create(**{"at": NOON, "newest_touchpoint": 0, "open": False} | fields)


def state_of(invitation: Invitation) -> str:
    return Invitation.objects.get(pk=invitation.pk).state


# --- What a pause holds ---


@pytest.fixture
def four() -> dict[str, Invitation]:
    """An SMS of a program, an email of it, an email of another program in a wave, and an email of no program."""
    program, other = make_program(), make_program()
    phone = make_customer(phone="+12025550123")
    return {
        "sms": make_invitation(program=program, customer=phone, channel="sms"),
        "email": make_invitation(program=program),
        "other": make_invitation(program=other, wave=make_wave()),
        "alone": make_invitation(),
    }


@pytest.mark.parametrize(
    ("about", "held"),
    [
        ((), {"sms", "email", "other", "alone"}),
        (("channel",), {"sms"}),
        (("program",), {"sms", "email"}),
        (("wave",), {"other"}),
        (("program", "channel"), {"sms"}),
    ],
)
def test_what_fits_is_held_and_all_else_goes(
    four: dict[str, Invitation], about: tuple[str, ...], held: set[str]
) -> None:
    parts: dict[str, dict[str, Any]] = {
        "channel": {"channel": "sms"},
        "program": {"program_id": four["sms"].program_id},
        "wave": {"wave_id": four["other"].wave_id},
    }
    pause("wrong text", at=NOON, **{key: value for name in about for key, value in parts[name].items()})
    assert deliver(NOON).sent == 4 - len(held)
    assert {name for name, invitation in four.items() if state_of(invitation) == "planned"} == held


def test_two_pauses_hold_what_either_holds(four: dict[str, Invitation]) -> None:
    pause("one", at=NOON, channel="sms")
    pause("two", at=NOON, wave_id=four["other"].wave_id)
    assert deliver(NOON).sent == 2


def test_what_is_resumed_goes_and_was_tested_again(user: User) -> None:
    late, worth = make_invitation(expires_at=NOON + MINUTE), make_invitation()
    held = pause("wrong text", at=NOON, by_id=user.pk)
    assert deliver(NOON).due == 0
    assert resume(held.pk, at=NOON + DAY, by_id=user.pk)
    report = deliver(NOON + DAY)
    assert (report.sent, report.cancelled) == (1, {"expiry": 1})
    assert (state_of(late), state_of(worth)) == ("cancelled", "sent")
    held.refresh_from_db()
    assert (held.ended_at, held.ended_by) == (NOON + DAY, user)


def test_a_place_is_kept_while_a_pause_holds() -> None:
    publish("test", "Test", {"caps": [{"name": "c", "limit": 1, "measure": "contacts", "window": "90 days"}]}, at=NOON)
    held = make_invitation()
    pause("wrong text", at=NOON)
    deliver(NOON)
    with transaction.atomic():
        ask = Ask(held.customer_id, NOON, channels=("email",), purpose="invitation", survey="other")
        [grant] = gate.reserve([ask], at=NOON)
    assert grant.decision.result != Decision.Result.SEND


def test_a_pause_between_reading_and_claiming_holds_too() -> None:
    invitation = make_invitation()
    pause("now", at=NOON)
    assert Claiming(NOON, "w").claim([invitation.pk]) == []
    assert state_of(invitation) == "planned"


def test_a_pause_between_claiming_and_starting_holds_too() -> None:
    invitation = make_invitation()
    delivery = Delivery(NOON, "w", lambda: NOON)
    [attempt] = delivery.claim([invitation.pk], NOON)
    pause("now", at=NOON)
    assert delivery.start(attempt, ()) is None


def test_what_a_worker_has_in_its_hands_goes_out_and_nothing_after_it(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    class PausedMeanwhile(ToldGateway):
        def send(self, message: Any) -> Sent:
            pause("stop", at=NOON)
            return super().send(message)

    monkeypatch.setitem(GATEWAYS, "told", PausedMeanwhile(Sent("x")))
    settings.CHANNEL_GATEWAYS = {"email": "told"}
    for _ in range(3):
        make_invitation()
    assert deliver(NOON).sent == 1
    assert Invitation.objects.filter(state="planned").count() == 2


def test_planning_goes_on_while_sending_is_paused() -> None:
    make_program()
    make_touchpoint()
    pause("wrong text", at=NOON)
    plan(NOON)
    assert Invitation.objects.get().state == "planned"
    assert deliver(NOON + DAY).due == 0


# --- Pauses themselves ---


def test_the_same_is_paused_once_and_keeps_its_first_reason(user: User) -> None:
    first = pause("first", at=NOON, channel="email", by_id=user.pk)
    again = pause("second", at=NOON + MINUTE, channel="email", by_id=user.pk)
    assert (again.pk, again.reason) == (first.pk, "first")
    assert LogEntry.objects.get().change_message == "Paused: first"


def test_what_was_resumed_can_be_paused_again(user: User) -> None:
    first = pause("first", at=NOON)
    resume(first.pk, at=NOON, by_id=user.pk)
    assert pause("second", at=NOON).pk != first.pk


def test_a_second_resume_changes_nothing(user: User) -> None:
    held = pause("first", at=NOON)
    assert resume(held.pk, at=NOON, by_id=user.pk)
    assert not resume(held.pk, at=NOON + DAY, by_id=user.pk)
    assert Pause.objects.get().ended_at == NOON
    assert LogEntry.objects.count() == 1


def test_a_pause_needs_a_reason() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        pause("", at=NOON)


@pytest.mark.django_db(transaction=True)
def test_workers_that_see_the_same_at_once_pause_once() -> None:
    start, made = Barrier(4), []

    def stop() -> None:
        start.wait()
        made.append(pause("too many bounces", at=NOON, channel="email").pk)
        connection.close()

    threads = [Thread(target=stop) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 1
    assert len(made) == 4
    assert Pause.objects.count() == 1


def test_the_pause_of_a_wave_is_open_only_while_it_can_hold_something() -> None:
    everything = pause("all", at=NOON)
    planned, done, going_on = make_wave(), make_wave(), make_wave(open=True)
    make_invitation(wave=planned)
    make_invitation(wave=done, state="sent", sent_at=NOON)
    held = [pause("wave", at=NOON + MINUTE, wave_id=wave.pk) for wave in (planned, done, going_on)]
    assert list(open_pauses()) == [everything, held[0], held[2]]


def test_a_wave_is_not_forgotten_while_a_pause_holds_it() -> None:
    """Its pause would go with it, and a month later what somebody stopped would be sent."""
    held, spent, plain = (make_wave() for _ in range(3))
    for wave, state in ((held, "planned"), (spent, "cancelled"), (plain, "planned")):
        make_invitation(wave=wave, state=state, expires_at=NOON + 90 * DAY)
    for wave in (held, spent):
        pause("stop", at=NOON, wave_id=wave.pk)
    wave_states.forget(NOON + 31 * DAY)
    assert list(Wave.objects.all()) == [held]
    assert deliver(NOON + 31 * DAY).sent == 1


# --- By itself ---


@pytest.mark.parametrize(
    ("rates", "stops"),
    [
        (Rates(100, 4, 0), False),
        (Rates(100, 5, 0), True),
        (Rates(10, 4, 0), False),
        (Rates(1000, 49, 0), False),
        (Rates(1000, 50, 0), True),
        (Rates(1000, 0, 1), False),
        (Rates(1000, 0, 2), True),
        (Rates(3000, 0, 2), False),
        (Rates(3000, 0, 3), True),
        (Rates(0, 0, 0), False),
    ],
)
def test_the_thresholds(rates: Rates, *, stops: bool) -> None:
    assert bool(rates.too_high) == stops


def make_attempt(program: Program, outcome: str = "accepted", at: Any = NOON, **fields: Any) -> Attempt:
    invitation = make_invitation(program=program, state="sent", sent_at=at)
    values = {"number": 1, "channel": "email", "gateway": "told", "started_at": at} | fields
    return Attempt.objects.create(invitation=invitation, outcome=outcome, **values)


def test_only_what_went_lately_by_this_channel_of_this_program_counts() -> None:
    program = make_program()
    stream = Stream(program.pk, "email")
    make_attempt(program)
    make_attempt(program, "unknown")
    make_attempt(program, delivery="bounced")
    make_attempt(program, delivery="complained")
    for uncounted in ({"outcome": "started"}, {"outcome": "passing"}, {"channel": "sms"}, {"at": NOON - 8 * DAY}):
        make_attempt(program, **({"delivery": "bounced"} | uncounted))
    make_attempt(make_program(), delivery="bounced")
    assert rates_of(stream, NOON) == Rates(sent=4, bounced=1, complained=1)


def test_an_address_refused_at_hand_over_is_a_bounce_and_any_other_refusal_none() -> None:
    program = make_program()
    for outcome in ("rejected", "cancelled"):
        attempt = make_attempt(program, "permanent")
        attempt.invitation.contact.outcome = outcome
        attempt.invitation.contact.save()
    assert rates_of(Stream(program.pk, "email"), NOON) == Rates(sent=2, bounced=1, complained=0)


def test_after_a_resume_the_count_starts_anew(user: User) -> None:
    program = make_program()
    stream = Stream(program.pk, "email")
    for _ in range(5):
        make_attempt(program, delivery="bounced")
    [held] = watch({stream}, NOON)
    assert (held.channel, held.program, held.by) == ("email", program, None)
    assert watch({stream}, NOON) == [held]
    resume(held.pk, at=NOON + MINUTE, by_id=user.pk)
    assert watch({stream}, NOON + 2 * MINUTE) == []


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Callable[[int], ToldGateway]:
    """Let the first so many messages find that their address does not exist."""

    def refuse(bad: int) -> ToldGateway:
        no_such_user = ChannelError("550 No such user", permanent=True, bad_address=True)
        gateway = ToldGateway(*[no_such_user] * bad, Sent("x"))
        monkeypatch.setitem(GATEWAYS, "told", gateway)
        settings.CHANNEL_GATEWAYS = {"email": "told", "sms": "outbox"}
        return gateway

    return refuse


def test_a_wave_of_bad_addresses_pauses_itself_and_no_other_program(
    refusing: Callable[[int], ToldGateway],
) -> None:
    gateway = refusing(9)
    version, program, other = make_version(), make_program(), make_program()
    for minutes in range(9, 0, -1):
        make_invitation(version, program=program, due_at=NOON - minutes * MINUTE)
    make_invitation(version, program=other)
    report = deliver(NOON)
    assert (report.failed, len(gateway.taken)) == (5 + 1, 5 + 1)
    held = Pause.objects.get()
    assert (held.channel, held.program_id, held.by_id) == ("email", program.pk, None)
    assert held.reason.startswith("5 of 5 messages bounced.")
    assert Invitation.objects.filter(program=program, state="planned").count() == 4
    assert not OutboxMessage.objects.exists()


def test_a_single_bad_address_stops_nobody(refusing: Callable[[int], ToldGateway]) -> None:
    refusing(1)
    version, program = make_version(), make_program()
    for _ in range(10):
        make_invitation(version, program=program)
    assert deliver(NOON).sent == 9
    assert not Pause.objects.exists()
