"""The fixed words of the customer's pages, in every language that they speak: a file each.

A class with a field per sentence instead of a translation catalogue: a language that lacks a sentence does not load,
and nothing has to be compiled. The words of a survey itself belong to its version (`surveys.texts`).
"""

from surveys.page_words.arabic import ARABIC
from surveys.page_words.english import ENGLISH
from surveys.page_words.french import FRENCH
from surveys.page_words.german import GERMAN
from surveys.page_words.shape import BOUNDED, Bound, PageWords
from surveys.page_words.spanish import SPANISH

__all__ = ["BOUNDED", "ENGLISH", "GERMAN", "LANGUAGES", "Bound", "PageWords", "page_words"]

LANGUAGES = {words.language: words for words in (ENGLISH, GERMAN, FRENCH, SPANISH, ARABIC)}


def page_words(language: str) -> PageWords:
    """Return the words for a language tag such as `de-AT`, in English where the pages do not speak the language."""
    return LANGUAGES.get(language.partition("-")[0].lower(), ENGLISH)
