"""The bounce mailbox, in a real Dovecot; and a bounce all the way, by a real OpenSMTPD."""

import io
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone
from pytest_django import Settings

from surveys.bounce_tasks import read_bounce_mailbox
from surveys.channels.email import EmailGateway
from surveys.channels.events import Status, StatusEvent
from surveys.channels.gateways import GATEWAYS
from surveys.delivery import deliver
from surveys.mailbox import LONGEST, MailboxError, MailboxReport, read_bounces
from surveys.models import ProviderEvent
from tests.processes import wait_until
from tests.surveys.mail_server import Dovecot, Postbox, free_port, imap_server, mail_folder, mail_server, relay
from tests.surveys.makers import NOON, make_customer, make_invitation
from tests.surveys.notices import REFERENCE, about, complaint, reply, report
from tests.surveys.test_email import use_server


@pytest.fixture(scope="module")
def dovecot_server() -> Iterator[Dovecot]:
    with mail_folder() as folder, imap_server(folder) as server:
        yield server


@pytest.fixture
def dovecot(dovecot_server: Dovecot, settings: Settings) -> Dovecot:
    settings.BOUNCE_ADDRESS, settings.BOUNCE_IMAP_URL = "bounce@s.test", dovecot_server.url
    dovecot_server.empty()
    return dovecot_server


class Kept:
    """Keeps events in memory, as their storing is another's part."""

    def __init__(self) -> None:
        self.events: list[StatusEvent] = []

    def __call__(self, gateway: str, events: Sequence[StatusEvent], at: datetime) -> None:
        assert gateway == "email"
        self.events += events


def numbered(number: int) -> bytes:
    return report(to=about(f"invitation-{number}-attempt-1"), message_id=f"<notice-{number}@mx.example>")


def test_a_notice_is_stored_and_put_away(dovecot: Dovecot) -> None:
    kept = Kept()
    dovecot.put(report())
    assert read_bounces(kept, NOON) == MailboxReport(read=1, events=1)
    assert [(event.status, event.reference) for event in kept.events] == [(Status.BOUNCED, REFERENCE)]
    assert (dovecot.names(), dovecot.names("Handled")) == ([], ["<notice-1@mx.example>"])
    assert read_bounces(kept, NOON) == MailboxReport()


@pytest.mark.usefixtures("dovecot")  # only where it is installed
def test_a_server_that_wants_folders_below_the_inbox_gets_them_there(settings: Settings) -> None:
    with mail_folder() as folder, imap_server(folder, prefix="INBOX.") as server:
        settings.BOUNCE_IMAP_URL = server.url
        server.put(report())
        assert read_bounces(Kept(), NOON) == MailboxReport(read=1, events=1)
        assert server.names("INBOX.Handled") == ["<notice-1@mx.example>"]


def test_two_passes_at_once_lose_nothing(dovecot: Dovecot) -> None:
    kept = Kept()
    dovecot.put(*map(numbered, range(120)))
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(read_bounces, kept, NOON) for _ in range(2)]
    # The one whose mails the other took away gives up: all that it read is stored, and the next pass has the rest.
    assert {type(one.exception()) for one in both} <= {type(None), MailboxError}
    read_bounces(kept, NOON)
    assert {event.reference for event in kept.events} == {f"invitation-{number}-attempt-1" for number in range(120)}
    assert len({event.key for event in kept.events}) == 120
    assert dovecot.names() == []


def test_what_cannot_be_stored_stays_for_the_next_pass(dovecot: Dovecot) -> None:
    dovecot.put(report())
    with pytest.raises(OperationalError):
        read_bounces(broken_store, NOON)
    kept = Kept()
    assert dovecot.names(criteria="UNFLAGGED") == ["<notice-1@mx.example>"]
    assert read_bounces(kept, NOON) == MailboxReport(read=1, events=1)


def broken_store(gateway: str, events: Sequence[StatusEvent], at: datetime) -> None:
    raise OperationalError("The database left.")


def test_500_notices_are_read_in_one_pass(dovecot: Dovecot) -> None:
    kept = Kept()
    dovecot.put(*map(numbered, range(500)))
    assert read_bounces(kept, NOON) == MailboxReport(read=500, events=500)
    assert [event.reference for event in kept.events] == [f"invitation-{number}-attempt-1" for number in range(500)]
    assert (dovecot.names(), len(dovecot.names("Handled"))) == ([], 500)


def test_holiday_replies_are_put_away_without_news(dovecot: Dovecot) -> None:
    kept = Kept()
    dovecot.put(reply(Auto_Submitted="auto-replied"))
    assert read_bounces(kept, NOON) == MailboxReport(read=1)
    assert (dovecot.names(), kept.events) == ([], [])


