"""The statements that start a message say what the models and the pauses say."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from contacts import consent, heeding
from contacts.models.words import Via
from surveys.channels.base import Sent
from surveys.channels.gateways import GATEWAYS
from surveys.delivery import Delivery, deliver
from surveys.models import Attempt, Invitation, Wave
from surveys.pausing import pause, resume
from surveys.starting import start_claimed, write_down
from tests.surveys.gateways import ToldGateway
from tests.surveys.makers import NOON, make_invitation, make_program, make_version

pytestmark = pytest.mark.django_db
SOON = NOON + timedelta(seconds=1, microseconds=5)


def make_claimed(**fields: Any) -> Invitation:
    claim: dict[str, Any] = {"state": "claimed", "claimed_at": NOON, "claimed_by": "w"}
    return make_invitation(**claim | fields)


def claimed_at(invitation: Invitation) -> object:
    return Invitation.objects.values_list("claimed_at", flat=True).get(pk=invitation.pk)


def test_a_start_moves_the_claim_to_its_instant() -> None:
    invitation, other = make_claimed(), make_claimed()
    assert start_claimed(invitation, "w", SOON)
    assert (claimed_at(invitation), claimed_at(other)) == (SOON, NOON)


def test_the_same_claim_starts_once() -> None:
    invitation = make_claimed()
    assert start_claimed(invitation, "w", SOON)
    assert not start_claimed(invitation, "w", SOON)


@pytest.mark.parametrize(
    "meanwhile",
    [
        {"claimed_by": "another"},
        {"claimed_at": NOON + timedelta(microseconds=1)},
        *({"state": state} for state in ("planned", "sent", "failed", "unknown", "cancelled")),
    ],
)
def test_what_is_not_this_claim_any_more_does_not_start(meanwhile: dict[str, Any]) -> None:
    invitation = make_claimed(sent_at=NOON)
    Invitation.objects.update(**meanwhile)
    assert not start_claimed(invitation, "w", SOON)
    assert claimed_at(invitation) == meanwhile.get("claimed_at", NOON)


def test_what_was_never_claimed_does_not_start() -> None:
    assert not start_claimed(make_invitation(), "", SOON)


ABOUT: list[Callable[[Invitation], dict[str, Any]]] = [
    lambda one: {},
    lambda one: {"channel": one.channel},
    lambda one: {"program_id": one.program_id},
    lambda one: {"wave_id": one.wave_id},
    lambda one: {"channel": one.channel, "program_id": one.program_id, "wave_id": one.wave_id},
]


def make_claimed_in_wave() -> Invitation:
    wave = Wave.objects.create(at=NOON, newest_touchpoint=0, open=False)
    return make_claimed(program=make_program(), wave=wave)


@pytest.mark.parametrize("about", ABOUT)
def test_each_kind_of_pause_holds_a_start_until_it_is_ended(about: Callable[[Invitation], dict[str, Any]]) -> None:
    invitation = make_claimed_in_wave()
    held = pause("wrong text", at=NOON, **about(invitation))
    assert not start_claimed(invitation, "w", SOON)
    resume(held.pk, at=NOON, by_id=None)
    assert start_claimed(invitation, "w", SOON)


def test_pauses_of_something_else_hold_nothing() -> None:
    invitation, other = make_claimed_in_wave(), make_claimed_in_wave()
    pause("other", at=NOON, channel="sms")
    pause("other", at=NOON, program_id=other.program_id)
    pause("other", at=NOON, wave_id=other.wave_id)
    assert start_claimed(invitation, "w", SOON)
    assert not start_claimed(other, "w", SOON)


def test_what_is_written_down_is_what_the_orm_would_save() -> None:
    about: dict[str, Any] = {"channel": "sms", "gateway": "told", "key": "k%s", "segments": 2, "started_at": SOON}
    ours, its = (Attempt(invitation=make_invitation(), number=1, **about) for _ in range(2))
    write_down(ours)
    its.save()
    [found, expected] = [dict(row) for row in Attempt.objects.order_by("pk").values()]
    assert (found.pop("id"), found.pop("invitation_id")) == (ours.pk, ours.invitation_id)
    assert (expected.pop("id"), expected.pop("invitation_id")) == (its.pk, its.invitation_id)
    assert found == expected


def test_a_stop_on_any_record_that_counts_holds_the_start() -> None:
    invitation, relative, stranger = make_invitation(), make_invitation(), make_invitation()
    for refusing in (relative, stranger):
        consent.opt_out(refusing.customer_id, "email", at=NOON, via=Via.LINK)
    delivery = Delivery(NOON, "w", lambda: NOON)
    [attempt] = delivery.claim([invitation.pk], NOON)
    assert delivery.start(attempt, {invitation.customer_id, relative.customer_id}) is None
    assert not Attempt.objects.exists()
    assert delivery.start(attempt, {invitation.customer_id})


@pytest.mark.parametrize(("channel", "is_open"), [("email", False), ("", False), ("sms", True)])
def test_a_no_to_a_channel_or_to_everything_holds_until_it_is_taken_back(channel: str, *, is_open: bool) -> None:
    customer_id = make_invitation().customer_id
    consent.opt_out(customer_id, channel, at=NOON, via=Via.LINK)
    assert heeding.hold_open({customer_id}, "email") == is_open
    consent.reopen(customer_id, channel, at=NOON, via=Via.LINK)
    assert heeding.hold_open({customer_id}, "email")


def test_a_message_more_costs_no_more_than_these_statements(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    """The stop, the start and the attempt before the call; attempt, invitation and place after it."""
    monkeypatch.setitem(GATEWAYS, "told", ToldGateway(Sent("x")))
    settings.CHANNEL_GATEWAYS = {"email": "told"}
    version = make_version()
    assert writing(version, 6) - writing(version, 1) == 5 * (6 + (connection.vendor == "postgresql"))


def writing(version: Any, messages: int) -> int:
    """How many statements that many messages take, without where transactions begin and end."""
    for _ in range(messages):
        make_invitation(version)
    with CaptureQueriesContext(connection) as queries:
        assert deliver(NOON).sent == messages
    return sum("SAVEPOINT" not in query["sql"] for query in queries)
