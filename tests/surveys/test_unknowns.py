"""Unknown fates: looked up, handed over again under their key, settled by a person; never sent again on a guess."""

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from threading import Barrier, Thread
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection
from pytest_django import Settings

from surveys import events_in
from surveys.channels.base import Certainty, ChannelError, FateUnknownError, Message, Sent
from surveys.channels.events import Status, StatusEvent
from surveys.channels.gateways import GATEWAYS
from surveys.delivery import deliver
from surveys.models import Attempt, Invitation
from surveys.unknowns import ASKED_FOR, UnknownReport, for_a_person, say_not_sent, say_sent, settle_unknown
from tests.surveys.gateways import ToldGateway
from tests.surveys.makers import NOON, make_invitation

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
WINDOW = timedelta(hours=24)
SILENCE = FateUnknownError("timed out")
CANNOT_TELL = FateUnknownError("no answer yet")


class AskedGateway(ToldGateway):
    """Says nothing to what it is given, and answers each look-up with the next of `found`, the last for ever."""

    def __init__(self, *found: Sent | FateUnknownError | None) -> None:
        super().__init__(SILENCE)
        self.found = list(found)
        self.asked: list[Message] = []
        self.meanwhile: Callable[[], Any] | None = None

    def look_up(self, message: Message) -> Sent | None:
        """Note what is asked, and answer."""
        self.asked.append(message)
        if self.meanwhile:
            self.meanwhile()
        answer = self.found.pop(0) if len(self.found) > 1 else self.found[0]
        if isinstance(answer, FateUnknownError):
            raise answer
        return answer


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Callable[..., Any]:
    """Let a gateway carry email under a name."""

    def use_gateway(gateway: ToldGateway, certainty: Certainty = Certainty.BLIND, name: str = "told") -> ToldGateway:
        gateway.certainty, gateway.key_window = certainty, WINDOW
        monkeypatch.setitem(GATEWAYS, name, gateway)
        settings.CHANNEL_GATEWAYS = {"email": name}
        return gateway

    return use_gateway


@pytest.fixture
def user() -> User:
    return User.objects.create(username="ada")


def fates(invitation: Invitation) -> tuple[str, str, str]:
    """Return the states of the invitation, of its place in the ledger and of its newest attempt."""
    found = Invitation.objects.select_related("contact").get(pk=invitation.pk)
    newest = found.attempts.order_by("-number").first()
    return found.state, found.contact.outcome, newest.outcome if newest else ""


def lost(gateway: ToldGateway) -> Invitation:
    """Return an invitation that was handed over at NOON without an answer."""
    invitation = make_invitation()
    assert deliver(NOON).unknown == 1
    return invitation


# --- Keyed ---


def test_a_keyed_provider_is_given_the_same_key_again_and_sends_once(use: Callable[..., Any]) -> None:
    gateway = use(ToldGateway(SILENCE, Sent("theirs")), Certainty.KEYED)
    invitation = lost(gateway)
    assert settle_unknown(NOON + MINUTE) == UnknownReport(again=1)
    assert fates(invitation)[:2] == ("planned", "reserved")
    assert deliver(NOON + MINUTE).sent == 1
    first, second = gateway.taken
    assert first.key == second.key == first.reference != second.reference
    assert fates(invitation) == ("sent", "accepted", "accepted")


def test_what_waits_for_its_key_is_not_for_a_person(use: Callable[..., Any]) -> None:
    lost(use(ToldGateway(SILENCE), Certainty.KEYED))
    assert not for_a_person(NOON + WINDOW - MINUTE).exists()
    assert for_a_person(NOON + WINDOW).count() == 1


def test_after_the_key_window_it_is_left_for_a_person(use: Callable[..., Any]) -> None:
    gateway = use(ToldGateway(SILENCE), Certainty.KEYED)
    invitation = lost(gateway)
    assert settle_unknown(NOON + WINDOW) == UnknownReport()
    assert fates(invitation) == ("unknown", "unknown", "unknown")


def test_a_key_whose_window_ends_while_its_invitation_waits_is_not_used(use: Callable[..., Any]) -> None:
    gateway = use(ToldGateway(SILENCE), Certainty.KEYED)
    invitation = lost(gateway)
    settle_unknown(NOON + WINDOW - MINUTE)
    assert deliver(NOON + WINDOW).unknown == 1
    assert len(gateway.taken) == 1
    assert fates(invitation)[:2] == ("unknown", "unknown")
    assert for_a_person(NOON + WINDOW).count() == 1