def test_what_cannot_be_read_stays_flagged_for_a_person_and_does_not_hold_up_the_rest(dovecot: Dovecot) -> None:
    kept = Kept()
    forged = report(to="bounce+invitation-7-attempt-1-aaaaaaaaaaaaaaaa@s.test", message_id="<forged@evil.example>")
    dovecot.put(reply(), forged, b"\xff\xfe\x00 no mail at all", complaint())
    assert read_bounces(kept, NOON) == MailboxReport(read=4, events=1, for_person=3)
    assert [event.status for event in kept.events] == [Status.COMPLAINED]
    assert len(dovecot.names(criteria="FLAGGED")) == 3
    assert read_bounces(kept, NOON) == MailboxReport(for_person=3)


def test_a_mail_of_ten_megabytes_is_left_for_a_person_unread(dovecot: Dovecot) -> None:
    kept = Kept()
    dovecot.put(report(text=("A" * 900 + "\r\n") * (10 * LONGEST // 900), message_id="<huge@mx.example>"), numbered(1))
    assert read_bounces(kept, NOON) == MailboxReport(read=1, events=1, for_person=1)
    assert dovecot.names(criteria="FLAGGED") == ["<huge@mx.example>"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("pass%3Aword", "wrong"), "(?i)authentication"),
        (("INBOX", "Nowhere"), "(?i)doesn't exist|nonexistent"),
        (("imap://", "imaps://"), "(?i)wrong version|ssl"),
        (("imap://", "imap+tls://"), "(?i)certificate"),
    ],
)
def test_a_mailbox_that_cannot_be_opened_says_why(
    dovecot: Dovecot, settings: Settings, change: tuple[str, str], told: str
) -> None:
    settings.BOUNCE_IMAP_URL = dovecot.url.replace(*change)
    with pytest.raises(MailboxError, match=told) as caught:
        read_bounces(Kept(), NOON)
    assert "Look at BOUNCE_IMAP_URL" in str(caught.value)
    assert "pass:word" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["imaps", "imap+tls"])
def test_over_tls_the_mailbox_is_read_where_somebody_vouches_for_it(
    dovecot: Dovecot, settings: Settings, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.folder / "certificate.pem"))
    port = dovecot.tls_port if scheme == "imaps" else dovecot.port
    settings.BOUNCE_IMAP_URL = dovecot.url.replace("imap://", f"{scheme}://").replace(str(dovecot.port), str(port))
    dovecot.put(report())
    assert read_bounces(Kept(), NOON) == MailboxReport(read=1, events=1)


def test_a_server_that_is_down_is_told_apart_from_an_empty_mailbox(settings: Settings) -> None:
    settings.BOUNCE_IMAP_URL = f"imap://bounce:secret@127.0.0.1:{free_port()}/INBOX"
    with pytest.raises(MailboxError, match="refused"):
        read_bounces(Kept(), NOON)


def test_without_a_mailbox_there_is_nothing_to_do_and_the_command_says_what_is_missing() -> None:
    assert read_bounce_mailbox() == MailboxReport()
    with pytest.raises(CommandError, match="Set BOUNCE_IMAP_URL"):
        call_command("read_bounces")


@pytest.mark.django_db
def test_the_command_reads_and_says_what_it_found(dovecot: Dovecot) -> None:
    dovecot.put(report(), reply())
    out = io.StringIO()
    call_command("read_bounces", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {"read": 2, "events": 1, "for_person": 1}


@pytest.mark.django_db
def test_the_command_says_when_the_mailbox_cannot_be_read(settings: Settings) -> None:
    settings.BOUNCE_IMAP_URL = f"imap://bounce:secret@127.0.0.1:{free_port()}/INBOX"
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("read_bounces")


@pytest.mark.django_db
def test_a_mail_that_a_far_server_refuses_comes_back_and_closes_the_address(
    dovecot: Dovecot, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = Postbox()
    far.on_recipient = "550 5.1.1 No such user here"
    settings.CHANNEL_GATEWAYS = {"email": "email"}
    gateway = EmailGateway()
    monkeypatch.setitem(GATEWAYS, "email", gateway)
    with mail_server(far) as far_port, relay(dovecot.folder, far_port) as port:
        use_server(settings, port)
        now = timezone.now()
        invitation = make_invitation(customer=make_customer(email="ada@remote.test"), due_at=now)
        assert deliver(now).sent == 1
        gateway.connections.close()
        wait_until(dovecot.names, 60)
        assert read_bounce_mailbox() == MailboxReport(read=1, events=1)
    event = ProviderEvent.objects.get()
    assert (event.status, event.reference) == ("bounced", f"invitation-{invitation.pk}-attempt-1")
    assert event.detail == "ada@remote.test: 550 5.1.1 No such user here"
    invitation.refresh_from_db()
    assert invitation.state == "failed"
    assert invitation.address
    assert invitation.address.closed_at
