"""The page Sending: what it shows, and what a press of each button does."""

import re
from collections.abc import Iterator
from datetime import timedelta
from multiprocessing import Queue, Value
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ
from django_q.monitor import monitor
from django_q.signing import SignedPackage
from django_q.tasks import async_task
from django_q.worker import worker
from pytest_django import Settings

from contacts.models import Contact
from cxsurvey import schedules, sending_views
from surveys.channels.base import FateUnknownError
from surveys.channels.gateways import GATEWAYS
from surveys.delivery import deliver
from surveys.models import Invitation, Pause, Wave, WaveRange
from surveys.pausing import pause
from tests.surveys.gateways import ToldGateway
from tests.surveys.mail_server import Dovecot, free_port, imap_server, mail_folder
from tests.surveys.makers import make_invitation, make_program
from tests.surveys.notices import reply

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
SENDING = "/admin/sending/"


@pytest.fixture
def manager() -> User:
    user = User.objects.create(username="manager", is_staff=True)
    user.groups.add(Group.objects.get(name="CX manager"))
    return user


@pytest.fixture
def client(manager: User) -> Client:
    browser = Client()
    browser.force_login(manager)
    return browser


def text(client: Client, url: str = SENDING, status: int = 200) -> str:
    """Return the text of a page, its markup left out."""
    response = client.get(url)
    assert response.status_code == status
    return plain(response.content.decode())


def plain(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page[page.index('<div class="cx">') :]).split())


def press(client: Client, url: str, **values: str) -> str:
    """Press a button; return what the page then says."""
    response = client.post(f"{SENDING}{url}", values, follow=True)
    assert response.status_code == 200
    return " ".join(map(str, response.context["messages"]))


def make_wave(invitations: int = 2, **fields: Any) -> Wave:
    """Return a wave of a minute ago that invited so many, all of whom wait."""
    now = timezone.now()
    wave = Wave.objects.create(**{"at": now - MINUTE, "newest_touchpoint": 0, "open": False} | fields)
    report = {"calls": {"touchpoints": 9, "asked": invitations, "delayed": 0, "skipped": {}}}
    WaveRange.objects.create(wave=wave, first=1, last=9, report=report)
    for _ in range(invitations):
        make_invitation(wave=wave, due_at=now)
    return wave


