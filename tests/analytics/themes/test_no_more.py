"""A comment refuses by the same words as a text message, but only where a sentence says nothing else."""

import pytest

from analytics.themes import Refusal, wants_no_more
from surveys.replies import STOPS, read
from surveys.reply_words import LANGUAGES

PLAIN = [
    "Stop", "STOPPP!!", "stop surveying me", "Please stop sending me surveys.",
    "Great staff. Please stop asking me for feedback.",
    "Don't send me any more surveys", "no more surveys please", "I no longer want to be surveyed", "unsubscribe",
    "I don't want any more of these surveys", "Good visit\nplease stop emailing surveys", "Bitte keine Umfragen mehr",
    "Alles gut. Schickt mir keine Umfragen mehr!", "Hört auf mir zu schreiben", "Bitte fragt mich nicht mehr",
]  # fmt: skip
EVERYTHING = [
    "Leave me alone!", "Lovely. Do not contact me again", "please remove me from your list", "Lasst mich in Ruhe",
    "Nett. Bitte nicht mehr kontaktieren",
]  # fmt: skip
PERHAPS = [
    "stop using plastic bags", "It took an hour to unsubscribe from the newsletter",
    "Stop selling things you do not have",
    "Please stop asking for my order number at the desk", "wrong number",
]  # fmt: skip
NOT_AT_ALL = [
    "", "The bus stop was far", "Too many surveys", "They never contacted me", "I couldn't stop smiling",
    "I was sent to the wrong person", "Nonstop service", "Die Haltestelle ist weit weg", "Niemand hat mich angerufen",
]  # fmt: skip


@pytest.mark.parametrize("text", PLAIN)
def test_a_sentence_that_is_a_stop_and_nothing_else_ends_the_channel(text: str) -> None:
    assert wants_no_more(text) == Refusal.CHANNEL


@pytest.mark.parametrize("text", EVERYTHING)
def test_a_sentence_that_ends_everything_does(text: str) -> None:
    assert wants_no_more(text) == Refusal.EVERYTHING


@pytest.mark.parametrize("text", PERHAPS)
def test_a_stop_among_other_words_is_for_a_person(text: str) -> None:
    assert wants_no_more(text) == Refusal.PERHAPS


@pytest.mark.parametrize("text", NOT_AT_ALL)
def test_words_about_the_visit_refuse_nothing(text: str) -> None:
    assert wants_no_more(text) == Refusal.NONE


@pytest.mark.parametrize("word", sorted({word for language in LANGUAGES for word in language.stop | language.stop_all}))
def test_every_word_of_a_stop_in_every_language_is_one_here_too(word: str) -> None:
    assert read(word).said in STOPS
    assert wants_no_more(word) in {Refusal.CHANNEL, Refusal.EVERYTHING}
