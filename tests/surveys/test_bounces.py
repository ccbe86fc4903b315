"""What notices about mails mean, read from mails as servers write them."""

import email
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from surveys.channels.bounces import NO_REPORT, NOT_OURS, Notice, read_notice
from surveys.channels.events import Status, StatusEvent
from surveys.channels.return_path import LONGEST_BASE, envelope_sender, reference, token
from tests.surveys.makers import NOON
from tests.surveys.notices import REFERENCE, about, complaint, nested, reply, report


def read(mail: bytes) -> Notice:
    return read_notice(email.message_from_bytes(mail), NOON)


def told(mail: bytes) -> list[Status]:
    return [event.status for event in read(mail).events]


def test_a_notice_becomes_an_event_about_the_message() -> None:
    [event] = read(report(diagnostic="550 5.1.1 No such user")).events
    assert replace(event, key="") == StatusEvent(
        key="",
        status=Status.BOUNCED,
        at=NOON - timedelta(hours=1),
        reference=REFERENCE,
        detail="smtp; 550 5.1.1 No such user",
    )


@pytest.mark.parametrize(
    ("action", "status", "diagnostic", "meaning"),
    [
        ("failed", "5.1.1", "", Status.BOUNCED),
        ("failed", "5.1.0", "", Status.BOUNCED),
        ("failed", "5.1.10", "", Status.BOUNCED),
        ("failed", "5.2.1", "", Status.BOUNCED),
        ("failed", "5.1.1 (no such user)", "", Status.BOUNCED),
        ("failed", "5.0.0", "550 No such user", Status.BOUNCED),
        ("failed", "5.0.0", "550-5.1.1 No such user", Status.BOUNCED),
        ("failed", "", "550 5.1.1 No such user", Status.BOUNCED),
        ("", "5.1.1", "", Status.BOUNCED),
        ("failed", "5.1.8", "", Status.FAILED),
        ("failed", "5.2.2", "552 Mailbox full", Status.FAILED),
        ("failed", "5.7.1", "550 5.7.1 Looks like spam", Status.FAILED),
        ("failed", "5.0.0", "550 5.7.1 Looks like spam", Status.FAILED),
        ("failed", "5.0.0", "554 Looks like spam", Status.FAILED),
        ("failed", "5.4.4", "", Status.FAILED),
        ("failed", "4.4.7", "", Status.FAILED),
        ("failed", "5.0.0", "", Status.FAILED),
        ("Delayed", "4.4.1", "", Status.DEFERRED),
        ("", "4.2.1", "", Status.DEFERRED),
        ("delivered", "2.0.0", "", Status.DELIVERED),
        ("relayed", "2.0.0", "", Status.ACCEPTED),
        ("expanded", "2.0.0", "", Status.ACCEPTED),
    ],
)
def test_what_a_report_means(action: str, status: str, diagnostic: str, meaning: Status) -> None:
    assert told(report(action=action, status=status, diagnostic=diagnostic)) == [meaning]


def test_where_the_report_gives_no_reason_the_text_does() -> None:
    mail = report(subtype="mixed", status="5.0.0", text="Hi\r\n\r\nada@example.com: 550 5.1.1 No such user")
    [event] = read(mail).events
    assert (event.status, event.detail) == (Status.BOUNCED, "ada@example.com: 550 5.1.1 No such user")


def test_a_reason_about_somebody_else_is_not_taken() -> None:
    mail = report(subtype="mixed", status="5.0.0", text="eve@example.com: 550 5.1.1 No such user")
    assert told(mail) == [Status.FAILED]


def test_a_notice_that_was_forwarded_is_read() -> None:
    assert told(nested(report())) == [Status.BOUNCED]


def test_the_message_may_be_named_only_in_what_is_returned() -> None:
    returned = f"Message-ID: <{token(REFERENCE)}@brand.example>"
    assert told(report(to="bounce@bounces.example", returned=returned)) == [Status.BOUNCED]


def test_servers_may_write_the_address_in_capitals() -> None:
    assert told(report(to=about().upper())) == [Status.BOUNCED]


@pytest.mark.parametrize(
    "to",
    [
        "bounce@bounces.example",
        "bounce+invitation-7-attempt-1@bounces.example",
        "bounce+invitation-7-attempt-1-aaaaaaaaaaaaaaaa@bounces.example",
        about().replace("invitation-7", "invitation-8"),
        about().replace("bounce+", "bounce+x"),
    ],
)
def test_nobody_can_make_up_a_bounce_of_somebody_else(to: str) -> None:
    assert read(report(to=to)) == Notice(problem=NOT_OURS)


