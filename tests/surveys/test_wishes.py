"""What a customer asks for instead of answering, on the customer's own clock."""

import re
from dataclasses import fields
from datetime import datetime

import pytest

from contacts.models import Customer
from contacts.models.words import Channel
from surveys.page_words import BOUNDED, ENGLISH, LANGUAGES, Bound, PageWords, page_words
from surveys.questions.reading import Problem
from surveys.wishes import LATER_DAYS, LESS_DAYS, local_days_later

INVITED_BY = (Channel.EMAIL, Channel.SMS)


@pytest.mark.parametrize(
    ("zone", "at", "days", "later"),
    [
        ("UTC", "2026-05-05T12:00:00Z", 1, "2026-05-06T12:00:00Z"),
        ("Europe/Berlin", "2026-03-28T10:00:00Z", 1, "2026-03-29T09:00:00Z"),
        ("Europe/Berlin", "2026-10-24T10:00:00Z", 7, "2026-10-31T11:00:00Z"),
        ("Europe/Berlin", "2026-03-28T01:30:00Z", 1, "2026-03-29T01:30:00Z"),
        ("America/New_York", "2026-05-05T02:00:00Z", 7, "2026-05-12T02:00:00Z"),
        ("", "2026-05-05T12:00:00Z", 7, "2026-05-12T12:00:00Z"),
    ],
    ids=["plain", "spring", "autumn", "time that does not exist", "west", "unknown zone"],
)
def test_later_is_the_same_time_on_the_customers_clock(zone: str, at: str, days: int, later: str) -> None:
    assert local_days_later(Customer(time_zone=zone), datetime.fromisoformat(at), days) == datetime.fromisoformat(later)


@pytest.mark.parametrize("words", LANGUAGES.values(), ids=list(LANGUAGES))
def test_every_language_offers_what_can_be_asked_for(words: PageWords) -> None:
    assert tuple(words.later) == LATER_DAYS
    assert all(str(days) in words.less.format(days=days) for days in LESS_DAYS)
    assert words.problems.keys() | set(BOUNDED) == set(Problem)
    assert words.bounds.keys() == set(Bound)
    assert len(words.faces) == 5
    assert words.stop.keys() == {*INVITED_BY, ""}
    assert words.noted_stop.keys() == {*Channel.values, ""}


@pytest.mark.parametrize("words", LANGUAGES.values(), ids=list(LANGUAGES))
def test_every_language_puts_the_same_facts_into_its_sentences(words: PageWords) -> None:
    def facts(sentence: object) -> list[str]:
        return sorted(re.findall(r"{\w+}", str(sentence)))

    for field in fields(PageWords):
        assert facts(getattr(words, field.name)) == facts(getattr(ENGLISH, field.name)), field.name


@pytest.mark.parametrize(
    ("tag", "language"), [("de-AT", "de"), ("DE", "de"), ("fr-CA", "fr"), ("ja", "en"), ("", "en")]
)
def test_a_page_speaks_the_language_or_english(tag: str, language: str) -> None:
    assert page_words(tag).language == language
