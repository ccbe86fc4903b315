"""A test message to oneself: through the real gateway, to nobody who said no, in no ledger."""

import email
import email.policy
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection
from pytest_django import Settings

from contacts import consent
from contacts.identity import IdentityError
from contacts.models import Contact, Decision, Identifier
from contacts.models.words import Via
from surveys.channels.base import FateUnknownError
from surveys.channels.gateways import GATEWAYS
from surveys.models import Attempt, Invitation, OutboxMessage
from surveys.pausing import pause, resume
from surveys.previewing import Wanted
from surveys.trials import MOST, Outcome, Told, TrialRefusedError, send_trial
from tests.surveys.gateways import ToldGateway
from tests.surveys.makers import NOON, make_customer, make_program, make_version

pytestmark = pytest.mark.django_db
OWN = "ada@cx.example"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ada() -> User:
    return User.objects.create(username="ada", is_staff=True)


def send(ada: User, to: str = OWN, channel: str = "email", **fields: Any) -> Told:
    """Send a test of an invitation in English at NOON, unless told otherwise."""
    at = fields.pop("at", NOON)
    wanted = Wanted(fields.pop("version", None) or make_version(), fields.pop("program", None), "en", **fields)
    return send_trial(wanted, channel, to, at=at, by_id=ada.pk)


def test_an_email_goes_to_who_typed_the_address_and_says_that_it_is_a_test(ada: User) -> None:
    assert send(ada, "  Ada@CX.example ") == Told(Outcome.ACCEPTED)
    message = OutboxMessage.objects.get()
    assert (message.recipient, message.attempt) == (OWN, None)
    assert message.subject.startswith("[Test] Northwind Outfitters asks about your purchase on Monday")
    assert "/s/t/" in message.html
    assert not re.search(r"/s/(?!t/)", message.text + message.html)


def test_an_sms_begins_with_the_mark(ada: User) -> None:
    assert send(ada, "+1 202 555 0123", "sms", purpose="reminder").outcome == Outcome.ACCEPTED
    message = OutboxMessage.objects.get()
    assert message.recipient == "+12025550123"
    assert message.text.startswith("[Test] Northwind Outfitters would still like to know")


def test_it_is_no_contact_of_a_customer(ada: User) -> None:
    send(ada)
    assert [model.objects.count() for model in (Contact, Decision, Invitation, Attempt)] == [0, 0, 0, 0]


def test_the_log_has_it_without_the_address(ada: User) -> None:
    version = make_version()
    send(ada, version=version, program=make_program(version, slug="shop"))
    entry = LogEntry.objects.get()
    assert (entry.user, entry.action_time, entry.object_id) == (ada, NOON, str(version.pk))
    told = "Test message by email: invitation of program shop, in “en”. Outcome: accepted."
    assert entry.change_message == told


@pytest.mark.parametrize(
    ("channel", "to"), [("email", "ada"), ("email", "+12025550123"), ("sms", OWN), ("sms", "12"), ("email", "a@b\nc")]
)
def test_what_is_no_address_is_refused_before_anything_is_logged(ada: User, channel: str, to: str) -> None:
    with pytest.raises(IdentityError, match="expected"):
        send(ada, to, channel)
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    ("refused", "channel", "sent"),
    [
        ("email", "email", False),
        ("", "email", False),
        ("", "sms", False),
        ("email", "sms", True),
        ("sms", "email", True),
    ],
)
def test_nobody_who_said_no_gets_a_test(ada: User, refused: str, channel: str, sent: bool) -> None:
    customer = make_customer(email="no@example.com", phone="+12025550199")
    consent.opt_out(customer.pk, refused, at=NOON, via=Via.LINK)
    to = {"email": "no@example.com", "sms": "+12025550199"}[channel]
    if sent:
        assert send(ada, to, channel).outcome == Outcome.ACCEPTED
    else:
        with pytest.raises(TrialRefusedError, match="said no to"):
            send(ada, to, channel)
    assert OutboxMessage.objects.exists() == LogEntry.objects.exists() == sent


def test_a_no_on_one_of_several_customers_at_an_address_counts(ada: User) -> None:
    make_customer(email="both@example.com")
    consent.opt_out(make_customer(email="both@example.com").pk, "email", at=NOON, via=Via.REPLY)
    with pytest.raises(TrialRefusedError, match="said no to Email"):
        send(ada, "both@example.com")