def test_a_link_s_key_that_was_taken_out_no_longer_vouches(settings: Settings) -> None:
    settings.LINK_KEYS = {"1": "old"}
    mail = report()
    settings.LINK_KEYS = {"2": "new", "1": "old"}
    assert told(mail) == [Status.BOUNCED]
    settings.LINK_KEYS = {"2": "new"}
    assert read(mail).problem == NOT_OURS


@pytest.mark.parametrize("kind", ["abuse", "fraud", "virus", "other"])
def test_a_complaint_is_known_by_the_name_of_the_message_in_it(kind: str) -> None:
    [event] = read(complaint(kind)).events
    assert (event.status, event.reference) == (Status.COMPLAINED, REFERENCE)


def test_an_opt_out_by_feedback_is_one() -> None:
    assert told(complaint("opt-out")) == [Status.UNSUBSCRIBED]


@pytest.mark.parametrize("kind", ["not-spam", "auth-failure"])
def test_other_feedback_is_no_complaint(kind: str) -> None:
    assert read(complaint(kind)) == Notice()


def test_a_complaint_that_is_made_up_is_for_a_person() -> None:
    made_up = complaint(returned="Message-ID: <invitation-7-attempt-1-aaaaaaaaaaaaaaaa@brand.example>")
    assert read(made_up) == Notice(problem=NOT_OURS)


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-replied; owner-email=ada@example.com"},
        {"Auto_Submitted": "auto-generated"},
        {"X_Autoreply": "yes"},
        {"X_Auto_Response_Suppress": "All"},
        {"Precedence": "auto_reply"},
    ],
)
def test_a_holiday_reply_means_nothing(headers: dict[str, str]) -> None:
    assert read(reply(**headers)) == Notice()


@pytest.mark.parametrize(
    "headers",
    [{}, {"Auto_Submitted": "no"}, {"Auto_Submitted": "auto-replied", "X_Failed_Recipients": "ada@example.com"}],
)
def test_what_a_person_or_an_old_server_wrote_is_for_a_person(headers: dict[str, str]) -> None:
    assert read(reply(**headers)) == Notice(problem=NO_REPORT)


def test_copies_of_a_notice_make_one_event_and_others_another() -> None:
    keys = [read(mail).events[0].key for mail in (report(), report(), report(message_id="<notice-2@mx.example>"))]
    assert keys[0] == keys[1] != keys[2]
    unnamed = [read(report(message_id="", text=text)).events[0].key for text in ("One", "One", "Two")]
    assert unnamed[0] == unnamed[1] != unnamed[2]


@pytest.mark.parametrize(
    ("date", "at"),
    [
        ("Tue, 05 May 2026 10:30:00 +0200", datetime(2026, 5, 5, 8, 30, tzinfo=UTC)),
        ("Tue, 05 May 2026 23:00:00 +0000", NOON),
        ("Tue, 05 May 2026 10:30:00 -0000", NOON),
        ("yesterday", NOON),
        ("", NOON),
    ],
)
def test_a_notice_is_as_old_as_it_says_but_never_of_tomorrow(date: str, at: datetime) -> None:
    assert read(report(date=date)).events[0].at == at


@given(st.binary(max_size=2_000))
def test_any_bytes_can_be_read(mail: bytes) -> None:
    assert read(mail).events == ()


@given(st.integers(0, 2_000), st.binary(max_size=20))
def test_a_damaged_notice_never_speaks_of_another_message(at: int, damage: bytes) -> None:
    mail = report(diagnostic="550 5.1.1 No such user")
    for event in read(mail[:at] + damage + mail[at + len(damage) :]).events:
        assert event.reference == REFERENCE


def test_the_address_for_notices_fits_what_servers_take(settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = f"{'b' * LONGEST_BASE}@bounces.example"
    address = envelope_sender(f"invitation-{10**10 - 1}-attempt-999")
    assert len(address.partition("@")[0]) <= 64
    assert reference(address) == f"invitation-{10**10 - 1}-attempt-999"


@pytest.mark.parametrize("name", ["", "Invitation-7", "a@b", "a b", "ä"])
def test_only_a_name_that_survives_in_an_address_is_signed(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be part of an address"):
        token(name)