def test_the_window_is_that_of_the_first_use_of_the_key(use: Callable[..., Any]) -> None:
    """A provider that is silent for days has long forgotten the key that it is given again and again."""
    gateway, at = use(ToldGateway(SILENCE), Certainty.KEYED), NOON
    invitation = lost(gateway)
    while at < NOON + 3 * WINDOW:
        at += MINUTE * (120 if at >= NOON + WINDOW else 30)
        settle_unknown(at)
        deliver(at)
    assert {message.key for message in gateway.taken} == {gateway.taken[0].reference}
    assert max(message.at for message in gateway.taken) < NOON + WINDOW
    assert for_a_person(at).get() == invitation


def test_a_silent_keyed_provider_is_tried_ever_more_seldom(use: Callable[..., Any]) -> None:
    gateway, at = use(ToldGateway(SILENCE), Certainty.KEYED), NOON
    lost(gateway)
    while at < NOON + timedelta(hours=3):
        at += MINUTE * (6 if at >= NOON + 60 * MINUTE else 2)
        settle_unknown(at)
        deliver(at)
    times = [message.at for message in gateway.taken]
    waits = [later - earlier for earlier, later in pairwise(times)]
    assert waits == sorted(waits)
    assert len(times) < 20


def test_a_key_is_not_given_to_another_gateway(use: Callable[..., Any]) -> None:
    invitation = lost(use(ToldGateway(SILENCE), Certainty.KEYED))
    settle_unknown(NOON + MINUTE)
    other = use(ToldGateway(Sent("x")), Certainty.KEYED, name="other")
    assert deliver(NOON + MINUTE).unknown == 1
    assert other.taken == []
    assert fates(invitation)[:2] == ("unknown", "unknown")


def test_what_surely_did_not_go_gets_a_key_of_its_own(use: Callable[..., Any]) -> None:
    gateway = use(ToldGateway(ChannelError("later", permanent=False), Sent("x")), Certainty.KEYED)
    make_invitation()
    deliver(NOON)
    deliver(NOON + 5 * MINUTE)
    assert [message.key for message in gateway.taken] == [message.reference for message in gateway.taken]


# --- Look-up ---


@pytest.mark.parametrize(("delivered", "place"), [(False, "accepted"), (True, "delivered")])
def test_what_the_provider_knows_was_sent(use: Callable[..., Any], place: str, *, delivered: bool) -> None:
    gateway = use(AskedGateway(Sent("theirs", delivered=delivered)), Certainty.LOOK_UP)
    invitation = lost(gateway)
    assert settle_unknown(NOON + MINUTE) == UnknownReport(sent=1)
    [asked], [taken] = gateway.asked, gateway.taken
    assert (asked.reference, asked.recipient, asked.text) == (taken.reference, taken.recipient, taken.text)
    assert fates(invitation) == ("sent", place, "accepted")
    assert Invitation.objects.get().sent_at == NOON
    assert Attempt.objects.get().reference == "theirs"


def test_what_the_provider_never_got_is_sent_again(use: Callable[..., Any]) -> None:
    gateway = use(AskedGateway(None), Certainty.LOOK_UP)
    invitation = lost(gateway)
    assert settle_unknown(NOON + MINUTE) == UnknownReport(again=1)
    assert fates(invitation) == ("planned", "reserved", "passing")
    gateway.fates = [Sent("second")]
    assert deliver(NOON + MINUTE).sent == 1
    assert fates(invitation)[0] == "sent"
    assert len(gateway.taken) == 2


def test_a_provider_that_cannot_tell_is_asked_ever_more_seldom_and_for_a_day_only(use: Callable[..., Any]) -> None:
    gateway, at = use(AskedGateway(CANNOT_TELL), Certainty.LOOK_UP), NOON
    invitation, asked = lost(gateway), []
    while at < NOON + 2 * ASKED_FOR:
        at += MINUTE * (60 if at >= NOON + ASKED_FOR else 15 if at >= NOON + 120 * MINUTE else 5)
        if settle_unknown(at).left:
            asked.append(at)
    waits = [later - earlier for earlier, later in pairwise([NOON, *asked])]
    assert waits == sorted(waits)
    assert waits[0] == 5 * MINUTE
    assert 8 <= len(asked) <= 30
    assert asked[-1] < NOON + ASKED_FOR
    assert for_a_person(at).get() == invitation
    assert Attempt.objects.get().detail == "no answer yet"


def test_nobody_is_asked_in_the_first_minute(use: Callable[..., Any]) -> None:
    gateway = use(AskedGateway(None), Certainty.LOOK_UP)
    lost(gateway)
    assert settle_unknown(NOON + MINUTE - timedelta(seconds=1)) == UnknownReport()
    assert gateway.asked == []


def test_the_providers_own_news_during_the_look_up_wins(use: Callable[..., Any]) -> None:
    """The look-up answers "never got it" just when the event says that it arrived: nothing is sent again."""
    gateway = use(AskedGateway(None), Certainty.LOOK_UP)
    invitation = lost(gateway)
    gateway.meanwhile = lambda: tell(invitation, Status.DELIVERED)
    assert settle_unknown(NOON + MINUTE) == UnknownReport()
    assert fates(invitation) == ("sent", "delivered", "accepted")
    assert deliver(NOON + WINDOW).due == 0