def test_a_closed_address_gets_no_test(ada: User) -> None:
    make_customer(email="gone@example.com")
    Identifier.objects.update(closed_at=NOON)
    with pytest.raises(TrialRefusedError, match="came back: it is closed"):
        send(ada, "gone@example.com")


def test_a_landline_gets_no_test(ada: User) -> None:
    with pytest.raises(TrialRefusedError, match="this number is a landline, which takes no SMS"):
        send(ada, "+442079460018", channel="sms")


def test_while_everything_is_paused_no_test_leaves_the_house(ada: User) -> None:
    stopped = pause("Wrong prices in the text.", at=NOON, by_id=ada.pk)
    before = LogEntry.objects.count()
    with pytest.raises(TrialRefusedError, match="Reason: Wrong prices in the text"):
        send(ada)
    assert (OutboxMessage.objects.count(), LogEntry.objects.count()) == (0, before)
    resume(stopped.pk, at=NOON, by_id=ada.pk)
    assert send(ada).outcome == Outcome.ACCEPTED


def test_a_test_is_how_one_looks_whether_a_paused_channel_or_program_is_mended(ada: User) -> None:
    version = make_version()
    program = make_program(version)
    pause("Many bounces.", at=NOON, channel="email")
    pause("A typing error.", at=NOON, program_id=program.pk)
    assert send(ada, version=version, program=program).outcome == Outcome.ACCEPTED


def test_so_many_an_hour_and_no_more(ada: User) -> None:
    version = make_version()
    for n in range(MOST):
        send(ada, version=version, at=NOON + n * MINUTE)
    with pytest.raises(TrialRefusedError, match="You sent 20 test messages within an hour"):
        send(ada, version=version, at=NOON + 59 * MINUTE)
    assert send(ada, version=version, at=NOON + 60 * MINUTE).outcome == Outcome.ACCEPTED
    other = User.objects.create(username="bob")
    assert send(other, version=version, at=NOON + 59 * MINUTE).outcome == Outcome.ACCEPTED


@pytest.mark.django_db(transaction=True)
def test_many_clicks_at_once_do_not_pass_the_limit() -> None:
    ada, version = User.objects.create(username="ada"), make_version()
    for _ in range(MOST - 2):
        send(ada, version=version)

    def click(_: int) -> bool:
        try:
            return send(ada, version=version).outcome == Outcome.ACCEPTED
        except TrialRefusedError:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(click, range(4))) == 2


# --- The gateway's word ----------------------------------------------------------------------------------------


class Server:
    """A mail server's answer to every recipient, and the messages that it took."""

    def __init__(self) -> None:
        self.answer = "250 OK"
        self.taken: list[email.message.EmailMessage] = []

    async def handle_RCPT(self, _: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, _: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.taken.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"


@pytest.fixture
def server(settings: Settings) -> Iterator[Server]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    server = Server()
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", port, False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.CHANNEL_GATEWAYS = {"email": "email"}
    yield server
    controller.stop()


def test_the_mail_server_gets_it_as_it_gets_customers_mails(ada: User, server: Server) -> None:
    assert send(ada).outcome == Outcome.ACCEPTED
    [mail] = server.taken
    assert (mail["To"], mail["Subject"][:7]) == (OWN, "[Test] ")
    assert f"<test-{LogEntry.objects.get().pk}-" in mail["Message-ID"]
    assert re.fullmatch(r"<http\S+/s/t/\S+/unsubscribe>", re.sub(r"\s", "", mail["List-Unsubscribe"]))


def test_what_the_server_refuses_is_told_in_its_words(ada: User, server: Server) -> None:
    server.answer = "550 5.1.1 No such user here"
    told = send(ada)
    assert (told.outcome, "No such user here" in told.detail) == (Outcome.REFUSED, True)
    assert LogEntry.objects.get().change_message.endswith("Outcome: refused.")


def test_what_nobody_knows_is_told_as_unknown(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    told_gateway = ToldGateway(FateUnknownError("The line dropped."))
    monkeypatch.setitem(GATEWAYS, "outbox", told_gateway)
    assert send(ada) == Told(Outcome.UNKNOWN, "The line dropped.")
    assert len(told_gateway.taken) == 1


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_during_the_call(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    told_gateway = ToldGateway(FateUnknownError("Nobody knows."))
    monkeypatch.setitem(GATEWAYS, "outbox", told_gateway)
    send(ada)
    assert told_gateway.in_transaction == [False]
