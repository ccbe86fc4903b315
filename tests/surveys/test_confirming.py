"""What we reply to an SMS by ourselves: at most one message of a kind a day, never a loop, never twice."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from contacts.consent import opt_out
from contacts.models import Contact, Decision, OptOut
from surveys.answering import submit
from surveys.channels.base import ChannelError, FateUnknownError, Sent
from surveys.channels.gateways import GATEWAYS
from surveys.confirming import WORTH, reply_due
from surveys.delivery import Delivery, deliver
from surveys.models import IncomingSms, Invitation, OutboxMessage
from surveys.phrases import LANGUAGES, Phrases
from surveys.recording import LEASE, settle_expired_claims
from surveys.sms import is_gsm, segments
from surveys.tasks import plan_and_deliver
from tests.contacts.makers import cap, put_in_force
from tests.surveys.gateways import ToldGateway
from tests.surveys.makers import make_customer, make_invitation
from tests.surveys.texting import LATER, PHONE, ask_by_sms, minutes, text_us

pytestmark = pytest.mark.django_db
SOON = LATER + timedelta(minutes=1)
AT_NIGHT = LATER.replace(hour=22)


def replied(at: datetime = SOON) -> list[str]:
    """Plan what is due and deliver it; return the texts that went out."""
    reply_due(at)
    deliver(at)
    return list(OutboxMessage.objects.order_by("pk").values_list("text", flat=True))


def the_reply() -> Invitation:
    return Invitation.objects.exclude(replies_to=None).get()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> ToldGateway:
    gateway = ToldGateway(Sent("their-id"))
    monkeypatch.setitem(GATEWAYS, "told", gateway)
    settings.CHANNEL_GATEWAYS = {"sms": "told"}
    return gateway


def test_a_score_is_thanked_for_with_the_open_question() -> None:
    ask_by_sms()
    text_us("9")
    assert replied() == ["Thank you. What is the main reason for your score? Just reply to this message."]
    assert OutboxMessage.objects.get().recipient == PHONE


def test_in_the_customers_language() -> None:
    ask_by_sms(language="de")
    text_us("9")
    [text] = replied()
    assert text == "Vielen Dank. Was ist der wichtigste Grund für Ihre Bewertung? Antworten Sie einfach auf diese SMS."


def test_a_thank_you_is_a_contact_of_its_purpose_which_the_gate_decided_about() -> None:
    ask_by_sms()
    text_us("9")
    replied()
    thanks = the_reply()
    assert (thanks.purpose, thanks.contact.purpose, thanks.contact.outcome) == ("thank_you", "thank_you", "delivered")
    assert Decision.objects.filter(purpose="thank_you", contact=thanks.contact).count() == 2


def test_where_the_limits_are_reached_nobody_is_thanked() -> None:
    put_in_force(cap(1, "30 days"))
    ask_by_sms()
    text_us("9")
    assert replied() == []
    assert Decision.objects.get(purpose="thank_you").reasons[0]["rule"] == "contacts"


def test_a_thank_you_at_night_waits_for_the_morning() -> None:
    ask_by_sms()
    text_us("9", AT_NIGHT)
    assert replied(AT_NIGHT) == []
    assert replied(AT_NIGHT.replace(day=6, hour=9, minute=0)) != []


def test_but_not_if_the_comment_has_come_by_then() -> None:
    ask_by_sms()
    text_us("9", AT_NIGHT)
    replied(AT_NIGHT)
    text_us("Lovely staff", AT_NIGHT + timedelta(minutes=5))
    assert replied(AT_NIGHT.replace(day=6, hour=9)) == []
    assert (the_reply().state, the_reply().contact.outcome) == ("cancelled", "cancelled")


@pytest.mark.parametrize("texts", [["9, lovely staff"], ["Lovely staff", "9"], ["9", "Lovely staff"]])
def test_where_the_comment_is_there_nobody_is_asked_for_it(texts: list[str]) -> None:
    ask_by_sms()
    for n, text in enumerate(texts):
        text_us(text, minutes(n))
    assert replied() == []


def test_a_corrected_score_is_not_thanked_for_again() -> None:
    ask_by_sms()
    text_us("9")
    replied()
    text_us("7", minutes(20))
    assert len(replied(minutes(21))) == 1


def test_who_answered_on_the_web_before_is_not_thanked_by_sms() -> None:
    submit(ask_by_sms(), {"score": "9"}, at=minutes(1))
    text_us("7")
    assert replied() == []


def test_a_thank_you_goes_to_the_number_that_wrote_or_nowhere() -> None:
    invitation = ask_by_sms()
    invitation.customer.identifiers.create(type="phone", value="+447700900456", first_seen_at=SOON, last_seen_at=SOON)
    text_us("9")
    assert replied() == []
    assert (the_reply().state_reason, the_reply().contact.outcome) == ("other number", "cancelled")


def test_a_stop_is_confirmed_once_and_says_how_to_end_everything() -> None:
    ask_by_sms()
    text_us("STOP")
    [text] = replied()
    assert text == (
        "Northwind Outfitters: you get no more text messages from us. To end calls and emails too, reply STOPALL. "
        "To get messages again, reply START."
    )
    text_us("STOP", minutes(12))
    text_us("STOPALL", minutes(13))
    assert len(replied(minutes(14))) == 1
    assert set(OptOut.objects.values_list("channel", flat=True)) == {"sms", ""}


def test_the_stop_is_committed_before_anything_is_planned() -> None:
    invitation = ask_by_sms()
    text_us("STOP")
    assert OptOut.objects.filter(customer=invitation.customer, reopened_at=None).exists()
    assert not Invitation.objects.exclude(replies_to=None).exists()
    assert IncomingSms.objects.get().reply_due


def test_a_confirmation_counts_as_a_contact_that_nobody_may_take() -> None:
    ask_by_sms()
    text_us("HELP")
    reply_due(SOON)
    contact = the_reply().contact
    assert (contact.purpose, contact.channel, contact.outcome) == ("other", "sms", "deferred")
    deliver(SOON)
    contact.refresh_from_db()
    assert contact.outcome == "delivered"
    assert Contact.objects.filter(purpose="other").count() == 1


def test_the_answer_to_everything_names_everything() -> None:
    ask_by_sms()
    text_us("leave me alone")
    [text] = replied()
    assert "you will not hear from us again" in text


def test_start_and_help_are_answered() -> None:
    invitation = ask_by_sms()
    invitation.version.survey.brand.__class__.objects.update(sender_email="care@example.com")
    text_us("STOP")
    text_us("START", minutes(11))
    text_us("HELP", minutes(12))
    stop, start, who = replied(minutes(13))
    assert "no more" in stop
    assert start == "Northwind Outfitters: you can get text messages from us again. To end them, reply STOP."
    assert who.endswith("reply STOP. Contact: care@example.com")


def test_help_is_answered_at_night_and_whatever_the_limits_and_to_who_opted_out() -> None:
    put_in_force(cap(1, "30 days"), hours={"sms": {"mon": "09:00-10:00"}})
    opt_out(ask_by_sms().customer_id, "", at=LATER, via="link")
    text_us("HELP", AT_NIGHT)
    assert len(replied(AT_NIGHT + timedelta(minutes=1))) == 1


def test_a_shared_number_gets_one_confirmation() -> None:
    ask_by_sms()
    make_customer(phone=PHONE)
    text_us("STOP")
    assert len(replied()) == 1


@pytest.mark.parametrize(("text", "kept"), [("STOP", 5), ("HELP", 60)])
def test_a_confirmation_that_comes_too_late_is_not_sent(text: str, kept: int) -> None:
    ask_by_sms()
    sms = text_us(text)
    assert WORTH[sms.meaning] == timedelta(minutes=kept)
    assert replied(LATER + WORTH[sms.meaning] + timedelta(seconds=1)) == []
    assert not IncomingSms.objects.filter(reply_due=True).exists()


def test_a_confirmation_that_waited_too_long_in_the_outbox_gives_its_place_back() -> None:
    ask_by_sms()
    text_us("HELP")
    reply_due(SOON)
    assert deliver(SOON + timedelta(hours=1)).cancelled == {"expiry": 1}
    assert (the_reply().state, the_reply().contact.outcome) == ("cancelled", "cancelled")


@pytest.mark.parametrize("text", ["Lovely staff", "11", "thanks", "", "no", "wrong survey", "9 or 10"])
def test_what_a_person_reads_gets_no_reply(text: str) -> None:
    ask_by_sms()
    text_us(text)
    assert replied() == []


def test_two_machines_do_not_talk_to_each_other() -> None:
    ask_by_sms()
    text_us("9")
    for n in range(20):
        texts = replied(minutes(11 + n))
        text_us(texts[-1], minutes(11 + n))
    assert len(texts) <= len(WORTH)


def test_a_number_gets_the_same_kind_of_reply_again_the_next_day() -> None:
    ask_by_sms()
    for hours in (0, 1, 25):
        text_us("HELP", LATER + timedelta(hours=hours))
        texts = replied(SOON + timedelta(hours=hours))
    assert len(texts) == 2


def test_the_worker_applies_what_waits_and_replies() -> None:
    now = timezone.now()
    invitation = ask_by_sms(sent_at=now - timedelta(minutes=5))
    IncomingSms.objects.create(gateway="test", key="1", sender=PHONE, text="STOP", at=now, received_at=now)
    plan_and_deliver()
    assert OptOut.objects.filter(customer=invitation.customer, reopened_at=None).exists()
    assert OutboxMessage.objects.get().recipient == PHONE


def test_planning_replies_again_plans_nothing_more() -> None:
    ask_by_sms()
    text_us("STOP")
    assert [reply_due(SOON), reply_due(SOON)] == [1, 0]


def test_a_confirmation_is_handed_over_once_also_where_its_worker_dies(told: ToldGateway) -> None:
    told.fates = [KeyboardInterrupt(), Sent("x")]
    ask_by_sms()
    text_us("STOP")
    reply_due(SOON)
    with pytest.raises(KeyboardInterrupt):
        deliver(SOON)
    settle_expired_claims(SOON + LEASE * 2)
    deliver(SOON + LEASE * 3)
    assert len(told.taken) == 1
    assert (the_reply().state, the_reply().contact.outcome) == ("unknown", "unknown")


@pytest.mark.parametrize(
    ("fate", "outcome"),
    [
        (Sent("x"), "accepted"),
        (ChannelError("no such number", permanent=True, bad_address=True), "rejected"),
        (ChannelError("blocked", permanent=True), "cancelled"),
        (ChannelError("busy", permanent=False), "deferred"),
        (FateUnknownError("silence"), "unknown"),
    ],
)
def test_each_fate_of_a_confirmation_is_noted_in_the_ledger(
    told: ToldGateway, fate: Sent | Exception, outcome: str
) -> None:
    told.fates = [fate]
    ask_by_sms()
    text_us("STOP")
    reply_due(SOON)
    deliver(SOON)
    assert the_reply().contact.outcome == outcome


def test_a_confirmation_is_composed_at_the_claim_and_goes_where_the_message_came_from(told: ToldGateway) -> None:
    ask_by_sms()
    text_us("STOP")
    reply_due(SOON)
    delivery = Delivery(SOON, "w", lambda: SOON)
    [attempt] = delivery.claim([the_reply().pk], SOON)
    composed = delivery.start(attempt, {attempt.invitation.customer_id})
    assert composed
    assert (composed.recipient, composed.channel) == (PHONE, "sms")


OTHER_SCRIPTS = {"ar"}


@pytest.mark.parametrize("phrases", LANGUAGES.values(), ids=list(LANGUAGES))
def test_every_reply_can_be_written_in_a_plain_sms(phrases: Phrases) -> None:
    values = {"brand": "Northwind Outfitters", "question": "Why?", "contact": "", "address": "care@example.com"}
    for name in ("thanks", "stop", "stop_all", "start", "help", "contact"):
        text = getattr(phrases, f"reply_{name}").format(**values)
        assert is_gsm(text) or (phrases.language in OTHER_SCRIPTS and segments(text) <= 3)
        assert "{" not in text
    assert all(word in phrases.reply_stop for word in ("STOPALL", "START"))
    assert "STOP" in phrases.reply_start
    assert "STOP" in phrases.reply_help


def test_a_stop_is_confirmed_before_a_wave_that_is_due_longer(told: ToldGateway) -> None:
    ask_by_sms()
    for _ in range(3):
        make_invitation(due_at=SOON - timedelta(hours=1))
    text_us("STOP")
    reply_due(SOON)
    assert deliver(SOON, most=1).sent == 1
    assert the_reply().state == "sent"
