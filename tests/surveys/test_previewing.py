"""What a colleague is shown is what a customer gets."""

from itertools import product

import pytest

from contacts.models import Customer, Touchpoint
from surveys.answering import open_link
from surveys.composing import compose
from surveys.models import Attempt, Invitation, SurveyVersion, Translation
from surveys.previewing import NAMES, OTHER, Wanted, example_link, gaps, languages, preview, sample
from surveys.texts import words
from tests.surveys.makers import NOON, make_customer, make_invitation, make_program, make_touchpoint, make_version
from tests.surveys.reminded import DAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def version() -> SurveyVersion:
    return make_version()


def wanted(version: SurveyVersion, language: str = "en", **fields: str) -> Wanted:
    return Wanted(version, None, language, **fields)


def translate(version: SurveyVersion, language: str, field: str, text: str) -> None:
    Translation.objects.create(version=version, language=language, field=field, text=text)


@pytest.mark.parametrize(("channel", "purpose"), product(["email", "sms"], ["invitation", "reminder"]))
@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_the_preview_is_the_message_that_goes_out(
    version: SurveyVersion, channel: str, purpose: str, language: str
) -> None:
    customer = make_customer(email="customer@example.com", phone="+12025550123", time_zone="")
    touchpoint = make_touchpoint(customer, occurred_at=NOON - DAY)
    way = {"channel": channel, "purpose": purpose, "language": language}
    real = make_invitation(version, touchpoint=touchpoint, **way)
    sent = compose(real, words(version, language), Attempt(pk=1, number=1, started_at=NOON), link=example_link())
    shown = preview(wanted(version, language, purpose=purpose), channel, NOON)
    assert (shown.subject, shown.text, shown.html) == (sent.subject, sent.text, sent.html)
    assert (shown.sender, shown.recipient) == (sent.sender, sent.recipient)


def test_a_preview_writes_nothing_and_its_link_opens_nothing(version: SurveyVersion) -> None:
    preview(wanted(version), "email", NOON)
    assert [model.objects.count() for model in (Customer, Touchpoint, Invitation)] == [0, 0, 0]
    assert open_link(example_link().rpartition("/")[2], NOON).state == "unknown"


def test_a_program_is_shown_with_its_kind_of_touchpoint(version: SurveyVersion) -> None:
    program = make_program(version, kinds=["repair"])
    assert "your repair" in preview(Wanted(version, program, "en"), "email", NOON).subject


@pytest.mark.parametrize(("name", "channel"), product(NAMES, ["email", "sms"]))
def test_every_sample_name_can_be_written(version: SurveyVersion, name: str, channel: str) -> None:
    text = preview(wanted(version, name=name), channel, NOON).text
    assert channel == "sms" or (NAMES[name] or "Hello,") in text


def test_a_sample_is_about_something(version: SurveyVersion) -> None:
    assert sample(wanted(version), "email", NOON).touchpoint_id


def test_the_languages_are_those_written_in_and_any_other() -> None:
    version = make_version()
    version.survey.brand.default_language = "nl"
    translate(version, "IT", "title", "Allora ?")
    assert languages(version) == ["ar", "de", "en", "es", "fr", "it", "nl", OTHER]


def missing(version: SurveyVersion, language: str) -> dict[str, str]:
    return {gap.what: gap.instead.language for gap in gaps(version, language)}


@pytest.mark.parametrize("language", ["en", "de", "de-AT", "EN"])
def test_nothing_is_missing_where_all_is_written(version: SurveyVersion, language: str) -> None:
    assert missing(version, language) == {}


def test_what_a_language_lacks_is_named_with_what_is_taken_instead(version: SurveyVersion) -> None:
    for field in ("title", "thanks", "subject", "message", "reminder_subject", "reminder_message", "reminder_sms"):
        translate(version, "fr", field, "Bonjour")
    assert missing(version, "fr") == {
        "sms": "en", "score: text": "en", "score: low": "en", "score: high": "en", "reason: text": "en",
        "call_me: text": "en",
    }  # fmt: skip


def test_a_text_that_nobody_wrote_is_missing_everywhere(version: SurveyVersion) -> None:
    Translation.objects.filter(field="sms").delete()
    assert missing(version, "en") == {"sms": ""}


def test_our_own_words_for_a_reminder_are_not_missing(version: SurveyVersion) -> None:
    Translation.objects.filter(field__startswith="reminder").delete()
    assert missing(version, "de") == {}
    assert set(missing(version, OTHER)) >= {"reminder subject", "reminder message", "reminder sms"}


def test_an_empty_version_lacks_everything() -> None:
    version = make_version()
    Translation.objects.all().delete()
    assert {"title", "subject", "score: text"} <= set(missing(version, "en"))
