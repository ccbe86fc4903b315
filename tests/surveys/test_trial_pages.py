"""The link of a test message: the customer's pages, and what is answered there is a test."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.db.models import ProtectedError
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from contacts.models import Contact, OptOut, Wish
from surveys.links import invitation_id, token
from surveys.models import Answer, Response, SurveyVersion, Translation
from surveys.page_words import ENGLISH
from surveys.publishing import draft_from
from surveys.trial_links import read_trial, trial_url
from tests.surveys.answered import make_response
from tests.surveys.asked import every_kind, make_asked
from tests.surveys.makers import NOON, make_invitation, make_program, make_version

pytestmark = pytest.mark.django_db
COUNTING = (OptOut, Wish, Contact)


@pytest.fixture
def version() -> SurveyVersion:
    return make_version(legal_lines="Northwind Ltd")


def address(version: SurveyVersion, language: str = "en", at: datetime | None = None, program: int = 0) -> str:
    """Return the path of a test link that was sent just now, unless told otherwise."""
    return urlsplit(trial_url(version.pk, program, language, "email", at or timezone.now())).path


def nothing_counts() -> bool:
    """Whether nothing of a customer's was written, and no figure has anything to count."""
    return not any(model.objects.exists() for model in COUNTING) and not Response.objects.counted().exists()


def test_the_page_asks_as_it_asks_a_customer_and_says_that_it_is_a_test(client: Client, version: SurveyVersion) -> None:
    page = client.get(f"{address(version)}?score=9")
    shown = page.content.decode()
    assert ENGLISH.test in shown
    assert "How was your purchase on" in shown
    assert re.search(r'value="9"[^>]* checked', shown)
    assert (page["Cache-Control"], page["Referrer-Policy"], page["X-Robots-Tag"]) == (
        "no-store", "no-referrer", "noindex",
    )  # fmt: skip


def test_an_answer_is_kept_as_a_test_and_shown(client: Client, version: SurveyVersion) -> None:
    link = address(version)
    answered = client.post(link, {"score": "9", "reason": "Fast.", "call_me": "1"})
    assert (answered.status_code, answered["Location"]) == (303, f"{link}/thanks")
    thanks = client.get(answered["Location"]).content.decode()
    assert "Thank you. Your answer has reached Northwind" in thanks
    assert re.findall(r"<dd>([^<]+)</dd>", thanks) == ["9", "Fast.", "Yes", "unseen"]
    response = Response.objects.get()
    assert (response.test, response.customer, response.version, response.source) == (True, None, version, "cxsurvey")
    assert link.rpartition("/")[2] not in response.external_id
    assert nothing_counts()


def test_it_can_be_answered_otherwise_and_begun_again(client: Client, version: SurveyVersion) -> None:
    link = address(version)
    for score in ("9", "2"):
        assert client.post(link, {"score": score}).status_code == 303
    assert [answer.number for answer in Answer.objects.all()] == [2]
    assert client.get(link)["Location"] == f"{link}/thanks"
    assert client.post(f"{link}/again")["Location"] == link
    assert not Response.objects.exists()
    assert client.get(link).status_code == 200


def test_each_message_has_a_test_of_its_own(client: Client, version: SurveyVersion) -> None:
    now = timezone.now()
    for ago in (1, 2):
        client.post(address(version, at=now - timedelta(seconds=ago)), {"score": "9"})
    assert Response.objects.count() == 2


def test_every_kind_of_question_of_a_draft_can_be_tried_page_by_page(client: Client) -> None:
    draft = draft_from(make_asked(*every_kind()))
    link = address(draft)
    sent: list[dict[str, object]] = [
        {"score": "3", "happy": "4", "stars": "2", "again": "0"},
        {"why": "other", "why.other": "Parking", "used": ["app", "shop"], "parts.speed": "3",
         "order.speed": "2", "order.price": "1", "order.staff": "3"},
        {"nickname": "Ada", "times": "4", "day": "2026-05-01", "call_me": "1"},
    ]  # fmt: skip
    for place, given in enumerate(sent):
        assert client.get(link).status_code == 200
        answered = client.post(f"{link}/{place + 1}", given)
        assert answered["Location"] == f"{link}/{('2', '3', 'thanks')[place]}"
    told = re.findall(r"<dd>([^<]+)</dd>", client.get(answered["Location"]).content.decode())
    assert told[:-1] == [
        *("3", "4", "2", "No", "Something else: Parking", "App", "Shop", "Speed: Good"),
        *("2. Speed", "1. Price", "3. Staff", "Ada", "4", "2026-05-01", "Yes"),
    ]


def test_a_draft_lets_go_of_its_tests_and_a_survey_of_no_answer(client: Client, version: SurveyVersion) -> None:
    draft = draft_from(version)
    client.post(address(draft), {"score": "9"})
    draft.questions.get(key="score").delete()
    assert not Answer.objects.exists()
    draft.delete()
    assert not Response.objects.exists()
    make_response(version=version)
    with pytest.raises(ProtectedError):
        version.questions.get(key="score").delete()
    with pytest.raises(ProtectedError):
        version.delete()


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
    assert nothing_counts()


def test_a_mail_program_can_unsubscribe_from_a_test(client: Client, version: SurveyVersion) -> None:
    posted = client.post(f"{address(version)}/unsubscribe", {"List-Unsubscribe": "One-Click"})
    assert posted.status_code == 200
    assert nothing_counts()
    own = address(version)
    assert f'action="{own}/unsubscribe"' in client.get(f"{own}/unsubscribe").content.decode()


@pytest.mark.parametrize("step", ["later", "less", "dream", "again"])
def test_there_is_no_such_page(client: Client, version: SurveyVersion, step: str) -> None:
    assert client.get(f"{address(version)}/{step}").status_code == 404


def test_every_form_of_the_page_stays_in_the_test(client: Client, version: SurveyVersion) -> None:
    own = address(version)
    shown = client.get(own).content.decode()
    for form in (own, f"{own}/later", f"{own}/less", f"{own}/unsubscribe"):
        assert f'action="{form}"' in shown
    assert shown.count('action="') == 4


def test_it_speaks_the_language(client: Client, version: SurveyVersion) -> None:
    assert "Ein Test: Sie sehen, was Kunden sehen." in client.get(address(version, "de-AT")).content.decode()


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