def tell(invitation: Invitation, status: Status) -> None:
    """Let the provider tell us of the invitation's newest attempt."""
    reference = invitation.attempts.latest("number").our_reference
    events_in.store("told", [StatusEvent("e1", status, NOON + MINUTE, reference=reference)], NOON + MINUTE)
    events_in.apply_waiting(NOON + MINUTE)


# --- Blind, and people ---


def test_nobody_but_a_person_settles_what_a_blind_gateway_took(use: Callable[..., Any]) -> None:
    gateway = use(ToldGateway(SILENCE))
    invitation = lost(gateway)
    for minutes in (1, 60, 3000):
        assert settle_unknown(NOON + minutes * MINUTE) == UnknownReport()
        assert deliver(NOON + minutes * MINUTE).due == 0
    assert for_a_person(NOON).get() == invitation
    assert len(gateway.taken) == 1


def test_a_gateway_that_is_gone_leaves_its_unknowns_to_a_person(
    use: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    lost(use(AskedGateway(None), Certainty.LOOK_UP))
    monkeypatch.delitem(GATEWAYS, "told")
    assert settle_unknown(NOON + MINUTE) == UnknownReport()
    assert for_a_person(NOON + MINUTE).count() == 1


def test_a_person_says_that_it_was_sent(use: Callable[..., Any], user: User) -> None:
    gateway = use(ToldGateway(SILENCE))
    invitation = lost(gateway)
    assert say_sent(invitation.pk, at=NOON + WINDOW, by_id=user.pk)
    assert fates(invitation) == ("sent", "accepted", "accepted")
    assert Invitation.objects.get().sent_at == NOON
    assert LogEntry.objects.get().change_message == "A person found that it was sent."
    assert deliver(NOON + WINDOW).due == 0


def test_a_person_says_that_it_was_not_sent(use: Callable[..., Any], user: User) -> None:
    gateway = use(ToldGateway(SILENCE, Sent("x")))
    invitation = lost(gateway)
    assert say_not_sent(invitation.pk, at=NOON + MINUTE, by_id=user.pk)
    assert fates(invitation) == ("planned", "reserved", "passing")
    assert deliver(NOON + MINUTE).sent == 1
    first, second = gateway.taken
    assert first.key != second.key
    assert not for_a_person(NOON + MINUTE).exists()


def test_what_is_no_longer_worth_asking_is_not_sent_after_all(use: Callable[..., Any], user: User) -> None:
    gateway = use(ToldGateway(SILENCE))
    invitation = lost(gateway)
    say_not_sent(invitation.pk, at=NOON + timedelta(days=15), by_id=user.pk)
    assert deliver(NOON + timedelta(days=15)).cancelled == {"expiry": 1}
    assert len(gateway.taken) == 1


@pytest.mark.parametrize("say", [say_sent, say_not_sent])
def test_a_second_word_changes_nothing(use: Callable[..., Any], user: User, say: Callable[..., bool]) -> None:
    invitation = lost(use(ToldGateway(SILENCE)))
    say_sent(invitation.pk, at=NOON + MINUTE, by_id=user.pk)
    before = fates(invitation)
    assert not say(invitation.pk, at=NOON + 2 * MINUTE, by_id=user.pk)
    assert fates(invitation) == before
    assert LogEntry.objects.count() == 1


@pytest.mark.parametrize("state", ["planned", "claimed", "sent", "failed", "cancelled"])
def test_a_person_settles_only_what_is_unknown(use: Callable[..., Any], user: User, state: str) -> None:
    invitation = lost(use(ToldGateway(SILENCE)))
    Invitation.objects.update(state=state, claimed_at=NOON, sent_at=NOON)
    assert not say_sent(invitation.pk, at=NOON, by_id=user.pk)
    assert not say_not_sent(invitation.pk, at=NOON, by_id=user.pk)
    assert Invitation.objects.get().state == state


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_settle_it_once(use: Callable[..., Any]) -> None:
    invitation = lost(use(ToldGateway(SILENCE)))
    users = [User.objects.create(username=name) for name in ("ada", "bob")]
    start, done = Barrier(2), []

    def press(say: Callable[..., bool], user: User) -> None:
        start.wait()
        done.append(say(invitation.pk, at=NOON + MINUTE, by_id=user.pk))
        connection.close()

    threads = [Thread(target=press, args=pair) for pair in zip((say_sent, say_not_sent), users, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [False, True]
    assert LogEntry.objects.count() == 1
    assert fates(invitation) in {("sent", "accepted", "accepted"), ("planned", "reserved", "passing")}
