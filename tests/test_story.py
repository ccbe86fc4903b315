"""The story that this product comes from.

A woman had her house painted and was delighted. The desk called her twice while she was in a meeting. A third call
about her painted house is not possible, unless she asks for it; nor is an email instead, unless the caps allow it.
"""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from contacts.models import Appointment, Contact, Decision, Touchpoint
from contacts.policies import ensure_default_policy
from surveys.calls.closing import close_over
from surveys.models import CallCase, Invitation, Response
from surveys.planning import plan
from tests.clock import Clock, set_clock
from tests.contacts.makers import cap, put_in_force
from tests.surveys.desk import NO_PHONE
from tests.surveys.makers import NOON, make_customer, make_program, make_touchpoint, make_version


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A Tuesday at noon."""
    return set_clock(monkeypatch, NOON)


@pytest.fixture
def painted(db: None, clock: Clock) -> Touchpoint:
    """Her house was painted yesterday; a program by phone asks about it for two months, under the default policy."""
    ensure_default_policy(NOON)
    customer = make_customer(name="Maria Holm", phone="+4740612345", time_zone="Europe/Oslo")
    painted = make_touchpoint(customer, kind="house painting", channel="at home")
    version = make_version()
    way = {"contact_channels": ["phone"], "kinds": ["house painting"], "worth": timedelta(days=60)}
    make_program(version, slug="calls", **way)
    plan(clock.at)
    return painted


def desk(name: str = "ines") -> Client:
    """Return the browser of an interviewer who has just logged in."""
    user, _ = User.objects.get_or_create(username=name, first_name=name.title(), is_staff=True)
    user.groups.add(Group.objects.get(name="Interviewer"))
    client = Client()
    client.force_login(user)
    return client


def next_call() -> Any:
    """Press the button; return the page that it leads to."""
    return desk().post("/calls/next/", follow=True)


def she(outcome: str, **fields: str) -> Any:
    """Call her about the next case and log how that ended."""
    page = next_call()
    offer = page.context["form"]["offer"].value()
    data = {"call.outcome": outcome, "call.offer": offer, "call.talk": "20", **fields}
    return desk().post(f"/calls/{page.context['case'].pk}/result/", data)


def in_a_meeting_twice(clock: Clock) -> None:
    assert she("not_now").status_code == 302
    clock.pass_by(days=7)
    assert she("not_now").status_code == 302


def text(page: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def calls() -> list[str]:
    return list(Contact.objects.filter(purpose="call").order_by("at").values_list("outcome", flat=True))


def test_after_the_first_meeting_she_is_left_in_peace_for_a_week(painted: Touchpoint, clock: Clock) -> None:
    she("not_now")
    clock.pass_by(days=6, hours=23, minutes=59)

    assert "Nobody may be called now" in text(next_call())
    page = desk().get(f"/calls/{CallCase.objects.get().pk}/")
    assert "The next call is allowed on Tuesday 12 May 2026, 14:00 (Europe/Oslo)." in text(page)
    assert "tel:" not in page.content.decode()
    clock.pass_by(minutes=1)
    again = next_call()
    assert again.context["case"].touchpoint == painted
    assert "Not now, in a meeting , Tuesday 5 May 2026, 14:00 (Europe/Oslo), by Ines" in text(again)


def test_after_the_second_there_is_no_third_call_about_her_painted_house(painted: Touchpoint, clock: Clock) -> None:
    in_a_meeting_twice(clock)

    for days in (0, 7, 30, 60):
        clock.pass_by(days=days)
        assert "Nobody may be called now" in text(next_call())
        assert desk().post(f"/calls/{CallCase.objects.get().pk}/take/", follow=True).context["may_call"] is False
    assert calls() == ["not_now", "not_now"]
    assert CallCase.objects.get().disposition == "2.21"


def test_who_tries_is_told_the_rule_the_calls_and_what_can_be_done(painted: Touchpoint, clock: Clock) -> None:
    in_a_meeting_twice(clock)
    clock.pass_by(days=7)

    told = text(desk().get(f"/calls/{CallCase.objects.get().pk}/"))

    assert "It was a bad moment twice: only an appointment made by the customer allows another call." in told
    assert "The rule “call attempts” allows 2, and 2 are used" in told
    assert told.count("call, not now (bad moment), by Ines") == 2
    assert "A call about something else is allowed from Thursday 4 June 2026, 14:00 (Europe/Oslo) on." in told
    assert "If the customer named a time: record the appointment" in told


def test_nor_from_the_customers_page_nor_by_sending_an_old_page_again(painted: Touchpoint, clock: Clock) -> None:
    she("not_now")
    clock.pass_by(days=7)
    old = next_call()
    data = {"call.outcome": "not_now", "call.offer": old.context["form"]["offer"].value()}
    address = f"/calls/{old.context['case'].pk}/result/"
    desk().post(address, data)
    clock.pass_by(days=7)

    desk().post(address, data)
    logged = desk().post(
        f"/admin/customers/{painted.customer_id}/call/",
        {"outcome": "completed", "minutes": 1, "touchpoint": painted.pk},
    )

    assert logged.status_code == 409
    assert calls() == ["not_now", "not_now"]


@pytest.mark.parametrize(("contacts", "invited"), [(2, False), (3, True)])
def test_nor_is_she_written_to_instead_unless_the_caps_allow_it(
    painted: Touchpoint, clock: Clock, contacts: int, invited: bool
) -> None:
    put_in_force(cap(2, "30 days", "call_attempts"), cap(contacts, "30 days"))
    in_a_meeting_twice(clock)
    make_program(make_version(), slug="letters", kinds=["house painting"], worth=timedelta(days=21))
    clock.pass_by(days=7)

    plan(clock.at)

    assert Invitation.objects.filter(touchpoint=painted).exists() == invited
    [decision] = Decision.objects.filter(program="letters")
    assert decision.result == ("send" if invited else "skip")


def test_unless_she_asks_for_it_and_then_she_gives_a_nine(painted: Touchpoint, clock: Clock) -> None:
    in_a_meeting_twice(clock)
    clock.pass_by(days=3)
    named = {"touchpoint": painted.pk, "day": "2026-05-16", "starts_at": "14:00", "ends_at": "15:00"}
    assert desk().post(f"/admin/customers/{painted.customer_id}/appointment/", named).status_code == 302
    close_over(clock.at)
    assert "Saturday 16 May 2026, 14:00 (Europe/Oslo) , until 15:00" in text(desk().get("/calls/"))
    assert "Nobody may be called now" in text(next_call())

    clock.pass_by(days=1)
    assert "The customer asked for this time." in text(next_call())
    assert she("completed", score="9", reason="The house shines").status_code == 302

    assert calls() == ["not_now", "not_now", "completed"]
    assert {str(answer) for answer in Response.objects.get().answers.all()} == {"9", "The house shines"}
    assert Appointment.objects.get().state == "kept"
    assert CallCase.objects.get().disposition == "1.1"


def test_a_time_named_in_the_second_meeting_is_kept_at_that_time(painted: Touchpoint, clock: Clock) -> None:
    she("not_now")
    clock.pass_by(days=7)
    named = {"call.day": "2026-05-13", "call.starts_at": "17:30", "call.ends_at": "18:00"}
    assert she("not_now", **named).status_code == 302

    clock.pass_by(hours=27)
    assert "Nobody may be called now" in text(next_call())
    clock.pass_by(hours=0.5)
    assert she("completed", score="9").status_code == 302
    assert calls() == ["not_now", "not_now", "completed"]


def log_in(context: BrowserContext, server: LiveServer) -> Page:
    """Open the work list as an interviewer who has just logged in."""
    context.clear_cookies()
    session = desk().cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": server.url}])
    context.add_init_script(NO_PHONE)
    page = context.new_page()
    page.goto(f"{server.url}/calls/")
    expect(page.get_by_role("button", name="Next call")).to_be_focused()
    return page


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


@pytest.mark.django_db(transaction=True)
def test_the_whole_story_with_the_keyboard_alone(
    transactional_db: None, painted: Touchpoint, clock: Clock, context: BrowserContext, live_server: LiveServer
) -> None:
    for _ in range(2):
        page = log_in(context, live_server)
        press(page, "Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Maria Holm")
        page.wait_for_load_state()  # keys are the script's
        press(page, "m")
        expect(page.get_by_role("button", name="Busy")).to_be_visible()  # no outcome before a call
        press(page, "d", "m")
        expect(page.get_by_text("Maria Holm: not now, in a meeting.")).to_be_visible()
        clock.pass_by(days=7)
    page = log_in(context, live_server)
    press(page, "Enter")
    expect(page.get_by_text("Nobody may be called now")).to_be_visible()
    named = {"touchpoint": painted.pk, "day": "2026-05-19", "starts_at": "14:00", "ends_at": "15:00"}
    desk().post(f"/admin/customers/{painted.customer_id}/appointment/", named)
    page.get_by_role("button", name="Next call").focus()
    press(page, "Enter")
    expect(page.get_by_text("The customer asked for this time.")).to_be_visible()
    page.wait_for_load_state()
    press(page, "d", "q", "ArrowLeft", "ArrowLeft", "c")  # from 0 to 10 to 9
    expect(page.get_by_text("Maria Holm: completed.")).to_be_visible()
    assert Response.objects.get().answers.get().number == 9
