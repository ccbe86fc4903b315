"""Against a real SMTP server on loopback."""

import socket
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core import mail as django_mail
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from pytest_django import Settings

from surveys.channels.base import ChannelError, FateUnknownError, Message, Sent
from surveys.channels.email import EmailGateway
from tests.surveys.mail_server import Postbox, free_port, mail_server
from tests.surveys.makers import NOON

MESSAGE = Message(
    attempt_id=1,
    reference="invitation-7-attempt-1",
    channel="email",
    sender_name="Müller, Söhne & Co.",
    sender="ask@brand.example",
    recipient="ada@example.com",
    subject="Grüße: how was it?",
    text="Hello\nhttps://ask.example.com/s/x",
    html="<p>Hello</p>",
    unsubscribe="https://ask.example.com/s/x/unsubscribe",
    at=NOON,
)


@pytest.fixture
def postbox(settings: Settings) -> Iterator[Postbox]:
    postbox = Postbox()
    with mail_server(postbox) as port:
        use_server(settings, port)
        yield postbox


def use_server(settings: Settings, port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port


def send(message: Message = MESSAGE) -> Sent:
    gateway = EmailGateway()
    try:
        return gateway.send(message)
    finally:
        gateway.connections.close()


def refusal(message: Message = MESSAGE) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        send(message)
    return caught.value


def test_a_message_arrives_with_both_parts_and_all_headers(postbox: Postbox) -> None:
    sent = send()
    [mail] = postbox.taken
    assert sent == Sent(reference=mail["Message-ID"])
    headers = {name: mail[name] for name in ("Subject", "To", "Auto-Submitted")}
    assert headers == {
        "Subject": "Grüße: how was it?",
        "To": "ada@example.com",
        "Auto-Submitted": "auto-generated",
    }
    parts = {part.get_content_type(): part.get_content().replace("\r\n", "\n").strip() for part in mail.iter_parts()}
    assert parts == {"text/plain": MESSAGE.text, "text/html": MESSAGE.html}


def test_it_comes_from_the_brand_and_answers_go_there(postbox: Postbox) -> None:
    send()
    for name in ("From", "Reply-To"):
        [address] = postbox.taken[0][name].addresses
        assert (address.display_name, address.addr_spec) == ("Müller, Söhne & Co.", "ask@brand.example")


def test_a_mail_program_can_opt_out_with_one_post(postbox: Postbox) -> None:
    send()
    assert postbox.taken[0]["List-Unsubscribe"] == "<https://ask.example.com/s/x/unsubscribe>"
    assert postbox.taken[0]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_message_that_nobody_can_opt_out_of_offers_nothing(postbox: Postbox) -> None:
    send(replace(MESSAGE, unsubscribe=""))
    assert [header for header in postbox.taken[0] if header.startswith("List-")] == []


def test_automatic_replies_are_asked_not_to_come(postbox: Postbox) -> None:
    send()
    assert postbox.taken[0]["X-Auto-Response-Suppress"] == "OOF, AutoReply"


@pytest.mark.parametrize(
    ("reply", "permanent", "bad_address"),
    [
        ("550 No such user", True, True),
        ("551 User not local", True, True),
        ("553 Mailbox name not allowed", True, True),
        ("552 Mailbox full", True, False),
        ("550 5.1.1 No such user", True, True),
        ("554 5.1.1 No such user", True, True),
        ("550 5.2.1 Mailbox disabled", True, True),
        ("550 5.7.1 Refused by policy", True, False),
        ("550 5.2.2 Mailbox full", True, False),
        ("550 5.1.8 Bad sender's domain", True, False),
        ("550 5.0.0 No such user", True, True),
        ("451 Try again later", False, False),
        ("450 4.2.1 Busy", False, False),
        ("421 Shutting down", False, False),
    ],
)
def test_what_a_refused_recipient_means(postbox: Postbox, reply: str, permanent: bool, bad_address: bool) -> None:
    postbox.on_recipient = reply
    error = refusal()
    assert (error.permanent, error.bad_address) == (permanent, bad_address)
    assert str(error) == reply


@pytest.mark.parametrize(
    ("reply", "permanent", "bad_address"),
    [
        ("554 Looks like spam", True, False),
        ("550 Looks like spam", True, False),
        ("550 5.7.1 Looks like spam", True, False),
        ("550 5.1.1 No such user", True, True),
        ("451 Not now", False, False),
    ],
)
def test_a_refused_content_is_about_the_address_only_where_it_says_so(
    postbox: Postbox, reply: str, permanent: bool, bad_address: bool
) -> None:
    postbox.on_data = reply
    error = refusal()
    assert (error.permanent, error.bad_address) == (permanent, bad_address)


def test_a_refused_sender_is_ours_to_mend(postbox: Postbox) -> None:
    postbox.on_sender = "550 Sender not allowed"
    error = refusal()
    assert (error.permanent, error.bad_address) == (False, False)


def test_a_server_that_is_not_there_is_left_alone_for_a_minute(settings: Settings) -> None:
    use_server(settings, free_port())
    error = refusal()
    assert (error.permanent, error.bad_address, error.busy_for) == (False, False, timedelta(minutes=1))


@pytest.mark.parametrize("step", ["MAIL", "RCPT"])
def test_a_server_that_hangs_up_before_it_has_the_content_surely_did_not_take_it(postbox: Postbox, step: str) -> None:
    postbox.hang_up_at = step
    assert not refusal().permanent


def test_a_server_that_hangs_up_after_the_content_leaves_the_fate_unknown(postbox: Postbox) -> None:
    postbox.hang_up_at = "DATA"
    with pytest.raises(FateUnknownError):
        send()


def test_a_server_that_falls_silent_after_the_data_leaves_the_fate_unknown(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=take_and_say_nothing, args=[server], daemon=True).start()
        use_server(settings, server.getsockname()[1])
        settings.EMAIL_TIMEOUT = 2
        with pytest.raises(FateUnknownError, match="timed out"):
            send()


def take_and_say_nothing(server: socket.socket) -> None:
    """Speak SMTP up to the end of the message, and then no more until the other side gives up."""
    connection, _ = server.accept()
    with connection, connection.makefile("rwb", buffering=0) as lines:
        lines.write(b"220 ready\r\n")
        while (command := lines.readline()) and not command.upper().startswith(b"DATA"):
            lines.write(b"250 OK\r\n")
        lines.write(b"354 go on\r\n")
        while lines.readline():
            pass


@pytest.mark.parametrize("recipient", ["no address at all", "a@b@c", "ada@example.com\nBcc: all@example.com", ""])
def test_what_is_no_address_never_reaches_the_server(postbox: Postbox, recipient: str) -> None:
    error = refusal(replace(MESSAGE, recipient=recipient))
    assert (error.permanent, error.bad_address) == (True, True)
    assert postbox.taken == []


def test_a_name_with_umlauts_in_the_domain_is_written_for_servers(postbox: Postbox) -> None:
    send(replace(MESSAGE, recipient="ada@bücher.example", sender="ask@bücher.example"))
    assert postbox.recipients == ["ada@xn--bcher-kva.example"]
    assert postbox.senders == ["ask@xn--bcher-kva.example"]


def test_a_sender_that_is_no_address_is_ours_to_mend(postbox: Postbox) -> None:
    error = refusal(replace(MESSAGE, sender="surveys"))
    assert (error.permanent, error.bad_address) == (False, False)
    assert postbox.senders == []


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_no_text_can_become_a_header(postbox: Postbox, end: str) -> None:
    text = f"Hello{end}Bcc: all@example.com"
    for message in (replace(MESSAGE, subject=text), replace(MESSAGE, unsubscribe=text)):
        error = refusal(message)
        assert (error.permanent, error.bad_address) == (True, False)
    assert postbox.taken == []


def test_a_sender_s_name_stays_a_name(postbox: Postbox) -> None:
    send(replace(MESSAGE, sender_name='Eve" <eve@evil.example>, "'))
    [address] = postbox.taken[0]["From"].addresses
    assert (address.display_name, address.addr_spec) == ('Eve" <eve@evil.example>, "', "ask@brand.example")


def test_every_line_of_the_content_arrives_also_a_lonely_dot(postbox: Postbox) -> None:
    send(replace(MESSAGE, text="One\n.\n..two\nGrüße"))
    [part, _] = postbox.taken[0].iter_parts()
    assert part.get_content().replace("\r\n", "\n").strip() == "One\n.\n..two\nGrüße"


def test_any_other_backend_of_django_gets_the_same_mail(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    sent = send()
    [mail] = django_mail.outbox
    assert mail.extra_headers["Message-ID"] == sent.reference
    assert mail.to == [MESSAGE.recipient]


class FullDisk(BaseEmailBackend):
    """Stands for a backend of somebody else's."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        raise OSError("No space left on device")


def test_a_backend_that_breaks_leaves_the_fate_unknown(settings: Settings) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.FullDisk"
    with pytest.raises(FateUnknownError, match="No space left"):
        send()
