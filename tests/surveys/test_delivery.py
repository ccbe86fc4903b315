from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from contacts import consent
from contacts.models import Decision
from contacts.models.words import Via
from surveys.channels.gateways import GATEWAYS
from surveys.delivery import Delivery, deliver
from surveys.models import Attempt, Invitation, OutboxMessage, Program, Response, SurveyVersion, Translation
from surveys.publishing import draft_from, publish
from tests.surveys.makers import NOON, make_customer, make_invitation, make_program

HOUR = timedelta(hours=1)
NIGHT = datetime.fromisoformat("2026-05-05T23:00Z")


def fresh(invitation: Invitation) -> Invitation:
    return Invitation.objects.select_related("contact").get(pk=invitation.pk)


def test_a_due_invitation_is_sent_and_noted(db: None) -> None:
    invitation = make_invitation()
    report = deliver(NOON, worker="w1")
    assert (report.due, report.sent) == (1, 1)
    sent = fresh(invitation)
    assert (sent.state, sent.sent_at, sent.claimed_by, sent.contact.outcome) == ("sent", NOON, "w1", "delivered")
    attempt = invitation.attempts.get()
    assert (attempt.outcome, attempt.gateway, attempt.number) == ("accepted", "outbox", 1)
    assert (attempt.started_at, attempt.ended_at) == (NOON, NOON)
    assert attempt.outbox_message.recipient == sent.contact.address.value  # type: ignore[union-attr]


def test_what_is_sent_is_not_sent_again(db: None) -> None:
    make_invitation()
    deliver(NOON)
    assert deliver(NOON + HOUR).due == 0
    assert OutboxMessage.objects.count() == 1


def test_what_is_not_due_waits(db: None) -> None:
    make_invitation(due_at=NOON + timedelta(microseconds=1))
    assert deliver(NOON).due == 0
    assert deliver(NOON + HOUR).sent == 1


def test_the_longest_due_goes_first(db: None) -> None:
    times = [NOON, NOON - 2 * HOUR, NOON - HOUR]
    invitations = [make_invitation(due_at=due_at) for due_at in times]
    assert deliver(NOON, most=1).sent == 1
    assert deliver(NOON, most=1).sent == 1
    assert [fresh(invitation).state for invitation in invitations] == ["planned", "sent", "sent"]


