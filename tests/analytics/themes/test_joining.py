"""Words that only join others: those of each language are left out, and none that names a thing."""

import pytest

from analytics.themes import normalise, words
from analytics.themes.joining import JOINING


@pytest.mark.parametrize(
    ("sentence", "left"),
    [
        ("I've been on hold for an hour and nobody didn't care", {"hold", "hour", "care"}),
        ("Ich habe eine Stunde gewartet, und niemand hat mir geholfen", {"stunde", "gewartet", "niemand", "geholfen"}),
        ("J'ai attendu une heure et personne ne m'a aidé", {"attendu", "heure", "personne", "ma", "aidé"} - {"ma"}),
        ("He esperado una hora y no me han ayudado", {"esperado", "hora", "ayudado"}),
        ("Ho aspettato un'ora e non mi hanno aiutato", {"aspettato", "unora", "aiutato"}),
        ("Eu esperei uma hora e não fui ajudado", {"esperei", "hora", "fui", "ajudado"}),
        ("Ik heb een uur gewacht en niemand hielp mij", {"uur", "gewacht", "niemand", "hielp"}),
    ],
)
def test_what_is_left_of_a_sentence_says_something(sentence: str, left: set[str]) -> None:
    assert set(words(sentence)) - JOINING == left


def test_things_and_moods_stay() -> None:
    named = "bill call system van door car bin fare due interest name amount slow rude wait price help refund staff man"
    assert not JOINING & set(named.split())


def test_words_are_written_as_comments_are_read() -> None:
    assert {word for word in JOINING if words(word) != [word] or normalise(word) != word} == set()
