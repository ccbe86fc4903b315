"""A real Kannel between us and a centre: what we send arrives, and what becomes of it comes back."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from contacts.models import Contact
from contacts.models.words import Outcome
from surveys.channels.base import ChannelError, Message, Sent
from surveys.channels.events import Status
from surveys.channels.gateways import GATEWAYS
from surveys.delivery import deliver
from surveys.events_in import apply_waiting
from surveys.links import url
from surveys.models import Attempt, ProviderEvent
from surveys.sms import segments
from tests.processes import wait_until
from tests.surveys.kannel import TOKEN, Kannel, real_kannel
from tests.surveys.makers import NOON, make_customer, make_invitation
from tests.surveys.smpp import ALPHANUMERIC, GSM, INTERNATIONAL, INVALID_DESTINATION, UCS2, running

gateway = GATEWAYS["kannel"]
pytestmark = pytest.mark.kannel


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kannel]:
    with real_kannel(tmp_path_factory.mktemp("kannel")) as it:
        yield it


@pytest.fixture
def kannel(started: Kannel, settings: Settings) -> Kannel:
    """One that listens to us, and that sends through the SMPP centre."""
    use(started, settings)
    started.ear.refusals.clear()
    return started


def use(kannel: Kannel, settings: Settings) -> None:
    settings.SITE_URL = kannel.ear.url
    settings.KANNEL_URL = kannel.url
    settings.KANNEL_USERNAME, settings.KANNEL_PASSWORD = "smpp", "secret"
    settings.KANNEL_HOOK_TOKENS = [TOKEN]


def send(recipient: str, text: str = "9 €?", *, sender: str = "+12025550100") -> str:
    """Send a message and return our reference."""
    reference = f"to-{recipient}"
    message = Message(
        attempt_id=1,
        reference=reference,
        channel="sms",
        sender_name="",
        sender=sender,
        recipient=recipient,
        text=text,
        at=datetime.now(UTC),
    )
    assert gateway.send(message) == Sent()
    return reference


def test_a_text_reaches_the_handset_and_the_reports_come_back(kannel: Kannel, settings: Settings) -> None:
    settings.KANNEL_USERNAME = "simulated"
    reference = send("+447700900100", "Northwind asks: [how] was it? https://ask.example.com/s/1-3cPq")
    wait_until(lambda: kannel.ear.reports(reference) == {Status.ACCEPTED, Status.DELIVERED})
    expected = "+12025550100 +447700900100 text Northwind asks: [how] was it? https://ask.example.com/s/1-3cPq"
    assert kannel.received() == [expected]
    assert kannel.ear.refusals == []


@pytest.mark.parametrize("text", ["9 €?", "10 stop & go"])
def test_what_a_customer_writes_comes_in(kannel: Kannel, text: str) -> None:
    kannel.comes_in("+447700900101", "40404", text)
    message = kannel.ear.incoming()[-1]
    assert (message.sender, message.recipient, message.text) == ("+447700900101", "40404", text)
    assert abs((datetime.now(UTC) - message.at).total_seconds()) < 60
    assert len({event.key for event in kannel.ear.incoming()}) == len(kannel.ear.incoming())


# --- Over SMPP ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recipient", "fate", "statuses"),
    [
        ("447700900110", "DELIVRD", {Status.ACCEPTED, Status.DELIVERED}),
        ("447700900111", "UNDELIV", {Status.ACCEPTED, Status.FAILED}),
        ("447700900112", "EXPIRED", {Status.ACCEPTED, Status.FAILED}),
        ("447700900113", INVALID_DESTINATION, {Status.BOUNCED}),
        ("447700900114", 0x45, {Status.FAILED}),
    ],
)
def test_the_centres_word_comes_back(kannel: Kannel, recipient: str, fate: str | int, statuses: set[Status]) -> None:
    kannel.centre.fates[recipient] = fate
    reference = send(f"+{recipient}")
    wait_until(lambda: kannel.ear.reports(reference) == statuses)
    assert len(kannel.centre.parts_to(recipient)) == (0 if isinstance(fate, int) else 1)


@pytest.mark.parametrize(
    ("recipient", "sender", "text", "coding"),
    [
        ("447700900120", "+12025550100", "à Ñ ß @_$ {[~|^€]}\\ £", GSM),
        ("447700900121", "Northwind O", "x" * 160, GSM),
        ("447700900122", "40404", "Как было? 9️⃣ 😀", UCS2),
        ("447700900123", "+12025550100", "x" * 152 + "€" * 80, GSM),
        ("447700900124", "+12025550100", "東" * 66 + "😀" * 40, UCS2),
        ("447700900125", "+12025550100", "x" * 161, GSM),
        ("447700900126", "+12025550100", "ж" * 71, UCS2),
        ("447700900127", "+12025550100", "ж" * 70, UCS2),
        ("447700900128", "+12025550100", "x" * 153 * 4, GSM),
    ],
)
def test_a_text_arrives_whole_in_as_many_messages_as_we_say(
    kannel: Kannel, recipient: str, sender: str, text: str, coding: int
) -> None:
    reference = send(f"+{recipient}", text, sender=sender)
    wait_until(lambda: Status.DELIVERED in kannel.ear.reports(reference))
    parts = kannel.centre.parts_to(recipient)
    assert kannel.centre.text_to(recipient) == text
    assert len(parts) == segments(text)
    kind = ALPHANUMERIC if sender == "Northwind O" else parts[0].sender_type
    assert {(part.coding, part.sender_type, part.recipient_type) for part in parts} == {(coding, kind, INTERNATIONAL)}


@pytest.mark.parametrize(("text", "coding"), [("9 né €[", GSM), ("9️⃣ да 😀", UCS2)])
def test_what_comes_in_over_smpp_keeps_its_characters(kannel: Kannel, text: str, coding: int) -> None:
    kannel.centre.deliver("+447700900130", "+12025550100", text, coding=coding)
    wait_until(lambda: [event for event in kannel.ear.incoming() if event.text == text])
    message = kannel.ear.incoming()[-1]
    assert (message.sender, message.recipient) == ("+447700900130", "+12025550100")


def test_a_line_without_traffic_is_kept_open(kannel: Kannel) -> None:
    before = kannel.centre.enquiries
    wait_until(lambda: kannel.centre.enquiries > before + 1)


def test_an_invitation_goes_out_and_its_report_comes_in_by_our_own_door(
    kannel: Kannel, settings: Settings, live_server: LiveServer
) -> None:
    settings.SITE_URL, settings.CHANNEL_GATEWAYS = live_server.url, {"sms": "kannel"}
    invitation = make_invitation(customer=make_customer(phone="+447700900135"), channel="sms")
    assert deliver(NOON).sent == 1
    wait_until(lambda: ProviderEvent.objects.count() == 2)
    apply_waiting(NOON)  # what came before the hand-over itself was noted waits for this job
    assert Attempt.objects.get().delivery == Status.DELIVERED
    assert kannel.centre.text_to("447700900135").endswith(url(invitation))
    assert Contact.objects.get().outcome == Outcome.DELIVERED


# --- Trouble ------------------------------------------------------------------------------------------------


def test_a_report_waits_until_we_listen_again(kannel: Kannel) -> None:
    kannel.ear.deaf = True
    reference = send("+447700900140")
    wait_until(lambda: kannel.ear.turned_away > 1)
    assert kannel.ear.reports(reference) == set()
    kannel.ear.deaf = False
    wait_until(lambda: kannel.ear.reports(reference) == {Status.ACCEPTED, Status.DELIVERED})


def test_without_our_secret_no_report_is_believed(kannel: Kannel, settings: Settings) -> None:
    reference = send("+447700900141")
    settings.KANNEL_HOOK_TOKENS = ["another"]
    wait_until(lambda: kannel.ear.refusals)
    settings.KANNEL_HOOK_TOKENS = ["another", TOKEN]
    wait_until(lambda: kannel.ear.reports(reference))


def test_a_wrong_password_is_for_an_operator_to_mend(kannel: Kannel, settings: Settings) -> None:
    settings.KANNEL_PASSWORD = "wrong"
    with pytest.raises(ChannelError, match="403 Authorization failed") as caught:
        send("+447700900142")
    assert (caught.value.permanent, caught.value.busy_for is None) == (False, False)


def test_a_number_that_no_centre_takes_is_refused_for_good(kannel: Kannel, settings: Settings) -> None:
    settings.KANNEL_USERNAME = "nowhere"
    with pytest.raises(ChannelError, match="403 Not routable") as caught:
        send("+447700900143")
    assert (caught.value.permanent, caught.value.bad_address) == (True, False)


def test_what_kannel_took_while_the_centre_was_down_goes_out_once_it_is_back(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with real_kannel(tmp_path_factory.mktemp("kannel"), centre_open=False) as kannel:
        use(kannel, settings)
        reference = send("+447700900144")
        assert kannel.ear.reports(reference) == set()
        with running(kannel.centre):
            wait_until(lambda: kannel.ear.reports(reference) == {Status.ACCEPTED, Status.DELIVERED})
        assert len(kannel.centre.parts_to("447700900144")) == 1


def test_a_stopped_kannel_has_taken_nothing(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> None:
    with real_kannel(tmp_path_factory.mktemp("kannel")) as kannel:
        use(kannel, settings)
        send("+447700900145")
    with pytest.raises(ChannelError, match="No connection") as caught:
        send("+447700900146")
    assert (caught.value.permanent, caught.value.bad_address) == (False, False)