def test_more_than_a_lot_goes_out_in_one_pass(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("surveys.lots.LENGTH", 2)
    for minutes in (0, 0, 0, 1, 2):
        make_invitation(due_at=NOON - timedelta(minutes=minutes))
    assert deliver(NOON).sent == 5


@pytest.mark.parametrize("state", ["claimed", "sent", "failed", "unknown", "cancelled"])
def test_only_what_is_planned_can_be_claimed(db: None, state: str) -> None:
    invitation = make_invitation()
    Invitation.objects.update(state=state, claimed_at=NOON, sent_at=NOON)
    delivery = Delivery(NOON, "w", lambda: NOON)
    assert delivery.claim([invitation.pk], NOON) == []
    assert delivery.report.due == 0
    assert fresh(invitation).state == state


def test_an_opt_out_stops_what_is_planned(db: None) -> None:
    invitation = make_invitation()
    consent.opt_out(invitation.customer_id, "", at=NOON, via=Via.LINK)
    assert deliver(NOON).cancelled == {"opt-out": 1}
    cancelled = fresh(invitation)
    assert (cancelled.state, cancelled.state_reason, cancelled.contact.outcome) == ("cancelled", "opt-out", "cancelled")
    assert not OutboxMessage.objects.exists()


def test_an_sms_at_night_waits_for_the_morning_with_its_place_kept(db: None) -> None:
    invitation = make_invitation(customer=make_customer(phone="+12025550123"), channel="sms", due_at=NIGHT)
    assert deliver(NIGHT).delayed == 1
    waiting = fresh(invitation)
    assert (waiting.state, waiting.due_at) == ("planned", NIGHT + 10 * HOUR)
    assert waiting.closes_at == invitation.closes_at + 10 * HOUR
    assert (waiting.contact.outcome, waiting.contact.at) == ("reserved", NIGHT + 10 * HOUR)
    assert deliver(waiting.due_at).sent == 1


def test_what_is_no_longer_worth_asking_is_not_sent(db: None) -> None:
    invitation = make_invitation(expires_at=NOON + HOUR)
    assert deliver(NOON + 2 * HOUR).cancelled == {"expiry": 1}
    assert fresh(invitation).contact.outcome == "expired"


def stop_program(invitation: Invitation) -> None:
    Program.objects.update(active=False)


def close_survey(invitation: Invitation) -> None:
    SurveyVersion.objects.update(state="closed")


def answer(invitation: Invitation) -> None:
    times = {"answered_at": NOON, "updated_at": NOON}
    Response.objects.create(
        invitation=invitation.first, version=invitation.version, customer=invitation.customer, source="x", **times
    )


@pytest.mark.parametrize(
    ("stop", "reason"), [(stop_program, "program stopped"), (close_survey, "survey closed"), (answer, "answered")]
)
def test_what_stops_a_reminder_releases_its_place(db: None, stop: Callable[[Invitation], None], reason: str) -> None:
    program = make_program()
    first = make_invitation(program=program, state="sent", sent_at=NOON - HOUR, due_at=NOON - HOUR)
    reminder = make_invitation(
        program=program, first=first, purpose="reminder", touchpoint=first.touchpoint, customer=first.customer
    )
    stop(reminder)
    assert deliver(NOON).cancelled == {reason: 1}
    stopped = fresh(reminder)
    assert (stopped.state, stopped.state_reason, stopped.contact.outcome) == ("cancelled", reason, "cancelled")


def test_a_first_ask_moves_to_the_version_published_meanwhile(db: None) -> None:
    invitation = make_invitation()
    newer = draft_from(invitation.version)
    Translation.objects.filter(version=newer, field="subject").update(text="A newer subject")
    publish(newer, at=NOON)
    assert deliver(NOON).sent == 1
    assert fresh(invitation).version == newer
    assert OutboxMessage.objects.get().subject == "A newer subject"


def test_a_reminder_stays_with_the_page_that_it_reminds_of(db: None) -> None:
    first = make_invitation(state="sent", sent_at=NOON)
    reminder = make_invitation(first=first, purpose="reminder", version=first.version, customer=first.customer)
    publish(draft_from(first.version), at=NOON)
    assert deliver(NOON).sent == 1
    assert fresh(reminder).version == first.version


def test_the_link_is_signed_by_the_key_of_the_day_it_goes_out(db: None, settings: Settings) -> None:
    invitation = make_invitation()
    settings.LINK_KEYS = {"9": "a new secret"}
    deliver(NOON)
    assert fresh(invitation).link_key == "9"
    assert "/s/9-" in OutboxMessage.objects.get().text


def test_a_text_that_cannot_be_written_stays_planned_and_lets_the_others_pass(
    db: None, caplog: pytest.LogCaptureFixture
) -> None:
    poison = make_invitation(due_at=NOON - HOUR)
    other = make_invitation()
    Invitation.objects.filter(pk=poison.pk).update(address=None)
    report = deliver(NOON)
    assert (report.broken, report.sent) == (1, 1)
    stuck = fresh(poison)
    assert (stuck.state, stuck.contact.outcome) == ("planned", "reserved")
    assert stuck.due_at > NOON
    assert stuck.state_reason.startswith("Error of ours: ValueError: Invitation")
    assert fresh(other).state == "sent"
    assert f"Could not deliver invitation {poison.pk};" in caplog.text
    assert not poison.attempts.exists()


def test_a_channel_without_a_gateway_says_what_to_set(db: None, settings: Settings) -> None:
    invitation = make_invitation()
    settings.CHANNEL_GATEWAYS = {"email": "pigeon"}
    with pytest.raises(ImproperlyConfigured, match=r"Choose one of: .*email.*outbox"):
        deliver(NOON)
    assert fresh(invitation).state == "planned"


def test_the_outbox_takes_an_attempt_once(db: None) -> None:
    invitation = make_invitation()
    delivery = Delivery(NOON, "w", lambda: NOON)
    message = delivery.compose(*Attempt.objects.bulk_create(delivery.claim([invitation.pk], NOON)))
    first = GATEWAYS["outbox"].send(message)
    assert GATEWAYS["outbox"].send(message) == first
    assert OutboxMessage.objects.count() == 1


def test_the_decision_at_hand_over_is_kept(db: None) -> None:
    invitation = make_invitation()
    deliver(NOON)
    kept = Decision.objects.get(contact=invitation.contact, stage="hand_over")
    assert (kept.result, kept.decided_at) == ("send", NOON)


def statements(messages: int) -> int:
    for _ in range(messages):
        make_invitation()
    with CaptureQueriesContext(connection) as queries:
        assert deliver(NOON).sent == messages
    return len(queries)


def test_a_message_more_costs_one_statement_more(db: None) -> None:
    assert statements(6) - statements(1) == 5


def test_a_lot_is_one_transaction_so_that_a_crash_leaves_all_planned(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    invitations = [make_invitation() for _ in range(3)]
    monkeypatch.setattr("surveys.recording._write", crash)
    with pytest.raises(KeyboardInterrupt):
        deliver(NOON)
    assert {fresh(invitation).state for invitation in invitations} == {"planned"}
    assert not OutboxMessage.objects.exists()


def crash(*args: object) -> None:
    raise KeyboardInterrupt


def test_the_report_is_plain_figures(db: None) -> None:
    make_invitation()
    consent.opt_out(make_invitation().customer_id, "email", at=NOON, via=Via.LINK)
    figures = deliver(NOON).as_dict()
    none = {"delayed": 0, "retried": 0, "failed": 0, "unknown": 0, "broken": 0, "held_until": None}
    assert figures == {"due": 2, "sent": 1, "cancelled": {"opt-out": 1}} | none


def test_reports_add_up(db: None) -> None:
    make_invitation()
    total = deliver(NOON) + deliver(NOON)
    assert (total.due, total.sent) == (1, 1)
