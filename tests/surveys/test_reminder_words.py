"""The words of reminders: a survey's own, else ours in the same language, before those of another language."""

from typing import Any

import pytest

from surveys.composing import compose
from surveys.models import Attempt, Invitation, SurveyVersion, Translation
from surveys.phrases import LANGUAGES, Phrases
from surveys.texts import PLACEHOLDER, REMINDER_FIELDS, words
from tests.surveys.makers import NOON, make_customer, make_invitation, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def version() -> SurveyVersion:
    return make_version()


def forget(**which: str) -> None:
    Translation.objects.filter(field__startswith="reminder", **which).delete()


@pytest.mark.parametrize(
    ("kept", "language", "subject"),
    [
        ("en de", "en", "Still welcome"),
        ("en de", "de-AT", "Ihre Meinung"),
        ("en de", "fr", "Still welcome"),
        ("en", "de", "Zur Erinnerung"),
        ("de", "en", "A reminder"),
        ("de", "fr", "A reminder"),
        ("", "de", "Zur Erinnerung"),
    ],
)
def test_a_reminder_speaks_the_language(version: SurveyVersion, kept: str, language: str, subject: str) -> None:
    for unwanted in {"en", "de"} - set(kept.split()):
        forget(language=unwanted)
    assert words(version, language).reminder_subject.startswith(subject)


def test_a_version_without_any_words_still_reminds_in_english(version: SurveyVersion) -> None:
    Translation.objects.all().delete()
    assert words(version, "ja").reminder_message == LANGUAGES["en"].reminder["reminder_message"]


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=list(LANGUAGES))
def test_every_language_has_words_for_a_reminder(language: Phrases) -> None:
    assert tuple(language.reminder) == REMINDER_FIELDS
    facts = {field: {found[1] for found in PLACEHOLDER.findall(text)} for field, text in language.reminder.items()}
    assert facts["reminder_message"] == {"name", "brand", "visit", "seconds"}
    assert facts["reminder_sms"] == {"brand", "visit", "seconds", "link"}


def text(**fields: Any) -> str:
    customer = make_customer(phone="+12025550123")
    invitation: Invitation = make_invitation(customer=customer, purpose="reminder", **fields)
    return compose(invitation, words(invitation.version, invitation.language), Attempt(number=1, started_at=NOON)).text


def test_a_reminder_by_email_says_that_it_is_one() -> None:
    assert "asked you how your purchase on Monday, May 4, 2026 was and would still like to know" in text()


def test_a_reminder_by_sms_fits_into_one_message() -> None:
    sms = text(channel="sms")
    assert sms.startswith("Northwind Outfitters would still like to know: how was your purchase on May 4?")
    assert len(sms) < 160
