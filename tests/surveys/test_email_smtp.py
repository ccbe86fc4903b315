"""Connections to a real SMTP server: kept, given up and opened anew, and never a message sent twice."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_django import Settings

from surveys.channels.base import ChannelError, FateUnknownError
from surveys.channels.email import EmailGateway
from surveys.channels.return_path import reference
from tests.surveys.mail_server import PASSWORD, Postbox, mail_server, tls
from tests.surveys.test_email import MESSAGE, use_server


@pytest.fixture
def postbox(settings: Settings) -> Iterator[Postbox]:
    postbox = Postbox()
    with mail_server(postbox) as port:
        use_server(settings, port)
        yield postbox


@pytest.fixture
def gateway() -> Iterator[EmailGateway]:
    gateway = EmailGateway()
    yield gateway
    gateway.connections.close()


def messages(number: int) -> list[str]:
    return [f"invitation-{n}-attempt-1" for n in range(number)]


def send(gateway: EmailGateway, name: str) -> None:
    gateway.send(replace(MESSAGE, reference=name))


def arrived(postbox: Postbox) -> list[str]:
    return [reference(mail["Message-ID"]) for mail in postbox.taken]


def test_one_connection_serves_many_messages(postbox: Postbox, gateway: EmailGateway) -> None:
    for name in messages(20):
        send(gateway, name)
    assert arrived(postbox) == messages(20)
    assert len(postbox.connections) == 1


def test_threads_never_share_a_connection_at_a_time(postbox: Postbox, gateway: EmailGateway) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: send(gateway, name), messages(80)))
    assert sorted(arrived(postbox)) == sorted(messages(80))
    assert len(postbox.connections) <= 8


def test_a_server_that_allows_few_messages_per_connection_gets_the_next_on_a_new_one(
    postbox: Postbox, gateway: EmailGateway
) -> None:
    postbox.mails_per_connection = 3
    for name in messages(10):
        send(gateway, name)
    assert arrived(postbox) == messages(10)
    assert len(postbox.connections) == 4


def test_a_server_that_was_restarted_gets_each_message_once(
    postbox: Postbox, gateway: EmailGateway, settings: Settings
) -> None:
    later = Postbox()
    send(gateway, "invitation-1-attempt-1")
    with mail_server(Postbox()) as port:
        use_server(settings, port)
        gateway.connections.close()
        send(gateway, "invitation-2-attempt-1")
    with mail_server(later) as port:
        use_server(settings, port)
        send(gateway, "invitation-3-attempt-1")
    assert arrived(postbox) == ["invitation-1-attempt-1"]
    assert arrived(later) == ["invitation-3-attempt-1"]


def test_a_kept_connection_that_breaks_before_the_content_is_no_unknown_fate(
    postbox: Postbox, gateway: EmailGateway
) -> None:
    send(gateway, "invitation-1-attempt-1")
    postbox.hang_up_at = "RCPT"
    with pytest.raises(ChannelError) as caught:
        send(gateway, "invitation-2-attempt-1")
    assert not caught.value.permanent
    postbox.hang_up_at = ""
    send(gateway, "invitation-2-attempt-1")
    assert arrived(postbox) == ["invitation-1-attempt-1", "invitation-2-attempt-1"]


def test_a_kept_connection_that_breaks_after_the_content_is_not_tried_anew(
    postbox: Postbox, gateway: EmailGateway
) -> None:
    send(gateway, "invitation-1-attempt-1")
    postbox.hang_up_at = "DATA"
    with pytest.raises(FateUnknownError):
        send(gateway, "invitation-2-attempt-1")
    assert len(postbox.senders) == 2


def test_after_a_refusal_the_next_message_goes_out_as_if_nothing_had_been(
    postbox: Postbox, gateway: EmailGateway
) -> None:
    postbox.on_recipient = "550 5.1.1 No such user"
    with pytest.raises(ChannelError):
        send(gateway, "invitation-1-attempt-1")
    postbox.on_recipient = "250 OK"
    send(gateway, "invitation-2-attempt-1")
    assert arrived(postbox) == ["invitation-2-attempt-1"]


def test_a_child_process_does_not_speak_over_its_parent_s_connection(postbox: Postbox, gateway: EmailGateway) -> None:
    send(gateway, "invitation-1-attempt-1")
    child = os.fork()
    if child == 0:
        send(gateway, "invitation-2-attempt-1")
        gateway.connections.close()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    send(gateway, "invitation-3-attempt-1")
    assert status == 0
    assert sorted(arrived(postbox)) == [f"invitation-{n}-attempt-1" for n in (1, 2, 3)]
    assert len(postbox.connections) == 2


def test_a_server_that_is_slow_to_take_the_recipient_surely_did_not_take_the_mail(
    postbox: Postbox, gateway: EmailGateway, settings: Settings
) -> None:
    settings.EMAIL_TIMEOUT = 2
    postbox.slow_at = "RCPT"
    with pytest.raises(ChannelError) as caught:
        send(gateway, "invitation-1-attempt-1")
    assert not caught.value.permanent


def test_a_server_that_is_slow_to_take_the_content_leaves_the_fate_unknown(
    postbox: Postbox, gateway: EmailGateway, settings: Settings
) -> None:
    settings.EMAIL_TIMEOUT = 2
    postbox.slow_at = "DATA"
    with pytest.raises(FateUnknownError):
        send(gateway, "invitation-1-attempt-1")


@pytest.fixture
def strict(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Postbox]:
    """A server that takes mail only over TLS and from whoever knows the password."""
    postbox, context = Postbox(), tls(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    settings.EMAIL_USE_TLS = True
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "surveys", PASSWORD
    options = {"tls_context": context, "require_starttls": True, "auth_required": True}
    with mail_server(postbox, authenticator=postbox.login, **options) as port:
        use_server(settings, port)
        yield postbox


def test_a_server_that_wants_tls_and_a_password_gets_both_once_for_many_messages(
    strict: Postbox, gateway: EmailGateway
) -> None:
    for name in messages(5):
        send(gateway, name)
    assert arrived(strict) == messages(5)
    assert strict.logins == ["surveys"]


def test_a_wrong_password_is_for_an_operator_to_mend(
    strict: Postbox, gateway: EmailGateway, settings: Settings
) -> None:
    settings.EMAIL_HOST_PASSWORD, settings.EMAIL_TIMEOUT = "wrong", 3
    with pytest.raises(ChannelError, match="cannot be used") as caught:
        send(gateway, "invitation-1-attempt-1")
    assert (caught.value.permanent, caught.value.busy_for is None) == (False, False)


def test_a_server_that_nobody_vouches_for_gets_nothing(
    strict: Postbox, gateway: EmailGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(ChannelError, match="certificate"):
        send(gateway, "invitation-1-attempt-1")
    assert strict.logins == []


def test_notices_come_back_to_an_address_that_names_the_message(
    postbox: Postbox, gateway: EmailGateway, settings: Settings
) -> None:
    settings.BOUNCE_ADDRESS = "bounce@bounces.example"
    send(gateway, "invitation-7-attempt-1")
    [sender] = postbox.senders
    assert sender.startswith("bounce+invitation-7-attempt-1-")
    assert sender.endswith("@bounces.example")
    assert reference(sender) == "invitation-7-attempt-1"
    assert postbox.taken[0]["From"].addresses[0].addr_spec == "ask@brand.example"
