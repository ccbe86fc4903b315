from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from surveys.models import SurveyVersion, Translation
from surveys.texts import Facts, facts, fill, words
from tests.surveys.makers import make_customer, make_invitation, make_touchpoint, make_version

FACTS = Facts("Ada", "Northwind", "your visit", "your visit on May 5", "May 5", "20", "https://x")


def translate(version: SurveyVersion, language: str, field: str, text: str) -> None:
    Translation.objects.create(version=version, language=language, field=field, text=text)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{name}, {brand} asks about {visit} ({date}): {seconds} s, {link}",
         "Ada, Northwind asks about your visit on May 5 (May 5): 20 s, https://x"),
        ("{{name}} {name.__class__} {0} {nobody} {", "{Ada} {name.__class__} {0} {nobody} {"),
        ("{% load x %}{{ settings.SECRET_KEY }}", "{% load x %}{{ settings.SECRET_KEY }}"),
        ("", ""),
    ],
)  # fmt: skip
def test_only_the_fixed_placeholders_are_filled(text: str, filled: str) -> None:
    assert fill(text, FACTS) == filled


def test_a_fact_is_never_read_as_a_placeholder() -> None:
    assert fill("{name}: {seconds}", Facts("{link}", "", "", "", "", "{name}", "")) == "{link}: {name}"


def test_an_empty_fact_takes_its_space_away() -> None:
    assert fill("Hello {name},", Facts("", "", "", "", "", "", "")) == "Hello,"


@pytest.mark.parametrize(
    ("language", "chosen"), [("de", "de"), ("DE-at", "de"), ("fr", "en"), ("", "en"), ("en-GB", "en")]
)
def test_words_come_in_the_language_asked_for_or_in_english(db: None, language: str, chosen: str) -> None:
    found = words(make_version(), language)
    assert found.language == chosen
    assert found.title.startswith({"de": "Wie zufrieden", "en": "How was"}[chosen])


def test_the_brands_language_comes_before_english(db: None) -> None:
    assert words(make_version(default_language="de"), "fr").language == "de"


def test_a_missing_field_comes_from_the_next_language(db: None) -> None:
    version = make_version()
    translate(version, "fr", "title", "C'était comment ?")
    found = words(version, "fr")
    assert (found.language, found.title) == ("fr", "C'était comment ?")
    assert found.questions[0].low == "Not at all likely"


def test_words_hold_the_questions_in_order(db: None) -> None:
    questions = words(make_version(), "en").questions
    assert [(question.key, question.kind, question.required) for question in questions] == [
        ("score", "nps", True),
        ("reason", "text", False),
        ("call_me", "contact_wish", False),
    ]
    assert questions[1].help == ""


def test_words_cost_two_statements(db: None) -> None:
    version = SurveyVersion.objects.select_related("survey__brand").get(pk=make_version().pk)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        words(version, "de")
    assert len(queries) == 2


@pytest.mark.parametrize(
    ("zone", "language", "visit"),
    [
        ("America/New_York", "en", "your purchase on Monday, May 4, 2026"),
        ("Asia/Tokyo", "en", "your purchase on Tuesday, May 5, 2026"),
        ("Asia/Tokyo", "de", "Ihrem Einkauf am Dienstag, 5. Mai 2026"),
        ("", "de", "Ihrem Einkauf am Montag, 4. Mai 2026"),
    ],
)
def test_the_visit_is_told_in_the_customers_zone_and_language(db: None, zone: str, language: str, visit: str) -> None:
    touchpoint = make_touchpoint(make_customer(time_zone=zone), occurred_at=datetime(2026, 5, 4, 20, tzinfo=UTC))
    invitation = make_invitation(touchpoint=touchpoint)
    assert facts(invitation, words(invitation.version, language)).visit == visit


def test_the_facts_of_an_invitation(db: None) -> None:
    invitation = make_invitation()
    found = facts(invitation, words(invitation.version, "en"), link="https://x", short=True)
    visit = "your purchase on May 4"
    assert found == Facts("Ada Example", "Northwind Outfitters", "your purchase", visit, "May 4", "20", "https://x")


def test_without_a_touchpoint_there_is_no_date(db: None) -> None:
    invitation = make_invitation(touchpoint=None, customer=make_customer())
    found = facts(invitation, words(invitation.version, "de"))
    assert (found.visit, found.date) == ("Ihrem Kontakt mit uns", "")


def test_an_unknown_kind_is_a_contact(db: None) -> None:
    invitation = make_invitation(touchpoint=make_touchpoint(kind="teleportation"))
    assert facts(invitation, words(invitation.version, "en"), short=True).visit == "your contact with us on May 4"


@pytest.mark.parametrize("name", [" Ada\nExample ", "Ada\r\n\r\nExample", "Ada\tExample"])
def test_names_stand_in_one_line_however_they_came_in(db: None, name: str) -> None:
    invitation = make_invitation(make_version(name=name), customer=make_customer(name=name))
    found = facts(invitation, words(invitation.version, "en"))
    assert (found.name, found.brand) == ("Ada Example", "Ada Example")
