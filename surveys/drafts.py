"""A version as whoever writes it sees it: its questions by page, with the words of one language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from surveys.languages import name
from surveys.models import Question, SurveyVersion
from surveys.questions.spec import paged
from surveys.texts import OPTION, ROW, VERSION_FIELDS, QuestionWords, question_fields, question_words, written


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(QuestionWords):
    """A question with the words that a customer gets in the language, and which of them are written in it (`texts`)."""

    row: Question
    texts: Mapping[str, str]

    @property
    def own(self) -> QuestionWords:
        """The question with nothing but what is written in the language."""
        options = {key: self.texts.get(f"{OPTION}{key}", "") for key in self.details.options}
        rows = {key: self.texts.get(f"{ROW}{key}", "") for key in self.details.rows}
        plain: dict[str, Any] = {name: self.texts.get(name, "") for name in ("text", "help", "low", "high", "unit")}
        return replace(self, **plain, options=options, rows=rows)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A version in one language; `texts`: what is written around its questions, `languages`: in which anything is."""

    version: SurveyVersion
    language: str
    languages: Sequence[str]
    items: Sequence[Item]
    texts: Mapping[str, str]

    @property
    def language_name(self) -> str:
        """The language as a manager calls it."""
        return name(self.language)

    @property
    def pages(self) -> list[list[Item]]:
        """The questions by page."""
        return paged(self.items)

    @property
    def asked(self) -> dict[str, QuestionWords]:
        """The questions by their keys."""
        return {item.key: item for item in self.items}

    def item(self, question_id: int) -> Item | None:
        """Return one of the questions."""
        return next((item for item in self.items if item.row.pk == question_id), None)


def sheet(version: SurveyVersion, language: str) -> Sheet:
    """Return the version as it stands. Two statements where its survey and brand are read.

    Raises DetailsError or ConditionError for settings that are none; no step of the editor ever stores such.
    """
    found = written(version, language)
    wanted = language.casefold()
    items = []
    for row in version.questions.all():
        asked = question_words(row, found)
        texts = {field: found.texts.get((row.pk, wanted, field), "") for field in question_fields(asked)}
        settings = {name: getattr(asked, name) for name in asked.__dataclass_fields__}
        items.append(Item(**settings, row=row, texts=texts))
    own = {field: found.texts.get((None, wanted, field), "") for field in VERSION_FIELDS}
    first = version.survey.brand.default_language
    languages = list(dict.fromkeys([first.casefold(), *sorted({tag for _, tag, _ in found.texts})]))
    return Sheet(version, language, languages, items, own)
