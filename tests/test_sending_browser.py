"""The page Sending in a real browser: on any width, in both themes, with the keyboard, for everybody."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from surveys.models import Attempt, Pause, Wave, WaveRange
from surveys.pausing import pause
from tests.browsing import WIDTHS, assert_for_everybody, in_every_window, log_in
from tests.surveys.makers import make_customer, make_invitation, make_program

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER = "+12025550123"


@pytest.fixture
def wave() -> Wave:
    """A wave with something in every state, a pause that came by itself, a message of unknown fate, one stopped."""
    now, program = timezone.now(), make_program(name="After a delivery to the house")
    wave = Wave.objects.create(at=now - timedelta(hours=1), newest_touchpoint=0, open=False)
    WaveRange.objects.create(wave=wave, first=1, last=9, report={"calls": {"asked": 1234}})
    make_invitation(program=program, wave=wave, due_at=now - timedelta(minutes=30))
    make_invitation(program=program, wave=wave, state="sent", sent_at=now)
    make_invitation(program=program, state="claimed", claimed_at=now, claimed_by="worker-7.example.com-4711")
    make_invitation(customer=make_customer(phone=NUMBER), channel="sms", due_at=now + timedelta(hours=1))
    unknown = make_invitation(program=program, state="unknown", state_reason="The worker stopped before it noted it.")
    values = {"channel": "email", "gateway": "email", "outcome": "unknown", "started_at": now, "ended_at": now}
    Attempt.objects.create(invitation=unknown, number=1, **values)
    stopped = "Error of ours: AttributeError: 'NoneType' object has no attribute 'value'"
    make_invitation(program=program, due_at=now, state_reason=stopped)
    pause("50 of 1000 messages bounced. Look at where these addresses come from.", at=now, program_id=program.pk)
    return wave


@pytest.fixture
def window(page: Page, live_server: LiveServer) -> Page:
    """A page in which a member of the house is logged in."""
    log_in(page.context, live_server)
    return page


def test_the_pages_are_for_everybody(window: Page, live_server: LiveServer, wave: Wave) -> None:
    for address in ("sending/", f"sending/waves/{wave.pk}/"):
        for _ in in_every_window(window, f"{live_server.url}/admin/{address}"):
            assert_for_everybody(window, ".cx")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_keyboard_stops_everything_and_lets_it_go_on(window: Page, live_server: LiveServer, width: int) -> None:
    window.set_viewport_size({"width": width, "height": 800})
    window.goto(f"{live_server.url}/admin/sending/")
    window.get_by_label("Why").first.focus()
    window.keyboard.type("Wrong text in the mail")
    window.keyboard.press("Enter")
    resume = window.get_by_role("button", name="Resume Everything")
    expect(resume).to_be_visible()
    assert Pause.objects.get(ended_at=None).reason == "Wrong text in the mail"
    resume.focus()
    window.keyboard.press("Enter")
    expect(window.get_by_role("heading", name="Sending is not paused")).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_keyboard_pauses_a_channel(window: Page, live_server: LiveServer, width: int) -> None:
    window.set_viewport_size({"width": width, "height": 800})
    window.goto(f"{live_server.url}/admin/sending/")
    window.get_by_text("Pause only a channel or a program").focus()
    window.keyboard.press("Enter")
    window.get_by_label("What").focus()
    window.keyboard.type("All by SMS")
    window.keyboard.press("Tab")
    window.keyboard.type("Bill not paid")
    window.keyboard.press("Enter")
    expect(window.get_by_role("button", name="Resume SMS")).to_be_visible()
