"""The fixed words of the customer's own page, in every language that the customer's pages speak: a file each."""

from surveys.own_page_words.arabic import ARABIC
from surveys.own_page_words.english import ENGLISH
from surveys.own_page_words.french import FRENCH
from surveys.own_page_words.german import GERMAN
from surveys.own_page_words.shape import OwnPageWords
from surveys.own_page_words.spanish import SPANISH

__all__ = ["OWN_LANGUAGES", "OwnPageWords", "own_page_words"]

OWN_LANGUAGES = {"en": ENGLISH, "de": GERMAN, "fr": FRENCH, "es": SPANISH, "ar": ARABIC}


def own_page_words(language: str) -> OwnPageWords:
    """Return the words for a language tag such as `de-AT`, in English where the pages do not speak the language."""
    return OWN_LANGUAGES.get(language.partition("-")[0].lower(), ENGLISH)
