"""Against a real SMTP server on loopback."""

import email
import email.policy
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.core.mail.backends.smtp import EmailBackend
from pytest_django import Settings

from surveys.channels.base import ChannelError, FateUnknownError, Message, Sent
from surveys.channels.email import EmailGateway
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


class Postbox:
    """A mail server's manners: what it says to a recipient and to a message, and the messages that it took."""

    def __init__(self) -> None:
        self.on_recipient = self.on_data = "250 OK"
        self.on_sender = "250 OK"
        self.hang_up = False
        self.taken: list[email.message.EmailMessage] = []

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        envelope.mail_from = address
        return self.on_sender

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.on_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.on_recipient

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.hang_up:
            server.transport.abort()
        if self.on_data.startswith("250"):
            self.taken.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return self.on_data


@pytest.fixture
def postbox(settings: Settings) -> Iterator[Postbox]:
    postbox = Postbox()
    controller = Controller(postbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    use_server(settings, controller.port)
    yield postbox
    controller.stop()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def use_server(settings: Settings, port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port


def refusal(message: Message = MESSAGE) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        EmailGateway().send(message)
    return caught.value


def test_a_message_arrives_with_both_parts_and_all_headers(postbox: Postbox) -> None:
    sent = EmailGateway().send(MESSAGE)
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
    EmailGateway().send(MESSAGE)
    for name in ("From", "Reply-To"):
        [address] = postbox.taken[0][name].addresses
        assert (address.display_name, address.addr_spec) == ("Müller, Söhne & Co.", "ask@brand.example")


def test_a_mail_program_can_opt_out_with_one_post(postbox: Postbox) -> None:
    EmailGateway().send(MESSAGE)
    assert postbox.taken[0]["List-Unsubscribe"] == "<https://ask.example.com/s/x/unsubscribe>"
    assert postbox.taken[0]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


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


@pytest.mark.parametrize(("reply", "permanent"), [("554 Looks like spam", True), ("451 Not now", False)])
def test_a_refused_message_says_nothing_about_the_address(postbox: Postbox, reply: str, permanent: bool) -> None:
    postbox.on_data = reply
    error = refusal()
    assert (error.permanent, error.bad_address) == (permanent, False)


def test_a_refused_sender_is_ours_to_mend(postbox: Postbox) -> None:
    postbox.on_sender = "550 Sender not allowed"
    error = refusal()
    assert (error.permanent, error.bad_address) == (False, False)


def test_a_server_that_is_not_there_is_passing(settings: Settings) -> None:
    use_server(settings, free_port())
    error = refusal()
    assert (error.permanent, error.bad_address) == (False, False)


def test_a_server_that_hangs_up_after_the_data_leaves_the_fate_unknown(postbox: Postbox) -> None:
    postbox.hang_up = True
    with pytest.raises(FateUnknownError):
        EmailGateway().send(MESSAGE)


def test_a_server_that_falls_silent_after_the_data_leaves_the_fate_unknown(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=take_and_say_nothing, args=[server], daemon=True).start()
        use_server(settings, server.getsockname()[1])
        settings.EMAIL_TIMEOUT = 0.5
        with pytest.raises(FateUnknownError, match="timed out"):
            EmailGateway().send(MESSAGE)


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


def test_a_failed_farewell_changes_nothing(postbox: Postbox, monkeypatch: pytest.MonkeyPatch) -> None:
    close = EmailBackend.close

    def fail(backend: EmailBackend) -> None:
        close(backend)
        raise TimeoutError

    monkeypatch.setattr(EmailBackend, "close", fail)
    assert EmailGateway().send(MESSAGE).reference
    assert len(postbox.taken) == 1
