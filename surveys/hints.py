"""What does not keep a draft from being published, but is worth a look before customers get it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from surveys.differences import WORDS_AROUND
from surveys.models import SurveyVersion
from surveys.texts import PLACEHOLDER, REMINDER_FIELDS

BRACED = re.compile(r"\{[^{}\n]{1,30}\}")
LONGEST_LIST = 5


@dataclass(frozen=True, slots=True)
class Hint:
    """A sentence, the language in which to look, and the id of the question that it is about, if it is about one."""

    text: str
    language: str
    question_id: int | None = None


_Texts = dict[tuple[str, int | None, str | None, str], str]
"""Text by language, question id and key (None around the questions) and field."""


def hints(version: SurveyVersion) -> list[Hint]:
    """Return what is worth a look: words that languages lack, and braces that stand for nothing. One statement."""
    rows = version.translations.exclude(text="").values_list(
        "language", "question_id", "question__key", "field", "text"
    )
    texts: _Texts = {(language.casefold(), question, key, field): text for language, question, key, field, text in rows}
    return [*_silent(version, texts), *_untranslated(version, texts), *_braced(texts)]


def _silent(version: SurveyVersion, texts: _Texts) -> Iterator[Hint]:
    first = version.survey.brand.default_language
    written = {field for language, question, _, field in texts if question is None and language == first.casefold()}
    if missing := [label for field, label in WORDS_AROUND.items() if field not in (*written, *REMINDER_FIELDS)]:
        yield Hint(f"Nothing is written in “{first}” for: {', '.join(missing)}.", first)


def _untranslated(version: SurveyVersion, texts: _Texts) -> Iterator[Hint]:
    first = version.survey.brand.default_language.casefold()
    found: dict[str, set[tuple[int | None, str]]] = {}
    for language, question, _, field in texts:
        found.setdefault(language, set()).add((question, field))
    for language in sorted(set(found) - {first}):
        if lacks := len(found.get(first, set()) - found[language]):
            ending = "" if lacks == 1 else "s"
            yield Hint(f"“{language}” lacks {lacks} text{ending}: customers get that of “{first}” there.", language)


def _braced(texts: _Texts) -> Iterator[Hint]:
    wrong = (
        (language, question, key, found)
        for (language, question, key, _), text in texts.items()
        for found in BRACED.findall(text)
        if not PLACEHOLDER.fullmatch(found)
    )
    for language, question, key, found in list(dict.fromkeys(wrong))[:LONGEST_LIST]:
        where = f"“{key}”" if key else "The words around the questions"
        verb = "has" if key else "have"
        yield Hint(f"{where} {verb} {found}, which stands for nothing: customers read it so.", language, question)
