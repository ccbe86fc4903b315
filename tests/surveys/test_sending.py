"""The state of sending: every figure, what it leaves out, and what needs a person."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from pytest_django import DjangoAssertNumQueries, Settings

from surveys.channels.base import Certainty, FateUnknownError
from surveys.channels.gateways import GATEWAYS
from surveys.delivery import deliver
from surveys.mailbox import MailboxReport
from surveys.models import Allowance, Attempt, Invitation, ProviderEvent, Wave, WaveRange
from surveys.pausing import pause
from surveys.sending import ChannelState, Claims, Sending, Worker, sending
from surveys.wave_states import LOOKED_BACK, newest_waves, wave_states
from tests.surveys.gateways import ToldGateway
from tests.surveys.makers import NOON, make_customer, make_invitation, make_program, make_version

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ALIVE = Worker(beat=NOON - MINUTE, silent=False, queued=0)


def state(at: datetime = NOON, worker: Worker = ALIVE, *mailbox: str) -> Sending:
    return sending(at, worker, list(mailbox))


def email(at: datetime = NOON) -> ChannelState:
    return next(channel for channel in state(at).channels if channel.channel == "email")


def make_attempt(invitation: Invitation, outcome: str = "accepted", at: datetime = NOON, **fields: Any) -> Attempt:
    number = invitation.attempts.count() + 1
    values = {"number": number, "channel": "email", "gateway": "told", "started_at": at, "ended_at": at} | fields
    return Attempt.objects.create(invitation=invitation, outcome=outcome, **values)


def make_event(attempt: Attempt | None, status: str, **fields: Any) -> ProviderEvent:
    key = f"e{ProviderEvent.objects.count()}"
    values = {"gateway": "told", "key": key, "at": NOON, "received_at": NOON} | fields
    return ProviderEvent.objects.create(attempt=attempt, status=status, **values)


def test_an_idle_installation_needs_nobody(settings: Settings) -> None:
    shown = state()
    assert [(one.channel, one.gateway, one.label) for one in shown.channels] == [
        ("email", "outbox", "Email"),
        ("sms", "outbox", "SMS"),
    ]
    assert shown.needs == []
    assert (shown.claims, shown.pauses, shown.for_a_person) == ([], [], 0)


def test_due_held_and_later_are_counted_by_channel() -> None:
    program = make_program()
    make_invitation(program=program, due_at=NOON - 3 * MINUTE)
    make_invitation(due_at=NOON - MINUTE)
    make_invitation(due_at=NOON)
    make_invitation(due_at=NOON + MINUTE)
    make_invitation(customer=make_customer(phone="+12025550123"), channel="sms")
    make_invitation(state="cancelled")
    pause("wrong text", at=NOON, program_id=program.pk)
    shown = email()
    assert (shown.due, shown.held, shown.later) == (3, 1, 1)
    assert (shown.oldest_due, shown.waits_since) == (NOON - 3 * MINUTE, NOON - MINUTE)
    assert [one.due for one in state().channels] == [3, 1]


def test_a_pause_of_everything_holds_all_that_is_due() -> None:
    make_invitation()
    make_invitation(due_at=NOON + HOUR)
    pause("wrong text", at=NOON)
    shown = email()
    assert (shown.due, shown.held, shown.later, shown.waits_since) == (1, 1, 1, None)


def test_what_was_sent_is_counted_by_period_and_as_a_rate() -> None:
    version = make_version()
    seconds = timedelta(seconds=1)
    for age in (30 * seconds, MINUTE, 4 * MINUTE, 30 * MINUTE, 2 * HOUR, DAY, 2 * DAY):
        make_invitation(version, state="sent", sent_at=NOON - age)
    make_invitation(version, state="failed", sent_at=NOON - 30 * seconds)
    shown = email()
    assert shown.sent == {"minute": 2, "hour": 5, "day": 6}
    assert shown.rate == pytest.approx(4 / 5)


def test_failures_of_the_last_day_are_counted_once_each() -> None:
    twice = make_invitation(state="failed")
    for _ in range(2):
        make_attempt(twice, "passing", NOON - HOUR)
    make_attempt(make_invitation(state="failed"), "permanent", NOON - HOUR)
    make_attempt(make_invitation(state="failed"), "permanent", NOON - 2 * DAY)
    make_attempt(make_invitation(state="planned"), "passing", NOON - HOUR)
    make_attempt(make_invitation(state="failed"), "accepted", NOON - HOUR)
    assert email().failed == 2


def test_bounces_and_complaints_are_messages_and_not_copies_of_news() -> None:
    bounced, both = (make_attempt(make_invitation(state="sent", sent_at=NOON)) for _ in range(2))
    for _ in range(3):
        make_event(bounced, "bounced", applied_at=NOON)
    make_event(both, "bounced", applied_at=NOON)
    make_event(both, "complained", applied_at=NOON)
    make_event(both, "delivered", applied_at=NOON)
    make_event(make_attempt(make_invitation(state="sent", sent_at=NOON)), "bounced", at=NOON - 2 * DAY)
    shown = email()
    assert (shown.bounced, shown.complained) == (2, 1)


def test_news_that_waits_is_told_apart() -> None:
    attempt = make_attempt(make_invitation(state="claimed", claimed_at=NOON), "started")
    make_event(attempt, "delivered")
    make_event(attempt, "accepted", applied_at=NOON)
    make_event(None, "delivered")
    make_event(None, "delivered", received_at=NOON - 8 * DAY)
    shown = state()
    assert (shown.unapplied, shown.unjoined) == (1, 1)
    assert shown.needs == []
    assert "could not take effect" in state(NOON + HOUR).needs[0]


def test_claims_are_told_by_worker_the_oldest_first() -> None:
    for minutes, worker in ((1, "b"), (5, "a"), (3, "a")):
        make_invitation(state="claimed", claimed_by=worker, claimed_at=NOON - minutes * MINUTE)
    assert state().claims == [Claims("a", 2, NOON - 5 * MINUTE), Claims("b", 1, NOON - MINUTE)]


def test_unknown_fates_are_for_the_provider_first_and_then_for_a_person(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    asked = ToldGateway(FateUnknownError("timed out"))
    asked.certainty = Certainty.LOOK_UP
    monkeypatch.setitem(GATEWAYS, "told", asked)
    settings.CHANNEL_GATEWAYS = {"email": "told"}
    make_invitation()
    deliver(NOON)
    assert (state(NOON + HOUR).asked_about, state(NOON + HOUR).for_a_person) == (1, 0)
    assert state(NOON + HOUR).needs == []
    shown = state(NOON + 2 * DAY)
    assert (shown.asked_about, shown.for_a_person) == (0, 1)
    assert shown.needs[0].startswith("Nobody knows whether 1 message went out.")


def test_what_the_provider_allows_is_told(settings: Settings) -> None:
    settings.CHANNEL_LIMITS = {"email": (5, 100)}
    Allowance.objects.create(gateway="outbox", next_at=NOON, day=NOON.date(), sent=100)
    shown = email()
    assert (shown.per_second, shown.per_day, shown.used_today) == (5, 100, 100)
    assert shown.closed_until == NOON.replace(hour=0) + DAY
    assert email(NOON + DAY).closed_until is None


# --- What needs a person ---


@pytest.mark.parametrize(
    ("worker", "words"),
    [
        (Worker(NOON - HOUR, silent=True, queued=3), "The worker has taken no job for 1\xa0hour"),
        (Worker(None, silent=True, queued=0), "The worker has not taken a job yet"),
    ],
)
def test_a_silent_worker_needs_a_person(worker: Worker, words: str) -> None:
    [need] = state(worker=worker).needs
    assert need.startswith(words)


def test_what_paused_itself_needs_a_person_and_what_somebody_paused_none() -> None:
    pause("5 of 9 messages bounced.", at=NOON, channel="sms")
    pause("wrong text", at=NOON, channel="email", by_id=User.objects.create(username="ada").pk)
    assert state().needs == ["SMS paused itself: 5 of 9 messages bounced."]


def test_what_waits_in_the_bounce_mailbox_needs_a_person() -> None:
    [told] = state(NOON, ALIVE, *MailboxReport(read=3, for_person=2).needs).needs
    assert told.startswith("Nobody but a person can tell what 2 mails in the bounce mailbox mean. Look at")
    assert MailboxReport(read=3, events=3).needs == []


def test_what_stands_still_needs_a_person() -> None:
    make_invitation(due_at=NOON - 16 * MINUTE)
    [need] = state().needs
    assert (
        need == "Messages by Email have been due for 16\xa0minutes and none is handed over: the worker's log says why."
    )
    assert state(NOON - 2 * MINUTE).needs == []


def paused(settings: Settings) -> None:
    pause("wrong text", at=NOON, by_id=User.objects.create(username="ada").pk)


def closed(settings: Settings) -> None:
    Allowance.objects.create(gateway="outbox", next_at=NOON, day=NOON.date(), closed_until=NOON + HOUR)


def used_up(settings: Settings) -> None:
    settings.CHANNEL_LIMITS = {"email": (0, 9)}
    Allowance.objects.create(gateway="outbox", next_at=NOON, day=NOON.date(), sent=9)


def moving(settings: Settings) -> None:
    make_attempt(make_invitation(state="sent", sent_at=NOON), at=NOON - MINUTE)


@pytest.mark.parametrize("reason", [paused, closed, used_up, moving])
def test_what_waits_for_a_good_reason_needs_nobody(settings: Settings, reason: Any) -> None:
    make_invitation(due_at=NOON - HOUR)
    reason(settings)
    assert state().needs == []


def test_what_waits_without_a_gateway_says_what_to_set(settings: Settings) -> None:
    make_invitation(customer=make_customer(phone="+12025550123"), channel="sms", due_at=NOON - HOUR)
    settings.CHANNEL_GATEWAYS = {"email": "outbox"}
    assert "no gateway for SMS" in state().needs[0]


def stopped_by_us(**fields: Any) -> Invitation:
    """Return a message that cannot be written: there is no address to write to."""
    invitation = make_invitation(**fields)
    Invitation.objects.filter(pk=invitation.pk).update(address=None)
    return invitation


def test_what_an_error_of_ours_stops_needs_a_person_until_it_goes_out() -> None:
    poison = stopped_by_us()
    deliver(NOON)
    assert state().stopped == 1
    [need] = state().needs
    assert need.startswith("1 message is stopped by an error of ours.")
    assert state().as_dict()["stopped"] == 1
    Invitation.objects.filter(pk=poison.pk).update(address=poison.address)
    deliver(NOON + 6 * MINUTE)
    assert state(NOON + 6 * MINUTE).stopped == 0
    assert not Invitation.objects.exclude(state_reason="").exists()


def test_what_the_rules_have_put_off_since_is_not_stopped() -> None:
    poison = stopped_by_us()
    deliver(NOON)
    Invitation.objects.filter(pk=poison.pk).update(due_at=NOON + DAY)
    assert state().stopped == 0


def test_many_that_are_stopped_are_counted() -> None:
    for _ in range(2):
        stopped_by_us()
    deliver(NOON)
    assert state().needs == [
        "2 messages are stopped by an error of ours. The page Sending says which and by what; mend it there."
    ]


def test_statements_do_not_grow(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    for name in ("ada", "bob"):
        program = make_program()
        make_invitation(program=program, state="unknown")
        make_invitation(program=program, state="claimed", claimed_at=NOON, claimed_by=name)
        make_event(make_attempt(make_invitation(program=program, state="sent", sent_at=NOON)), "bounced")
        pause("wrong text", at=NOON, program_id=program.pk, by_id=User.objects.create(username=name).pk)
    with django_assert_max_num_queries(13):
        assert state().as_dict()["needs"]


# --- Waves ---


def make_wave(asked: int, at: datetime = NOON, **fields: Any) -> Wave:
    wave = Wave.objects.create(**{"at": at, "newest_touchpoint": 0, "open": False} | fields)
    report = {"calls": {"touchpoints": 9, "asked": asked, "delayed": 0, "skipped": {}}}
    WaveRange.objects.create(wave=wave, first=1, last=9, report=report, decided_at=at)
    return wave


def test_a_wave_tells_what_became_of_those_it_invited() -> None:
    wave, version = make_wave(9), make_version()
    for invitation_state in ("planned", "planned", "claimed", "sent", "failed", "unknown", "cancelled"):
        sent_at = NOON + HOUR if invitation_state in {"sent", "failed"} else None
        make_invitation(version, wave=wave, state=invitation_state, sent_at=sent_at, claimed_at=NOON)
    make_invitation(version, wave=make_wave(1, NOON + MINUTE))
    held = pause("wrong text", at=NOON, wave_id=wave.pk)
    [shown] = wave_states([wave])
    assert (shown.invited, shown.waiting, shown.sent, shown.unknown, shown.not_sent) == (9, 3, 2, 1, 3)
    assert shown.pause == held


def test_waves_that_invited_nobody_and_those_of_long_ago_are_not_shown() -> None:
    older, newer = make_wave(1, NOON - DAY), make_wave(2)
    make_wave(0)
    make_wave(5, NOON - LOOKED_BACK)
    assert [one.wave for one in wave_states(newest_waves(NOON))] == [newer, older]
    assert [one.wave for one in wave_states(newest_waves(NOON, before=newer.pk))] == [older]


def test_no_wave_at_all_is_no_error() -> None:
    assert wave_states(newest_waves(NOON)) == []


def test_an_open_wave_that_has_decided_nothing_yet_is_shown_once_it_has() -> None:
    wave = Wave.objects.create(at=NOON, newest_touchpoint=0, open=True)
    part = WaveRange.objects.create(wave=wave, first=1, last=9)
    assert wave_states([wave]) == []
    WaveRange.objects.filter(pk=part.pk).update(report={"calls": {"asked": 1}})
    assert [one.invited for one in wave_states([wave])] == [1]


def test_statements_about_waves_do_not_grow(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for minutes in range(5):
        make_invitation(wave=make_wave(1, NOON - minutes * MINUTE))
    with django_assert_num_queries(7):
        assert len(wave_states(newest_waves(NOON))) == 5
