"""The link of a test message: the customer's pages, and nothing is stored."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from contacts.models import Contact, OptOut, Wish
from surveys.links import invitation_id, token
from surveys.models import Answer, Response, SurveyVersion, Translation
from surveys.publishing import draft_from
from surveys.trial_links import read_trial, trial_url
from tests.surveys.makers import NOON, make_invitation, make_program, make_version

pytestmark = pytest.mark.django_db
STORED = (Response, Answer, OptOut, Wish, Contact)


@pytest.fixture
def version() -> SurveyVersion:
    return make_version(legal_lines="Northwind Ltd")


def address(version: SurveyVersion, language: str = "en", at: datetime | None = None, program: int = 0) -> str:
    """Return the path of a test link that was sent just now, unless told otherwise."""
    return urlsplit(trial_url(version.pk, program, language, "email", at or timezone.now())).path


def nothing_stored() -> bool:
    return not any(model.objects.exists() for model in STORED)


def test_the_page_asks_as_it_asks_a_customer_and_says_that_it_is_a_test(client: Client, version: SurveyVersion) -> None:
    page = client.get(f"{address(version)}?score=9")
    shown = page.content.decode()
    assert "A test: you see what a customer sees, and nothing is stored." in shown
    assert "How was your purchase on" in shown
    assert re.search(r'value="9"[^>]* checked', shown)
    assert (page["Cache-Control"], page["Referrer-Policy"], page["X-Robots-Tag"]) == (
        "no-store", "no-referrer", "noindex",
    )  # fmt: skip


def test_an_answer_is_thanked_for_and_not_stored(client: Client, version: SurveyVersion) -> None:
    answered = client.post(address(version), {"score": "9", "reason": "Fast.", "call_me": "1"})
    assert (answered.status_code, answered["Location"]) == (303, f"{address(version)}/thanks")
    assert "Thank you. Your answer has reached Northwind" in client.get(answered["Location"]).content.decode()
    assert nothing_stored()


def test_it_can_be_answered_again(client: Client, version: SurveyVersion) -> None:
    for _ in range(2):
        assert client.post(address(version), {"score": "9"}).status_code == 303


@pytest.mark.parametrize(("given", "status"), [({}, 422), ({"score": "11"}, 422), ({"dream": "1"}, 400)])
def test_a_wrong_answer_is_refused_as_a_customers_is(
    client: Client, version: SurveyVersion, given: dict[str, str], status: int
) -> None:
    assert client.post(address(version), given).status_code == status


@pytest.mark.parametrize("step", ["later", "less", "unsubscribe"])
def test_a_wish_is_taken_and_not_noted(client: Client, version: SurveyVersion, step: str) -> None:
    noted = client.post(f"{address(version)}/{step}", {"days": "7", "channel": ""})
    assert noted.status_code == 200
    assert "This was a test, so nothing was noted." in noted.content.decode()
    assert nothing_stored()


def test_a_mail_program_can_unsubscribe_from_a_test(client: Client, version: SurveyVersion) -> None:
    posted = client.post(f"{address(version)}/unsubscribe", {"List-Unsubscribe": "One-Click"})
    assert posted.status_code == 200
    assert nothing_stored()
    assert f'action="{address(version)}/unsubscribe"' in client.get(f"{address(version)}/unsubscribe").content.decode()


@pytest.mark.parametrize("step", ["later", "less", "dream"])
def test_there_is_no_such_page(client: Client, version: SurveyVersion, step: str) -> None:
    assert client.get(f"{address(version)}/{step}").status_code == 404


def test_every_form_of_the_page_stays_in_the_test(client: Client, version: SurveyVersion) -> None:
    shown = client.get(address(version)).content.decode()
    own = address(version)
    for form in (own, f"{own}/later", f"{own}/less", f"{own}/unsubscribe"):
        assert f'action="{form}"' in shown
    assert shown.count('action="') == 4


def test_it_speaks_the_language(client: Client, version: SurveyVersion) -> None:
    assert "Ein Test: Sie sehen, was Kunden sehen" in client.get(address(version, "de-AT")).content.decode()


def test_it_is_about_what_the_program_asks_about(client: Client, version: SurveyVersion) -> None:
    program = make_program(version, kinds=["repair"])
    assert "your repair" in client.get(address(version, program=program.pk)).content.decode()


def test_a_draft_is_shown_as_it_is_now(client: Client, version: SurveyVersion) -> None:
    draft = draft_from(version)
    assert "How was your purchase" in client.get(address(draft)).content.decode()
    Translation.objects.filter(version=draft, field="title", language="en").update(text="A better title")
    assert "A better title" in client.get(address(draft)).content.decode()


def test_the_link_works_for_a_week(client: Client, version: SurveyVersion) -> None:
    now = timezone.now()
    assert client.get(address(version, at=now - timedelta(days=7))).status_code == 200
    expired = client.get(address(version, at=now - timedelta(days=8)))
    assert (expired.status_code, "This link has expired" in expired.content.decode()) == (410, True)
    assert client.post(address(version, at=now - timedelta(days=8)), {"score": "9"}).status_code == 410


def test_a_deleted_draft_leaves_an_unknown_link(client: Client, version: SurveyVersion) -> None:
    draft = draft_from(version)
    link = address(draft)
    draft.delete()
    assert client.get(link).status_code == 404


def test_a_link_says_what_it_opens(version: SurveyVersion) -> None:
    opened = read_trial(trial_url(version.pk, 7, "zh-Hant", "sms", NOON).rpartition("/")[2])
    assert opened
    assert (opened.version_id, opened.program_id, opened.language, opened.channel) == (version.pk, 7, "zh-Hant", "sms")
    assert opened.closes_at == datetime(2026, 5, 13, tzinfo=UTC)


@pytest.mark.parametrize("place", range(0, 40, 3))
def test_a_link_that_was_changed_anywhere_opens_nothing(version: SurveyVersion, place: int) -> None:
    made = trial_url(version.pk, 0, "en", "email", NOON).rpartition("/")[2]
    at = place % len(made)
    changed = made[:at] + ("A" if made[at] != "A" else "B") + made[at + 1 :]
    assert read_trial(changed) is None


@pytest.mark.parametrize("made", ["", "x", "1-", "-" * 30, "1-a.b.c.d.e" + "x" * 22, "é" * 40])
def test_nonsense_opens_nothing(client: Client, made: str) -> None:
    assert read_trial(made) is None
    assert not made or client.get(f"/s/t/{made}").status_code == 404


def test_a_test_link_is_no_customers_link_and_the_reverse(version: SurveyVersion, settings: Settings) -> None:
    assert invitation_id(trial_url(version.pk, 0, "en", "email", NOON).rpartition("/")[2]) is None
    assert read_trial(token(make_invitation(version))) is None
    settings.LINK_KEYS = {"other": "key"}
    assert read_trial(trial_url(version.pk, 0, "en", "email", NOON).rpartition("/")[2])
