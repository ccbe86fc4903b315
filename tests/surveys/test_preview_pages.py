"""The preview in the admin: who may see it, what it shows, and the test that is sent from it."""

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.test import Client

from contacts import consent
from contacts.models.words import Via
from surveys.models import OutboxMessage, SurveyVersion, Translation
from surveys.publishing import draft_from
from tests.surveys.makers import NOON, make_customer, make_program, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def version() -> SurveyVersion:
    return make_version()


def member(role: str) -> Client:
    """Return a browser in which somebody of a group is logged in."""
    user = User.objects.create(username=role, email="ada@cx.example", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def manager(db: None) -> Client:
    return member("CX manager")


def page(client: Client, version: SurveyVersion, status: int = 200, **query: str | int) -> str:
    response = client.get(f"/admin/preview/{version.pk}/", query)
    assert response.status_code == status
    return response.content.decode()


def test_the_page_shows_the_message_by_each_channel(manager: Client, version: SurveyVersion) -> None:
    shown = page(manager, version)
    assert "Northwind Outfitters asks about your purchase on" in shown
    assert "Northwind Outfitters: how was your purchase on" in shown
    assert re.search(r"\d+ characters in GSM-7, 1 message\.", shown)
    assert 'value="ada@cx.example"' in shown


def test_the_frame_shows_the_mail_and_lets_it_do_nothing(manager: Client, version: SurveyVersion) -> None:
    [frame] = re.findall(r"<iframe[^>]+>", page(manager, version, language="de", name="long", purpose="reminder"))
    assert re.search(r"\bsandbox( |>)", frame)
    [address] = re.findall(r'src="([^"]+)"', frame)
    mail = manager.get(address.replace("&amp;", "&"))
    assert "Guten Tag Maximiliane-Alexandra Freifrau von und zu Hohenstein-Wittgenstein," in mail.content.decode()
    assert "noch immer gern wissen" in mail.content.decode()
    assert mail["X-Frame-Options"] == "SAMEORIGIN"
    assert "default-src 'none'" in mail["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in mail["Content-Security-Policy"]


def test_a_name_in_another_script_makes_no_markup(manager: Client, version: SurveyVersion) -> None:
    assert "فاطمة الزهراء بنت عبد الرحمن" in page(manager, version, name="right-to-left")


def test_a_text_in_another_script_is_more_messages(manager: Client, version: SurveyVersion) -> None:
    Translation.objects.create(version=version, language="ru", field="sms", text="Как прошла ваша покупка? {link} " * 3)
    assert re.search(r"characters in UCS-2, [3-6] messages\.", page(manager, version, language="ru"))


def test_what_a_language_lacks_is_told(manager: Client, version: SurveyVersion) -> None:
    Translation.objects.filter(language="de", field="subject").delete()
    Translation.objects.filter(field="sms").delete()
    shown = page(manager, version)
    assert re.search(r'subject\s+<span class="cx-quiet">\(en\)</span>', shown)
    assert re.search(r'sms\s+<strong class="cx-unhappy">\(nothing\)</strong>', shown)


def test_a_program_is_told_in_words(manager: Client, version: SurveyVersion) -> None:
    program = make_program(version, reminders=1, reminder_channel="sms")
    shown = page(manager, version, program=program.pk)
    assert "After a purchase asks 12 hours after the touchpoint by email, else by SMS." in shown
    assert "Reminders: after 5 days, once, by SMS." in shown


def test_the_program_leads_to_the_preview_of_what_customers_are_asked(manager: Client, version: SurveyVersion) -> None:
    draft_from(version)
    program = make_program(version)
    led = manager.get(f"/admin/surveys/program/{program.pk}/preview/")
    assert (led.status_code, led["Location"]) == (302, f"/admin/preview/{version.pk}/?program={program.pk}")
    assert "Preview and test" in manager.get(f"/admin/surveys/program/{program.pk}/change/").content.decode()


def test_the_editor_leads_to_the_preview(manager: Client, version: SurveyVersion) -> None:
    assert f'href="/admin/preview/{version.pk}/"' in manager.get(f"/admin/editor/{version.pk}/").content.decode()


@pytest.mark.parametrize("query", [{"language": "xx"}, {"purpose": "call"}, {"name": "x"}, {"program": "0"}])
def test_what_is_not_offered_is_refused(manager: Client, version: SurveyVersion, query: dict[str, str]) -> None:
    page(manager, version, 400, **query)


def test_there_is_no_preview_of_nothing(manager: Client) -> None:
    assert manager.get("/admin/preview/0/").status_code == 404


@pytest.mark.parametrize(
    ("role", "sees", "sends"), [("CX manager", 200, 302), ("Analyst", 200, 403), ("Interviewer", 403, 403)]
)
def test_the_right_to_see_is_not_that_to_send(version: SurveyVersion, role: str, sees: int, sends: int) -> None:
    client = member(role)
    shown = page(client, version, sees)
    assert ("Send the test" in shown) == (sends == 302)
    assert post(client, version).status_code == sends
    assert OutboxMessage.objects.exists() == (sends == 302)


def post(client: Client, version: SurveyVersion, query: str = "", **given: str) -> Any:
    """Ask for a test by email to oneself, unless told otherwise."""
    form = {"channel": "email", "to": "ada@cx.example"} | given
    return client.post(f"/admin/preview/{version.pk}/test/{query}", form)


def test_a_test_is_sent_and_its_fate_told(manager: Client, version: SurveyVersion) -> None:
    program = make_program(version, kinds=["repair"])
    sent = post(manager, version, f"?language=de&purpose=reminder&name=long&program={program.pk}")
    assert sent["Location"].startswith(f"/admin/preview/{version.pk}/?language=de&purpose=reminder&name=long&program=")
    assert "Accepted: the gateway took the test message." in manager.get(sent["Location"]).content.decode()
    assert OutboxMessage.objects.get().subject.startswith("[Test] Ihre Meinung zu Ihrer Reparatur")
    assert LogEntry.objects.filter(change_message__startswith="Test message").count() == 1


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"to": "nobody"}, "Expected one email address like"),
        ({"to": ""}, "This field is required"),
        ({"channel": "sms", "to": "12"}, "Expected a phone number"),
        ({"channel": "phone"}, "is not one of the available choices"),
        ({"to": "no@example.com"}, "A customer with this address said no to Email"),
    ],
)
def test_what_cannot_be_sent_says_why(
    manager: Client, version: SurveyVersion, given: dict[str, str], told: str
) -> None:
    consent.opt_out(make_customer(email="no@example.com").pk, "", at=NOON, via=Via.LINK)
    refused = post(manager, version, **given)
    assert (refused.status_code, told in refused.content.decode()) == (400, True)
    assert not OutboxMessage.objects.exists()


def test_sending_needs_a_post(manager: Client, version: SurveyVersion) -> None:
    assert manager.get(f"/admin/preview/{version.pk}/test/").status_code == 405


def test_a_test_is_shown_in_the_outbox_as_one(manager: Client, version: SurveyVersion) -> None:
    post(manager, version)
    shown = manager.get("/outbox/").content.decode()
    assert "to ada@cx.example (a test)" in shown
    assert "Answer as this customer" not in shown


@pytest.mark.parametrize("page", ["translate", "preview", "formats"])
def test_every_page_about_a_version_leads_back_to_it(manager: Client, page: str) -> None:
    version = make_version()
    shown = manager.get(f"/admin/{page}/{version.pk}/").content.decode()
    assert f'<a href="/admin/editor/{version.pk}/">{version}</a>' in shown