@pytest.fixture
def lost(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Invitation:
    """A message that a blind gateway took without an answer."""
    monkeypatch.setitem(GATEWAYS, "told", ToldGateway(FateUnknownError("timed out")))
    settings.CHANNEL_GATEWAYS = {"email": "told"}
    invitation = make_invitation(due_at=timezone.now() - MINUTE, program=make_program(name="After a call"))
    assert deliver(timezone.now()).unknown == 1
    return invitation


def test_an_idle_page_says_so(client: Client) -> None:
    schedules.beat(timezone.now())
    page = text(client)
    for words in ("Sending is not paused", "No wave invited anybody", "In the hands of workers nothing", "any number"):
        assert words in page
    assert "Needs a person" not in page
    assert "Stopped by" not in page
    assert "Was it sent?" not in page


def test_what_an_error_of_ours_stops_is_shown_with_the_way_to_mend_it(client: Client) -> None:
    stuck = make_invitation(due_at=timezone.now() - MINUTE, program=make_program(name="After a call"))
    Invitation.objects.filter(pk=stuck.pk).update(address=None)
    assert deliver(timezone.now()).broken == 1
    page = text(client)
    for words in (
        "Stopped by an error of ours",
        "Invitation by Email to Ada Example",
        "After a call",
        "has no address",
    ):
        assert words in page
    preview = f"/admin/preview/{stuck.version_id}/?program={stuck.program_id}"
    assert f'href="{preview}"' in client.get(SENDING).content.decode()
    assert client.get(preview).status_code == 200


def test_looking_changes_nothing(client: Client, lost: Invitation) -> None:
    wave = make_wave()
    before = list(Invitation.objects.values()), Pause.objects.count(), LogEntry.objects.count()
    text(client)
    text(client, f"{SENDING}waves/{wave.pk}/")
    assert (list(Invitation.objects.values()), Pause.objects.count(), LogEntry.objects.count()) == before


@pytest.mark.parametrize("url", ["pause/", "pause-some/", "pauses/1/resume/", "waves/1/pause/", "waves/1/cancel/"])
def test_what_changes_things_is_posted(client: Client, url: str) -> None:
    assert client.get(f"{SENDING}{url}").status_code == 405
    assert not Pause.objects.exists()


def test_figures_are_told_in_words(client: Client, settings: Settings) -> None:
    settings.CHANNEL_LIMITS = {"email": (5, 1000), "sms": (0, 0)}
    make_invitation(due_at=timezone.now() - 20 * MINUTE)
    make_invitation(state="claimed", claimed_at=timezone.now(), claimed_by="w1")
    page = text(client)
    assert "Needs a person The worker has not taken a job yet" in page
    assert "Messages by Email have been due for" in page
    assert "Due now 1 0" in page
    assert "5 a second, 1,000 a day, 0 used" in page
    assert "In the hands of workers 1 by w1" in page


def test_one_press_and_a_reason_stop_everything(client: Client, manager: User) -> None:
    make_invitation(due_at=timezone.now())
    assert "Sending is paused" in press(client, "pause/", reason="Wrong text")
    assert deliver(timezone.now()).due == 0
    made = Pause.objects.get()
    assert (str(made), made.reason, made.by) == ("Everything", "Wrong text", manager)
    assert "by manager: Wrong text" in text(client)
    assert "Everything goes on" in press(client, f"pauses/{made.pk}/resume/")
    assert deliver(timezone.now()).sent == 1
    assert "The last that were resumed" in text(client)
    assert "was resumed already" in press(client, f"pauses/{made.pk}/resume/")


@pytest.mark.parametrize("reason", ["", " ", "x" * 181])
def test_a_reason_is_asked_for(client: Client, reason: str) -> None:
    for url, values in (("pause/", {}), ("pause-some/", {"what": "channel:email"})):
        response = client.post(f"{SENDING}{url}", {"reason": reason} | values)
        assert response.status_code == 400
        assert "autofocus" in response.content.decode()
    assert not Pause.objects.exists()


def test_a_channel_and_a_program_are_paused_alone(client: Client) -> None:
    program = make_program(name="After a call")
    assert "SMS is paused" in press(client, "pause-some/", what="channel:sms", reason="Bill not paid")
    assert "After a call is paused" in press(client, "pause-some/", what=f"program:{program.pk}", reason="Wrong text")
    assert set(Pause.objects.values_list("channel", "program")) == {("sms", None), ("", program.pk)}


@pytest.mark.parametrize("what", ["", "channel:pigeon", "program:999999", "wave:1", "channel:", "program:x"])
def test_what_does_not_exist_cannot_be_paused(client: Client, what: str) -> None:
    assert client.post(f"{SENDING}pause-some/", {"what": what, "reason": "x"}).status_code == 400
    assert not Pause.objects.exists()


def test_a_wave_is_paused_and_resumed_on_its_page(client: Client) -> None:
    wave = make_wave()
    assert "Waiting: 2 Sent: 0" in text(client)
    assert f"{wave} is paused" in press(client, f"waves/{wave.pk}/pause/", reason="Wrong list")
    assert "paused Invited: 2" in text(client)
    assert deliver(timezone.now()).due == 0
    page = text(client, f"{SENDING}waves/{wave.pk}/")
    assert "by manager: Wrong list Resume" in page
    press(client, f"pauses/{Pause.objects.get().pk}/resume/")
    assert deliver(timezone.now()).sent == 2


def test_a_wave_of_which_nothing_waits_has_nothing_to_pause(client: Client) -> None:
    wave = make_wave()
    assert deliver(timezone.now()).sent == 2
    page = text(client, f"{SENDING}waves/{wave.pk}/")
    assert "there is nothing to pause" in page
    assert "Pause this wave" not in page


def test_cancelling_a_wave_asks_first_and_gives_the_places_back(client: Client) -> None:
    wave = make_wave()
    make_wave(1)
    assert "Cancel 2 invitations that are not sent yet?" in text(client, f"{SENDING}waves/{wave.pk}/")
    assert "2 invitations are cancelled" in press(client, f"waves/{wave.pk}/cancel/", reason="Wrong list")
    assert Contact.objects.filter(outcome="cancelled").count() == 2
    assert set(wave.invitations.values_list("state_reason", flat=True)) == {"wave cancelled: Wrong list"}
    page = text(client, f"{SENDING}waves/{wave.pk}/")
    assert "Not sent 2" in page
    assert "that are not sent yet?" not in page
    assert "Sending is not paused" in text(client)
    assert deliver(timezone.now()).sent == 1


def test_a_large_wave_is_cancelled_behind_the_page_which_shows_how_far_it_is(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending_views, "AT_ONCE", 2)
    wave = make_wave(5)
    said = press(client, f"waves/{wave.pk}/cancel/", reason="Wrong list")
    assert "2 invitations are cancelled" in said
    assert "The rest follows within minutes." in said
    page = text(client, f"{SENDING}waves/{wave.pk}/")
    assert "Being cancelled: 3 to go." in page
    assert "Resume" not in page
    assert "Cancel 3 invitations" not in page
    assert "being cancelled" in text(client)
    assert "cannot go on" in press(client, f"pauses/{Pause.objects.get().pk}/resume/")
    async_task("surveys.tasks.give_back_cancelled", sync=True)
    page = text(client, f"{SENDING}waves/{wave.pk}/")
    assert "Not sent 5" in page
    assert "Being cancelled" not in page


def test_a_wave_that_is_still_being_planned_is_not_cancelled_yet(client: Client) -> None:
    wave = make_wave(open=True)
    response = client.post(f"{SENDING}waves/{wave.pk}/cancel/", {"reason": "Wrong list"})
    assert response.status_code == 400
    assert "still being planned. Pause it now" in response.content.decode()
    assert Invitation.objects.filter(state="planned").count() == 2
    assert "being planned" in text(client)


def test_a_wave_is_cancelled_for_a_reason(client: Client) -> None:
    wave = make_wave()
    assert client.post(f"{SENDING}waves/{wave.pk}/cancel/").status_code == 400
    assert client.post(f"{SENDING}waves/{wave.pk}/pause/").status_code == 400
    assert Invitation.objects.filter(state="planned").count() == 2


def test_a_message_of_unknown_fate_is_shown_with_its_name_at_the_provider(client: Client, lost: Invitation) -> None:
    page = text(client)
    for words in ("After a call", "timed out", f"invitation-{lost.pk}-attempt-1", "Ada Example", "to told"):
        assert words in page


def test_it_was_sent(client: Client, lost: Invitation) -> None:
    assert press(client, f"unknown/{lost.pk}/", sent="yes") == "Noted: it was sent."
    lost.refresh_from_db()
    assert lost.state == "sent"
    assert "Was it sent?" not in text(client)
    assert "known already" in press(client, f"unknown/{lost.pk}/", sent="no")


def test_it_was_not_sent(client: Client, lost: Invitation) -> None:
    assert "it was not sent" in press(client, f"unknown/{lost.pk}/", sent="no")
    lost.refresh_from_db()
    assert lost.state == "planned"


@pytest.mark.parametrize("values", [{}, {"sent": ""}, {"sent": "maybe"}])
def test_no_word_is_no_permission_to_send(client: Client, lost: Invitation, values: dict[str, str]) -> None:
    assert client.post(f"{SENDING}unknown/{lost.pk}/", values).status_code == 400
    lost.refresh_from_db()
    assert lost.state == "unknown"


def test_who_may_only_look_gets_no_buttons(lost: Invitation) -> None:
    looker, browser = User.objects.create(username="looker", is_staff=True), Client()
    looker.user_permissions.set(Group.objects.get(name="CX manager").permissions.filter(codename="view_pause"))
    browser.force_login(looker)
    wave = make_wave()
    pause("wrong text", at=timezone.now(), channel="sms")
    for url in (SENDING, f"{SENDING}waves/{wave.pk}/"):
        response = browser.get(url)
        assert response.status_code == 200
        page = response.content.decode()
        assert not re.findall(r'<form[^>]*action="/admin/sending/[^>]*>\s*<input[^>]*>\s*<button', page)
        assert "Resume" not in page
    for url in ("pause/", "pauses/1/resume/", f"waves/{wave.pk}/cancel/", f"unknown/{lost.pk}/"):
        assert browser.post(f"{SENDING}{url}", {"reason": "x", "sent": "yes"}).status_code == 403


@pytest.mark.parametrize("before", ["", "x", "-1", "²", "999999999999999999999999"])
def test_an_address_that_somebody_changed_by_hand_shows_the_page(client: Client, before: str) -> None:
    make_wave()
    assert client.get(SENDING, {"before": before}).status_code == 200


def test_earlier_waves_are_a_page_away(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("surveys.wave_states", "cxsurvey.sending_views"):
        monkeypatch.setattr(f"{module}.LOOKED_AT", 2)
    waves = [make_wave(1) for _ in range(3)]
    page = client.get(SENDING).content.decode()
    link = re.search(r'href="(\?before=\d+)#waves"', page)
    assert link
    shown = re.findall(r"/waves/(\d+)/", client.get(SENDING + link[1]).content.decode())
    assert shown == [str(waves[0].pk)]


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Dovecot]:
    with mail_folder() as folder, imap_server(folder) as server:
        settings.BOUNCE_ADDRESS, settings.BOUNCE_IMAP_URL = "bounce@s.test", server.url
        yield server


@pytest.mark.mailbox
def test_mails_that_only_a_person_can_read_are_told(client: Client, mailbox: Dovecot) -> None:
    mailbox.put(reply())
    async_task(schedules.BOUNCES, sync=True)
    assert "what 1 mail in the bounce mailbox mean" in text(client)
    mailbox.empty()
    async_task(schedules.BOUNCES, sync=True)
    assert "bounce mailbox" not in text(client)


def run_job(path: str) -> None:
    """Run a job as the queue's worker does, which keeps why it failed."""
    tasks: Queue[Any] = Queue()
    results: Queue[Any] = Queue()
    async_task(path)
    tasks.put(SignedPackage.loads(OrmQ.objects.get().payload))
    tasks.put("STOP")
    worker(tasks, results, Value("f", -1))
    results.put("STOP")
    monitor(results)


@pytest.mark.django_db(transaction=True)
def test_a_bounce_mailbox_that_cannot_be_read_is_told(client: Client, settings: Settings) -> None:
    settings.BOUNCE_IMAP_URL = f"imap://bounce:secret@127.0.0.1:{free_port()}/INBOX"
    run_job(schedules.BOUNCES)
    shown = text(client)
    assert "The bounce mailbox at 127.0.0.1 cannot be read" in shown
    assert "Look at BOUNCE_IMAP_URL and at the mail server." in shown
    assert "Traceback" not in shown
    settings.BOUNCE_IMAP_URL = ""
    assert "bounce mailbox" not in text(client), "what was read of a mailbox that is not used any more"
