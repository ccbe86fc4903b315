"""Providers on a bad day, alone and with killed senders: nobody gets a message twice, and no message is forgotten.

Time is an argument here: two senders pass each minute for a quarter of an hour, and the fault is over after three. What
takes 30 seconds at a time-out of 20 takes 1.7 at one of 1. `make faults` sends 2,000 messages through all
faults at once (`--whole`), the suite some through each.
"""

import os
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random

import pytest
from django.db import connection
from pytest_django import Settings

from surveys.channels import http
from surveys.delivery import deliver
from surveys.models import Invitation
from surveys.recording import settle_expired_claims
from surveys.unknowns import for_a_person, settle_unknown
from tests.surveys.mail_provider import MailProvider, mail_provider
from tests.surveys.makers import NOON
from tests.surveys.provider_log import LoggingProvider
from tests.surveys.siege import TROUBLE, WITHIN, judge, make_due, start, unknown_now
from tests.surveys.sms_provider import RETRY_AFTER, SmsProvider, sms_provider

pytestmark = pytest.mark.django_db(transaction=True)

MINUTE = timedelta(minutes=1)
BAD_MINUTES, SENDERS = 3, 2
TIMEOUT = 1.0
MAIL_FAULTS = ("is_slow", "refuses_for_now", "refuses", "leaves_early", "loses_answers")
SMS_FAULTS = ("is_slow", "busy", "errors", "drops")
LONGEST = 4 * WITHIN
"""On a busy machine one of our own time-outs may come long after the last fault, and its message waits for its turn."""


@pytest.fixture
def by_mail(tmp_path: Path, settings: Settings) -> Iterator[MailProvider]:
    with mail_provider(tmp_path / "provider.log") as provider:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", provider.port.value
        settings.EMAIL_TIMEOUT = TIMEOUT
        settings.CHANNEL_GATEWAYS = {"email": "email"}
        yield provider


@pytest.fixture
def by_sms(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmsProvider]:
    monkeypatch.setattr(http, "TIMEOUT", (TIMEOUT, TIMEOUT))
    with sms_provider(tmp_path / "provider.log") as provider:
        settings.CHANNEL_GATEWAYS = {"sms": "twilio"}
        settings.TWILIO_URL = f"http://127.0.0.1:{provider.port.value}"
        settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKENS, settings.SMS_SENDER = "AC1", ["token"], "+12125550100"
        yield provider


@pytest.fixture
def messages(pytestconfig: pytest.Config) -> int:
    """Messages through one fault; through all at once there are ten times as many."""
    return 200 if pytestconfig.getoption("whole") else 6


def befall(provider: LoggingProvider, faults: tuple[str, ...], share: float) -> None:
    """Let the faults befall a share of the messages."""
    for fault in faults:
        getattr(provider, fault).value = share


def pass_until_final(provider: LoggingProvider, faults: tuple[str, ...], rng: Random | None = None) -> None:
    """Let two senders pass each minute, one of them killed in its pass where there is an `rng`, until all is final."""
    for minute in count():
        if minute == BAD_MINUTES:
            befall(provider, faults, 0)
        at = NOON + minute * MINUTE
        if at > NOON + LONGEST or not open_at(at):
            return
        provider.ahead.value = at.timestamp() - time.time()
        senders = [start(pass_by, at) for _ in range(SENDERS)]
        if rng and minute < BAD_MINUTES:
            kill_one_of(senders, rng)
        for sender in senders:
            sender.join(120)


def open_at(at: datetime) -> bool:
    """Whether anything is still to be done about a message by itself."""
    waiting = Invitation.objects.filter(state__in=["planned", "claimed", "unknown"])
    return waiting.exclude(pk__in=for_a_person(at).values("pk")).exists()


def pass_by(at: datetime) -> None:
    """What the worker does each minute about what was planned."""
    while True:
        try:
            settle_expired_claims(at)
            settle_unknown(at)
            deliver(at, worker=f"sender {os.getpid()}")
        except TROUBLE:
            connection.close()
        else:
            return


def kill_one_of(senders: list[BaseProcess], rng: Random) -> None:
    time.sleep(rng.uniform(0.1, 1))
    rng.choice(senders).kill()


def told(provider: LoggingProvider, what: str) -> None:
    fates = {fate: provider.noted(fate).total() for fate in ("accepted", "deferred", "refused", "busy", "lost")}
    noted = ", ".join(f"{count} {fate}" for fate, count in fates.items() if count)
    print(f"{what}: {noted}; {unknown_now()} unknown, none twice, none forgotten")  # noqa: T201


@pytest.mark.one_database
@pytest.mark.parametrize("fault", MAIL_FAULTS)
def test_a_mail_provider_with_a_fault(by_mail: MailProvider, messages: int, fault: str) -> None:
    make_due(messages, at=NOON)
    befall(by_mail, (fault,), 0.5)
    pass_until_final(by_mail, (fault,))
    judge(by_mail, messages, NOON + LONGEST)
    told(by_mail, f"{messages} by mail, {fault}")
    assert bool(unknown_now()) is (fault in ("is_slow", "loses_answers"))


@pytest.mark.one_database
@pytest.mark.parametrize("fault", SMS_FAULTS)
def test_an_sms_provider_with_a_fault(by_sms: SmsProvider, messages: int, fault: str) -> None:
    make_due(messages, "sms", NOON)
    befall(by_sms, (fault,), 0.5)
    pass_until_final(by_sms, (fault,))
    judge(by_sms, messages, NOON + LONGEST)
    told(by_sms, f"{messages} by SMS, {fault}")
    assert by_sms.accepted().total() == messages, "whoever can be asked leaves nothing to a person"
    assert left_alone(by_sms)


def left_alone(provider: SmsProvider) -> bool:
    """Whether a provider that said for how long it is busy was not called again before; senders at it may be."""
    busy = [at for at, fate, _ in provider.lines() if fate == "busy"]
    others = [at for at, _, _ in provider.lines()]
    return not any(told + 30 < at < told + RETRY_AFTER - 30 for told in busy for at in others)


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_all_faults_at_once_and_killed_senders(request: pytest.FixtureRequest, messages: int, channel: str) -> None:
    fixture, faults = {"email": ("by_mail", MAIL_FAULTS), "sms": ("by_sms", SMS_FAULTS)}[channel]
    provider = request.getfixturevalue(fixture)
    make_due(10 * messages, channel, NOON)
    befall(provider, faults, 0.05)
    pass_until_final(provider, faults, Random(4))  # noqa: S311 (chance, not secrecy)
    judge(provider, 10 * messages, NOON + LONGEST)
    told(provider, f"{10 * messages} by {channel}, all faults and killed senders")
